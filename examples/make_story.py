"""Make a long text of simple stories, from which a network can learn to write in seconds.

python examples/make_story.py            # writes examples/story.txt
maeum train examples/story.txt
maeum generate maeum-story/model.maeum --prompt "Once "
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

WHO = [
    "a fox",
    "an old king",
    "the miller",
    "a girl",
    "the moon",
    "a sparrow",
    "the baker",
    "a boy",
]
WHERE = ["in the wood", "by the river", "on a hill", "near the mill", "under a bridge", "at home"]
WHAT = ["a golden ring", "some bread", "an apple", "a letter", "a lost shoe", "the key", "a map"]
DID = ["found {what}", "gave away {what}", "looked for {what}", "dreamt of {what}", "hid {what}"]
END = ["and was glad", "and sang all night", "but told nobody", "and went to sleep", "and laughed"]
STORIES = 800


def story(rng: np.random.Generator) -> str:
    """Return a story of a few sentences about somebody."""
    who = str(rng.choice(WHO))
    lines = [f"Once {who} lived {rng.choice(WHERE)}."]
    for _ in range(rng.integers(1, 4)):
        did = str(rng.choice(DID)).format(what=rng.choice(WHAT))
        lines.append(f"{who.capitalize()} {did} {rng.choice(WHERE)} {rng.choice(END)}.")
    return " ".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a text of simple stories.")
    default = Path(__file__).with_name("story.txt")
    parser.add_argument("file", nargs="?", type=Path, default=default)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other stories")
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    given.file.write_text("\n".join(story(rng) for _ in range(STORIES)) + "\n", encoding="utf-8")
    print(f"{given.file}: {STORIES} stories")


if __name__ == "__main__":
    main()
