"""How far two models are apart on the same folds, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEVEL = 0.95  # of the intervals


class Difference(NamedTuple):
    """How much better one model is than another, and between which values that lies.

    Attributes:
        value: the mean of the folds; above 0 the first one is better, whatever the metric.
        low, high: the ends of the 95% interval; NaN for a single fold.
        folds: how many there are.
    """

    value: float
    low: float
    high: float
    folds: int

    @property
    def says(self) -> int:
        """1 if the first model is ahead, -1 if it is behind, 0 if chance may explain it all."""
        return int(self.low > 0) - int(self.high < 0)


def corrected_interval(
    differences: Sequence[float], tested: float, trained: float, level: float = LEVEL
) -> Difference:
    """Return the mean of paired differences, with the corrected resampled t interval.

    The folds of a cross-validation share most of the rows that they are trained on, so their
    differences are not independent, and a usual t interval would be too narrow. Nadeau and Bengio
    (Inference for the generalization error, 2003) add ``tested / trained`` to the ``1 / folds`` of
    the variance of the mean.

    Args:
        differences: ``(folds,)`` by how much the first model is better in each.
        tested, trained: the rows that a fold is tested and trained on; their means.
        level: of the interval.

    >>> found = corrected_interval([0.02, 0.01, 0.03], 20, 80)
    >>> print(f"{found.value:.3f} {found.low:.3f} {found.high:.3f}")
    0.020 -0.013 0.053
    """
    from scipy.stats import t

    values = np.asarray(differences, np.float64)
    mean, count = float(values.mean()), len(values)
    if count < 2:
        return Difference(mean, math.nan, math.nan, count)
    spread = math.sqrt((1 / count + tested / trained) * values.var(ddof=1))
    half = float(t.ppf((1 + level) / 2, count - 1)) * spread
    return Difference(mean, mean - half, mean + half, count)
