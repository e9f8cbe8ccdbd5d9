"""One training step of well-known networks on 64x64x3, in batches of 16: ResNet-50 and MobileNet.

Everybody trains with Adam, with accuracy; Keras's networks come from `keras.applications`. PyTorch
works channels last unless it says contiguous.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common

STEPS = 12
CASES = {"ResNet-50": "RESNET50", "MobileNet": "MOBILENET"}


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    networks = {case: peers.make(peer, getattr(pictures, name)) for case, name in CASES.items()}
    train = pictures.RESNET50.data(STEPS * pictures.RESNET50.batch, seed=1)
    while True:
        measured = {}
        for case, network in networks.items():
            start = time.perf_counter()
            network.fit(train)
            measured[case] = (time.perf_counter() - start) / STEPS
        yield measured


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    for case in CASES:
        heads, rows = common.compared(later, case, "ms")
        for row, peer in zip(rows, later):
            row[-1] = common.quantity(first[peer][case] * STEPS, "s")
        title = f"{case} on 64x64x3, batch 16: one step of an epoch of {STEPS}"
        common.table(title, [*heads[:-1], "first call of fit"], rows, failed)


if __name__ == "__main__":
    peers = [*common.PLAIN_PEERS, "torch-contiguous"]
    common.main(__file__, work, report, rounds=3, peers=peers)
