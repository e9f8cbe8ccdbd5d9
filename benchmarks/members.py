"""One epoch of 32 members of the course's churn network in one program, beside one member's."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import common

MEMBERS = 32
EPOCHS = 4  # in one call, so that the call's own cost counts as it does in practice
REQUIRED = 10  # times one member's epoch at most


def work(peer: str) -> Iterator[dict]:
    import maeum as mm
    from maeum.training import fit_members
    from peers import CHURN, churn_data

    def network(seed: int) -> mm.Model:
        model = CHURN.model(mm)
        model.reseed(seed)
        model.compile("adam", CHURN.loss, metrics=["accuracy"])
        return model

    (x, y), _ = churn_data()
    alone, members = network(0), [network(seed) for seed in range(MEMBERS)]

    def seconds(train: object) -> float:
        began = time.perf_counter()
        train()
        return (time.perf_counter() - began) / EPOCHS

    while True:
        # In turn, so that a slow minute of the machine hits both.
        one = seconds(lambda: alone.fit(x, y, batch_size=CHURN.batch, epochs=EPOCHS, verbose=0))
        many = seconds(lambda: fit_members(members, x, y, batch_size=CHURN.batch, epochs=EPOCHS))
        yield {"one": one, "many": many, "ratio": many / one}


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    rows = [
        [
            common.NAMES[peer],
            common.quantity(common.median(steps, "one"), "ms"),
            common.quantity(common.median(steps, "many"), "ms"),
            common.times(common.median(steps, "ratio")),
            f"at most {REQUIRED}x",
        ]
        for peer, steps in later.items()
    ]
    heads = ["", "one member", f"{MEMBERS} members", "times one's", "required"]
    common.table("Churn network 30-128-64-32-1, batch 10: one epoch", heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=7, peers=[common.OURS])
