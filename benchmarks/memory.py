"""The peak of resident memory of a process that trains the churn network."""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Iterator

import common

REQUIRED = {"keras-tensorflow": "2x"}


def work(peer: str) -> Iterator[dict]:
    from peers import CHURN, churn_data, make

    train, validation = churn_data()
    make(peer, CHURN).fit(train, validation, epochs=5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield {"peak": peak * (1 if sys.platform == "darwin" else 1024)}


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.fresh(__file__, options)
    heads, rows = common.compared(later, "peak", "MB", REQUIRED)
    common.table("Peak memory of the churn training's process", heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=common.PLAIN_PEERS)
