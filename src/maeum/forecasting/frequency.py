"""How far apart the steps of a series are: a fixed time, business days, or months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.json import Saved
from maeum.core.messages import N_, _
from maeum.experiment.run import Things

DAY = 86_400_000_000  # microseconds, the unit of every time here
STEPS = Things("{n:,} step", "{n:,} steps", N_("steps"))
_FEW = 4  # days at an end of a month that business days may be away from it
_REGULAR = 0.9  # the fraction of the distances that must be whole steps
_TIMES = {
    7 * DAY: Things("{n:,} week", "{n:,} weeks", N_("week")),
    DAY: Things("{n:,} day", "{n:,} days", N_("day")),
    DAY // 24: Things("{n:,} hour", "{n:,} hours", N_("hour")),
    DAY // 1440: Things("{n:,} minute", "{n:,} minutes", N_("minute")),
    1_000_000: Things("{n:,} second", "{n:,} seconds", N_("second")),
    1_000: Things("{n:,} ms", "{n:,} ms", N_("ms")),
    1: Things("{n:,} µs", "{n:,} µs", N_("µs")),
}
_MONTHS = {
    1: Things("{n:,} month", "{n:,} months", N_("month")),
    3: Things("{n:,} quarter", "{n:,} quarters", N_("quarter")),
    12: Things("{n:,} year", "{n:,} years", N_("year")),
}
_BUSINESS = Things("{n:,} business day", "{n:,} business days", N_("business day"))
_NUMBERS = Things("{n:,} whole number", "{n:,} whole numbers", N_("whole number"))


@dataclass(frozen=True)
class Frequency(Saved):
    """The distance between the steps of a series.

    Attributes:
        unit: ``"time"`` (a fixed number of microseconds), ``"business"`` (days from Monday to
            Friday), ``"month"``, or ``"number"`` (times that are plain numbers).
        count: how many of the unit make a step.
        day: of months, the day that the steps fall on; 31 for the last one.
    """

    unit: str
    count: int
    day: int = 1

    def __post_init__(self) -> None:
        if self.unit not in ("time", "business", "month", "number") or self.count < 1:
            raise ConfigError(
                "There is no frequency of {n!r} {unit!r}.", n=self.count, unit=self.unit
            )

    def places(self, times: np.ndarray, first: Any) -> np.ndarray:
        """Return how many steps after ``first`` each time is, float64; whole where it is on one.

        >>> days = np.array(["2024-01-05", "2024-01-08"], "datetime64[us]")
        >>> Frequency("business", 1).places(days, days[0]).tolist()
        [0.0, 1.0]
        """
        if self.unit == "business":
            days = times.astype("datetime64[D]")
            return np.busday_count(np.datetime64(first, "D"), days) / self.count
        if self.unit == "month":
            months = times.astype("datetime64[M]").astype(np.int64)
            return (months - np.datetime64(first, "M").astype(np.int64)) / self.count
        return (times - first).astype(np.int64) / self.count

    def after(self, first: Any, steps: np.ndarray) -> np.ndarray:
        """Return the times so many steps after ``first``.

        >>> Frequency("month", 1, 31).after(np.datetime64("2024-01-31", "us"), np.arange(3))
        array(['2024-01-31T00:00:00.000000', '2024-02-29T00:00:00.000000',
               '2024-03-31T00:00:00.000000'], dtype='datetime64[us]')
        """
        steps = np.asarray(steps, np.int64) * self.count
        if self.unit == "number":
            return np.int64(first) + steps
        if self.unit == "time":
            return np.datetime64(first, "us") + steps.astype("timedelta64[us]")
        clock = np.datetime64(first, "us") - np.datetime64(first, "D")
        if self.unit == "business":
            days = np.busday_offset(np.datetime64(first, "D"), steps, roll="forward")
        else:
            months = np.datetime64(first, "M") + steps
            days = np.minimum(
                months.astype("datetime64[D]") + (self.day - 1),
                (months + 1).astype("datetime64[D]") - 1,
            )
        return days.astype("datetime64[us]") + clock

    @property
    def season(self) -> int | None:
        """The steps after which such series usually repeat; None if there is no usual one.

        >>> Frequency("time", DAY).season, Frequency("month", 3).season
        (7, 4)
        """
        if self == Frequency("time", 7 * DAY):
            return 52
        rounds = {"business": [5], "month": [12], "time": [DAY, 7 * DAY], "number": []}[self.unit]
        fitting = [n // self.count for n in rounds if n % self.count == 0 and self.count < n]
        return next(iter(fitting), None)

    def duration(self, steps: int) -> str:
        """Return how long so many steps are, in the reader's words; of numbers, their count.

        >>> Frequency("time", DAY // 96).duration(3), Frequency("month", 3).duration(1)
        ('45 minutes', '1 quarter')
        """
        if self.unit == "number":
            return STEPS.count(steps)
        things, count = self._things()
        if self.unit == "time" and count > 1:  # 96 steps of 15 minutes are one day
            return Frequency("time", steps * self.count).duration(1) if steps > 1 else str(self)
        return things.count(steps * count)

    def __str__(self) -> str:
        things, count = self._things()
        return _(things.name) if count == 1 else things.count(count)

    def _things(self) -> tuple[Things, int]:
        """Return the largest unit that a step is whole in, and how many of it."""
        if self.unit == "business":
            return _BUSINESS, self.count
        if self.unit == "number":
            return _NUMBERS, self.count
        if self.unit == "month":
            return (_MONTHS[self.count], 1) if self.count in _MONTHS else (_MONTHS[1], self.count)
        size = next(size for size in _TIMES if self.count % size == 0)
        return _TIMES[size], self.count // size


def duration_of(steps: int, frequency: Frequency | None) -> str:
    """Return how long so many steps are, in words; without a frequency, their count."""
    return STEPS.count(steps) if frequency is None else frequency.duration(steps)


def steps_of(steps: int, frequency: Frequency | None) -> str:
    """Return how many steps there are and what each of them is, in words.

    >>> steps_of(1095, Frequency("time", DAY))
    '1,095 steps, one for each day'
    """
    said = STEPS.count(steps)
    if frequency is None or frequency.unit == "number":
        return said
    return said + _(", one for each {step}", step=frequency)


def infer_frequency(groups: list[np.ndarray]) -> Frequency | None:
    """Return the distance between the sorted, distinct times of series; None if it is irregular.

    Missing steps do not matter, as long as nine in ten distances are whole steps.

    >>> infer_frequency([np.array(["2024-01-01", "2024-01-02", "2024-01-05"], "datetime64[us]")])
    Frequency(unit='time', count=86400000000, day=1)
    >>> str(infer_frequency([np.array(["2024-01-31", "2024-02-29", "2024-03-31"], "M8[us]")]))
    'month'
    """
    groups = [times for times in groups if len(times) > 1]
    if not groups:
        return None
    dated = groups[0].dtype.kind == "M"
    distances = np.concatenate([np.diff(times).astype(np.int64) for times in groups])
    if dated and np.median(distances) >= 27 * DAY and (found := _months(groups)):
        return found
    step, regular = _step(distances)
    if dated and step == DAY and _only_weekdays(groups):
        return Frequency("business", 1)
    return Frequency("time" if dated else "number", step) if regular else None


def _step(distances: np.ndarray) -> tuple[int, bool]:
    """Return the most frequent distance, and whether nearly all are whole multiples of it."""
    values, counts = np.unique(distances, return_counts=True)
    step = int(values[counts.argmax()])
    return step, step > 0 and bool(np.mean(distances % step == 0) >= _REGULAR)


def _months(groups: list[np.ndarray]) -> Frequency | None:
    """Return months, quarters or years, if all times fall on the same day of a month.

    The last (or the first) few days of a month count as one, for months of business days end
    before a weekend.
    """
    days = np.concatenate(groups).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day = (days - months).astype(np.int64) + 1
    left = ((months + 1).astype("datetime64[D]") - days).astype(np.int64)  # 1 on the last day
    same = len(np.unique(day)) == 1
    ends = (left == 1).all() or (not same and (left <= _FEW).all())
    if not (ends or same or (day <= _FEW).all()):
        return None
    distances = [np.diff(times.astype("datetime64[M]").astype(np.int64)) for times in groups]
    step, regular = _step(np.concatenate(distances))
    return Frequency("month", step, 31 if ends else int(day.min())) if regular else None


def _only_weekdays(groups: list[np.ndarray]) -> bool:
    """Tell whether no time is on a weekend, though they cover some."""
    days = np.concatenate(groups).astype("datetime64[D]")
    spanned = any(times[-1] - times[0] > np.timedelta64(6, "D") for times in groups)
    return bool(spanned and np.is_busday(days).all())
