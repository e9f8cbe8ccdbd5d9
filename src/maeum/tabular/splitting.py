"""Rows to train on, to validate with, and to test on: by class, by group, or by time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from maeum.core.checks import check_fraction
from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.experiment.run import ROWS

FOLDS = 5
FEW_ROWS = 40  # with fewer, a test part is too small to tell anything
FEW_OF_CLASS = 5  # the same of the rarer of two classes in the test part
MOST_ROWS = 20_000  # with more, training several networks takes too long to be a default
_FEWEST = 4  # rows that can be divided
_FEW_TO_TRAIN = 8  # with fewer, none are taken away to validate with
_TRIES = 30  # random orders of the groups, of which the one with the most usual classes is taken

Part = Callable[[np.ndarray, float, list[str]], tuple[np.ndarray, np.ndarray]]


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
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
) -> Split:
    """Split the rows of a table.

    At random, the test part is that of scikit-learn's ``train_test_split(test_size=test_size,
    random_state=seed, stratify=target)``; the validation part is taken from the rest in the same
    way. Classes with a single row stay in training.

    Args:
        target: ``(n,)`` class numbers or values, one for each row.
        task: ``"binary"`` or ``"multiclass"`` (both are stratified), or ``"regression"``.
        test_size: share of all rows, 0 for none.
        validation_size: share of the rows left after the test part, 0 for none.
        seed: the same seed gives the same parts.
        groups: ``(n,)`` int, rows of the same number stay in the same part; those with -1 are
            alone.
        times: ``(n,)`` float, the last rows are the test part and those before them the
            validation part; rows of the same time stay together, those with NaN are for training.

    Raises:
        ConfigError: if a share is not between 0 and 1.
        DataError: if there are too few rows, groups or times.

    >>> parts = split(np.arange(10) % 2, "binary", test_size=0.4, validation_size=0.5)
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (3, 3, 4)
    >>> split(np.zeros(5), "regression", 0.4, 0, times=np.array([3.0, 1, 5, 2, 4])).test.tolist()
    [4, 2]
    """
    check_fraction(test_size, "test_size")
    check_fraction(validation_size, "validation_size")
    target = np.asarray(target).reshape(-1)
    notes: list[str] = []
    take = _taker(target, task, seed, groups, times)
    rest, test = take(np.arange(len(target)), test_size, notes)
    train, validation = take(rest, validation_size, notes)
    return Split(train, validation, test, list(dict.fromkeys(notes)))


def cross_validation(
    target: np.ndarray,
    task: str,
    folds: int,
    validation_size: float = 0.2,
    seed: int = 42,
    groups: np.ndarray | None = None,
) -> list[Split]:
    """Divide rows several times, so that each is in one test part.

    The test parts are scikit-learn's, shuffled: stratified where classes are learnt. Classes with
    a single row stay in training. There are fewer divisions if no class, or no more groups, fill
    so many.

    Args:
        target, task, validation_size, seed, groups: as for `split`.
        folds: how many divisions.

    Raises:
        DataError: if there are too few rows or groups.

    >>> parts = cross_validation(np.arange(12) % 2, "binary", 3)
    >>> [len(part.test) for part in parts], sorted(np.concatenate([p.test for p in parts]))[:3]
    ([4, 4, 4], [0, 1, 2])
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    target = np.asarray(target).reshape(-1)
    rows, alone, most = np.arange(len(target)), np.arange(0), len(target)
    if task != "regression":
        _classes, codes, counts = np.unique(target, return_inverse=True, return_counts=True)
        alone, rows = rows[counts[codes] == 1], rows[counts[codes] > 1]
        most = int(counts.max())
    kinds = {False: (KFold, StratifiedKFold), True: (GroupKFold, StratifiedGroupKFold)}
    kind = kinds[groups is not None][task != "regression"]
    named = None if groups is None else _numbered(groups)
    folds = min(folds, most, most if named is None else len(np.unique(named[rows])))
    if folds < 2 or len(rows) < _FEWEST:
        raise DataError("{rows} cannot be divided for a cross-validation. More rows are needed, "
                        "or more groups.", rows=ROWS.count(len(target)))  # fmt: skip
    parts, take = [], _taker(target, task, seed, groups, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that do not fill every part
        made = kind(folds, shuffle=True, random_state=seed)
        among = None if named is None else named[rows]
        divided = list(made.split(rows, target[rows], among))
    for stay, test in divided:
        rest = np.concatenate([rows[stay], alone])
        size = validation_size if len(rest) >= _FEW_TO_TRAIN else 0.0
        parts.append(Split(*take(rest, size, []), rows[test]))
    return parts


def usual_folds(counts: list[int], rows: int, test_size: float) -> int:
    """Return how many divisions a table is worth by itself; 1 for a single test part.

    Args:
        counts: how many rows each class has; empty where numbers are learnt.
        rows: how many there are.
        test_size: the fraction that a test part would have.

    >>> usual_folds([50, 50], 100, 0.3), usual_folds([5988, 12], 6000, 0.3)
    (1, 5)
    """
    if sum(n for n in counts or [rows] if n > 1) < _FEWEST:
        return 1  # nor is a single test possible, or hardly so
    few = rows < FEW_ROWS or (len(counts) == 2 and min(counts) * test_size < FEW_OF_CLASS)
    return FOLDS if few and rows <= MOST_ROWS else 1


def _taker(
    target: np.ndarray,
    task: str,
    seed: int,
    groups: np.ndarray | None,
    times: np.ndarray | None,
) -> Part:
    """Return the function that takes a fraction of some rows away: what stays, what was taken."""

    def take(rows: np.ndarray, size: float, notes: list[str]) -> tuple[np.ndarray, np.ndarray]:
        if size == 0:
            return rows, rows[:0]
        if np.ceil(size * len(rows)) >= len(rows):
            raise DataError(
                "{rows} cannot be split so that a fraction of {size:g} is kept aside and something "
                "is left. More rows are needed, or a smaller fraction (0 for none).",
                rows=ROWS.count(len(rows)),
                size=size,
            )
        if times is not None:
            return _last(rows, times[rows], size)
        kinds = target[rows] if task != "regression" else None
        if groups is not None:
            return _whole_groups(rows, _numbered(groups)[rows], kinds, size, seed)
        return _at_random(rows, kinds, size, seed, notes)

    return take


def _at_random(
    rows: np.ndarray, target: np.ndarray | None, size: float, seed: int, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.model_selection import train_test_split

    if target is None:
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


def _last(rows: np.ndarray, times: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Take the rows of the last times; the border lies between two different times."""
    order = np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")
    rows, times = rows[order], times[order]
    borders = np.flatnonzero(times[1:] > times[:-1]) + 1
    if not len(borders):
        raise DataError("The rows cannot be split by time: {rows} have the same time, or none.",
                        rows=ROWS.count(len(rows)))  # fmt: skip
    border = borders[np.abs(borders - (1 - size) * len(rows)).argmin()]
    return rows[:border], rows[border:]


def _whole_groups(
    rows: np.ndarray, groups: np.ndarray, target: np.ndarray | None, size: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Take whole groups: of some random orders, the one that is closest in size and classes."""
    _names, groups, counts = np.unique(groups, return_inverse=True, return_counts=True)
    if len(counts) < 2:
        raise DataError("The rows cannot be split by groups: all are of the same one.")
    kinds = counts[:, None].astype(np.float64)
    if target is not None:  # how many rows of each class each group has
        _classes, codes = np.unique(target, return_inverse=True)
        kinds = np.zeros((len(counts), len(_classes)))
        np.add.at(kinds, (groups, codes), 1)
    wanted, random = size * kinds.sum(axis=0), np.random.default_rng(seed)
    best, least = np.zeros(0, int), np.inf
    for _try in range(_TRIES):
        order = random.permutation(len(counts))
        sizes = np.cumsum(counts[order])[:-1]
        order = order[: np.abs(sizes - size * len(rows)).argmin() + 1]
        off = np.abs(kinds[order].sum(axis=0) - wanted) / np.maximum(wanted, 1)
        if off.sum() < least:
            best, least = order, float(off.sum())
    taken = np.isin(groups, best)
    return rows[~taken], rows[taken]


def _numbered(groups: np.ndarray) -> np.ndarray:
    """Give each row without a group a number of its own."""
    groups = np.asarray(groups).astype(np.int64)
    lone = groups < 0
    return np.where(lone, groups.max(initial=0) + np.cumsum(lone), groups)
