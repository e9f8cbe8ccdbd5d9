"""One training step of a small CNN within an ordinary epoch: alone, and in its usual variants.

28x28x1, 32 and 64 filters of 3x3, max-pooling, 128 dense units, Adam, with accuracy. The first call
of fit includes all compiling. PyTorch works channels last unless it says contiguous.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import common

STEPS, VALIDATION_ROWS = 60, 2_000
CASES = {
    "batch 128": "CNN",
    "with validation": "CNN",
    "batch normalization": "CNN_NORMALIZED",
    "dropout": "CNN_DROPOUT",
    "batch 32": "CNN_32",
    "batch 16": "CNN_16",
}


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    made = {name: peers.make(peer, getattr(pictures, name)) for name in set(CASES.values())}
    train = {name: pictures.CNN.data(STEPS * made[name].network.batch, seed=1) for name in made}
    validation = pictures.CNN.data(VALIDATION_ROWS, seed=2)
    while True:
        yield {
            case: step(made[name], train[name], validation if "validation" in case else None)
            for case, name in CASES.items()
        }


def step(network: Any, train: Any, validation: Any = None) -> float:
    """Return the seconds that an epoch takes, for each of its steps."""
    start = time.perf_counter()
    network.fit(train, validation)
    return (time.perf_counter() - start) / STEPS


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    title = f"A small CNN on 28x28x1, an epoch of {STEPS} steps: time for each step"
    once = {peer: [step] for peer, step in first.items()}
    common.table(f"{title}, first calls", *common.grid(once, CASES), failed)
    common.table(f"{title}, later calls", *common.grid(later, CASES), failed)


if __name__ == "__main__":
    peers = [*common.PEERS, "torch-contiguous"]
    common.main(__file__, work, report, rounds=5, peers=peers)
