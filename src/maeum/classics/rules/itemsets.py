"""Sets of items with the number of baskets that hold them, and a quick way to find one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np


class Level(NamedTuple):
    """The itemsets of one length ``k``.

    Attributes:
        sets: their codes, ``(n, k)``, rising within each set; the sets in lexicographic order.
        counts: how many baskets hold each set, ``(n,)``.
    """

    sets: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class Itemsets:
    """Frequent itemsets; each part of one is there, too.

    Attributes:
        items: the name of each code; the rarest item comes first.
        baskets: how many there are in all.
        levels: the itemsets of 1, 2, 3 ... items.
    """

    items: tuple[Hashable, ...]
    baskets: int
    levels: tuple[Level, ...]

    def __len__(self) -> int:
        return sum(len(level.counts) for level in self.levels)

    @cached_property
    def _keys(self) -> list[np.ndarray]:
        """Each set as one number: the place of what comes before its last item, and that item."""
        keys: list[np.ndarray] = []
        for level in self.levels:
            before = self._walk(level.sets[:, :-1], keys)
            keys.append(before * len(self.items) + level.sets[:, -1])
        return keys

    def _walk(self, sets: np.ndarray, keys: Sequence[np.ndarray]) -> np.ndarray:
        place = np.zeros(len(sets), np.int64)
        for column, known in zip(sets.T, keys):
            wanted = place * len(self.items) + column
            found = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            place = np.where((place >= 0) & (known[found] == wanted), found, -1)
        return place

    def find(self, sets: np.ndarray) -> np.ndarray:
        """Return the place of each set in the level of its length; -1 of one that is not frequent.

        Args:
            sets: ``(n, k)`` codes, rising within each set.
        """
        if sets.shape[1] > len(self.levels):
            return np.full(len(sets), -1)
        return self._walk(sets, self._keys)

    def count(self, sets: np.ndarray) -> np.ndarray:
        """Return how many baskets hold each of some frequent sets."""
        return self.levels[sets.shape[1] - 1].counts[self.find(sets)]
