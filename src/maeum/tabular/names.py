"""Numbers that are names: which columns tell more by their single values than by their size."""

from __future__ import annotations

import numpy as np

PIECES = 16  # of straight lines, by which a quantity is told
FEWEST_TIMES = 2  # a value comes so often at least, to have a vector of its own
_SURE = 1e-4  # that it is no chance
# What single values explain of the variance that the size leaves: at least, and times what the
# size explains. On public tables the numbers of persons and routes have 8 and 14 times as much;
# amounts of cement, areas and hours, for which vectors of their own only overfit, less than 6.
_LEAST, _TIMES = 0.05, 7
_MOST_ROWS = 50_000
_FEWEST_ROWS = 300  # beside one for each value: with fewer, nothing can be told


def values_of_names(numbers: np.ndarray, goals: np.ndarray, classes: int) -> list[list[float]]:
    """Return for each feature the values that are names; none for quantities.

    The number of a person says little by its size, and much by itself. For each feature of numbers
    that follow in equal steps, the target is fitted by 16 pieces of straight lines; what single
    values still explain of the rest is judged by its size and by an F test.

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
    if often.sum() <= PIECES + 1 or kept.mean() < 0.5 or not _in_steps(values):
        return []
    from scipy.stats import f as f_distribution

    rest = targets[kept] - _fitted(feature[kept], targets[kept])
    _names, places = np.unique(places[kept], return_inverse=True)
    levels, n = len(_names), len(rest)
    if n - levels < _FEWEST_ROWS:
        return []
    sums = np.zeros((levels, rest.shape[1]))
    np.add.at(sums, places, rest)
    explained = (sums**2 / np.bincount(places)[:, None]).sum()
    whole, after_size = ((targets[kept] - targets[kept].mean(axis=0)) ** 2).sum(), (rest**2).sum()
    between, within = levels - PIECES - 1, n - levels
    left = max((after_size - explained) / within, 1e-300)
    sure = f_distribution.sf(explained / between / left, between, within) < _SURE
    by_size = 1 - after_size / max(whole, 1e-300)
    by_value = 1 - left / max(after_size / (n - PIECES - 1), 1e-300)
    # So much of what names explain, pieces of lines explain by chance, or half as much again.
    by_chance = 1.5 * PIECES / levels * (by_size + (1 - by_size) * by_value)
    tells = by_value >= max(_LEAST, 2 * by_size, _TIMES * (by_size - by_chance))
    return values[often].tolist() if sure and tells else []


def _in_steps(values: np.ndarray) -> bool:
    """Tell whether values are whole numbers, as they are or scaled."""
    steps = np.diff(values)
    if not np.isfinite(values).all() or not len(steps):
        return False
    parts = steps / steps.min()
    return bool(np.abs(parts - np.round(parts)).max() < 1e-2)


def _fitted(x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the target as pieces of straight lines of a feature, by least squares."""
    ends = np.unique(np.quantile(x, np.linspace(0, 1, PIECES + 1)))
    low, width = ends[:-1], np.diff(ends)
    pieces = np.clip((x[:, None] - low) / width, 0, 1)
    design = np.column_stack([np.ones(len(x)), pieces])
    return design @ np.linalg.lstsq(design, targets, rcond=None)[0]
