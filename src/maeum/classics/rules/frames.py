"""Itemsets and rules as pandas frames, with the names that users of mlxtend know."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.classics.rules.apriori import apriori
from maeum.classics.rules.baskets import Baskets, least_count
from maeum.classics.rules.eclat import eclat
from maeum.classics.rules.itemsets import Itemsets, Level
from maeum.classics.rules.rules import Rules, rules_of
from maeum.core.checks import check_choice, check_whole, is_number
from maeum.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("support", "confidence", "lift", "leverage", "conviction", "improvement")


def frequent_itemsets(
    baskets: Any,
    min_support: float = 0.1,
    max_length: int | None = None,
    *,
    algorithm: str = "eclat",
    limit: int | None = 1_000_000,
) -> pd.DataFrame:
    """Return the sets of items that many baskets hold.

    Args:
        baskets: lists of items; a DataFrame or an array of 0 and 1 (or False and True) with a
            column for each item; or a DataFrame of two columns, basket and item, with a row for
            each item in a basket. An item that occurs again in a basket counts once, missing ones
            do not count, and an empty list is a basket, too.
        min_support: the fraction of the baskets that must hold a set, above 0, up to 1; from 2 on
            it is a number of baskets.
        max_length: the most items of a set; None for no bound.
        algorithm: ``"eclat"``, or ``"apriori"``, which finds the same, more slowly.
        limit: the most itemsets that Eclat looks for; None for no bound.

    Returns:
        A row for each set: ``support`` (the fraction of the baskets), ``count`` (their number) and
        ``itemsets`` (frozensets). Single items come first, and of each length the most frequent.

    Raises:
        DataError: for data that are no baskets; if there are more than ``limit`` sets.
        ConfigError: for a support of 0 (every combination would be frequent) or above 1, and a
            length below 1.

    Source: Zaki (2000) for Eclat, Agrawal and Srikant (1994) for Apriori.

    >>> found = frequent_itemsets([["bread", "butter"], ["bread", "butter", "milk"], ["milk"]], 0.6)
    >>> [(sorted(items), count) for items, count in zip(found["itemsets"], found["count"])]
    [(['bread'], 2), (['butter'], 2), (['milk'], 2), (['bread', 'butter'], 2)]
    """
    known = Baskets.of(baskets)
    check_choice(algorithm, ("eclat", "apriori"), "algorithm")
    for name, value in (("max_length", max_length), ("limit", limit)):
        if value is not None:
            check_whole(value, name)
    least = least_count(min_support, len(known))
    found = (
        eclat(known, least, max_length, limit)
        if algorithm == "eclat"
        else apriori(known, least, max_length)
    )
    return frame_of_itemsets(found)


def association_rules(
    itemsets: pd.DataFrame, metric: str = "confidence", min_threshold: float = 0.8
) -> pd.DataFrame:
    """Return the rules "baskets with A also hold C" of frequent itemsets, the greatest lift first.

    Args:
        itemsets: what `frequent_itemsets` returned, whole: the rules need the parts of each set.
        metric: what a rule must reach: ``"support"``, ``"confidence"``, ``"lift"``,
            ``"leverage"``, ``"conviction"`` or ``"improvement"``.
        min_threshold: how much of it.

    Returns:
        A row for each rule, with

        - ``antecedents`` A and ``consequents`` C, frozensets, and the ``antecedent support`` and
          ``consequent support``, fractions of the baskets;
        - ``support``: the fraction of the baskets that hold A and C;
        - ``confidence``: the fraction of the baskets with A that hold C;
        - ``lift``: how many times as often C is in baskets with A as in all of them;
        - ``leverage``: the support beyond what it were by chance;
        - ``conviction``: how many times as often C were missing beside A by chance; infinite if it
          never is;
        - ``improvement``: how much the confidence is above that of the best rule with a part of A,
          or with none; at 0 or below, A says no more than its part does;
        - ``p_value`` of Fisher's exact test, one-sided, and ``adjusted_p``, the same for all rules
          that can be formed of the frequent items (Webb, 2008).

    Raises:
        DataError: if the frame is not one of `frequent_itemsets`, or lacks parts of a set.
        ConfigError: for a metric that there is not.

    >>> sets = frequent_itemsets([["tea", "cup"], ["tea", "cup"], ["tea"], ["milk"]], 0.25)
    >>> rules = association_rules(sets, metric="confidence", min_threshold=0.9)
    >>> [(*a, *c, lift) for a, c, lift in zip(rules.antecedents, rules.consequents, rules.lift)]
    [('cup', 'tea', 1.3333333333333333)]
    """
    check_choice(metric, MEASURES, "metric")
    if not is_number(min_threshold) or min_threshold != min_threshold:
        raise ConfigError("min_threshold is a number; got {value!r}.", value=min_threshold)
    found = rules_of(_itemsets_of(itemsets), lambda rules: getattr(rules, metric) >= min_threshold)
    return frame_of_rules(found.best_first())


def frame_of_itemsets(found: Itemsets) -> pd.DataFrame:
    """Return itemsets as `frequent_itemsets` does."""
    import pandas as pd

    sets: list[frozenset[Hashable]] = []
    counts: list[np.ndarray] = []
    for level in found.levels:
        order = np.argsort(-level.counts, kind="stable")
        rows = level.sets[order].tolist()
        sets += [frozenset(found.items[code] for code in row) for row in rows]
        counts.append(level.counts[order])
    count = np.concatenate(counts) if counts else np.zeros(0, np.int64)
    return pd.DataFrame({
        "support": count / max(found.baskets, 1),
        "count": count,
        "itemsets": pd.Series(sets, dtype=object),
    })  # fmt: skip


def frame_of_rules(rules: Rules) -> pd.DataFrame:
    """Return rules as `association_rules` does, in their order."""
    import pandas as pd

    items, n = rules.itemsets.items, max(rules.baskets, 1)

    def sides(all_codes: list[tuple[int, ...]]) -> pd.Series:
        named = [frozenset(items[code] for code in codes) for codes in all_codes]
        return pd.Series(named, dtype=object)

    return pd.DataFrame({
        "antecedents": sides(rules.antecedents),
        "consequents": sides(rules.consequents),
        "antecedent support": rules.antecedent_counts / n,
        "consequent support": rules.consequent_counts / n,
        "support": rules.support,
        "confidence": rules.confidence,
        "lift": rules.lift,
        "leverage": rules.leverage,
        "conviction": rules.conviction,
        "improvement": rules.improvement,
        "p_value": rules.p_values,
        "adjusted_p": rules.adjusted,
    })  # fmt: skip


def _itemsets_of(frame: Any) -> Itemsets:
    """Return what a frame of `frequent_itemsets` says."""
    lacking = {"support", "count", "itemsets"} - set(getattr(frame, "columns", ()))
    if lacking:
        raise DataError("Rules are made from what frequent_itemsets returned; this has no column "
                        "{names}.", names=", ".join(sorted(map(repr, lacking))))  # fmt: skip
    if not len(frame):
        return Itemsets((), 1, ())
    sets, counts = frame["itemsets"].tolist(), frame["count"].to_numpy(np.int64)
    baskets = round(float(counts[0]) / float(frame["support"].iloc[0]))
    singles = {next(iter(s)): int(c) for s, c in zip(sets, counts) if len(s) == 1}
    order = sorted(singles, key=lambda item: singles[item])
    rank = {item: code for code, item in enumerate(order)}
    longest = max(map(len, sets))
    levels = []
    try:
        for length in range(1, longest + 1):
            rows = sorted(
                (sorted(rank[item] for item in s), int(c))
                for s, c in zip(sets, counts.tolist()) if len(s) == length
            )  # fmt: skip
            codes = np.array([row for row, _count in rows], np.int32).reshape(-1, length)
            levels.append(Level(codes, np.array([count for _row, count in rows], np.int64)))
        found = Itemsets(tuple(order), baskets, tuple(levels))
        for level in levels[1:]:
            for place in range(level.sets.shape[1]):
                if (found.find(np.delete(level.sets, place, axis=1)) < 0).any():
                    raise KeyError(place)
    except KeyError:
        raise DataError("Some parts of the itemsets are missing, so their rules cannot be "
                        "measured; give all that frequent_itemsets returned, and choose among the "
                        "rules instead.") from None  # fmt: skip
    return found
