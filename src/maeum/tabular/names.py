"""Numbers that are names: which columns tell more by their single values than by their size."""

from __future__ import annotations

import numpy as np

PIECES = 16  # of straight lines, by which a quantity is told
FEWEST_TIMES = 2  # a value comes so often at least, to have a vector of its own
_SURE = 1e-4  # that it is no chance
_MOST_ROWS = 50_000


def values_of_names(numbers: np.ndarray, goals: np.ndarray, classes: int) -> list[list[float]]:
    """Return for each feature the values that are names; none for quantities.

    The number of a person says little by its size, and much by itself. For each feature the target
    is fitted by 16 pieces of straight lines; what single values still explain of the rest is
    judged by an F test.

    Args:
        numbers: ``(n, features)`` of the training rows.
        goals: ``(n,)`` class numbers or values.
        classes: how many classes there are; 0 for values.

    >>> random = np.random.default_rng(0)
    >>> person, age = random.integers(0, 60, 900), random.integers(20, 80, 900)
    >>> y = random.normal(size=60)[person] + age / 20
    >>> found = values_of_names(np.stack([person, age], 1).astype(np.float32), y, 0)
    >>> [len(values) for values in found]
    [60, 0]
    """
    rows = slice(None, None, -(-len(numbers) // _MOST_ROWS))
    x, y = numbers[rows].astype(np.float64), goals[rows].astype(np.float64)
    targets = (y[:, None] == np.arange(classes)).astype(float)[:, classes == 2 :] if classes else y
    targets = targets.reshape(len(y), -1)
    return [_values(feature, targets) for feature in x.T]


def _values(feature: np.ndarray, targets: np.ndarray) -> list[float]:
    values, places, counts = np.unique(feature, return_inverse=True, return_counts=True)
    often = counts >= FEWEST_TIMES
    kept = often[places]
    if often.sum() <= PIECES + 1 or kept.mean() < 0.5 or not np.isfinite(values).all():
        return []
    from scipy.stats import f as f_distribution

    rest = targets[kept] - _fitted(feature[kept], targets[kept])
    _names, places = np.unique(places[kept], return_inverse=True)
    levels, n = len(_names), len(rest)
    if n - levels < PIECES:
        return []
    sums = np.zeros((levels, rest.shape[1]))
    np.add.at(sums, places, rest)
    explained = (sums**2 / np.bincount(places)[:, None]).sum(axis=0)
    left = (rest**2).sum(axis=0) - explained
    between, within = levels - PIECES - 1, n - levels
    ratio = (explained / between) / np.maximum(left / within, 1e-300)
    p = f_distribution.sf(ratio, between, within).min() * len(ratio)
    return values[often].tolist() if p < _SURE else []


def _fitted(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the target as pieces of straight lines of a feature, by least squares."""
    ends = np.unique(np.quantile(x, np.linspace(0, 1, PIECES + 1)))
    low, width = ends[:-1], np.diff(ends)
    pieces = np.clip((x[:, None] - low) / width, 0, 1)
    design = np.column_stack([np.ones(len(x)), pieces])
    return design @ np.linalg.lstsq(design, targets, rcond=None)[0]
