"""Prediction intervals: as wide as the errors of the validation part were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.former import formerly

_FEWEST = 10


@formerly(share="coverage")
@dataclass(frozen=True)
class Intervals:
    """Quantiles of ``truth - forecast`` for each step, in deviations of the series.

    Attributes:
        coverage: the fraction of the truth that should lie within.
        low, high: ``(horizon, k)``.
    """

    coverage: float
    low: np.ndarray
    high: np.ndarray

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

    def to_json(self) -> dict[str, Any]:
        """Return the intervals as lists of numbers."""
        return {"coverage": self.coverage, "low": self.low.tolist(), "high": self.high.tolist()}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any] | None) -> Intervals | None:
        """Return the intervals that `to_json` described."""
        if saved is None:
            return None
        return cls(**{**saved, "low": np.asarray(saved["low"], float),
                      "high": np.asarray(saved["high"], float)})  # fmt: skip
