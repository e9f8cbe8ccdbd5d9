"""Every instruction set takes the same steps, to rounding."""

import numpy as np
import pytest

from maeum import native

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)

# 37 units fill no vector; 19 rows are tiles of several sizes.
SCRIPT = """
import sys
import jax, numpy as np
from maeum import native
from maeum.ops.kernels import compiled_recurrence as way
from maeum.ops.kernels.recurrence import Sequences

assert native.status().instruction_set == sys.argv[2]
rng = np.random.default_rng(0)
numbers = lambda *shape: rng.normal(0, 0.4, shape).astype("f")
x, h, c, mask = numbers(19, 6, 5), numbers(19, 37), numbers(19, 37), rng.random((19, 6)) < 0.7
functions = {
    "tanh": (37, (37,), lambda w, u, b: way.simple_rnn(Sequences(x, w, u, b, mask), h, "tanh")),
    "relu": (37, (37,), lambda w, u, b: way.simple_rnn(Sequences(x, w, u / 3, b, mask), h, "relu")),
    "lstm": (148, (148,), lambda w, u, b: way.lstm(Sequences(x, w, u, b, mask), h, c)),
    "gru": (111, (2, 111), lambda w, u, b: way.gru(Sequences(x, w, u, b, mask), h)),
}
results = {}
for name, (columns, bias, function) in functions.items():
    y, transpose = jax.vjp(function, numbers(5, columns), numbers(37, columns), numbers(*bias))
    arrays = (*y, *transpose(y))
    results.update({f"{name} {i}": np.asarray(a) for i, a in enumerate(arrays)})
np.savez(sys.argv[1], **results)
"""


def test_all_instruction_sets_compute_the_same(by_instruction_set):
    *others, best = by_instruction_set(SCRIPT)
    for older in others:
        for name in best.files:
            wanted = best[name]
            scale = max(1, np.abs(wanted).max())
            np.testing.assert_allclose(older[name], wanted, atol=2e-5 * scale, err_msg=name)
