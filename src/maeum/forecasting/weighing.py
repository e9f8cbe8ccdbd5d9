"""Which simple rule is best, and how much of a network is worth putting in its place.

What may be chance is not worth leaving the simpler forecast for: of several, another one than the
first is chosen only if its gain is more than one standard error (Breiman et al., 1984).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from maeum.core.messages import _
from maeum.report.wording import percent

Key = TypeVar("Key")

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FAR = 8.0  # deviations: of what is beyond, as where the level jumps, the size says nothing


def best_weight(truth: np.ndarray, rule: np.ndarray, network: np.ndarray) -> float:
    """Return the weight of a network beside a rule (a combination; Bates and Granger, 1969).

    Args:
        truth: ``(n, horizon, k)``, scaled.
        rule, network: what they forecast.

    >>> truth = np.arange(8.0).reshape(8, 1, 1)
    >>> best_weight(truth, truth - 1, truth), best_weight(truth, truth, truth + 1)
    (1.0, 0.0)
    """
    return best_of(truth, {weight: rule + weight * (network - rule) for weight in WEIGHTS})


def best_of(truth: np.ndarray, forecasts: Mapping[Key, np.ndarray]) -> Key:
    """Return the key of the forecasts with the least mean absolute error; in doubt the first.

    Windows overlap, so that they count once in a horizon.

    Args:
        truth: ``(n, horizon, k)``, scaled.
        forecasts: the same, the simplest first.
    """
    errors = {
        key: np.minimum(np.abs(truth - made), _FAR).mean(axis=(1, 2))
        for key, made in forecasts.items()
    }
    first, *others = errors
    independent = max(1.0, len(truth) / truth.shape[1])
    best = first
    for key in others:
        gains = errors[first] - errors[key]
        sure = gains.mean() > gains.std() / np.sqrt(independent)
        if sure and errors[key].mean() < errors[best].mean():
            best = key
    return best


def told(rule: str, weight: float) -> str:
    """Say how much of a network is in forecasts beside a rule; ``""`` where it is alone."""
    if weight == 0:
        return _("On the validation part the network was not clearly better than “{rule}”, so the "
                 "forecasts are those of that rule (--no-combine: the network's alone).",
                 rule=_(rule))  # fmt: skip
    if weight < 1:
        return _("{network} of the forecasts is the network's and {rest} that of “{rule}”, which "
                 "was better on the validation part than the network alone (--no-combine).",
                 rule=_(rule), network=percent(weight, 0),
                 rest=percent(1 - weight, 0))  # fmt: skip
    return ""
