"""k-means (Lloyd, 1982) and k-medians, step by step: assign, move, assign, move.

The course calls the two halves expectation and maximization. scikit-learn runs the restarts; from
the best of its beginnings the steps are taken again, to be looked at, and end where it ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

RESTARTS = 10
MOST_STEPS = 300


class Step(NamedTuple):
    """Centres, and the rows assigned to them.

    Attributes:
        centers: ``(k, d)``.
        labels: ``(n,)`` the nearest centre of each row.
        inertia: the sum of the squared distances to it; of Manhattan's, of the distances.
        moved: how many rows changed their group in this step.
    """

    centers: np.ndarray
    labels: np.ndarray
    inertia: float
    moved: int


def lloyd(x: np.ndarray, centers: np.ndarray, distance: str = "euclidean") -> Iterator[Step]:
    """Yield the steps from some centres, to the first in which no row changes its group.

    With Manhattan's distance, centres move to the medians of their rows (k-medians), which is what
    makes the sum of these distances least; else to their means. A centre without rows moves to
    the row that is farthest from its own centre.

    Args:
        x: ``(n, d)``.
        centers: ``(k, d)`` where it begins.
        distance: ``"euclidean"`` or ``"manhattan"``.

    >>> x = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> taken = list(lloyd(x, x[:2]))
    >>> [(step.centers.ravel().round(2).tolist(), round(step.inertia, 2)) for step in taken]
    [([0.0, 1.0], 145.0), ([0.0, 6.67], 17.56), ([0.5, 9.5], 1.0)]
    """
    from sklearn.metrics import pairwise_distances_argmin_min

    before, kind = np.full(len(x), -1), np.min_scalar_type(len(centers))
    for number in range(MOST_STEPS):
        nearest, away = pairwise_distances_argmin_min(x, centers, metric=distance)
        labels = nearest.astype(kind)  # there may be many steps of many rows
        moved = int((labels != before).sum())
        cost = away if distance == "manhattan" else away**2
        yield Step(centers, labels, float(cost.sum()), moved if number else 0)
        if not moved:
            return
        centers, before = _moved(x, centers, labels, away, distance), labels


def _moved(
    x: np.ndarray, centers: np.ndarray, labels: np.ndarray, away: np.ndarray, distance: str
) -> np.ndarray:
    """Return the centres of what was assigned to them."""
    found = centers.copy()
    farthest = iter(np.argsort(-away, kind="stable"))
    for group in range(len(centers)):
        rows = x[labels == group]
        if not len(rows):
            found[group] = x[next(farthest)]
        else:
            found[group] = np.median(rows, 0) if distance == "manhattan" else rows.mean(0)
    return found


def beginning(
    x: np.ndarray, k: int, distance: str, seed: int, restarts: int = RESTARTS
) -> np.ndarray:
    """Return the initial centres ``(k, d)`` from which the steps end best, of some restarts.

    Each is drawn by k-means++ (Arthur and Vassilvitskii, 2007).
    """
    from sklearn.cluster import KMeans, kmeans_plusplus

    best, least = None, np.inf
    for restart in range(restarts):
        centers, _rows = kmeans_plusplus(x, k, random_state=(seed + restart) % 2**32)
        if distance == "manhattan":
            cost = last_of(lloyd(x, centers, distance)).inertia
        else:
            fitted = KMeans(k, init=centers, n_init=1, max_iter=MOST_STEPS, tol=0).fit(x)
            cost = fitted.inertia_
        if cost < least * (1 - 1e-9):
            best, least = centers, cost
    assert best is not None
    return best


def fitted(x: np.ndarray, k: int, distance: str, seed: int, restarts: int) -> Step:
    """Return the last step from the best beginning."""
    return last_of(lloyd(x, beginning(x, k, distance, seed, restarts), distance))


def last_of(steps: Iterator[Step]) -> Step:
    """Return the last step, without keeping the others."""
    return deque(steps, maxlen=1)[0]
