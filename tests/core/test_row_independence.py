"""Whether a program computes each row from that row alone is read off it, and never wrong."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum import layers, ops
from maeum.core.row_independence import rows_are_independent

W = np.ones((3, 4), "float32")


def proved(function):
    one, two = (jax.make_jaxpr(function)(jnp.ones((n, 3))) for n in (31, 64))
    return rows_are_independent(one, two, 31)


BY_ROW = {
    "product": lambda x: x @ W,
    "softmax": lambda x: jax.nn.softmax(x, -1),
    "centred": lambda x: x - x.mean(1, keepdims=True),
    "flattened": lambda x: (x.reshape(-1) * 2).reshape(x.shape),
    "time first": lambda x: (x.T.reshape(-1) * 2).reshape(3, -1).T,
    "transposed": lambda x: (x.T * 2).T,
    "sorted": lambda x: jnp.sort(x, 1),
    "running sum": lambda x: jnp.cumsum(x, 1),
    "padded": lambda x: jnp.pad(jnp.concatenate([x, x], 1), ((0, 0), (1, 1))),
    "outer": lambda x: jnp.einsum("bi,bj->bij", x, x),
    "indexed": lambda x: x[:, None, ::-1],
    "one-hot": lambda x: jax.nn.one_hot(x.astype(int)[:, 0], 5),
    "looked up": lambda x: jnp.take(W, x.astype(int), axis=0),
    "taken along": lambda x: jnp.take_along_axis(x, jnp.argsort(x, 1), 1),
    "scan": lambda x: jax.lax.scan(lambda c, t: (c + t, c * t), jnp.zeros(len(x)), x.T)[1].T,
    "mapped": jax.vmap(lambda row: row @ W),
    "with zeros": lambda x: jnp.zeros((len(x), 2)) + x[:, :2],
    "largest": lambda x: jax.lax.top_k(x, 2)[0],
    "stacked": lambda x: jnp.tile(jnp.stack([x, x], 1), (1, 2, 1)),
    "rolled": lambda x: jnp.roll(jnp.split(x, 3, axis=1)[0], 1, 1),
    "branches": lambda x: jax.lax.cond(jnp.sum(W) > 0, lambda a: a + 1, lambda a: a * 2, x),
}
MIXED = {
    "centred": lambda x: x - x.mean(0),
    "gram": lambda x: x @ x.T,
    "softmax": lambda x: jax.nn.softmax(x, 0),
    "running sum": lambda x: jnp.cumsum(x, 0),
    "reversed": lambda x: x[::-1],
    "by how many": lambda x: x * x.shape[0],
    "by a share": lambda x: x / jnp.float32(len(x)),
    "numbered": lambda x: x + jnp.arange(len(x))[:, None],
    "twice": lambda x: jnp.concatenate([x, x], 0),
    "repeated": lambda x: jnp.repeat(x, 2, 0),
    "by the first": lambda x: x[:1] + x,
    "rolled": lambda x: jnp.roll(x, 1, 0),
    "sorted": lambda x: jnp.sort(x, 0),
    "by the largest": lambda x: x / x.max(),
    "by its place": lambda x: x * np.linspace(0, 1, len(x))[:, None].astype("float32"),
    "dealt out": lambda x: x.reshape(3, -1).T.reshape(-1, 3),
    "nothing of x": lambda x: jnp.zeros((len(x), 2)),
    "scan over rows": lambda x: jax.lax.scan(lambda c, t: (c + t, c), jnp.zeros(3), x)[1],
    "taken along": lambda x: jnp.take_along_axis(x, jnp.argsort(x, 0), 0),
    "a number": jnp.sum,
    "another order": lambda x: x[np.arange(len(x))[::-1]],
    "transposed": lambda x: x.T,
    "while": lambda x: jax.lax.while_loop(lambda c: c.sum() < 100, lambda c: c + 1, x),
}


@pytest.mark.parametrize("name", BY_ROW)
def test_rows_that_do_not_meet_are_found(name):
    assert proved(BY_ROW[name])


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_meet_are_never_called_independent(name):
    assert not proved(MIXED[name])


class _Centred(mm.Layer):
    def call(self, x):
        return x - x.mean(axis=0)


class _Gram(mm.Layer):
    def call(self, x):
        return x @ x.T


class _Twice(mm.Layer):
    def call(self, x):
        return ops.repeat(x, 2, axis=0)


def _graph(function):
    x = mm.Input((3,))
    return mm.Model(x, function(x))


ACROSS_ROWS = {
    "an op": lambda: _graph(lambda x: x - ops.mean(x, axis=0)),
    "an axis": lambda: mm.Sequential([mm.Input((3,)), layers.Softmax(axis=0)]),
    "a layer": lambda: mm.Sequential([mm.Input((3,)), _Centred()]),
    "a function": lambda: mm.Sequential([mm.Input((3,)), layers.Lambda(lambda t: t - t.mean(0))]),
    "an activation": lambda: mm.Sequential(
        [mm.Input((3,)), layers.Dense(2, activation=lambda t: t - t.mean(0))]
    ),
    "products": lambda: mm.Sequential([mm.Input((3,)), _Gram()]),
    "two for one": lambda: mm.Sequential([mm.Input((3,)), _Twice()]),
}


@pytest.mark.parametrize("name", ACROSS_ROWS)
def test_predict_shows_a_model_that_looks_across_rows_these_rows_alone(name):
    model = ACROSS_ROWS[name]()
    x = np.random.default_rng(0).normal(size=(37, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x[:5]), model(x[:5]), atol=1e-6)
    if name != "products":  # batches of 32, as in evaluation
        expected = np.concatenate([model(x[:32]), model(x[32:])])
        np.testing.assert_allclose(model.predict(x), expected, atol=1e-6)


def test_a_layer_of_the_user_that_leaves_rows_alone_keeps_the_larger_blocks():
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.read = layers.LSTM(4)
            self.out = layers.Dense(2)

        def call(self, x):
            h = self.read(x) + 1
            return self.out(h) * ops.sum(h, axis=-1, keepdims=True)

    model = Net()
    x = np.random.default_rng(0).normal(size=(70, 5, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x), model(x), atol=1e-5)
    assert all(made.facts["by_row"] for made in model.compiled_functions.values())
