"""One epoch of the course's churn network with validation, once everything is warm."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common

EPOCHS = 5  # in one call of fit, so that the call's own cost counts as it does in practice
REQUIRED = {"keras-tensorflow": "25x", "keras-jax": "5x", "torch": "6x"}


def work(peer: str) -> Iterator[dict]:
    from peers import CHURN, churn_data, make

    train, validation = churn_data()
    network = make(peer, CHURN)
    while True:
        start = time.perf_counter()
        values = network.fit(train, validation, epochs=EPOCHS)
        yield {"epoch": (time.perf_counter() - start) / EPOCHS, **values}


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    heads, rows = common.compared(later, "epoch", "ms", REQUIRED)
    # What was learned by the end: a peer that did less work would show it here.
    for row, steps in zip(rows, later.values()):
        row.append(f"{steps[-1]['val_loss']:.3f}")
    common.table(
        "Churn network 30-128-64-32-1, batch 10: one epoch with validation",
        [*heads, "validation loss"],
        rows,
        failed,
    )


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=7)
