"""One series and many: values at the steps of a time, cleaned, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.forecasting.frequency import Frequency


@dataclass(frozen=True)
class Series:
    """Values in the order of time.

    Attributes:
        name: what the group column says; ``""`` for the only series.
        times: ``(n,)`` datetime64[us], or whole numbers.
        values: ``(n, k)`` the targets.
        past: ``(n, p)`` what is known up to now beside the targets.
        future: ``(n + m, f)`` what is known ahead, too; ``m`` steps further than the targets.
        breaks: where a new stretch begins after steps that were left out.
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    past: np.ndarray
    future: np.ndarray
    breaks: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def until(self, steps: int) -> Series:
        """Return the series up to a step, and all that is known ahead of it."""
        return Series(
            self.name,
            self.times[:steps],
            self.values[:steps],
            self.past[:steps],
            self.future,
            tuple(b for b in self.breaks if b < steps),
        )


@dataclass(frozen=True)
class SeriesSet:
    """Series of the same columns and the same frequency.

    Attributes:
        series: the series.
        targets: the names of the columns that are forecast.
        past: the names of further columns that are known up to now.
        future: the names of columns that are known ahead.
        time: the name of the time column; None if the rows are only in order.
        group: the name of the column that tells the series apart.
        frequency: the distance between steps; None if there is none, and each row is a step.
        source: the name of the file, as shown.
        notes: what was recognised, filled and left out, as sentences.

    Example:
        >>> many = SeriesSet.from_array(np.arange(6.0))
        >>> len(many), many.series[0].values.shape, many.targets
        (1, (6, 1), ['value'])
    """

    series: list[Series]
    targets: list[str]
    past: list[str] = field(default_factory=list)
    future: list[str] = field(default_factory=list)
    time: str | None = None
    group: str | None = None
    frequency: Frequency | None = None
    source: str = "a table"
    notes: list[str] = field(default_factory=list)

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

    @classmethod
    def from_array(cls, values: Any, name: str = "value") -> SeriesSet:
        """Return numbers in order as a series, or many of the same length.

        Args:
            values: ``(steps,)``, or ``(series, steps)``.
            name: what they are called.

        Raises:
            DataError: for other shapes, and for values that are no finite numbers.
        """
        try:
            array = np.asarray(values, np.float64)
        except (TypeError, ValueError):
            raise DataError("A series is made of numbers; got something else.") from None
        if array.ndim not in (1, 2) or not array.size:
            raise DataError(f"Give numbers (steps,) or (series, steps); got {array.shape}.")
        if not np.isfinite(array).all():
            raise DataError(
                "The series has values that are missing or infinite. Fill them, or give a table, "
                "whose gaps are filled or left out."
            )
        none = np.zeros((array.shape[-1], 0))
        rows = np.atleast_2d(array)
        many = [
            Series(
                str(i + 1) if len(rows) > 1 else "", np.arange(len(row)), row[:, None], none, none
            )
            for i, row in enumerate(rows)
        ]
        return cls(many, [name], source="an array", group="series" if len(rows) > 1 else None)
