"""Two classes of which one is rare: from which probability on it is answered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RARE = 0.2  # a class with a smaller fraction of the rows is found by looking for it
FEWEST = 2  # rows of the rare class from which on a threshold can be chosen
_DRAWS = 100


def rare_class(counts: Sequence[int] | np.ndarray) -> int | None:
    """Return which of two classes is rare, from how many rows each has; None if neither is.

    >>> rare_class([95, 5]), rare_class([3, 97]), rare_class([60, 40]), rare_class([98, 1, 1])
    (1, 0, None, None)
    """
    counts = np.asarray(counts)
    if len(counts) != 2 or not counts.sum() or counts.min() >= RARE * counts.sum():
        return None
    return int(counts.argmin())


def best_threshold(truth: np.ndarray, p: np.ndarray, rare: int = 1) -> float | None:
    """Return the probability of class 1 from which on it is best answered.

    It is the one with the largest F1 score of the rare class. Where that class has few rows the
    largest score is an accident, so it is the median over bootstrap samples of the rows.

    Args:
        truth: ``(n,)`` class numbers, 0 or 1, of rows that were not trained on.
        p: ``(n,)`` the probabilities of class 1.
        rare: the class that is looked for.

    Returns:
        A number between 0 and 1; None if fewer than `FEWEST` rows are of the rare class, none of
        the other, or all probabilities are the same.

    >>> best_threshold(np.array([0, 0, 0, 1, 1]), np.array([0.01, 0.1, 0.2, 0.3, 0.4]))
    0.25
    """
    wanted, scores = np.asarray(truth) == rare, np.asarray(p, np.float64)
    if rare == 0:
        scores = 1 - scores
    if wanted.sum() < FEWEST or wanted.all():
        return None
    order = np.argsort(-scores, kind="stable")
    wanted, scores = wanted[order], scores[order]
    ends = np.flatnonzero(np.diff(scores, append=-1.0) < 0)  # of rows with the same score
    if len(ends) < 2:
        return None
    borders = (scores[ends] + np.append(scores[ends[1:]], 0.0)) / 2
    random, found = np.random.default_rng(0), []
    for draw in range(_DRAWS + 1):
        weights = np.ones(len(wanted)) if draw == 0 else random.poisson(1.0, len(wanted))
        hits, named = np.cumsum(weights * wanted)[ends], np.cumsum(weights)[ends]
        if hits[-1]:
            found.append(borders[np.argmax(2 * hits / (named + hits[-1]))])
    threshold = float(np.median(found))
    return 1 - threshold if rare == 0 else threshold


def crossed_thresholds(
    truth: np.ndarray, p: np.ndarray, fold: np.ndarray, rare: int
) -> tuple[float | None, np.ndarray]:
    """Choose a threshold by cross-validation, and one for each row that does not know its truth.

    Args:
        truth, p, rare: as for `best_threshold`, of rows that were predicted in turn.
        fold: ``(n,)`` when each row was.

    Returns:
        The threshold of all rows (None as for `best_threshold`), and for each row the one that
        the rows of the other folds choose, ``(n,)``.
    """
    whole, each = best_threshold(truth, p, rare), np.full(len(truth), 0.5)
    for number in np.unique(fold):
        others = fold != number
        chosen = best_threshold(truth[others], p[others], rare)
        each[~others] = whole if chosen is None else chosen
    return whole, np.nan_to_num(each, nan=0.5)
