"""Pooling against its definition in NumPy, one window at a time, and against Keras."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers import Input

FIRST = "channels_first"
REDUCE = {"max": np.max, "average": np.mean}


def by_hand(x, size, strides, padding, reduce):
    """Reduce what each window covers of the input; padding is not there at all."""
    starts = []
    for n, k, s in zip(x.shape[1:-1], size, strides):
        if padding == "same":
            count = -(-n // s)
            before = max((count - 1) * s + k - n, 0) // 2
        else:
            count, before = (n - k) // s + 1, 0
        starts.append([i * s - before for i in range(count)])
    y = np.zeros((x.shape[0], *map(len, starts), x.shape[-1]))
    for place in np.ndindex(*map(len, starts)):
        first = [axis[i] for axis, i in zip(starts, place)]
        window = tuple(slice(max(a, 0), a + k) for a, k in zip(first, size))
        y[(slice(None), *place)] = reduce(x[(slice(None), *window)], tuple(range(1, x.ndim - 1)))
    return y


@settings(max_examples=10)
@given(
    st.integers(1, 3),
    st.data(),
    st.sampled_from(["valid", "same"]),
    st.booleans(),
    st.sampled_from(["max", "average"]),
)
def test_pooling_reduces_every_window(rank, data, padding, first, kind):
    size = tuple(data.draw(st.integers(1, 3)) for _ in range(rank))
    strides = data.draw(st.sampled_from([None, 1, 2, 3]))
    sizes = tuple(data.draw(st.integers(k, 7)) for k in size)
    x = np.random.default_rng(0).normal(size=(2, *sizes, 3)) - 5  # zeros would be the greatest
    steps = size if strides is None else (strides,) * rank
    expected = by_hand(x, size, steps, padding, REDUCE[kind])
    function = getattr(ops, f"{kind}_pool")
    with jax.enable_x64(True):
        run = jax.jit(lambda x: function(x, size, strides, padding, FIRST if first else None))
        got = run(np.moveaxis(x, -1, 1) if first else x)
    np.testing.assert_allclose(np.moveaxis(got, 1, -1) if first else got, expected, atol=1e-12)


@settings(max_examples=7)
@given(st.integers(1, 3), st.data(), st.booleans(), st.sampled_from(["max", "average"]))
def test_adaptive_pooling_reduces_every_bin(rank, data, first, kind):
    sizes = tuple(data.draw(st.integers(1, 8)) for _ in range(rank))
    bins = tuple(data.draw(st.integers(1, 6)) for _ in range(rank))
    x = np.random.default_rng(0).normal(size=(2, *sizes, 2))
    expected = np.zeros((2, *bins, 2))
    for place in np.ndindex(*bins):
        bounds = [
            slice(int(np.floor(i * n / m)), int(np.ceil((i + 1) * n / m)))
            for i, n, m in zip(place, sizes, bins)
        ]
        expected[(slice(None), *place)] = REDUCE[kind](
            x[(slice(None), *bounds)], tuple(range(1, rank + 1))
        )
    function = getattr(ops, f"adaptive_{kind}_pool")
    with jax.enable_x64(True):
        run = jax.jit(lambda x: function(x, bins, FIRST if first else None))
        got = run(np.moveaxis(x, -1, 1) if first else x)
    np.testing.assert_allclose(np.moveaxis(got, 1, -1) if first else got, expected, atol=1e-12)


def test_gradients_agree_with_finite_differences():
    x = np.random.default_rng(0).normal(size=(2, 5, 4, 2))
    with jax.enable_x64(True):
        for function in (
            lambda x: ops.max_pool(x, 2, 1),
            lambda x: ops.max_pool(x, (3, 2), 2, "same"),
            lambda x: ops.average_pool(x, 2, 1),
            lambda x: ops.average_pool(x, 3, 2, "same"),
            lambda x: ops.adaptive_average_pool(x, (2, 3)),
            lambda x: ops.adaptive_max_pool(x, (2, 3)),
        ):
            check_grads(jax.jit(function), (jnp.asarray(x),), 1, ["rev"])


def test_dtypes():
    x = jnp.arange(16).reshape(1, 4, 4, 1)
    for dtype in ("uint8", "int32", "float32", "bfloat16"):
        got = ops.max_pool(x.astype(dtype), 3, 1, "same")
        assert got.dtype == dtype
        assert got[0, :, :, 0].tolist() == [[5, 6, 7, 7], [9, 10, 11, 11], *[[13, 14, 15, 15]] * 2]
        assert ops.adaptive_max_pool(x.astype(dtype), 3).dtype == dtype
        floating = dtype if "float" in dtype else "float32"
        for mean in (ops.average_pool(x.astype(dtype), 2), ops.adaptive_average_pool(x, 2)):
            assert mean[0, :, :, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
        assert ops.average_pool(x.astype(dtype), 3, 2, "same").dtype == floating
    assert ops.max_pool(x > 14, 2)[0, :, :, 0].tolist() == [[0, 0], [0, 1]]


def test_the_greatest_of_negative_numbers_is_negative():
    x = -jnp.ones((1, 3, 3, 1))
    assert (ops.max_pool(x, 2, 1, "same") == -1).all()
    assert jnp.isnan(ops.max_pool(x.at[0, 1, 1].set(jnp.nan), 3)).all()


def test_symbolic_inputs():
    assert ops.max_pool(Input((None, 9, 2)), 2).shape == (None, None, 4, 2)
    assert ops.average_pool(Input((None, 9, 2)), 2, 2, "same").shape == (None, None, 5, 2)
    assert ops.adaptive_average_pool(Input((None, 9, 2)), (7, 4)).shape == (None, 7, 4, 2)


X = np.ones((1, 5, 4, 3))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ops.max_pool(X, (6, 2)), ShapeError, "does not fit into"),
        (lambda: ops.average_pool(X, 5), ShapeError, "does not fit into"),
        (lambda: ops.max_pool(X, 0), ConfigError, "pool_size"),
        (lambda: ops.max_pool(X, 2.5), ConfigError, "pool_size"),
        (lambda: ops.max_pool(X, "2"), ConfigError, "pool_size"),
        (lambda: ops.max_pool(X, (2, 2, 2)), ShapeError, "5 axes"),
        (lambda: ops.max_pool(X, 2, 0), ConfigError, "strides"),
        (lambda: ops.max_pool(X, 2, 1, "causal"), ConfigError, "padding"),
        (lambda: ops.max_pool(X, 2, 1, ((1, 1), (1, 1))), ConfigError, "padding"),
        (lambda: ops.max_pool(X, 2, data_format="first"), ConfigError, "data_format"),
        (lambda: ops.max_pool(X[0, 0], 2), ShapeError, "3, 4 or 5 axes"),
        (lambda: ops.adaptive_max_pool(X, 0), ConfigError, "output_size"),
        (lambda: ops.adaptive_max_pool(X, (2, 2, 2)), ConfigError, "output_size"),
        (lambda: ops.adaptive_average_pool(X[:, :0], 2), ShapeError, "nothing to pool"),
    ],
)
def test_what_does_not_fit_is_said(make, error, words):
    with pytest.raises(error, match=words):
        make()
