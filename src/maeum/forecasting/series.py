"""One series and many: values at the steps of a time, cleaned, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.forecasting.frequency import Frequency


@formerly(past="past_covariates", future="future_covariates")
@dataclass(frozen=True)
class Series:
    """Values in the order of time.

    Attributes:
        name: what the group column says; ``""`` for the only series.
        times: ``(n,)`` datetime64[us], or whole numbers.
        values: ``(n, k)`` the targets.
        past_covariates: ``(n, p)`` what is known up to now beside the targets.
        future_covariates: ``(n + m, f)`` what is known in advance; ``m`` steps further than the
            targets.
        breaks: where a new stretch begins after a gap that is not filled.
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    past_covariates: np.ndarray
    future_covariates: np.ndarray
    breaks: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def moments(self) -> np.ndarray:
        """The times as whole numbers, ``(n,)``."""
        return self.times.astype(np.int64)

    def edges(self, first: int = 0, end: int | None = None) -> list[int]:
        """Return where the stretches between two steps begin, and where the last one ends."""
        end = len(self) if end is None else end
        return [first, *(b for b in self.breaks if first < b < end), end]

    def take(self, which: Any) -> Series:
        """Return some of the steps, of which nothing further is known in advance."""
        names = ("times", "values", "past_covariates", "future_covariates")
        return replace(self, **{name: getattr(self, name)[which] for name in names})

    def until(self, steps: int) -> Series:
        """Return the series up to a step, and all that is known in advance of it."""
        breaks = tuple(b for b in self.breaks if b < steps)
        kept = self.take(slice(steps))
        return replace(kept, future_covariates=self.future_covariates, breaks=breaks)


@formerly(past="past_covariates", future="future_covariates")
@dataclass(frozen=True)
class SeriesSet:
    """Series of the same columns and the same frequency.

    Attributes:
        series: the series.
        targets: the names of the columns that are forecast.
        past_covariates: the names of further columns that are known up to now.
        future_covariates: the names of columns that are known in advance.
        time: the name of the time column; None if the rows are only in order.
        group: the name of the column that tells the series apart.
        frequency: the distance between steps; None if there is none, and each row is a step.
        source: the name of the file, as shown.
        notes: what was recognised, filled and ignored, as sentences.
        time_form: how the times are written, see `maeum.tables.dates.Dates`.
        whole: of each target, whether its values are whole numbers; empty if that is not known.
        marks: the numbers of each column that stood for "missing", such as -999.

    Example:
        >>> series = SeriesSet.from_array(np.arange(6.0))
        >>> len(series), series.series[0].values.shape, series.targets
        (1, (6, 1), ['value'])
    """

    series: list[Series]
    targets: list[str]
    past_covariates: list[str] = field(default_factory=list)
    future_covariates: list[str] = field(default_factory=list)
    time: str | None = None
    group: str | None = None
    frequency: Frequency | None = None
    source: str = "a table"
    notes: list[str] = field(default_factory=list)
    time_form: str = ""
    whole: tuple[bool, ...] = ()
    marks: dict[str, list[float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.series)

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)

    @property
    def dated(self) -> bool:
        """Whether the times are dates, not numbers."""
        return bool(self.series) and self.series[0].times.dtype.kind == "M"

    @property
    def steps(self) -> int:
        """How many steps all series have together."""
        return sum(map(len, self.series))

    @property
    def times(self) -> np.ndarray:
        """The times of all series, end to end."""
        return np.concatenate([one.times for one in self.series])

    @property
    def moments(self) -> np.ndarray:
        """The same as whole numbers."""
        return self.times.astype(np.int64)

    @classmethod
    def from_array(cls, values: Any, name: str = "value") -> SeriesSet:
        """Return numbers in order as a series, or several of the same length.

        Args:
            values: ``(steps,)``, or ``(series, steps)``.
            name: what they are called.

        Raises:
            DataError: for other shapes, and for values that are NaN or infinite.
        """
        try:
            array = np.asarray(values, np.float64)
        except (TypeError, ValueError):
            raise DataError("A series is made of numbers; got something else.") from None
        if array.ndim not in (1, 2) or not array.size:
            raise DataError(
                "Give numbers (steps,) or (series, steps); got {shape}.", shape=array.shape
            )
        if not np.isfinite(array).all():
            raise DataError("The series has values that are missing or infinite. Fill them, or "
                            "give a table, whose gaps are filled or skipped.")  # fmt: skip
        none = np.zeros((array.shape[-1], 0))
        rows = np.atleast_2d(array)
        several = len(rows) > 1
        series = [
            Series(str(i) if several else "", np.arange(len(row)), row[:, None], none, none)
            for i, row in enumerate(rows, start=1)
        ]
        return cls(series, [name], source="an array", group="series" if several else None,
                   whole=are_whole(rows.reshape(-1, 1)))  # fmt: skip


def named(name: str, sentence: str) -> str:
    """Return a sentence about a series, its name in front if it has one.

    >>> named("Seoul", "the rows were unsorted."), named("", "the rows were unsorted.")
    ('Seoul: the rows were unsorted.', 'The rows were unsorted.')
    """
    return f"{name}: {sentence}" if name else sentence[:1].upper() + sentence[1:]


def are_whole(values: np.ndarray) -> tuple[bool, ...]:
    """Tell of each column ``(n, k)`` whether its values are whole; NaN does not matter."""
    known = [column[np.isfinite(column)] for column in values.T]
    return tuple(bool(len(v)) and bool((v == np.round(v)).all()) for v in known)
