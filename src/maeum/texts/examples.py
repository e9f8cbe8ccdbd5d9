"""Which test texts a report shows: the surest mistakes, the surest right answers."""

from __future__ import annotations

import numpy as np

from maeum.experiment.run import likeliest

MISTAKES, RIGHT = 8, 4
ATTRIBUTED = 400  # test texts whose answers are attributed to their words


def surest_mistakes(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the rows of the wrong answers with the highest probabilities.

    Args:
        truth: ``(n,)`` class numbers.
        probabilities: ``(n, k)``.
    """
    wrong = np.flatnonzero(likeliest(probabilities) != truth)
    sure = probabilities.max(axis=1)
    return wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]


def surest_right(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the row of the surest right answer of each of the first classes."""
    right = likeliest(probabilities) == truth
    sure = np.where(right, probabilities.max(axis=1), -1.0)
    best = [np.where(truth == k, sure, -1.0).argmax() for k in range(probabilities.shape[1])]
    return np.array([i for k, i in enumerate(best) if right[i] and truth[i] == k][:RIGHT], int)


def to_attribute(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the rows whose answers are attributed to their words."""
    shown = [surest_mistakes(truth, probabilities), surest_right(truth, probabilities)]
    return np.unique(np.concatenate([np.arange(min(ATTRIBUTED, len(truth))), *shown]))
