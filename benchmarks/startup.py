"""A whole process, from its start to 20 trained epochs of the churn network; and the imports."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import common

EPOCHS = 20
REQUIRED = {"keras-tensorflow": "8x", "torch": "2x"}
MODULES = {"keras-tensorflow": "keras", "keras-jax": "keras", "torch": "torch", "maeum": "maeum"}
TIMED = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def work(peer: str) -> Iterator[dict]:
    from peers import CHURN, churn_data, make

    train, validation = churn_data()
    yield make(peer, CHURN).fit(train, validation, epochs=EPOCHS)


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.fresh(__file__, options)
    heads, rows = common.compared(later, "process", "s", REQUIRED)
    for row, peer in zip(rows, later):
        row.append(common.quantity(first[peer]["process"], "s"))
    common.table(
        f"Process start to {EPOCHS} trained epochs of the churn network, caches warm",
        [*heads, "the first run, caches cold"],
        rows,
        failed,
    )
    imports(options)


def imports(options: argparse.Namespace) -> None:
    """Print how long each peer's import takes in a fresh process."""
    later, failed = {peer: [] for peer in options.peers if peer in MODULES}, {}
    for turn in range(options.rounds + 1):
        for peer in list(later):
            run = python(peer, "-c", TIMED.format(MODULES[peer]))
            if run.returncode:
                failed[peer] = run.stderr.strip().splitlines()[-1]
                del later[peer]
            elif turn:  # the first one reads the files into memory
                later[peer].append({"import": float(run.stdout)})
    required = {"keras-tensorflow": "3x", "keras-jax": "3x", "maeum": "under 0.6 s"}
    heads, rows = common.compared(later, "import", "s", required)
    for row, peer in zip(rows, later):
        row[0] = f"`import {MODULES[peer]}`" + (f" ({row[0]})" if "keras" in peer else "")
    common.table("Import, in a fresh process", heads, rows, failed)
    if common.OURS in later:
        print(f"\nWhere Maeum's import spends its time: {dearest(common.OURS)}.")


def dearest(peer: str, count: int = 6) -> str:
    """Name the packages whose own code costs the most, from Python's ``-X importtime``."""
    run = python(peer, "-X", "importtime", "-c", f"import {MODULES[peer]}")
    spent: Counter[str] = Counter()
    for line in run.stderr.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            spent[rest.split("|")[-1].strip().partition(".")[0]] += int(own)
    return ", ".join(f"{name} {own / 1000:.0f} ms" for name, own in spent.most_common(count))


def python(peer: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = common.environment(peer)
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3)
