"""What every benchmark shares: worker processes that speak JSON, medians, tables, machine facts.

A benchmark script is its own worker. The parent starts ``script.py --worker PEER`` once for each
peer; the worker runs the script's ``work(peer)`` generator one step for each line it reads on
stdin and answers with what was yielded, as one line of JSON. So the parent decides whose turn it
is: repetitions of all peers are interleaved, and a slow minute of the machine hits all of them.

The parent imports nothing but the standard library: it stays small, because Linux counts the
parent's memory at the fork into the child's ``ru_maxrss``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import metadata
from typing import Any

PEERS = {
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-tensorflow-tuned": "Keras on TensorFlow, `steps_per_execution=50`",
    "keras-jax": "Keras on JAX",
    "torch": "PyTorch eager",
    "maeum": "Maeum",
}
# Other settings of the same peers, measured where they make a difference.
VARIANTS = {
    "torch-contiguous": "PyTorch eager, contiguous",
    "maeum-fallback": "Maeum, `MAEUM_NATIVE=0`",
    "pandas": "pandas",
    "polars": "Polars",
    "mlxtend-apriori": "mlxtend, `apriori`",
    "mlxtend-fpgrowth": "mlxtend, `fpgrowth`",
    "efficient-apriori": "Efficient-Apriori",
    "gymnasium": "a Python loop over Gymnasium",
    "stable-baselines3": "Stable-Baselines3",
    "torch-cleanrl": "CleanRL's settings in PyTorch",
    "catboost": "CatBoost",
    "lightgbm": "LightGBM",
    "linear": "linear and logistic regression",
}
NAMES = PEERS | VARIANTS
OURS = "maeum"
PLAIN_PEERS = [peer for peer in PEERS if not peer.endswith("tuned")]


class WorkerError(RuntimeError):
    """A worker that ended before it answered."""


class Worker:
    """One process that does the work of one peer, a step at a time."""

    def __init__(self, script: str, peer: str, env: dict[str, str] | None = None):
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        self.process = subprocess.Popen(
            [sys.executable, script, "--worker", peer],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment(peer) | (env or {}),
        )

    def step(self) -> dict[str, Any]:
        """Let the worker do its next step and return what it measured."""
        with contextlib.suppress(BrokenPipeError):
            print(file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise WorkerError(last_error(self.errors.read()))
        return json.loads(line)

    def close(self) -> None:
        """End the worker: it stops when nothing more can come."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def last_error(text: str) -> str:
    """Return the line that names the error in what a process wrote, else its last line."""
    lines = text.strip().splitlines() or ["no message"]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line)]
    return (named or lines)[-1]


def environment(peer: str) -> dict[str, str]:
    """Return a peer's environment: everybody on the CPU, threads as each has them by default."""
    backend = peer.split("-")[1] if peer.startswith("keras-") else "jax"
    native = {"MAEUM_NATIVE": "0"} if peer == "maeum-fallback" else {}
    return os.environ | {
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **native,
    }


def serve(work: Callable[[str], Iterator[dict[str, Any]]], peer: str) -> None:
    """Be the worker: take one step of ``work(peer)`` for each line read."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a framework prints must not get between the answers
    steps = work(peer)
    for _ in sys.stdin:
        answer = next(steps, None)
        if answer is None:
            break
        print(json.dumps(answer), file=channel, flush=True)


def interleaved(
    script: str, options: argparse.Namespace, env: dict[str, str] | None = None
) -> tuple[dict, dict, dict]:
    """Run one long-lived worker for each peer, round by round; ``env`` is added to its environment.

    Returns three dicts by peer: the first, cold step; the list of later steps; and, for a peer
    that could not run, the reason.
    """
    workers, first, later, failed = {}, {}, {}, {}
    try:
        for peer in options.peers:
            workers[peer] = Worker(script, peer, env)
            try:
                first[peer] = workers[peer].step()
                later[peer] = []
            except WorkerError as error:
                failed[peer] = str(error)
        for _ in range(options.rounds):
            for peer, steps in later.items():
                steps.append(workers[peer].step())
    finally:
        for worker in workers.values():
            worker.close()
    return first, later, failed


def fresh(script: str, options: argparse.Namespace) -> tuple[dict, dict, dict]:
    """Like `interleaved`, with a new process for each step; adds its age as ``"process"``.

    The age runs from the start of the process to its answer. Caches start in an empty folder, so
    that the first step of each peer is its first run ever and the later ones find caches warm.
    """
    first, later, failed = {}, {peer: [] for peer in options.peers}, {}
    with tempfile.TemporaryDirectory() as caches:
        for turn in range(options.rounds + 1):
            for peer in list(later):
                start = time.perf_counter()
                worker = Worker(script, peer, {"XDG_CACHE_HOME": caches})
                try:
                    answer = worker.step()
                    answer["process"] = time.perf_counter() - start
                    if turn:
                        later[peer].append(answer)
                    else:
                        first[peer] = answer
                except WorkerError as error:
                    failed[peer] = str(error)
                    del later[peer]
                finally:
                    worker.close()
    return first, later, failed


def median(steps: Iterable[dict[str, Any]], key: str) -> float:
    """Return the median of one measurement over the steps."""
    from statistics import median as middle

    return middle(step[key] for step in steps)


def compared(
    later: dict[str, list], key: str, unit: str, required: dict[str, str] | None = None
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: median, range, times Maeum's, and what is required of that."""
    ours = median(later[OURS], key) if OURS in later else None
    rows = []
    for peer, steps in later.items():
        middle = median(steps, key)
        lowest, highest = (f(step[key] for step in steps) for f in (min, max))
        ratio = times(middle / ours) if ours else "-"
        rows.append(
            [
                NAMES[peer],
                quantity(middle, unit),
                f"{quantity(lowest, unit)} - {quantity(highest, unit)}",
                ratio,
                (required or {}).get(peer, ""),
            ]
        )
    return ["", "median", "lowest - highest", "times Maeum's", "required"], rows


