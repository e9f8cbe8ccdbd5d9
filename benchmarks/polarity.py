"""Accuracy on rt-polarity: 10,662 sentences of film reviews, positive and negative.

Ten folds fixed by a seed, no word vectors from outside. The data are Pang and Lee's sentence
polarity set, version 1.0 (two files, Latin-1); nothing is fetched: give their folder, or let
MAEUM_DATA name it.

    python benchmarks/polarity.py --data FOLDER --network bag
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

from maeum.text import TextLines
from maeum.texts.data import TextData
from maeum.texts.encoding import make_encoder
from maeum.texts.options import NETWORKS, TextOptions
from maeum.texts.training import train_on

FOLDS = 10


def load(folder: Path) -> tuple[list[str], np.ndarray]:
    """Return the sentences, and 1 for each positive one."""
    parts = [list(TextLines(folder / f"rt-polarity.{end}", "latin-1")) for end in ("neg", "pos")]
    return [*parts[0], *parts[1]], np.repeat([0, 1], [len(part) for part in parts])


def fold_data(
    texts: list[str], labels: np.ndarray, test: np.ndarray, options: TextOptions
) -> TextData:
    """Return the data of a fold: a tenth of what is not for its test decides when to stop."""
    rest = np.setdiff1d(np.arange(len(texts)), test)
    rest = np.random.default_rng(options.seed).permutation(rest)
    validation, train = np.split(rest, [len(rest) // 10])
    rows = {"train": train, "validation": validation, "test": test}
    known = [texts[i] for i in train]
    options = options.resolved(len(train))
    encoder = make_encoder(known, options)
    return TextData("rt-polarity", texts, labels, ["negative", "positive"], rows, encoder, None,
                    None, options, [], {})  # fmt: skip


def main() -> None:
    """Train on nine folds and test on the tenth, ten times; print each and the mean."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    found = os.environ.get("MAEUM_DATA", ".")
    parser.add_argument("--data", type=Path, default=Path(found), help="the folder of the files")
    parser.add_argument("--network", choices=NETWORKS, default="bag")
    parser.add_argument("--folds", type=int, default=FOLDS, help="compute so many of the ten")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    folder = given.data if (given.data / "rt-polarity.pos").exists() else given.data / "text"
    texts, labels = load(folder)
    order = np.random.default_rng(given.seed).permutation(len(texts))
    options = TextOptions(network=given.network, seed=given.seed)
    scores = []
    for number, test in enumerate(np.array_split(order, FOLDS)[: given.folds], start=1):
        began = time.perf_counter()
        run = train_on(fold_data(texts, labels, test, options), report=False).run
        scores.append(run.hits / len(run.truth))
        print(
            f"fold {number:2}: {scores[-1]:.2%} of {len(test)}, best epoch {run.best_epoch + 1} of "
            f"{len(run.history['loss'])}, {time.perf_counter() - began:.1f} s",
            flush=True,
        )
    spread = np.std(scores, ddof=1) if len(scores) > 1 else 0.0
    print(f"mean of {len(scores)} folds: {np.mean(scores):.2%} (deviation {spread:.2%})")


if __name__ == "__main__":
    main()
