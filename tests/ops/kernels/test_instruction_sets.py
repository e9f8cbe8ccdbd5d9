"""What works on channels by themselves computes the same with every instruction set."""

import os
import subprocess
import sys

import numpy as np
import pytest

from maeum import native

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)

# 127 channels are a block of every width that there is, and 3 that fill none.
SCRIPT = """
import sys
from dataclasses import replace
import jax, numpy as np
from maeum import native
from maeum.ops.kernels import compiled, compiled_normalization, compiled_pooling
from maeum.ops.windows import resolve

status = native.status()
assert len(sys.argv) == 2 or status.instruction_set == sys.argv[2], status
rng = np.random.default_rng(0)
results = {}
for c in 127, 5, 2:
    x, kernel, v = (rng.normal(size=s).astype("f") for s in ((3, 9, 13, c), (3, 3, 1, c), c))
    window = resolve((9, 13), (3, 3), (2, 1), "same", (1, 1), c)
    functions = {
        "max": lambda x, k, v: compiled_pooling.max_pool(x, window),
        "sum": lambda x, k, v: compiled_pooling.sum_pool(x, window),
        "depthwise": lambda x, k, v: compiled.convolve(
            x, k, v, replace(window, groups=x.shape[-1]), True
        ),
        "norm": lambda x, k, v: compiled_normalization.batch_normalize(x, v, v, 1e-3, True)[0],
    }
    for name, function in functions.items():
        y, transpose = jax.vjp(function, x, kernel, v)
        dy = rng.normal(size=y.shape).astype("f")
        for i, a in enumerate((y, *transpose(dy))):
            results[f"{name} {c} {i}"] = np.asarray(a)
np.savez(sys.argv[1], **results)
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return a function: the results that one of the instruction sets gives."""
    folder = tmp_path_factory.mktemp("results")

    def compute(*instructions):
        path = folder / f"{'-'.join(instructions) or 'best'}.npz"
        if not path.exists() and not instructions:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sys, "argv", ["", str(path)])
                exec(SCRIPT, {})
        elif not path.exists():
            env = os.environ | {"MAEUM_NATIVE": instructions[0]}
            command = [sys.executable, "-c", SCRIPT, str(path), *instructions]
            done = subprocess.run(command, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return np.load(path)

    return compute


@pytest.mark.parametrize("instructions", ["avx2", "plain"])
def test_an_older_instruction_set_computes_the_same(instructions, results):
    best = results()
    order = ["plain", "avx2", "avx512"]
    if order.index(instructions) > order.index(native.status().instruction_set):
        pytest.skip(f"this processor has no {instructions}")
    older = results(instructions)
    for name in best.files:
        wanted = best[name]
        np.testing.assert_allclose(
            older[name], wanted, atol=1e-5 * max(1, np.abs(wanted).max()), err_msg=name
        )
