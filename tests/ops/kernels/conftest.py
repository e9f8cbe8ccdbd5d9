"""Windows by hand (what each tap of each window sees), and runs on each instruction set."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

from maeum import native


@pytest.fixture
def by_instruction_set(tmp_path, monkeypatch):
    """Return a function of a script: the arrays that it writes on each set, the best set last.

    The script gets the path of a ``.npz`` file to write, and what ``instruction_set`` is to be.
    """

    def run(script):
        order = ["plain", "avx2", "avx512"]
        results = []
        for instructions in order[: order.index(native.status().instruction_set) + 1]:
            path = tmp_path / f"{instructions}.npz"
            if instructions == native.status().instruction_set:  # that of this process
                with monkeypatch.context() as patch:
                    patch.setattr(sys, "argv", ["", str(path), instructions])
                    exec(script, {})
            else:
                done = subprocess.run(
                    [sys.executable, "-c", script, str(path), instructions],
                    env=os.environ | {"MAEUM_NATIVE": instructions},
                    capture_output=True,
                    text=True,
                )
                assert done.returncode == 0, done.stderr
            results.append(np.load(path))
        return results

    return run


@pytest.fixture(scope="session")
def sources():
    """Return a function of sizes and a window: (windows, taps) places, -1 in the padding."""

    def find(sizes, window):
        rows = []
        for at in itertools.product(*map(range, window.output_sizes(sizes))):
            row = []
            for tap in itertools.product(*map(range, window.size)):
                place = [
                    i * s + t * d - low
                    for i, t, s, d, (low, _) in zip(
                        at, tap, window.strides, window.dilation, window.pads
                    )
                ]
                inside = all(0 <= p < n for p, n in zip(place, sizes))
                row.append(np.ravel_multi_index(place, sizes) if inside else -1)
            rows.append(row)
        return np.array(rows)

    return find
