"""Native layer normalization and GELU against their definitions in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads
from scipy.special import ndtr

import maeum
from maeum import native, ops
from maeum.ops.kernels import compiled_rowwise as compiled
from maeum.ops.kernels import rowwise

pytestmark = pytest.mark.skipif(not native.status().present, reason=native.status().reason)

EPSILON = 1e-5


def numbers(*shape, seed=0):
    return np.random.default_rng([*shape, seed]).normal(size=shape).astype("f")


def close(got, wanted, tolerance):
    np.testing.assert_allclose(got, wanted, atol=tolerance * max(1, np.abs(wanted).max()))


def normal_by_definition(x, gamma, beta, dy):
    """Return the outputs and the gradients for x, gamma and beta, in float64."""
    x, dy = x.astype("d"), dy.astype("d")
    scale = 1 if gamma is None else gamma
    d = x - x.mean(-1, keepdims=True)
    inverse = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + EPSILON)
    n, g = d * inverse, dy * scale
    slope = (g * n).mean(-1, keepdims=True)
    dx = (g - g.mean(-1, keepdims=True) - n * slope) * inverse
    rows = tuple(range(x.ndim - 1))
    return n * scale + (0 if beta is None else beta), dx, (dy * n).sum(rows), dy.sum(rows)


def gelu_by_definition(x, approximate):
    """Return the outputs and the derivative in float64."""
    x = x.astype("d")
    if not approximate:
        density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        return x * ndtr(x), ndtr(x) + x * density
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x**3))
    slope = k * (1 + 3 * 0.044715 * x * x)
    return x * (1 + t) / 2, (1 + t) / 2 + x * (1 - t * t) / 2 * slope


@settings(max_examples=15)
@given(
    st.lists(st.integers(1, 9), max_size=3),
    st.sampled_from([2, 3, 15, 16, 17, 64, 100, 127, 300]),
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from([0, 1e4]),
)
def test_layer_normalization_is_that_of_the_definition(sizes, size, there, mean):
    x, dy = numbers(*sizes, size) + np.float32(mean), numbers(*sizes, size, seed=1)
    gamma, beta = (numbers(size, seed=2 + i) if t else None for i, t in enumerate(there))
    y, transpose = jax.vjp(lambda *a: compiled.layer_normalize(*a, EPSILON), x, gamma, beta)
    wanted = normal_by_definition(x, gamma, beta, dy)
    for got, expected in zip((y, *transpose(dy)), wanted):
        if got is not None:
            close(got, expected, 5e-5)


def test_many_rows_keep_their_digits():
    x, gamma, beta = numbers(5000, 128) + 100, numbers(128), numbers(128, seed=1)
    dy = numbers(5000, 128, seed=2)
    y, transpose = jax.vjp(lambda *a: compiled.layer_normalize(*a, EPSILON), x, gamma, beta)
    for got, wanted in zip((y, *transpose(dy)), normal_by_definition(x, gamma, beta, dy)):
        close(got, wanted, 1e-6)


@pytest.mark.parametrize("approximate", [False, True])
def test_gelu_is_that_of_the_definition(approximate):
    x = np.concatenate([np.linspace(-14, 14, 20001), numbers(5000)]).astype("f")
    y, transpose = jax.vjp(lambda x: compiled.gelu(x, None, approximate), x)
    wanted, slope = gelu_by_definition(x, approximate)
    assert (np.abs(y - wanted) / np.maximum(1, np.abs(wanted))).max() < 3e-7
    np.testing.assert_allclose(transpose(jnp.ones_like(y))[0], slope, atol=3e-7)


@pytest.mark.parametrize("approximate", [False, True])
def test_far_from_zero_gelu_is_a_relu_and_nan_stays(approximate):
    x = jnp.asarray([1e38, -1e38, 40.0, -40.0, np.inf, np.nan, 0.0, -0.0], "f")
    y, transpose = jax.vjp(lambda x: compiled.gelu(x, None, approximate), x)
    np.testing.assert_array_equal(y, np.float32([1e38, 0, 40, 0, np.inf, np.nan, 0, 0]))
    slopes = transpose(jnp.ones_like(y))[0]
    slopes = slopes[jnp.array([0, 1, 2, 3, 6, 7])]
    np.testing.assert_allclose(slopes, [1, 0, 1, 0, 0.5, 0.5], atol=1e-30)


@pytest.mark.parametrize("approximate", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (300, 77), (4, 6, 128)])
def test_the_bias_is_added_and_its_gradient_comes_back(shape, approximate):
    x, bias, dy = numbers(*shape), numbers(shape[-1]), numbers(*shape, seed=1)
    y, transpose = jax.vjp(lambda x, b: compiled.gelu(x, b, approximate), x, bias)
    wanted, slope = gelu_by_definition(x + bias, approximate)
    dx, dbias = transpose(dy)
    close(y, wanted, 5e-7)
    close(dx, dy * slope, 1e-6)
    close(dbias, (dy * slope).sum(tuple(range(len(shape) - 1))), 1e-6)


def test_derivatives_of_all_orders_are_right():
    x, gamma, beta = numbers(3, 6), numbers(6), numbers(6, seed=1)
    normalize = lambda *a: compiled.layer_normalize(*a, 0.1)  # noqa: E731
    check_grads(normalize, (x, gamma, beta), 2, ["rev"], atol=0.02, rtol=0.02)
    check_grads(lambda *a: compiled.gelu(*a, False), (x, gamma), 2, ["rev"], atol=0.02, rtol=0.02)

    def twice(way):
        def once(x):
            return (jax.grad(lambda x: (way(x) ** 2).sum())(x) ** 2).sum()

        return jax.grad(once)(x)

    for function in (
        lambda m: lambda x: m.layer_normalize(x, gamma, beta, 0.1),
        lambda m: lambda x: m.gelu(x, beta, True),
    ):
        close(twice(function(compiled)), np.asarray(twice(function(rowwise))), 1e-4)


def test_vmap_is_the_same_for_each_entry():
    x, gamma, beta = numbers(3, 4, 20), numbers(3, 20), numbers(20)
    got = jax.vmap(lambda x, g: compiled.layer_normalize(x, g, beta, EPSILON))(x, gamma)
    for i in range(3):
        wanted = rowwise.layer_normalize(x[i], gamma[i], beta, EPSILON)
        np.testing.assert_allclose(got[i], wanted, atol=1e-5)
    got = jax.vmap(lambda x, b: compiled.gelu(x, b, False))(x, gamma)
    np.testing.assert_allclose(got, jax.nn.gelu(x + gamma[:, None], False), atol=1e-6)


def test_the_ops_take_the_kernels_for_many_numbers_only():
    def program(function, *args):
        return str(jax.make_jaxpr(function)(*args))

    x, kernel, bias = numbers(300, 128), numbers(128, 128), numbers(128)
    assert "MaeumLayerNormalization" in program(ops.layer_normalization, x, bias)
    assert "Maeum" not in program(ops.layer_normalization, x[:2], bias)
    assert "Maeum" not in program(lambda x: ops.layer_normalization(x, axis=(0, 1)), x)
    assert "Maeum" not in program(lambda x: ops.layer_normalization(x, axis=0), x)
    assert "MaeumGelu" in program(maeum.activations.gelu, x)
    assert "Maeum" not in program(maeum.activations.gelu, x.astype("float16"))
    got = jax.jit(lambda x: maeum.activations.gelu(ops.dense(x, kernel, bias)))(x)
    np.testing.assert_allclose(
        got, gelu_by_definition(x.astype("d") @ kernel + bias, False)[0], atol=3e-5
    )


SCRIPT = """
import sys
import jax, numpy as np
from maeum import native
from maeum.ops.kernels import compiled_rowwise as way

assert native.status().instruction_set == sys.argv[2]
rng = np.random.default_rng(0)
numbers = lambda *shape: rng.normal(size=shape).astype("f")
results = {}
for n in 127, 5:
    x, a, b, dy = numbers(300, n), numbers(n), numbers(n), numbers(300, n)
    functions = {
        "norm": lambda x, a, b: way.layer_normalize(x, a, b, 1e-5),
        "gelu": lambda x, a, b: way.gelu(x, a, False),
        "tanh": lambda x, a, b: way.gelu(x, a, True),
    }
    for name, function in functions.items():
        y, transpose = jax.vjp(function, x, a, b)
        results.update({f"{name} {n} {i}": v for i, v in enumerate((y, *transpose(dy)))})
np.savez(sys.argv[1], **results)
"""


def test_all_instruction_sets_compute_the_same(by_instruction_set):
    *others, best = by_instruction_set(SCRIPT)
    for older in others:
        for name in older.files:
            close(older[name], best[name], 2e-6)
