"""Larger dense networks: is the speed that of one shape, or of any; and what does waiting cost?

The first call of fit includes all compiling; so may the first on another number of rows. Later
ones show the epoch itself: alone, with validation, with early stopping, and with a batch hook
that reads the loss.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import common

ROWS, OTHER_ROWS, VALIDATION_ROWS = 10_000, 7_000, 2_000  # none is a multiple of the batch
CASES = {
    "WIDE": "784-512-512-10, batch 128, 10,000 rows",
    "WIDE_NORMALIZED": "784-512-512-10 with batch normalization, batch 128, 10,000 rows",
}
OTHER = f"{OTHER_ROWS:,} rows"
COLUMNS = ("epoch", "with validation", "with early stopping", "with a batch hook", OTHER)


def work(peer: str) -> Iterator[dict]:
    import peers

    networks = {case: peers.make(peer, getattr(peers, case)) for case in CASES}
    while True:
        yield {case: measure(network) for case, network in networks.items()}


def measure(network: Any) -> dict[str, float]:
    """Time one epoch in each of the ways, in the order of the columns."""
    data = network.network.data(ROWS, seed=1)
    other = network.network.data(OTHER_ROWS, seed=1)
    validation = network.network.data(VALIDATION_ROWS, seed=2)
    losses: list[float] = []
    return {
        "epoch": timed(network, data),
        "with validation": timed(network, data, validation),
        "with early stopping": timed(network, data, validation, early_stopping=True),
        "with a batch hook": timed(network, data, on_batch=losses.append),
        OTHER: timed(network, other),
    }


def timed(network: Any, *arguments: Any, **options: Any) -> float:
    start = time.perf_counter()
    network.fit(*arguments, **options)
    return time.perf_counter() - start


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    for case, title in CASES.items():
        once = {peer: [step[case]] for peer, step in first.items()}
        common.table(f"{title}: first calls", *common.grid(once, COLUMNS), failed)
        steps = {peer: [step[case] for step in steps] for peer, steps in later.items()}
        common.table(f"{title}: later calls", *common.grid(steps, COLUMNS), failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5)
