"""How much of a network's answers is worth adding to the forecasts of a simple rule."""

from __future__ import annotations

import numpy as np

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FAR = 8.0  # deviations; larger errors, as where the level jumps, say nothing more


def best_weight(truth: np.ndarray, rule: np.ndarray, network: np.ndarray) -> float:
    """Return the weight of a network's answers beside a rule, by the errors of both.

    It is the one of the least mean absolute error (a combination of forecasts, Bates and Granger,
    1969), and 0 if the gain is within one standard error of none (Breiman et al., 1984): what may
    be chance is not worth leaving the rule for. Windows that overlap count once in a horizon.

    Args:
        truth: ``(n, horizon, k)``, scaled.
        rule, network: what they forecast.

    >>> truth = np.arange(8.0).reshape(8, 1, 1)
    >>> best_weight(truth, truth - 1, truth), best_weight(truth, truth, truth + 1)
    (1.0, 0.0)
    """
    n, horizon = truth.shape[:2]
    wrong = {weight: np.abs(truth - rule - weight * (network - rule)) for weight in WEIGHTS}
    errors = {weight: np.minimum(off, _FAR).mean(axis=(1, 2)) for weight, off in wrong.items()}
    best = min(WEIGHTS, key=lambda weight: errors[weight].mean())
    gains = errors[0.0] - errors[best]
    doubt = gains.std() / np.sqrt(max(1.0, n / horizon))
    return best if gains.mean() > doubt else 0.0
