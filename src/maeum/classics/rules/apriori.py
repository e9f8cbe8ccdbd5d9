"""Apriori: frequent itemsets level by level, with every step in sight.

An itemset can only be frequent if all its parts are. So the candidates of ``k`` items are made
from the frequent sets of ``k - 1``: two that differ in their last item are joined. Candidates with
a part that is not frequent are pruned, the others counted.

It is here to be read and shown; `eclat` finds the same sets much faster.

Source: R. Agrawal, R. Srikant: Fast algorithms for mining association rules, VLDB 1994.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, groupby, pairwise
from operator import and_

import numpy as np

from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.itemsets import Itemsets, Level

Set = tuple[int, ...]  # codes of items, rising


@dataclass(frozen=True)
class Step:
    """What Apriori does with the candidates of one length.

    Attributes:
        joined: how many candidates there are.
        pruned: those with a part that is not frequent, and that part; they are not counted.
        counted: how many baskets hold each of the others.
        frequent: those that enough baskets hold.
    """

    joined: int
    pruned: dict[Set, Set]
    counted: dict[Set, int]
    frequent: dict[Set, int]


def join(frequent: list[Set]) -> Iterator[Set]:
    """Yield the candidates of one item more: the joins of two sets with the same beginning.

    >>> list(join([(0, 1), (0, 2), (0, 3), (1, 2)]))
    [(0, 1, 2), (0, 1, 3), (0, 2, 3)]
    """
    for start, sets in groupby(frequent, lambda each: each[:-1]):
        for one, other in combinations([each[-1] for each in sets], 2):
            yield (*start, one, other)


def rare_part(candidate: Set, frequent: dict[Set, int]) -> Set | None:
    """Return a part with one item less that is not frequent; None if all are.

    >>> rare_part((0, 1, 3), {(0, 1): 5, (0, 3): 4}), rare_part((0, 1), {(0,): 9, (1,): 7})
    ((1, 3), None)
    """
    parts = combinations(candidate, len(candidate) - 1)
    return next((part for part in parts if part not in frequent), None)


def steps(
    baskets: Baskets, min_count: int, max_length: int | None = None, most: int | None = None
) -> Iterator[Step]:
    """Yield the steps for 1, 2, 3 ... items, until nothing is frequent any more.

    Args:
        baskets: the baskets; the codes of the steps are theirs.
        min_count: how many baskets make an itemset frequent.
        max_length: the most items of a set; None for no bound.
        most: the most candidates of a step; one with more is not begun. None for no bound.
    """
    holders = _holders(baskets)
    single: dict[Set, int] = {(code,): held.bit_count() for code, held in enumerate(holders)}
    frequent = {one: count for one, count in single.items() if count >= min_count}
    yield Step(len(single), {}, single, frequent)
    length = 1
    while frequent and length != max_length:
        length += 1
        known = sorted(frequent)
        if most is not None and _joins(known) > most:
            return
        pruned: dict[Set, Set] = {}
        counted: dict[Set, int] = {}
        for candidate in join(known):
            rare = rare_part(candidate, frequent)
            if rare is not None:
                pruned[candidate] = rare
            else:
                counted[candidate] = reduce(and_, (holders[code] for code in candidate)).bit_count()
        frequent = {each: count for each, count in counted.items() if count >= min_count}
        if pruned or counted:
            yield Step(len(pruned) + len(counted), pruned, counted, frequent)


def apriori(baskets: Baskets, min_count: int, max_length: int | None = None) -> Itemsets:
    """Return what `eclat` does, by the steps of Apriori.

    >>> found = apriori(Baskets.of([["a", "b"], ["a", "b", "c"], ["c"]]), 2)
    >>> [(level.sets.tolist(), level.counts.tolist()) for level in found.levels]
    [([[0], [1], [2]], [2, 2, 2]), ([[0, 1]], [2])]
    """
    counts = baskets.counts
    order = [code for code in np.argsort(counts, kind="stable").tolist()
             if counts[code] >= min_count]  # fmt: skip
    rank = {code: place for place, code in enumerate(order)}
    levels: list[Level] = []
    for step in steps(baskets, min_count, max_length):
        ranked = sorted(
            (sorted(rank[code] for code in each), count) for each, count in step.frequent.items()
        )
        if ranked or not levels:
            width = len(ranked[0][0]) if ranked else 1
            sets = np.array([each for each, _count in ranked], np.int32).reshape(-1, width)
            levels.append(Level(sets, np.array([count for _each, count in ranked], np.int64)))
    return Itemsets(tuple(baskets.items[code] for code in order), len(baskets), tuple(levels))


def _holders(baskets: Baskets) -> list[int]:
    """Return the baskets that hold each item, as the bits of a whole number."""
    holders = []
    by_item = np.argsort(baskets.codes, kind="stable")
    basket = np.repeat(np.arange(len(baskets)), baskets.sizes)[by_item]
    bounds = np.concatenate([[0], np.cumsum(baskets.counts)]).tolist()
    for low, high in pairwise(bounds):
        flags = np.zeros(len(baskets), bool)
        flags[basket[low:high]] = True
        holders.append(int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little"))
    return holders


def _joins(frequent: list[Set]) -> int:
    """Return how many candidates `join` gives."""
    sizes = (len(list(sets)) for _start, sets in groupby(frequent, lambda each: each[:-1]))
    return sum(size * (size - 1) // 2 for size in sizes)
