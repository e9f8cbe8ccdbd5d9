"""What the values of a series keep to: counts are whole and never below 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maeum.core.json import Saved
from maeum.forecasting.series import SeriesSet


@dataclass(frozen=True)
class Bounds(Saved):
    """What all values of a target keep to.

    Attributes:
        lowest: what they do not fall below; None if that is not known.
        whole: whether they are whole numbers.
    """

    lowest: float | None = None
    whole: bool = False

    @classmethod
    def of(cls, series: SeriesSet) -> list[Bounds]:
        """Return the bounds of each target.

        >>> Bounds.of(SeriesSet.from_array([3.0, 0.0, 2.0]))
        [Bounds(lowest=0.0, whole=True)]
        """
        least = np.min([one.values.min(axis=0) for one in series], axis=0)
        whole = series.whole or (False,) * len(least)
        return [cls(0.0 if low >= 0 else None, each) for low, each in zip(least, whole)]
