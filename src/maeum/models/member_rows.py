"""Which rows each member of an ensemble learns from, and which it is validated with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import generator

Rows = Sequence[np.ndarray]


class Drawing(NamedTuple):
    """How the rows of members are drawn.

    Attributes:
        members: how many there are.
        folds: how many folds, or the numbers of the rows that each member learns from and is
            validated with; None for all rows.
        bootstrap: whether a member learns from a sample of its rows.
        classifies: whether the targets are classes, of which no member may have one alone.
        seed: what the folds and samples follow from.
    """

    members: int
    folds: Any
    bootstrap: bool
    classifies: bool
    seed: int

    def rows(self, y: Any, count: int) -> tuple[Rows | None, Rows | None]:
        """Return the rows of each member, and those that it is validated with; None for all.

        Args:
            y: the targets, an array or whatever ``fit`` takes.
            count: how many rows there are.

        Raises:
            ConfigError: for folds that are neither a number nor a pair for each member.
            DataError: for fewer rows than folds, or a member whose rows are of one class.
        """
        if self.folds is None and not self.bootstrap:
            return None, None
        labels = _labels(y, count)
        rows, held_out = self._divided(labels, count)
        for number, own in enumerate(rows):
            if self.bootstrap:
                draw = generator(self.seed, "bootstrap", number).integers(0, len(own), len(own))
                rows[number] = own = own[draw]
            if labels is not None and self.classifies and _one_class(labels, own):
                raise DataError(
                    "The rows of member {number} are all of one class. Give fewer folds, or more "
                    "rows of the other classes.",
                    number=number,
                )
        return rows, held_out or None

    def _divided(
        self, labels: np.ndarray | None, count: int
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the rows of each member before a sample is drawn, and those held out."""
        folds, everyone = self.folds, np.arange(count)
        if folds is None:
            return [everyone] * self.members, []
        if not isinstance(folds, (int, np.integer)):
            pairs = [tuple(pair) for pair in folds]
            if len(pairs) != self.members or any(len(pair) != 2 for pair in pairs):
                raise ConfigError(
                    "folds is a number, or for each of the {members} members a pair: the rows that "
                    "it learns from, and those that it is validated with; got {given} of them.",
                    members=self.members,
                    given=len(pairs),
                )
            return [np.asarray(own) for own, _ in pairs], [np.asarray(out) for _, out in pairs]
        folds = check_whole(int(folds), "folds", 2)
        if folds > count:
            raise DataError(
                "There are {rows} rows, fewer than folds={folds}.", rows=count, folds=folds
            )
        rows, held_out = [], []
        for number in range(self.members):
            fold = _fold_of(labels, count, folds, self.seed, number // folds)
            rows.append(np.flatnonzero(fold != number % folds))
            held_out.append(np.flatnonzero(fold == number % folds))
        return rows, held_out


def _labels(y: Any, count: int) -> np.ndarray | None:
    """Return one number for each row that says what it is: its class, or its target."""
    if not hasattr(y, "shape") or y.ndim not in (1, 2) or len(y) != count:
        return None
    found = np.asarray(y)
    if found.ndim == 2:
        found = found[:, 0] if found.shape[1] == 1 else found.argmax(1)
    return found


def _one_class(labels: np.ndarray, rows: np.ndarray) -> bool:
    own = labels[rows]
    return bool(len(own) and (own == own[0]).all() and (labels != labels[0]).any())


def _fold_of(labels: np.ndarray | None, count: int, folds: int, seed: int, turn: int) -> np.ndarray:
    """Return the fold of each row; rows with like targets are spread over all folds."""
    order = generator(seed, "folds", turn).permutation(count)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    found = np.empty(count, np.int32)
    found[order] = np.arange(count) % folds
    return found
