"""From a table to its rules: how rare is frequent, how much there will be, and what is best."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from maeum.classics.rules.apriori import apriori
from maeum.classics.rules.baskets import Baskets, least_count
from maeum.classics.rules.eclat import eclat
from maeum.classics.rules.estimate import Estimate, estimate
from maeum.classics.rules.itemsets import Itemsets
from maeum.classics.rules.options import BasketReading, RuleOptions
from maeum.classics.rules.reading import ReadBaskets, read_baskets
from maeum.classics.rules.rules import Rules, rules_of
from maeum.core.errors import DataError
from maeum.core.files import write_atomically
from maeum.core.messages import _

ERRORS = 0.05  # a rule whose adjusted p-value is below this is beyond chance
IMPROVEMENT = 0.05  # of the confidence, from which on a longer rule says more than a shorter one
_SUPPORTS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
_PAIRS = 100  # that are frequent, if the support is chosen by the data
_RAREST = 5  # baskets that make something frequent then, at least
_SIGNS = (" + ", "; ", " | ", " & ", " / ")
FILES = {"rules": "rules.csv", "itemsets": "itemsets.csv", "report": "report.html"}


@dataclass(frozen=True)
class FoundRules:
    """The rules of a table.

    Attributes:
        read: the baskets, and what was recognised.
        options: what was looked for, ``min_support`` as it was chosen.
        chosen: whether ``min_support`` was chosen by the data.
        min_count: how many baskets make an itemset frequent.
        expected: how many itemsets were expected.
        itemsets: the frequent itemsets.
        rules: the rules, the greatest lift first.
        seconds: how long it took to find them, reading not counted.
    """

    read: ReadBaskets
    options: RuleOptions
    chosen: bool
    min_count: int
    expected: Estimate
    itemsets: Itemsets
    rules: Rules
    seconds: float

    @property
    def baskets(self) -> Baskets:
        """The baskets."""
        return self.read.baskets

    @cached_property
    def beyond_chance(self) -> np.ndarray:
        """Which rules are found so often that chance is no explanation, ``(n,)`` of bool."""
        return self.rules.adjusted < ERRORS

    @cached_property
    def says_more(self) -> np.ndarray:
        """Which rules say clearly more than each shorter one, ``(n,)`` of bool."""
        return self.rules.improvement >= IMPROVEMENT

    def best(self, most: int) -> Rules:
        """Return rules to begin with: beyond chance, no two of the same items.

        They say one thing each: C is one item, and of the directions of a rule the one with the
        most confidence is taken. A rule whose confidence is hardly above that of a shorter one is
        left to the whole list.
        """
        rules = self.rules
        plain = np.array([len(codes) == 1 for codes in rules.consequents], bool)
        ever_wider = (
            self.beyond_chance & self.says_more & plain,
            self.says_more & plain,
            plain,
            np.ones(len(rules), bool),
        )
        order = next((np.flatnonzero(each) for each in ever_wider if each.any()), plain[:0])
        taken: dict[frozenset[int], int] = {}
        for place in order.tolist():
            items = frozenset(rules.antecedents[place] + rules.consequents[place])
            if items not in taken and len(taken) == most:
                continue
            known = taken.setdefault(items, place)
            if rules.confidence[place] > rules.confidence[known]:
                taken[items] = place
        return rules.take(np.array(list(taken.values()), int)).best_first()


def find_rules(
    source: Any,
    reading: BasketReading | None = None,
    options: RuleOptions | None = None,
    say: Callable[[str], None] = lambda said: None,
) -> FoundRules:
    """Find the rules of a table of baskets.

    Args:
        source: the path of a file, several of them, or a DataFrame.
        reading: how it is read.
        options: what is looked for.
        say: is told what is being done, and how much there will be.

    Raises:
        DataError: for a table without baskets, and if there would be too many itemsets.
        ConfigError: for a support that makes no sense.
    """
    options = options or RuleOptions()
    read = read_baskets(source, reading)
    baskets = read.baskets
    say(told(read))
    for note in read.notes:
        say(f"  {note}")
    start = time.perf_counter()
    chosen = options.min_support is None
    if chosen:
        options = replace(options, min_support=usual_support(baskets, options))
    assert options.min_support is not None
    min_count = least_count(options.min_support, len(baskets))
    expected = estimate(baskets, min_count, options.max_length)
    say(_said_of_support(chosen, min_count, baskets, expected))
    if expected.total > 2 * options.limit:  # where it is close, the search itself decides
        raise _too_many(baskets, min_count, expected, options)
    if options.algorithm == "apriori":
        itemsets = apriori(baskets, min_count, options.max_length)
    else:
        itemsets = eclat(baskets, min_count, options.max_length, options.limit)
    rules = rules_of(
        itemsets,
        lambda found: (
            (found.confidence >= options.min_confidence) & (found.lift >= options.min_lift)
        ),
        options.max_length,
        options.limit,
    ).best_first()
    seconds = time.perf_counter() - start
    return FoundRules(read, options, chosen, min_count, expected, itemsets, rules, seconds)


def usual_support(baskets: Baskets, options: RuleOptions) -> float:
    """Return the greatest round support that makes a hundred pairs frequent, but not too many sets.

    It is not below that of five baskets, or of two where there are few.

    >>> usual_support(Baskets.of([["a", "b"]] * 3 + [["a"]] * 7), RuleOptions())
    0.2
    """
    n = len(baskets)
    rarest = _RAREST if n >= 20 * _RAREST else 2
    chosen = 1.0
    for support in _SUPPORTS:
        count = least_count(support, n)
        if count < rarest:
            break
        expected = estimate(baskets, count, options.max_length)
        if expected.total > options.limit / 10 and chosen < 1:
            break
        chosen = support
        if len(expected.lengths) > 1 and expected.lengths[1] >= _PAIRS:
            break
    return chosen


def told(read: ReadBaskets) -> str:
    """Say how many baskets and items there are."""
    from maeum.classics.rules.reading import BASKETS, ITEMS

    baskets = read.baskets
    return _("{name}: {baskets}, {items}, {mean:.1f} items in a basket on average",
             name=read.name, baskets=BASKETS.count(len(baskets)),
             items=ITEMS.count(len(baskets.items)),
             mean=float(baskets.sizes.mean()))  # fmt: skip


def _said_of_support(chosen: bool, least: int, baskets: Baskets, expected: Estimate) -> str:
    from maeum.classics.rules.reading import BASKETS

    said = _("Frequent is what at least {least} hold ({support:.3g}%)",
             least=BASKETS.count(least), support=100 * least / len(baskets))  # fmt: skip
    if chosen:
        said += _(", chosen by the data (--min-support)")
    pairs = expected.lengths[1] if len(expected.lengths) > 1 else 0
    return said + _(": {items:,} items, about {pairs:,} pairs, about {total:,} itemsets ({memory})",
                    items=int(expected.lengths[0]) if expected.lengths else 0, pairs=_rough(pairs),
                    total=_rough(expected.total), memory=_bytes(expected.memory))  # fmt: skip


def _rough(number: float) -> int:
    """Return a number with two digits that say something, as an estimate deserves."""
    return int(float(f"{number:.2g}"))


def _bytes(number: float) -> str:
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 1000 or unit == "GB":
            return f"{number:,.1f} {unit}"
    raise AssertionError


def _too_many(
    baskets: Baskets, min_count: int, expected: Estimate, options: RuleOptions
) -> DataError:
    """Say how many there would be, and what would do."""
    count, total = min_count, expected.total
    while total > options.limit / 2 and count < len(baskets):
        count = min(int(count * 1.5) + 1, len(baskets))
        total = estimate(baskets, count, options.max_length).total
    lengths = np.cumsum(expected.lengths)
    longest = int((lengths <= options.limit / 2).sum())
    return DataError("There would be about {total} frequent itemsets, which need {memory}, and "
                     "--limit allows {limit:,}. --min-support {support:.3g} gives about {fewer:,}; "
                     "or lower --max-length (to {length}).",
                     total=f"{expected.total:.2g}" if expected.total > 1e9
                     else f"{_rough(expected.total):,}", memory=_bytes(expected.memory),
                     limit=options.limit, support=count / len(baskets), fewer=_rough(total),
                     length=max(longest, 1))  # fmt: skip


def write_tables(found: FoundRules, folder: Path) -> dict[str, Path]:
    """Write ``rules.csv`` and ``itemsets.csv``, and return their paths.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.classics.rules.frames import frame_of_itemsets, frame_of_rules

    names = [str(item) for item in found.itemsets.items]
    sign = next((s for s in _SIGNS if not any(s.strip() in name for name in names)), _SIGNS[0])
    rules, itemsets = frame_of_rules(found.rules), frame_of_itemsets(found.itemsets)
    rules.insert(2, "count", found.rules.counts)
    paths = {}
    for what, frame in (("rules", rules), ("itemsets", itemsets)):
        for column in frame.columns.intersection(["antecedents", "consequents", "itemsets"]):
            frame[column] = [sign.join(sorted(map(str, each))) for each in frame[column]]
        frame.columns = [name.replace(" ", "_") for name in frame.columns]
        text = frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        paths[what] = folder / FILES[what]
        write_atomically(paths[what], text.encode("utf-8", "surrogateescape"))
    return paths
