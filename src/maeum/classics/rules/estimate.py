"""How many frequent itemsets there will be, before they are looked for.

Itemsets grow by one item, as the branches of a tree do. Probes go down the tree, each time by a
branch that is drawn, and weigh what they see by how unlikely they were to come there.

Source: D. E. Knuth: Estimating the efficiency of backtrack programs, Mathematics of Computation
29, 1975.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.eclat import Class, Projection

PROBES = 100
_PAIRS = 2000  # of a class that are looked at
_ENOUGH = 1e15


class Estimate(NamedTuple):
    """How many frequent itemsets there are about.

    Attributes:
        lengths: of 1, 2, 3 ... items; the first number is exact, and the second one, too, where
            there are no more than `PROBES` frequent items.
    """

    lengths: tuple[float, ...]

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.lengths)

    @property
    def memory(self) -> float:
        """The bytes that the itemsets take."""
        return sum(n * (4 * length + 8) for length, n in enumerate(self.lengths, start=1))


def estimate(
    baskets: Baskets, min_count: int, max_length: int | None = None, seed: int = 0
) -> Estimate:
    """Return how many itemsets at least ``min_count`` baskets hold, about.

    >>> estimate(Baskets.of([["a", "b"], ["a", "b", "c"], ["c"]]), 2)
    Estimate(lengths=(3.0, 1.0))
    """
    projection = Projection(baskets, min_count)
    items = len(projection)
    rng = np.random.default_rng(seed)
    codes = np.arange(items)
    if items > PROBES:
        codes = rng.choice(items, PROBES, replace=False)
    found: list[float] = [float(items)]
    if max_length != 1:
        for code in codes.tolist():
            known = projection.below(code, with_bits=max_length != 2)
            _add(found, 2, len(known.codes) * items / len(codes))
            if max_length != 2:
                _probe(known, items / len(codes), min_count, max_length, found, rng)
    return Estimate(tuple(n for n in found if n))


def _probe(
    known: Class,
    weight: float,
    min_count: int,
    max_length: int | None,
    found: list[float],
    rng: np.random.Generator,
) -> None:
    """Go down from a class, and add what is seen to the numbers of each length."""
    length = 2
    while (size := len(known.codes)) > 1 and length != max_length and weight < _ENOUGH:
        length += 1
        first, second = _pairs(size, rng)
        meet = np.take(known.bits, first, axis=1) & np.take(known.bits, second, axis=1)
        hits = np.flatnonzero(np.bitwise_count(meet).sum(axis=0, dtype=np.int64) >= min_count)
        pairs = size * (size - 1) / 2 * len(hits) / len(first)
        if not len(hits):
            return
        _add(found, length, weight * pairs)
        chosen = int(first[rng.choice(hits)])
        meet = known.bits[:, chosen + 1 :] & known.bits[:, chosen : chosen + 1]
        counts = np.bitwise_count(meet).sum(axis=0, dtype=np.int64)
        kept = np.flatnonzero(counts >= min_count)
        weight *= pairs / len(kept)
        known = Class(known.codes[chosen + 1 :][kept], counts[kept], np.take(meet, kept, axis=1))


def _pairs(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of a class, or some of them."""
    if size * (size - 1) // 2 <= _PAIRS:
        return np.triu_indices(size, 1)
    first, second = rng.integers(0, size, (2, _PAIRS))
    apart = first != second
    return np.minimum(first, second)[apart], np.maximum(first, second)[apart]


def _add(found: list[float], length: int, n: float) -> None:
    while len(found) < length:
        found.append(0.0)
    found[length - 1] += n
