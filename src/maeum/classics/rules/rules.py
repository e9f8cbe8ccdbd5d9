"""Rules: the two sides of an itemset, and the measures of how much one says about the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from maeum.classics.rules.chance import adjusted, hypergeometric_tail
from maeum.classics.rules.itemsets import Itemsets
from maeum.core.errors import DataError

Codes = tuple[int, ...]


@dataclass(frozen=True)
class Rules:
    """Rules "baskets with A also hold C", with what they are measured by.

    Attributes:
        itemsets: what they were made from.
        antecedents: the codes of A, for each rule.
        consequents: the codes of C, for each rule.
        counts: how many baskets hold A and C, ``(n,)``.
        antecedent_counts: how many hold A.
        consequent_counts: how many hold C.
        improvement: how much the confidence is above that of the best rule with a part of A, the
            empty one included, whose confidence is the support of C (Bayardo and others, 1999).
        p_values: of Fisher's exact test, one-sided.
        adjusted: these, for all the rules that were looked at (`chance.adjusted`).
    """

    itemsets: Itemsets
    antecedents: list[Codes]
    consequents: list[Codes]
    counts: np.ndarray
    antecedent_counts: np.ndarray
    consequent_counts: np.ndarray
    improvement: np.ndarray
    p_values: np.ndarray
    adjusted: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def baskets(self) -> int:
        """How many baskets there are."""
        return self.itemsets.baskets

    @cached_property
    def support(self) -> np.ndarray:
        """The fraction of the baskets that hold A and C."""
        return self.counts / self.baskets

    @cached_property
    def confidence(self) -> np.ndarray:
        """The fraction of the baskets with A that hold C."""
        return self.counts / self.antecedent_counts

    @cached_property
    def lift(self) -> np.ndarray:
        """How many times as often C is in baskets with A as in all: 1 says nothing."""
        expected = self.antecedent_counts.astype(float) * self.consequent_counts
        return self.counts * float(self.baskets) / expected

    @cached_property
    def leverage(self) -> np.ndarray:
        """The support beyond what it were if A and C had nothing to do with each other."""
        expected = self.antecedent_counts / self.baskets * (self.consequent_counts / self.baskets)
        return self.support - expected

    @cached_property
    def conviction(self) -> np.ndarray:
        """How many times as often C were missing beside A by chance; infinite if it never is."""
        missing = 1 - self.consequent_counts / self.baskets
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.counts == self.antecedent_counts, np.inf,
                            missing / (1 - self.confidence))  # fmt: skip

    def names(self, codes: Codes) -> list[str]:
        """Return the names of items, in the order of the alphabet."""
        return sorted(str(self.itemsets.items[code]) for code in codes)

    def take(self, places: np.ndarray) -> Rules:
        """Return some of the rules."""
        return Rules(
            self.itemsets,
            [self.antecedents[i] for i in places.tolist()],
            [self.consequents[i] for i in places.tolist()],
            *(getattr(self, name)[places] for name in _NUMBERS),
        )

    def best_first(self) -> Rules:
        """Return the rules with the greatest lift first, then those with the most confidence."""
        return self.take(np.lexsort((-self.counts, -self.confidence, -self.lift)))


_NUMBERS = ("counts", "antecedent_counts", "consequent_counts", "improvement", "p_values",
            "adjusted")  # fmt: skip


def rules_of(
    itemsets: Itemsets,
    keep: Callable[[Rules], np.ndarray],
    max_length: int | None = None,
    limit: int | None = None,
) -> Rules:
    """Return the rules of all itemsets, in every direction.

    Args:
        itemsets: the frequent itemsets.
        keep: tells which of some rules are kept, ``(n,)`` of bool.
        max_length: the most items that were looked for; by the longest set if None.
        limit: the most rules that are kept; None for no bound.

    Raises:
        DataError: if there are more than ``limit``.
    """
    longest = min(max_length or max(len(itemsets.levels), 2), max(len(itemsets.items), 2))
    found: list[Rules] = []
    count = 0
    for length in range(2, len(itemsets.levels) + 1):
        for mask in range(1, 2**length - 1):
            kept = _part(itemsets, *_sides(mask, length), keep, longest)
            count += len(kept)
            if limit is not None and count > limit:
                raise DataError("There are more than {limit:,} rules. Raise min_confidence or "
                                "min_lift, or lower max_length.", limit=limit)  # fmt: skip
            found.append(kept)
    numbers = ([getattr(part, name) for part in found] for name in _NUMBERS)
    return Rules(
        itemsets,
        [each for part in found for each in part.antecedents],
        [each for part in found for each in part.consequents],
        *(np.concatenate(parts) if parts else np.zeros(0) for parts in numbers),
    )


def _part(
    itemsets: Itemsets,
    left: list[int],
    right: list[int],
    keep: Callable[[Rules], np.ndarray],
    longest: int,
) -> Rules:
    """Return the rules that are kept of those whose sides are at the same places of the sets."""
    length = len(left) + len(right)
    sets, counts = itemsets.levels[length - 1]
    one, other = itemsets.count(sets[:, left]), itemsets.count(sets[:, right])
    best = other / itemsets.baskets
    for part in range(1, 2 ** len(left) - 1):
        shorter = [left[i] for i in _sides(part, len(left))[0]]
        both = itemsets.count(sets[:, sorted(shorter + right)])
        best = np.maximum(best, both / itemsets.count(sets[:, shorter]))
    unknown = np.zeros(len(sets))
    measured = Rules(itemsets, [], [], counts, one, other, counts / one - best, unknown, unknown)
    places = np.flatnonzero(keep(measured))
    sets, counts, one, other = sets[places], counts[places], one[places], other[places]
    p_values = hypergeometric_tail(counts, one, other, itemsets.baskets)
    return Rules(
        itemsets,
        list(map(tuple, sets[:, left].tolist())),
        list(map(tuple, sets[:, right].tolist())),
        counts,
        one,
        other,
        measured.improvement[places],
        p_values,
        adjusted(p_values, length, len(itemsets.items), longest),
    )


def _sides(mask: int, length: int) -> tuple[list[int], list[int]]:
    """Divide the places of a set: those whose bit is set, and the others.

    >>> _sides(0b101, 4)
    ([0, 2], [1, 3])
    """
    places = range(length)
    return [i for i in places if mask >> i & 1], [i for i in places if not mask >> i & 1]
