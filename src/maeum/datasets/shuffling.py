"""Rows in the order that a seed gives, as Keras has it, so that splits are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from maeum.core.checks import check_fraction
from maeum.core.errors import DataError
from maeum.datasets.archives import read_arrays
from maeum.datasets.files import Split


def orders(seed: int, *counts: int) -> list[np.ndarray]:
    """Return the numbers of so many rows in an order of ``seed``, for one part after the other."""
    found = [np.arange(count) for count in counts]
    random = np.random.RandomState(seed)
    for order in found:
        random.shuffle(order)
    return found


def split_at(count: int, test_split: float) -> int:
    """Return how many of the rows are to train with.

    Raises:
        ConfigError: unless ``test_split`` is a fraction below 1.
    """
    return int(count * (1 - check_fraction(test_split, "test_split")))


def read_table(
    path: Path, features: int, test_split: float, seed: int, rows: int | None = None
) -> tuple[Split, Split]:
    """Return the splits of a table with a number of ``features`` and one target.

    Args:
        path: an archive with the arrays x and y.
        features: how many columns x has.
        test_split: the fraction of the rows to test with.
        seed: for the order of the rows.
        rows: only so many rows, the first ones; None for all.

    Raises:
        DataError: if the archive is damaged, or holds something else.
    """
    x, y = (array[:rows] for array in read_arrays(path, ("x", "y")))
    if x.shape[1:] != (features,) or y.shape != x.shape[:1]:
        raise DataError("{path!r} holds x of shape {x} and y of shape {y}; expected (n, "
                        "{features}) and (n,).", path=str(path), x=x.shape, y=y.shape,
                        features=features)  # fmt: skip
    (order,) = orders(seed, len(x))
    x, y = x[order], y[order]
    end = split_at(len(x), test_split)
    return (x[:end], y[:end]), (x[end:], y[end:])
