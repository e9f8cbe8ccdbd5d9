"""Prediction intervals: as wide as the errors of the validation part were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maeum.core.former import formerly
from maeum.core.json import Saved

_FEWEST = 10


@formerly(share="coverage")
@dataclass(frozen=True)
class Intervals(Saved):
    """Quantiles of ``truth - forecast`` for each step, in deviations of the series.

    Attributes:
        coverage: the fraction of the truth that should lie within.
        low, high: ``(horizon, k)``.
    """

    coverage: float
    low: np.ndarray
    high: np.ndarray

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))

    @classmethod
    @formerly(share="coverage")
    def fit(cls, residuals: np.ndarray, coverage: float) -> Intervals | None:
        """Return the intervals that hold a fraction of residuals ``(n, horizon, k)``; None if few.

        The quantiles are those of split conformal prediction (Vovk et al., 2005): a little wider
        than the residuals' own where these are few.

        >>> Intervals.fit(np.arange(-50.0, 51.0)[:, None, None], 0.8).high.tolist()
        [[41.0]]
        """
        n = len(residuals)
        if n < _FEWEST:
            return None
        tail = (1 - coverage) / 2
        upper = min(1.0, np.ceil((n + 1) * (1 - tail)) / n)
        low = -np.quantile(-residuals, upper, axis=0, method="inverted_cdf")
        return cls(coverage, low, np.quantile(residuals, upper, axis=0, method="inverted_cdf"))

    def around(self, level: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper end around forecasts ``(n, horizon, k)``."""
        return level + self.low * spread, level + self.high * spread
