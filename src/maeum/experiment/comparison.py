"""Whether one model is better than another on the same test rows, or may be so by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Threshold = float | np.ndarray
Weighted = Callable[[np.ndarray], np.ndarray]  # weights of rows (draws, n) to a metric (draws,)

_DRAWS = 300
_MOST_ROWS = 5_000  # of more, so many are drawn, and the error is scaled to all of them
_SURE = 1.96  # standard errors: 1 in 20 that there is no difference


class Difference(NamedTuple):
    """A metric of one model minus that of another, and the standard error of this difference."""

    value: float
    error: float

    @property
    def sure(self) -> bool:
        """Whether chance alone would make it so large in fewer than 1 of 20 cases."""
        return abs(self.value) > _SURE * self.error + 1e-12


def paired_difference(
    key: str,
    truth: np.ndarray,
    ours: np.ndarray,
    theirs: np.ndarray,
    thresholds: tuple[Threshold, Threshold] = (0.5, 0.5),
) -> Difference | None:
    """Compare two models by one metric on the same rows, with Efron's paired bootstrap.

    Args:
        key: the metric, one of `METRICS`.
        truth: ``(n,)`` class numbers or values.
        ours, theirs: what each says of the rows: values ``(n,)``, or probabilities ``(n, k)``.
        thresholds: of each, the probability from which on the second of two classes is answered.

    Returns:
        None for another metric, or where the rows leave it undefined.

    >>> truth = np.arange(50) % 2
    >>> paired_difference("accuracy", truth, np.eye(2)[truth], np.full((50, 2), 0.5))
    Difference(value=0.5, error=...)
    """
    if key not in METRICS or not len(truth):
        return None
    make, random, n = METRICS[key], np.random.default_rng(0), len(truth)
    pairs = tuple(zip((ours, theirs), thresholds))

    def difference(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
        one, two = (
            make(truth[rows], p[rows], t[rows] if isinstance(t, np.ndarray) else t)(weights)
            for p, t in pairs
        )
        return one - two

    whole = difference(np.ones((1, n)), np.arange(n))[0]
    rows = random.permutation(n)[:_MOST_ROWS]
    drawn = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), _DRAWS)
    found = difference(drawn.astype(np.float64), rows)
    found = found[np.isfinite(found)]
    if not np.isfinite(whole) or len(found) < _DRAWS / 2:
        return None
    return Difference(float(whole), float(found.std() * np.sqrt(len(rows) / n)))


def _answers(p: np.ndarray, threshold: Threshold) -> np.ndarray:
    return (p[:, 1] >= threshold).astype(int) if p.shape[1] == 2 else p.argmax(axis=1)


def _mean(values: np.ndarray) -> Weighted:
    return lambda weights: weights @ values / weights.sum(axis=1)


def _accuracy(truth: np.ndarray, p: np.ndarray, threshold: Threshold) -> Weighted:
    return _mean((_answers(p, threshold) == truth).astype(np.float64))


def _f1(truth: np.ndarray, p: np.ndarray, threshold: Threshold) -> Weighted:
    """F1 of the second of two classes, or the mean of all that occur."""
    classes = np.array([1]) if p.shape[1] == 2 else np.unique(truth)
    real, named = (which[:, None] == classes for which in (truth, _answers(p, threshold)))

    def metric(weights: np.ndarray) -> np.ndarray:
        hits, total = weights @ (real & named), weights @ (real.astype(np.float64) + named)
        return (2 * hits / np.where(total > 0, total, 1)).mean(axis=1)

    return metric


def _by_score(truth: np.ndarray, p: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return how many of class 1 and of class 0 have each score, the largest score first."""
    order = np.argsort(-p[:, 1], kind="stable")
    starts = np.flatnonzero(np.diff(p[order, 1], prepend=2.0))
    weights, yes = weights[:, order], truth[order] == 1
    return tuple(np.add.reduceat(weights * side, starts, axis=1) for side in (yes, ~yes))


def _roc_auc(truth: np.ndarray, p: np.ndarray, _threshold: Threshold) -> Weighted:
    def metric(weights: np.ndarray) -> np.ndarray:
        yes, no = _by_score(truth, p, weights)
        above = np.cumsum(yes, axis=1) - yes / 2  # ties count half
        with np.errstate(invalid="ignore"):
            return (no * above).sum(axis=1) / (yes.sum(axis=1) * no.sum(axis=1))

    return metric


def _pr_auc(truth: np.ndarray, p: np.ndarray, _threshold: Threshold) -> Weighted:
    def metric(weights: np.ndarray) -> np.ndarray:
        yes, no = _by_score(truth, p, weights)
        hits, named = np.cumsum(yes, axis=1), np.cumsum(yes + no, axis=1)
        with np.errstate(invalid="ignore"):
            precision = np.where(named > 0, hits / named, 0.0)
            return (yes * precision).sum(axis=1) / hits[:, -1]

    return metric


def _rmse(truth: np.ndarray, values: np.ndarray, _threshold: Threshold) -> Weighted:
    squared = _mean((values - truth) ** 2)
    return lambda weights: np.sqrt(squared(weights))


def _mae(truth: np.ndarray, values: np.ndarray, _threshold: Threshold) -> Weighted:
    return _mean(np.abs(values - truth))


METRICS: dict[str, Callable[[np.ndarray, np.ndarray, Threshold], Weighted]] = {
    "accuracy": _accuracy,
    "f1": _f1,
    "macro_f1": _f1,
    "mae": _mae,
    "pr_auc": _pr_auc,
    "rmse": _rmse,
    "roc_auc": _roc_auc,
}