def grid(
    steps: dict[str, list], columns: Sequence[str], unit: str = "ms"
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: a row for each peer, a column for each measurement.

    How many times Maeum's the others are stands in brackets.
    """
    rows = []
    for peer, measured in steps.items():
        row = [NAMES[peer]]
        for column in columns:
            value = median(measured, column)
            ratio = ""
            if OURS in steps and peer != OURS:
                ratio = f" ({times(value / median(steps[OURS], column))})"
            row.append(quantity(value, unit) + ratio)
        rows.append(row)
    return ["", *columns], rows


def times(ratio: float) -> str:
    """Write a ratio: ``25x``, ``3.1x``, ``0.47x``."""
    return f"{ratio:.{0 if ratio >= 20 else 1 if ratio >= 1 else 2}f}x"


def quantity(value: float, unit: str) -> str:
    """Write seconds as ``unit`` ("s", "ms") or bytes as "MB".

    >>> quantity(0.0213, "ms")
    '21.3 ms'
    """
    scaled = value * {"s": 1, "ms": 1e3, "MB": 1e-6}[unit]
    digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2 if scaled >= 1 else 3
    return f"{scaled:.{digits}f} {unit}"


def table(title: str, heads: list[str], rows: list[list[str]], failed: dict[str, str]) -> None:
    """Print a Markdown table under its title, and below it who could not run and why."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("| --- " + "| ---: " * (len(heads) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    for peer, reason in failed.items():
        print(f"\n{NAMES.get(peer, peer)} did not run: {reason}")
    sys.stdout.flush()


def machine() -> str:
    """Describe the machine and the versions that are compared, in two lines."""
    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as lines:
        cpu = next((s.split(":")[1].strip() for s in lines if s.startswith("model name")), cpu)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    versions = [f"Python {platform.python_version()}"]
    for package in (
        "maeum",
        "jax",
        "keras",
        "tensorflow",
        "tensorflow-cpu",
        "torch",
        "numpy",
        "mlxtend",
        "efficient-apriori",
        "gymnasium",
        "stable-baselines3",
        "catboost",
        "lightgbm",
    ):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(f"{package} {metadata.version(package)}")
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}, load {load:.1f} before the run.\n"
        f"{', '.join(versions)}."
    )


def options(description: str, rounds: int, peers: Iterable[str]) -> argparse.Namespace:
    """Read the command line that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="repetitions of each peer")
    parser.add_argument("--peers", nargs="+", choices=NAMES, default=list(peers), metavar="PEER")
    parser.add_argument("--worker", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


def main(
    script: str,
    work: Callable[[str], Iterator[dict[str, Any]]],
    report: Callable[[argparse.Namespace], None],
    rounds: int,
    peers: Iterable[str] = PEERS,
) -> None:
    """Be the worker when asked to, else the parent that prints the report."""
    chosen = options(sys.modules["__main__"].__doc__ or script, rounds, peers)
    if chosen.worker:
        serve(work, chosen.worker)
    else:
        report(chosen)
