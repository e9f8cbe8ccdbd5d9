"""What is learnt of MNIST: the small CNN with dropout, the same seeds, a round for each seed.

The 10,000 digits of t10k-*.gz, which MAEUM_DATA (or its folder mnist) holds, are divided into 8,500
to train and 1,500 to test with; 12 epochs in batches of 128.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import common

TRAIN, EPOCHS, DROPOUT = 8_500, 12, 0.5
FILES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    x, y = digits()
    recipe = replace(pictures.CNN, dropout=DROPOUT)
    yield {}  # a first step without a seed, so that there are as many seeds as rounds
    seed = 0
    while True:
        set_seed(peer, seed)
        network = peers.make(peer, recipe)
        start = time.perf_counter()
        network.fit((x[:TRAIN], y[:TRAIN]), epochs=EPOCHS)
        seconds = time.perf_counter() - start
        right = network.predict(x[TRAIN:]).argmax(1) == y[TRAIN:]
        yield {"seed": seed, "accuracy": float(right.mean()), "seconds": seconds}
        seed += 1


def set_seed(peer: str, seed: int) -> None:
    if peer.startswith("torch"):
        import torch

        torch.manual_seed(seed)
    elif peer.startswith("maeum"):
        import maeum

        maeum.utils.set_random_seed(seed)
    else:
        import keras

        keras.utils.set_random_seed(seed)


def digits() -> tuple[Any, Any]:
    """Return pictures (10000, 28, 28, 1) from 0 to 1 and labels, in an order drawn once for all."""
    import numpy as np

    folder = Path(os.environ.get("MAEUM_DATA", "."))
    places = [place for place in (folder, folder / "mnist") if (place / FILES[0]).is_file()]
    if not places:
        raise RuntimeError(f"set MAEUM_DATA to the folder that holds {' and '.join(FILES)}")
    raw = [gzip.decompress((places[0] / name).read_bytes()) for name in FILES]
    x = np.frombuffer(raw[0], np.uint8, offset=16).reshape(-1, 28, 28, 1).astype("float32") / 255
    y = np.frombuffer(raw[1], np.uint8, offset=8).astype("int32")
    order = np.random.default_rng(2026).permutation(len(x))
    return x[order], y[order]


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    later = {peer: steps for peer, steps in later.items() if steps}
    averages = {peer: mean(step["accuracy"] for step in later[peer]) for peer in later}
    rows = []
    for peer, steps in later.items():
        points = 100 * (averages[peer] - averages.get(common.OURS, float("nan")))
        rows.append(
            [
                common.NAMES[peer],
                *(f"{step['accuracy']:.2%}" for step in steps),
                f"{averages[peer]:.2%}",
                f"{points:+.2f} points" if peer != common.OURS else "",
                common.quantity(common.median(steps, "seconds"), "s"),
            ]
        )
    seeds = [f"seed {seed}" for seed in range(options.rounds)]
    heads = ["", *seeds, "mean", "beside Maeum", "training"]
    title = f"MNIST, {TRAIN:,} digits to train and 1,500 to test with, {EPOCHS} epochs: accuracy"
    common.table(title, heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=["keras-jax", "maeum"])
