"""How many groups: by the silhouette (Rousseeuw, 1987) and the elbow, or by BIC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.json import Saved


@dataclass(frozen=True)
class Choice(Saved):
    """What was tried, and what was chosen.

    Attributes:
        counts: the numbers of groups that were tried.
        silhouettes: the mean silhouette of each; NaN where there is none (of one group).
        costs: what the elbow is looked for in: the inertia, the distance at which the last two
            of the groups were joined, or BIC.
        chosen: the number that was taken.
        asked: whether it was given.
        elbow: where the costs bend most; None where they do not.
        rows: on how many rows it was tried.
    """

    counts: list[int]
    silhouettes: list[float]
    costs: list[float]
    chosen: int
    asked: bool
    elbow: int | None
    rows: int


def try_counts(
    counts: Sequence[int], fit: Callable[[int], tuple[np.ndarray, float]], away: np.ndarray
) -> tuple[list[float], list[float]]:
    """Return the silhouette and the cost of each number of groups.

    Args:
        counts: the numbers of groups.
        fit: returns the labels of the first rows (as many as ``away`` has) and the cost.
        away: ``(m, m)`` the distances between some rows.
    """
    silhouettes, costs = [], []
    for count in counts:
        labels, cost = fit(count)
        silhouettes.append(silhouette(away, labels))
        costs.append(cost)
    return silhouettes, costs


def silhouettes_of(away: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the silhouette of each row, from -1 to 1; NaN of noise (a label of -1), and of all
    rows where there are not two groups or each row is its own.

    Args:
        away: ``(m, m)`` the distances between the rows.
        labels: ``(m,)`` their groups.
    """
    from sklearn.metrics import silhouette_samples

    found = np.full(len(labels), np.nan)
    rows = labels >= 0
    if 2 <= len(np.unique(labels[rows])) < rows.sum():
        own = away if rows.all() else away[np.ix_(rows, rows)]
        found[rows] = silhouette_samples(own, labels[rows], metric="precomputed")
    return found


def silhouette(away: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean silhouette of the rows that have a group; NaN if there is none."""
    found = silhouettes_of(away, labels)
    return float(found[~np.isnan(found)].mean()) if not np.isnan(found).all() else float("nan")


def distances(x: np.ndarray, distance: str) -> np.ndarray:
    """Return the distances ``(m, m)`` between rows, each 0 from itself."""
    from sklearn.metrics import pairwise_distances

    found = pairwise_distances(x, metric=distance)
    np.fill_diagonal(found, 0)
    return found


def bend(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> int | None:
    """Return the place at which a curve is farthest below the line between its ends.

    It is where "the elbow" is seen (Satopää et al., 2011). None for a curve that has none: of fewer
    than three points, or nowhere below the line.

    >>> bend([1, 2, 3, 4, 5], [10, 4, 3, 2, 1])
    1
    """
    across, up = np.asarray(x, float), np.asarray(y, float)
    if len(across) < 3 or not np.isfinite(up).all() or up[0] == up[-1]:
        return None
    straight = up[0] + (up[-1] - up[0]) * (across - across[0]) / (across[-1] - across[0])
    below = (straight - up) / abs(up[0] - up[-1])
    return int(below.argmax()) if below.max() > 1e-9 else None


def best(values: Sequence[float], highest: bool = True) -> int:
    """Return the place of the highest (or lowest) value; the first where none is known."""
    known: Any = np.asarray(values, float) * (1 if highest else -1)
    return int(np.nan_to_num(known, nan=-np.inf).argmax())
