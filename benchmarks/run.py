"""Run the benchmarks, or those that are named, and print Markdown for docs/performance.md.

    python benchmarks/run.py [--rounds N] [--peers PEER ...] [--only churn_epoch predict_one ...]

Best on a machine with nothing else to do: PyTorch's threads wait for one another, so that a
neighbour slows it far more than the others. How busy the neighbours were is printed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import common

BENCHMARKS = (
    *("churn_epoch", "startup", "predict_one", "memory", "wide_epoch", "members"),
    *("second_model", "checkpoints"),
    *("convolutions", "cnn_step", "residual_step", "applications_step", "cnn_inference", "gan"),
    *("feeding", "mnist_accuracy", "table_reading"),
    *("recurrent_step", "transformer_step", "shakespeare", "generation"),
    *("word2vec", "forecasting", "polarity", "eclat", "tuner", "tables"),
    *("tabular_rl", "ppo"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure Maeum beside its peers.")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS, metavar="NAME")
    chosen, rest = parser.parse_known_args()
    print(common.machine(), flush=True)
    failed = 0
    for name in chosen.only:
        script = Path(__file__).with_name(f"{name}.py")
        before, start = neighbours(), time.perf_counter()
        failed |= subprocess.run([sys.executable, str(script), *rest]).returncode
        share = (neighbours() - before) / (time.perf_counter() - start) / (os.cpu_count() or 1)
        print(f"\n({name}: other processes took {max(share, 0):.0%} of the machine meanwhile.)")
    return failed


def neighbours() -> float:
    """Return the processor seconds that others than our own workers have taken, ever (Linux)."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    except OSError:
        return 0.0
    ticks = [int(field) for field in fields]
    busy = sum(ticks[:3]) / os.sysconf("SC_CLK_TCK")  # user, nice, system
    own = os.times()
    return busy - own.children_user - own.children_system


if __name__ == "__main__":
    sys.exit(main())
