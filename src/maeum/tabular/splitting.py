"""Rows to train on, to validate with, and to test on: split by class where classes allow it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from maeum.core.checks import check_fraction
from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.experiment.run import ROWS


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts, each ``(n,)`` int64, and what was out of the ordinary."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    notes: list[str] = field(default_factory=list)

    @property
    def rest(self) -> np.ndarray:
        """The rows that are not for the test: training and validation together."""
        return np.concatenate([self.train, self.validation])


def split(
    target: np.ndarray,
    task: str,
    test_size: float = 0.3,
    validation_size: float = 0.2,
    seed: int = 42,
) -> Split:
    """Split the rows of a table at random.

    The test part is that of scikit-learn's ``train_test_split(test_size=test_size,
    random_state=seed, stratify=target)``; the validation part is taken from the rest in the same
    way. Classes with a single row stay in training.

    Args:
        target: ``(n,)`` class numbers or values, one for each row.
        task: ``"binary"`` or ``"multiclass"`` (both are stratified), or ``"regression"``.
        test_size: share of all rows, 0 for none.
        validation_size: share of the rows left after the test part, 0 for none.
        seed: the same seed gives the same parts.

    Raises:
        ConfigError: if a share is not between 0 and 1.
        DataError: if there are too few rows.

    >>> parts = split(np.arange(10) % 2, "binary", test_size=0.4, validation_size=0.5)
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (3, 3, 4)
    """
    check_fraction(test_size, "test_size")
    check_fraction(validation_size, "validation_size")
    target = np.asarray(target).reshape(-1)
    rows = np.arange(len(target))
    notes: list[str] = []
    stratify = task != "regression"
    rest, test = _part(rows, target, test_size, stratify, seed, notes)
    train, validation = _part(rest, target[rest], validation_size, stratify, seed, notes)
    return Split(train, validation, test, list(dict.fromkeys(notes)))


def _part(
    rows: np.ndarray, target: np.ndarray, size: float, stratify: bool, seed: int, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Take the share ``size`` away from ``rows``; return what stays and what was taken."""
    from sklearn.model_selection import train_test_split

    if size == 0:
        return rows, rows[:0]
    if np.ceil(size * len(rows)) >= len(rows):
        raise DataError(
            "{rows} cannot be split so that a fraction of {size:g} is kept aside and something "
            "is left. More rows are needed, or a smaller fraction (0 for none).",
            rows=ROWS.count(len(rows)),
            size=size,
        )
    if not stratify:
        return tuple(train_test_split(rows, test_size=size, random_state=seed))
    classes, codes, counts = np.unique(target, return_inverse=True, return_counts=True)
    alone = counts[codes] == 1
    shared, kinds = rows[~alone], int(np.sum(counts > 1))
    taken = int(np.ceil(size * len(shared)))
    if min(taken, len(shared) - taken) < kinds or not kinds:
        notes.append(_("{rows:,} rows are too few to give every part its fraction of all {n:,} "
                       "classes; they were split at random.",
                       rows=len(rows), n=len(classes)))  # fmt: skip
        return tuple(train_test_split(rows, test_size=size, random_state=seed))
    if alone.any():
        notes.append(_("Rows that are alone in their class, which stay in training: {n:,}.",
                       n=int(alone.sum())))  # fmt: skip
    stay, take = train_test_split(shared, test_size=size, random_state=seed,
                                  stratify=target[~alone])  # fmt: skip
    return np.concatenate([stay, rows[alone]]), take
