"""Where the values of an axis lie, and which of them are marked with a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from maeum.core.ticks import nice_step
from maeum.report.charts.data import Axis
from maeum.report.wording import compact, percent

_DAY = 86_400.0


class Tick(NamedTuple):
    """A marked value: its place from 0 to 1, what is written there, and if it can be spared."""

    at: float
    label: str
    spare: bool = False


@dataclass(frozen=True)
class Scale:
    """From the values of an axis to places from 0 to 1."""

    low: float
    high: float
    log: bool = False

    def __call__(self, values: object) -> np.ndarray:
        """Return the places of values."""
        given = np.asarray(values, float)
        low, high = self.low, self.high
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                given, low, high = np.log10(given), math.log10(low), math.log10(high)
        return (given - low) / (high - low)

    @classmethod
    def of(cls, axis: Axis, values: Iterable[object], pad: float, most: int) -> Scale:
        """Return the scale of an axis that shows some values.

        Args:
            axis: which may say itself where it begins and ends.
            values: arrays of what is drawn.
            pad: how much room is left beside the values, as a fraction.
            most: ticks that there may be; up to the next ones the axis goes on. 0 does not.
        """
        arrays = [np.ravel(np.asarray(each, float)) for each in values]
        known = np.concatenate([*arrays, np.zeros(0)])
        known = known[np.isfinite(known) & ((axis.kind != "log") | (known > 0))]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        low = low if axis.low is None else axis.low
        high = high if axis.high is None else axis.high
        if not high - low > 1e-12 * max(abs(low), abs(high)):  # one value, or the wrong way round
            half = abs(low) / 10 or 0.5
            low, high = low - half, low + half
        if axis.kind == "log":
            return cls(max(low, 1e-300), max(high, 2e-300), log=True)
        room = pad * (high - low)
        below, above = low - room * (axis.low is None), high + room * (axis.high is None)
        if most and axis.kind != "time":
            step = nice_step(above - below, most, axis.kind == "whole")
            below = below if axis.low is not None else math.floor(below / step + 1e-9) * step
            above = above if axis.high is not None else math.ceil(above / step - 1e-9) * step
        return cls(below, above)


def ticks(axis: Axis, scale: Scale, most: int, room: float) -> list[Tick]:
    """Return the marked values of an axis.

    Args:
        axis, scale: the axis.
        most: how many there may be.
        room: pixels that there are at least; ticks that would not fit in can be spared.
    """
    if not axis.marked:
        return []
    values, labels = np.arange(len(axis.names)), list(axis.names)
    if not axis.names:
        values, labels = _KINDS.get(axis.kind, _numbers)(scale, most)
    widest = max(map(width, labels), default=0.0) + 12
    fitting = max(2, int(room // widest))
    every = max(1, math.ceil(len(values) / fitting))
    return [
        Tick(at, label, spare=bool(i % every))
        for i, (at, label) in enumerate(zip(scale(values).tolist(), labels))
        if -1e-9 <= at <= 1 + 1e-9
    ]


def width(text: str) -> float:
    """About how many pixels a tick's text is wide; Korean letters are as wide as they are high.

    >>> width("2016") < width("2016-03")
    True
    """
    return sum(12.5 if ord(letter) > 0x1100 and letter != "−" else 7.2 for letter in text)


Marked = tuple[np.ndarray, list[str]]


def _numbers(scale: Scale, most: int, whole: bool = False) -> Marked:
    step = nice_step(scale.high - scale.low, most, whole)
    first, last = math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)
    values = step * np.arange(first, last + 1)
    return values, [_number(value, step) for value in values.tolist()]


def _number(value: float, step: float) -> str:
    """A tick's number with as many digits as tell it from its neighbours."""
    text = compact(value)
    if abs(value) < 1e4:
        digits = max(0, math.ceil(-math.log10(step) - 1e-9))
        digits += round(step * 10**digits, 6) != round(step * 10**digits)  # 2.5, 0.25
        text = f"{value + 0.0:.{digits}f}" if digits <= 6 else f"{value:.4g}"
    return text.replace("-", "−")


def _percents(scale: Scale, most: int) -> Marked:
    values, _labels = _numbers(scale, most)
    digits = 0 if nice_step(scale.high - scale.low, most) >= 0.01 else 1
    return values, [percent(round(value, 9), digits) for value in values.tolist()]


def _decades(scale: Scale, most: int) -> Marked:
    first, last = math.ceil(math.log10(scale.low)), math.floor(math.log10(scale.high))
    every = max(1, math.ceil((last - first + 1) / most))
    values = 10.0 ** np.arange(first, last + 1, every)
    return values, [compact(value) for value in values.tolist()]


# Units of time with the steps that one counts in, and how many seconds one of them has about.
_UNITS = (
    ("ms", 0.001, (1, 5, 10, 50, 100, 500)),
    ("s", 1.0, (1, 5, 15, 30)),
    ("m", 60.0, (1, 5, 15, 30)),
    ("h", 3600.0, (1, 3, 6, 12)),
    ("D", _DAY, (1, 2, 7, 14)),
    ("M", 30.44 * _DAY, (1, 3, 6)),
    ("Y", 365.25 * _DAY, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000)),
)
_WRITTEN = {"Y": 4, "M": 7, "D": 10, "h": 16, "m": 16, "s": 19, "ms": 23}  # letters of ISO 8601


def _times(scale: Scale, most: int) -> Marked:
    span = scale.high - scale.low
    choices = ((unit, step, step * size) for unit, size, steps in _UNITS for step in steps)
    unit, step, _size = next((c for c in choices if span / c[2] <= most), ("Y", 10_000, 0))
    ends = np.array([scale.low, scale.high]) * 1e6
    first, last = ends.astype("datetime64[us]").astype(f"datetime64[{unit}]").astype(np.int64)
    # What is counted from 1970 on is marked on Mondays, and in years of whole decades.
    offset = 4 if (unit, step) in (("D", 7), ("D", 14)) else -1970 if unit == "Y" else 0
    counts = np.arange(first, last + 2)
    counts = counts[(counts - offset) % step == 0]
    values = counts.astype(f"datetime64[{unit}]")
    at = values.astype("datetime64[us]").astype(np.int64) / 1e6
    inside = (at >= scale.low) & (at <= scale.high)
    texts = [str(value.astype("datetime64[ms]")) for value in values[inside]]
    return at[inside], list(_written([text[: _WRITTEN[unit]] for text in texts]))


def _written(texts: Iterable[str]) -> Iterator[str]:
    """Write times of ISO 8601; what one shares with the one before it is not written again."""
    before = ""
    for text in texts:
        date, _sep, clock = text.partition("T")
        midnight = not clock.strip("0:.")
        if len(date) == 10 and midnight:
            yield date[5:] if date[:4] == before[:4] else date
        else:
            yield clock if clock and before else text.replace("T", " ")
        before = text


_KINDS: dict[str, Callable[[Scale, int], Marked]] = {
    "whole": lambda scale, most: _numbers(scale, most, whole=True),
    "percent": _percents,
    "log": _decades,
    "time": _times,
}
