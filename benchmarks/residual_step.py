"""One training step of the small residual network (32 layers) on 28x28x1, in batches of 128.

Everybody trains the network of `maeum.applications.SmallResNet` with Adam, with accuracy. PyTorch
works channels last unless it says contiguous.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common

STEPS = 20


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    network = peers.make(peer, pictures.SMALL_RESNET)
    train = pictures.SMALL_RESNET.data(STEPS * network.network.batch, seed=1)
    while True:
        start = time.perf_counter()
        values = network.fit(train)
        yield {"step": (time.perf_counter() - start) / STEPS, **values}


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    heads, rows = common.compared(later, "step", "ms")
    for row, peer in zip(rows, later):
        row[-1] = common.quantity(first[peer]["step"] * STEPS, "s")
        row.append(f"{later[peer][-1]['loss']:.3f}")
    common.table(
        f"Small residual network on 28x28x1, batch 128: one step of an epoch of {STEPS}",
        [*heads[:-1], "first call of fit", "loss"],
        rows,
        failed,
    )


if __name__ == "__main__":
    peers = [*common.PEERS, "torch-contiguous"]
    common.main(__file__, work, report, rounds=5, peers=peers)
