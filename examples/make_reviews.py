"""Make a table of invented reviews of a café to try `maeum train` on.

    python examples/make_reviews.py            # writes examples/reviews.csv
    maeum train examples/reviews.csv --text review --target label

Each sentence praises or blames one thing; a review is what most of its sentences say. Some deny
what they seem to say ("not bad at all"), and one in twenty has the wrong label, as in life.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

THINGS = ["coffee", "cake", "music", "service", "view", "soup", "bread", "tea", "waiter", "terrace"]
GOOD = [
    "wonderful",
    "fresh",
    "friendly",
    "charming",
    "perfect",
    "warm",
    "a delight",
    "not bad at all",
]
BAD = ["cold", "dull", "slow", "far too loud", "stale", "a shame", "overpriced", "not good at all"]
FORMS = [
    "The {thing} was {word}.", "I found the {thing} {word}.", "And the {thing}? {word}!",
    "My sister called the {thing} {word}.", "Today the {thing} was {word}.",
]  # fmt: skip
ROWS = 1500


def reviews(seed: int = 0) -> list[tuple[str, str, str]]:
    """Return rows of a day, a review and its label."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(ROWS):
        praised = rng.random(rng.choice([1, 3, 5])) < rng.choice([0.15, 0.85])
        sentences = [
            str(rng.choice(FORMS)).format(
                thing=rng.choice(THINGS), word=rng.choice(GOOD if good else BAD)
            )
            for good in praised
        ]
        liked = (praised.mean() > 0.5) != (rng.random() < 0.05)
        day = np.datetime64("2025-01-01") + number // 4
        rows.append((str(day), " ".join(sentences), "liked" if liked else "disliked"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a table of reviews.")
    default = Path(__file__).with_name("reviews.csv")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other reviews")
    given = parser.parse_args()
    with given.file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("day", "review", "label"), *reviews(given.seed)])
    print(f"{given.file}: {ROWS} reviews")


if __name__ == "__main__":
    main()
