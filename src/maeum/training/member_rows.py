"""Which rows of the data that members share each of them takes, and in which order."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import epoch_order
from maeum.training.sources import ArraySource


@dataclass(eq=False)
class MemberRows:
    """The rows of each member.

    Attributes:
        source: the data that all of them share.
        rows: for each member the numbers of its rows; None for all, as they stand.
        batch_size: the rows of a step.
    """

    source: ArraySource
    rows: list[np.ndarray | None]
    batch_size: int

    @classmethod
    def of(
        cls, rows: Sequence[Any] | None, source: ArraySource, models: Sequence[Any], what: str
    ) -> MemberRows:
        """Check what was given as rows.

        Raises:
            ConfigError: unless there is one array for each model.
            DataError: for numbers that no row has, or none at all.
        """
        if rows is None:
            return same_for_all(source, models)
        if len(rows) != len(models):
            raise ConfigError(
                "{what} has one array of row numbers for each model: {models} of them; got "
                "{given}.",
                what=what,
                models=len(models),
                given=len(rows),
            )
        found = [_checked(one, source.rows, f"{what}[{i}]") for i, one in enumerate(rows)]
        return cls(source, list(found), source.batch_size)

    def count(self, member: int) -> int:
        """Return how many rows a member has."""
        own = self.rows[member]
        return self.source.rows if own is None else len(own)

    def steps(self, member: int) -> tuple[int, int]:
        """Return the number of full batches of a member, and the rows of the one behind them."""
        return divmod(self.count(member), self.batch_size)

    def order(self, member: int, seed: int | None, number: int) -> np.ndarray:
        """Return the rows of a member in the order of an epoch; as they stand without a seed."""
        own, count = self.rows[member], self.count(member)
        if seed is None:
            return np.arange(count, dtype=np.int32) if own is None else own
        order = epoch_order(count, seed, number)
        return order if own is None else own[order]

    @functools.cached_property
    def longest(self) -> int:
        """The most full batches that a member has."""
        return max(self.steps(member)[0] for member in range(len(self.rows)))


def same_for_all(source: ArraySource, models: Sequence[Any]) -> MemberRows:
    """Return all rows of a source for every member."""
    return MemberRows(source, [None] * len(models), source.batch_size)


def _checked(rows: Any, count: int, what: str) -> np.ndarray:
    given = np.asarray(rows)
    if given.dtype == bool or given.ndim != 1 or given.dtype.kind not in "iu":
        raise DataError(
            "{what} holds numbers of rows, as one array of whole numbers; got {dtype} of shape "
            "{shape}.",
            what=what,
            dtype=str(given.dtype),
            shape=given.shape,
        )
    if not len(given):
        raise DataError("{what} is empty: the member has no rows.", what=what)
    if given.min() < 0 or given.max() >= count:
        raise DataError(
            "{what} holds the row {row}, and rows are numbered from 0 to {last}.",
            what=what,
            row=int(given.min() if given.min() < 0 else given.max()),
            last=count - 1,
        )
    return given.astype(np.int32)
