"""Frequent itemsets and rules of 10,000 baskets of 200 items, at a support of 1%, up to triples.

The baskets are drawn as those of IBM's Quest generator are: a basket holds parts of patterns, some
of which are more popular than others, and single items whose frequencies follow Zipf's law. All
peers begin with the same lists of items, and find the same itemsets and rules.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common

BASKETS, ITEMS, SUPPORT, LENGTH, CONFIDENCE = 10_000, 200, 0.01, 3, 0.5
PEERS = ("mlxtend-apriori", "mlxtend-fpgrowth", "efficient-apriori", "maeum")


def draw(seed: int = 0) -> list[list[str]]:
    """Return the baskets (Agrawal and Srikant, 1994, section 4.1)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    weights = np.arange(1, ITEMS + 1) ** -0.8
    weights /= weights.sum()
    sizes = np.maximum(2, rng.poisson(3, 100))
    patterns = [rng.choice(ITEMS, size, replace=False, p=weights) for size in sizes]
    popular = rng.exponential(size=len(patterns))
    popular /= popular.sum()
    taken = rng.choice(len(patterns), (BASKETS, 20), p=popular).tolist()
    alone = rng.choice(ITEMS, (BASKETS, 20, 2), p=weights).tolist()
    baskets = []
    for size, chosen, singles in zip(rng.poisson(10, BASKETS).tolist(), taken, alone):
        basket: set[int] = set()
        for place, single in zip(chosen, singles):
            pattern = patterns[place]
            basket.update(pattern[rng.random(len(pattern)) < 0.7].tolist(), single)
            if len(basket) >= size:
                break
        baskets.append([f"item {item}" for item in sorted(basket)])
    return baskets


def work(peer: str) -> Iterator[dict]:
    baskets = draw()
    while True:
        start = time.perf_counter()
        if peer == "maeum":
            from maeum.classics import association_rules, frequent_itemsets

            found = frequent_itemsets(baskets, SUPPORT, LENGTH)
            itemsets, middle = len(found), time.perf_counter()
            rules = len(association_rules(found, "confidence", CONFIDENCE))
        elif peer == "efficient-apriori":
            from efficient_apriori import generate_rules_apriori, itemsets_from_transactions

            sets, number = itemsets_from_transactions(map(tuple, baskets), SUPPORT, LENGTH)
            itemsets, middle = sum(map(len, sets.values())), time.perf_counter()
            rules = len(list(generate_rules_apriori(sets, CONFIDENCE, number)))
        else:
            import pandas as pd
            from mlxtend import frequent_patterns
            from mlxtend.preprocessing import TransactionEncoder

            find = getattr(frequent_patterns, peer.removeprefix("mlxtend-"))
            encoder = TransactionEncoder()
            flags = pd.DataFrame(encoder.fit_transform(baskets), columns=encoder.columns_)
            found = find(flags, min_support=SUPPORT, use_colnames=True, max_len=LENGTH)
            itemsets, middle = len(found), time.perf_counter()
            rules = len(frequent_patterns.association_rules(found, min_threshold=CONFIDENCE))
        end = time.perf_counter()
        yield {"itemsets": middle - start, "with rules": end - start, "counts": [itemsets, rules]}


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    counts = {tuple(step["counts"]) for step in first.values()}
    assert len(counts) == 1, f"the peers find different numbers of itemsets and rules: {counts}"
    itemsets, rules = counts.pop()
    title = (f"{BASKETS:,} baskets of {ITEMS} items, support {SUPPORT}, up to {LENGTH} items: "
             f"{itemsets:,} itemsets, {rules:,} rules (confidence {CONFIDENCE})")  # fmt: skip
    heads, rows = common.grid(later, ["itemsets", "with rules"])
    common.table(title, heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=PEERS)
