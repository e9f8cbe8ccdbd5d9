"""Prediction intervals: as wide as the errors of the validation part were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maeum.core.former import formerly
from maeum.core.json import Saved
from maeum.core.messages import ngettext

FEWEST = 10  # errors that an interval is measured by


@formerly(share="coverage")
@dataclass(frozen=True)
class Intervals(Saved):
    """Quantiles of ``truth - forecast`` for each step, in deviations of the series.

    Attributes:
        coverage: the fraction of the truth that should lie within.
        low, high: ``(horizon, k)``.
        pooled: whether the errors of all steps were taken together, as there were few.
    """

    coverage: float
    low: np.ndarray
    high: np.ndarray
    pooled: bool = False

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))

    @classmethod
    @formerly(share="coverage")
    def fit(cls, residuals: np.ndarray, coverage: float) -> Intervals | None:
        """Return the intervals that hold a fraction of residuals ``(n, horizon, k)``; None if few.

        The quantiles are those of split conformal prediction (Vovk et al., 2005): a little wider
        than the residuals' own where these are few. Of less than ten forecasts the residuals of
        all steps are taken together.

        >>> Intervals.fit(np.arange(-50.0, 51.0)[:, None, None], 0.8).high.tolist()
        [[41.0]]
        """
        shape = residuals.shape[1:]
        if pooled := len(residuals) < FEWEST:
            residuals = residuals.reshape(-1, 1, shape[1])
        n = len(residuals)
        if n < FEWEST:
            return None
        tail = (1 - coverage) / 2
        upper = min(1.0, np.ceil((n + 1) * (1 - tail)) / n)
        low, high = (
            np.broadcast_to(sign * np.quantile(sign * residuals, upper, 0, method="inverted_cdf"),
                            shape)
            for sign in (-1, 1)
        )  # fmt: skip
        return cls(coverage, low, high, pooled)

    def around(self, level: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper end around forecasts ``(n, horizon, k)``."""
        return level + self.low * spread, level + self.high * spread


def reason(forecasts: int, horizon: int) -> str:
    """Say why there are no intervals, or why they are rough; ``""`` where they are as usual.

    Args:
        forecasts: how many are in the validation part.
        horizon: of how many steps.
    """
    if forecasts >= FEWEST:
        return ""
    if forecasts * horizon >= FEWEST:
        return ngettext(
            "With only {n:,} forecast in the validation part, the intervals are equally wide for "
            "all steps: a rough measure.",
            "With only {n:,} forecasts in the validation part, the intervals are equally wide for "
            "all steps: a rough measure.", forecasts)  # fmt: skip
    return ngettext(
        "There are no intervals: they are as wide as the errors of the validation part, and "
        "{n:,} error is too few ({least} are needed). More rows, or a larger validation "
        "part (--validation-size), would help.",
        "There are no intervals: they are as wide as the errors of the validation part, and "
        "{n:,} errors are too few ({least} are needed). More rows, or a larger validation "
        "part (--validation-size), would help.",
        forecasts * horizon,
        least=FEWEST,
    )
