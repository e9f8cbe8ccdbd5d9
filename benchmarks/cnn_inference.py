"""Inference of the small CNN: 10,000 pictures in batches, and one picture at a time.

PyTorch works channels last unless it says contiguous.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common
from predict_one import typical

ROWS = 10_000
BATCHES = {f"{ROWS:,} pictures, batch {size}": size for size in (32, 128, 1024)}
ONE = {"one picture, `predict`": "predict", "one picture, the fastest call": "fastest"}


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    network = peers.make(peer, pictures.CNN)
    x = pictures.CNN.data(ROWS, seed=1)[0]
    calls = {"predict": network.predict, "fastest": network.fastest_predict()}
    while True:
        measured = {}
        for case, size in BATCHES.items():
            start = time.perf_counter()
            network.predict(x, batch_size=size)
            measured[case] = time.perf_counter() - start
        for case, way in ONE.items():
            measured[case] = typical(lambda call=calls[way]: call(x[:1]))
        yield measured


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    once = {peer: [step] for peer, step in first.items()}
    common.table("Inference of the small CNN: first calls", *common.grid(once, BATCHES), failed)
    columns = [*BATCHES, *ONE]
    common.table("Inference of the small CNN: later calls", *common.grid(later, columns), failed)


if __name__ == "__main__":
    peers = [*common.PEERS, "torch-contiguous"]
    common.main(__file__, work, report, rounds=5, peers=peers)
