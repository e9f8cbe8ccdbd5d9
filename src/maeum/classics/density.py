"""DBSCAN (Ester et al., 1996): groups are where rows are dense, and the rest is noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maeum.classics.choosing import bend, best, distances, silhouette

MOST_ROWS = 5_000  # each may have all others as its neighbours
JUDGED_ROWS = 1_000  # on which one eps is compared with another
QUANTILES = (0.8, 0.9, 0.95, 0.98)  # of the k-distances, beside the bend
NOISE = -1


@dataclass(frozen=True)
class Density:
    """What DBSCAN went by.

    Attributes:
        eps: how far apart neighbours are at most.
        min_samples: how many neighbours (a row is its own) make a row the core of a group.
        away: ``(m,)`` from each row to the last of so many neighbours, sorted: the k-distance plot.
        rows: ``(m,)`` the numbers of the rows that were looked at.
        asked: whether eps was given.
    """

    eps: float
    min_samples: int
    away: np.ndarray
    rows: np.ndarray
    asked: bool


def usual_min_samples(rows: int, dimensions: int) -> int:
    """Return twice the dimensions (Sander et al., 1998), at most 2% of the rows, at least 4.

    >>> usual_min_samples(150, 4), usual_min_samples(7043, 30)
    (4, 60)
    """
    return max(4, min(2 * dimensions, rows // 50))


def density_of(
    x: np.ndarray, rows: np.ndarray, distance: str, eps: float | None, min_samples: int | None
) -> Density:
    """Measure how dense points ``(m, d)`` are, and choose what is not given.

    eps is where the sorted distances to the neighbour of number ``min_samples`` bend, or one of
    their higher quantiles if that gives clearer groups: a higher silhouette, noise counted as 0.
    """
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    m, d = x.shape
    count = min(usual_min_samples(m, d) if min_samples is None else min_samples, m)
    near = NearestNeighbors(n_neighbors=count, metric=distance).fit(x)
    away = np.sort(near.kneighbors(x)[0][:, -1])
    if eps is not None:
        return Density(eps, count, away, rows, True)
    place = bend(np.arange(m), away)
    start = m // 2 if place is None else place
    places = {start, *(at for q in QUANTILES if (at := int(q * (m - 1))) > start)}
    tried = sorted({float(away[at]) for at in places if away[at] > 0})
    if not tried:  # many rows are alike
        tried = [float(away[away > 0][0]) if (away > 0).any() else 1.0]
    first = np.random.default_rng(0).permutation(m)[:JUDGED_ROWS]
    apart = distances(x[first], distance)
    clear = []
    for value in tried:
        labels = DBSCAN(eps=value, min_samples=count, metric=distance).fit(x).labels_[first]
        clear.append(silhouette(apart, labels) * float((labels >= 0).mean()))
    return Density(tried[best(clear)], count, away, rows, False)


def dense_groups(x: np.ndarray, density: Density, distance: str) -> np.ndarray:
    """Return the groups of all rows ``(n, d)``, from 0 on; -1 is noise.

    A row that was not looked at belongs to the group of the nearest core within ``eps``.
    """
    from sklearn.cluster import DBSCAN
    from sklearn.metrics import pairwise_distances_argmin_min

    own = x[density.rows]
    fitted = DBSCAN(eps=density.eps, min_samples=density.min_samples, metric=distance).fit(own)
    found = np.full(len(x), NOISE)
    found[density.rows] = fitted.labels_
    others = np.setdiff1d(np.arange(len(x)), density.rows)
    cores = fitted.core_sample_indices_
    if len(others) and len(cores):
        nearest, away = pairwise_distances_argmin_min(x[others], own[cores], metric=distance)
        found[others] = np.where(away <= density.eps, fitted.labels_[cores][nearest], NOISE)
    return found
