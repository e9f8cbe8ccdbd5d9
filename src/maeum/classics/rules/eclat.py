"""Eclat: frequent itemsets depth first, by intersecting the sets of their baskets.

Each item has the set of the baskets that hold it, one bit for each. What is frequent together with
an item is looked for only among its own baskets, so these sets are short; two of them are
intersected by ``&`` and counted by `numpy.bitwise_count`. Memory holds one class of itemsets for
each length at a time.

Source: M. J. Zaki: Scalable algorithms for association mining, IEEE TKDE 12(3), 2000.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.itemsets import Itemsets, Level
from maeum.core.errors import DataError

_WORDS = 1 << 18  # of 64 bits that are intersected at once: they stay in the cache
_MOST_BITS = 1 << 29  # of all items together, for each basket one
_GATHER = 2  # words that are intersected in the time that one entry is gathered


class Class(NamedTuple):
    """The items that are frequent together with a prefix.

    Attributes:
        codes: the items, ``(k,)``, rising.
        counts: how many of the prefix's baskets hold each, ``(k,)``.
        bits: which of them do, ``(words, k)`` of uint64: a column for each item.
    """

    codes: np.ndarray
    counts: np.ndarray
    bits: np.ndarray


class Projection:
    """Baskets with their frequent items only; codes count from the rarest item on.

    Args:
        baskets: all of them.
        min_count: how many baskets make an itemset frequent.
    """

    def __init__(self, baskets: Baskets, min_count: int):
        counts = baskets.counts
        order = np.argsort(counts, kind="stable")
        self.order = order[counts[order] >= min_count]
        self.counts = counts[self.order]
        self.items = tuple(baskets.items[code] for code in self.order.tolist())
        self.baskets, self.min_count = len(baskets), min_count
        rank = np.full(len(counts), -1, np.int32)
        rank[self.order] = np.arange(len(self.order))
        codes = rank[baskets.codes]
        basket = np.repeat(np.arange(len(baskets)), baskets.sizes)[codes >= 0]
        codes = codes[codes >= 0]
        sorted_ = np.lexsort((codes, basket))
        self._codes, self._basket = codes[sorted_], basket[sorted_]
        # where the basket of each entry ends
        self._ends = np.searchsorted(self._basket, self._basket, side="right")
        self._entries = np.argsort(self._codes, kind="stable")  # those of each item
        self._starts = np.concatenate([[0], np.cumsum(self.counts)])

    def __len__(self) -> int:
        return len(self.items)

    def level(self) -> Level:
        """Return the single items."""
        return Level(np.arange(len(self), dtype=np.int32)[:, None], self.counts)

    def below(self, code: int, with_bits: bool = True) -> Class:
        """Return the items behind ``code`` that are frequent together with it.

        Where its baskets hold little, their items are gathered, and the bits are those of its own
        baskets; where they hold much, the bits of all baskets are intersected.
        """
        entries = self._entries[self._starts[code] : self._starts[code + 1]]
        lengths = self._ends[entries] - entries - 1
        words = -(-self.baskets // 64)
        if (
            words * 64 * len(self) <= _MOST_BITS
            and words * (len(self) - code) < _GATHER * lengths.sum()
        ):
            return self._intersected(code)
        offsets = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(entries + 1 - offsets, lengths)
        codes = self._codes[places]
        counts = np.bincount(codes, minlength=len(self))
        found = np.flatnonzero(counts >= self.min_count)
        words = -(-len(entries) // 64)
        bits = np.zeros((words, len(found)), np.uint64)
        if with_bits and len(found) > 1:
            place = np.full(len(self), -1)
            place[found] = np.arange(len(found))
            column = place[codes]
            basket = np.repeat(np.arange(len(entries)), lengths)[column >= 0]
            column = column[column >= 0]
            flags = np.left_shift(np.uint64(1), (basket & 63).astype(np.uint64))
            # Each bit is set once, so to add them is to join them.
            np.add.at(bits.reshape(-1), (basket >> 6) * len(found) + column, flags)
        return Class(found, counts[found], bits)

    def _intersected(self, code: int) -> Class:
        held = self._bits[:, code]
        used = np.flatnonzero(held)
        meet = np.take(self._bits[:, code + 1 :], used, axis=0) & held[used, None]
        counts = np.bitwise_count(meet).sum(axis=0, dtype=np.int64)
        found = np.flatnonzero(counts >= self.min_count)
        return Class(found + code + 1, counts[found], np.take(meet, found, axis=1))

    @cached_property
    def _bits(self) -> np.ndarray:
        """Which baskets hold each item, ``(words, items)``."""
        bits = np.zeros((-(-self.baskets // 64), len(self)), np.uint64)
        flags = np.left_shift(np.uint64(1), (self._basket & 63).astype(np.uint64))
        np.add.at(bits.reshape(-1), (self._basket >> 6) * len(self) + self._codes, flags)
        return bits


def eclat(
    baskets: Baskets, min_count: int, max_length: int | None = None, limit: int | None = None
) -> Itemsets:
    """Return all itemsets that at least ``min_count`` baskets hold.

    Args:
        baskets: the baskets.
        min_count: how many baskets make an itemset frequent, from 1 on.
        max_length: the most items of a set; None for no bound.
        limit: the most itemsets; None for no bound.

    Raises:
        DataError: if there are more than ``limit``.

    >>> found = eclat(Baskets.of([["a", "b"], ["a", "b", "c"], ["c"]]), 2)
    >>> [(level.sets.tolist(), level.counts.tolist()) for level in found.levels]
    [([[0], [1], [2]], [2, 2, 2]), ([[0, 1]], [2])]
    """
    projection = Projection(baskets, min_count)
    most = max_length or len(projection)
    growth = _Growth(min_count, most, limit)
    growth.found = len(projection)
    for code in range(len(projection)) if most > 1 else ():
        known = projection.below(code, with_bits=most > 2)
        growth.add((code,), known.codes[:, None], known.counts)
        if most > 2 and len(known.codes) > 1:
            growth.grow((code,), known)
    return Itemsets(projection.items, len(baskets), (projection.level(), *growth.levels()))


class _Growth:
    """The itemsets of two items and more that were found so far."""

    def __init__(self, min_count: int, max_length: int, limit: int | None):
        self.min_count, self.max_length, self.limit = min_count, max_length, limit
        self.found = 0
        self.kept: list[list[tuple[np.ndarray, np.ndarray]]] = []

    def add(self, prefix: tuple[int, ...], ends: np.ndarray, counts: np.ndarray) -> None:
        """Keep the sets of a prefix with each of some ends, ``(n, 1 or 2)``."""
        if not len(counts):
            return
        self.found += len(counts)
        if self.limit is not None and self.found > self.limit:
            raise DataError("There are more than {limit:,} frequent itemsets. Raise min_support, "
                            "or lower max_length.", limit=self.limit)  # fmt: skip
        length = len(prefix) + ends.shape[1]
        sets = np.empty((len(counts), length), np.int32)
        sets[:, : len(prefix)] = prefix
        sets[:, len(prefix) :] = ends
        while len(self.kept) < length - 1:
            self.kept.append([])
        self.kept[length - 2].append((sets, counts))

    def grow(self, prefix: tuple[int, ...], known: Class) -> None:
        """Find the sets that begin with a prefix and two of a class, and go on with these."""
        size, words = len(known.codes), len(known.bits)
        start = 0
        while start < size - 1:
            stop, pairs = start, 0
            while stop < size - 1 and (not pairs or (pairs + size - stop - 1) * words <= _WORDS):
                pairs += size - stop - 1
                stop += 1
            self._grow_from(prefix, known, start, stop)
            start = stop

    def _grow_from(self, prefix: tuple[int, ...], known: Class, start: int, stop: int) -> None:
        first, second, meet, counts = met(known, start, stop)
        kept = np.flatnonzero(counts >= self.min_count)
        if not len(kept):
            return
        first, second, counts = first[kept], second[kept], counts[kept]
        ends = np.stack([known.codes[first], known.codes[second]], axis=1)
        self.add(prefix, ends, counts)
        if len(prefix) + 2 >= self.max_length:
            return
        meet = np.take(meet, kept, axis=1)
        bounds = np.searchsorted(first, np.arange(start, stop + 1))
        for place, low, high in zip(range(start, stop), bounds.tolist(), bounds[1:].tolist()):
            if high - low > 1:
                deeper = Class(known.codes[second[low:high]], counts[low:high], meet[:, low:high])
                self.grow((*prefix, int(known.codes[place])), deeper)

    def levels(self) -> Iterator[Level]:
        """Yield the sets of 2, 3 ... items."""
        for parts in self.kept:
            sets, counts = zip(*parts)
            yield Level(np.concatenate(sets), np.concatenate(counts))


def met(
    known: Class, start: int, stop: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Intersect items ``start`` to ``stop`` of a class with each one behind them.

    Returns:
        The places of the first and of the second item of each pair, ``(n,)``, the bits of the
        baskets that hold both, ``(words, n)``, and how many these are, ``(n,)``.
    """
    size = len(known.codes)
    lengths = size - 1 - np.arange(start, stop)
    first = np.repeat(np.arange(start, stop), lengths)
    second = np.arange(len(first)) + np.repeat(
        np.arange(start + 1, stop + 1) - (np.cumsum(lengths) - lengths), lengths
    )
    meet = np.take(known.bits, first, axis=1)
    meet &= np.take(known.bits, second, axis=1)
    return first, second, meet, np.bitwise_count(meet).sum(axis=0, dtype=np.int64)
