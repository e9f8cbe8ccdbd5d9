"""Make a table of shopping baskets to try `maeum rules` on.

    python examples/make_baskets.py          # writes examples/baskets.csv
    maeum rules examples/baskets.csv

Three thousand receipts of a shop, a row for each product on one: some things go together, the rest
is chance.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

RECEIPTS = 3000
PRODUCTS = [
    "bread",
    "butter",
    "milk",
    "tea",
    "sugar",
    "coffee",
    "cheese",
    "ham",
    "eggs",
    "apples",
    "bananas",
    "jam",
    "honey",
    "yoghurt",
    "cereal",
    "rice",
    "pasta",
    "tomatoes",
    "onions",
    "garlic",
    "oil",
    "wine",
    "beer",
    "crisps",
    "nappies",
    "wipes",
    "soap",
    "shampoo",
]
TOGETHER = [
    "bread butter jam", "pasta tomatoes garlic oil", "nappies wipes beer", "cereal milk bananas",
    "ham cheese wine", "soap shampoo", "tea honey", "coffee sugar",
]  # fmt: skip


def table(seed: int = 1) -> pd.DataFrame:
    """Return the table."""
    rng = np.random.default_rng(seed)
    often = np.arange(1, len(PRODUCTS) + 1) ** -0.6
    rows = []
    for number in range(RECEIPTS):
        size = rng.integers(1, 5)
        found = rng.choice(PRODUCTS, size, replace=False, p=often / often.sum()).tolist()
        for group in TOGETHER:
            if rng.random() < 0.08:
                found += [product for product in group.split() if rng.random() < 0.8]
        rows += [(f"R{10_000 + number}", product) for product in dict.fromkeys(found)]
    return pd.DataFrame(rows, columns=["receipt", "product"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a table of shopping baskets.")
    default = Path(__file__).with_name("baskets.csv")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    given = parser.parse_args()
    table().to_csv(given.file, index=False)
    print(f"{given.file}: {RECEIPTS} receipts")


if __name__ == "__main__":
    main()
