"""The time of one prediction for one row, as a server or a notebook would ask for it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import common

CALLS = 100


def work(peer: str) -> Iterator[dict]:
    from peers import CHURN, make

    network = make(peer, CHURN)
    row = CHURN.data(1, seed=1)[0]
    ways = {"predict": network.predict, "fastest": network.fastest_predict()}
    while True:
        yield {way: typical(lambda call=call: call(row)) for way, call in ways.items()}


def typical(call: Callable[[], object]) -> float:
    """Return the median time of a call: a server's pauses are not what is asked."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[CALLS // 2]


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    for way, title, required in (
        ("predict", "`model.predict(x, verbose=0)`", {"maeum": "under 0.2 ms"}),
        ("fastest", "the fastest call that each offers", {}),
    ):
        heads, rows = common.compared(later, way, "ms", required)
        common.table(f"One row through the churn network: {title}", heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=common.PLAIN_PEERS)
