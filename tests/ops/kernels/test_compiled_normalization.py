"""The native batch normalization against its definition in float64."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import native
from maeum.ops.kernels import compiled_normalization as compiled

pytestmark = pytest.mark.skipif(not native.status().present, reason="no native kernels")

EPSILON = 1e-3


def by_definition(x, gamma, beta, relu=False):
    axes = tuple(range(x.ndim - 1))
    mean = jnp.mean(x, axes)
    variance = jnp.mean((x - mean) ** 2, axes)
    y = (x - mean) / jnp.sqrt(variance + EPSILON)
    y = (y if gamma is None else y * gamma) + (0 if beta is None else beta)
    return (jax.nn.relu(y) if relu else y), mean, variance


def compare(x, gamma, beta, relu, directions, tolerance=2e-5):
    """Compare the outputs and gradients with the definition; None: no gradient comes back."""
    used = [i for i, d in enumerate(directions) if d is not None]

    def some(function):
        return lambda *args: [function(*args)[i] for i in used]

    def native_one(*args):
        return compiled.batch_normalize(*args, EPSILON, relu)

    got, transpose = jax.vjp(some(native_one), x, gamma, beta)
    got += transpose([directions[i] for i in used])
    with jax.enable_x64(True):
        x, gamma, beta, directions = jax.tree.map(
            lambda a: np.asarray(a, np.float64), (x, gamma, beta, directions)
        )
        wanted, transpose = jax.vjp(
            some(lambda *args: by_definition(*args, relu)), x, gamma, beta
        )
        wanted += transpose([directions[i] for i in used])
    for a, b in zip(got, wanted):
        if a is not None:
            np.testing.assert_allclose(a, b, atol=tolerance * max(1, np.abs(b).max()))


def numbers(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from([1, 2, 3, 16, 20, 64, 67, 100]),
    st.tuples(*[st.booleans()] * 3),
    st.sampled_from([(1, 1, 1), (1, 0, 0), (0, 1, 1), (1, 0, 1)]),
)
def test_outputs_and_gradients_are_those_of_the_definition(sizes, channels, given, wanted):
    rng = np.random.default_rng(sum(sizes))
    x = numbers(rng, *sizes, channels)
    gamma, beta = (numbers(rng, channels) if there else None for there in given[:2])
    directions = (numbers(rng, *x.shape), numbers(rng, channels), numbers(rng, channels))
    # A single row has the variance 0: its gradient is divided by epsilon^0.5, three times.
    compare(
        x, gamma, beta, given[2], [d if w else None for d, w in zip(directions, wanted)], 1e-4
    )


@pytest.mark.parametrize("shape", [(3000, 1), (70001, 3), (9000, 20), (40, 30, 64), (700, 250)])
@pytest.mark.parametrize("mean", [0, 1e4])
def test_many_rows_far_from_zero_lose_no_digits(shape, mean):
    rng = np.random.default_rng(0)
    x = numbers(rng, *shape) + np.float32(mean)
    gamma, beta = numbers(rng, shape[-1]), numbers(rng, shape[-1])
    compare(x, gamma, beta, False, (numbers(rng, *shape), None, None))
    y, _, variance = compiled.batch_normalize(x, gamma, beta, EPSILON)
    exact = x.astype(np.float64).reshape(-1, shape[-1])
    np.testing.assert_allclose(variance, exact.var(0), rtol=1e-5)


@pytest.mark.parametrize("outlier", [0, 17, -1])
def test_a_far_row_at_any_place_leaves_the_moments_exact(outlier):
    x = numbers(np.random.default_rng(0), 5000, 2) + np.float32(1000)
    x[outlier] = -1e5
    _, mean, variance = compiled.batch_normalize(x, None, None, EPSILON)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, exact.var(0), rtol=1e-5)


def test_a_constant_channel_has_variance_0_and_becomes_beta():
    x = jnp.full((999, 3), 12345.678)
    y, mean, variance = compiled.batch_normalize(x, None, jnp.arange(3.0), EPSILON)
    np.testing.assert_array_equal(mean, x[0])
    np.testing.assert_array_equal(variance, np.zeros(3))
    np.testing.assert_array_equal(y, np.broadcast_to(np.arange(3.0), y.shape))


def test_nan_and_no_rows_give_nan():
    x = np.ones((40, 3), np.float32)
    x[7, 1] = np.nan
    y, mean, variance = compiled.batch_normalize(x, None, None, EPSILON, True)
    assert np.isnan(mean).tolist() == np.isnan(variance).tolist() == [False, True, False]
    assert np.isnan(y).all(0).tolist() == [False, True, False]
    y, mean, variance = compiled.batch_normalize(x[:0], None, None, EPSILON)
    assert y.shape == (0, 3)
    assert np.isnan(mean).all()
    assert np.isnan(variance).all()


def test_it_comes_out_the_same_every_time():
    rng = np.random.default_rng(0)
    x, gamma, dy = numbers(rng, 60000, 8), numbers(rng, 8), numbers(rng, 60000, 8)
    run = jax.jit(
        lambda x: jax.vjp(lambda x, g: compiled.batch_normalize(x, g, None, EPSILON)[0], x, gamma)[
            1
        ](dy)
    )
    for first, again in zip(run(x), run(x)):
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("given", [(True, True), (False, True), (True, False), (False, False)])
def test_second_derivatives_agree_with_finite_differences(given):
    rng = np.random.default_rng(0)
    x = numbers(rng, 3, 4, 2)
    gamma, beta = (numbers(rng, 2) if there else None for there in given)

    def smooth(x, gamma, beta):
        y, mean, variance = compiled.batch_normalize(x, gamma, beta, 0.5)
        return (y**3).sum() + (mean * variance**2).sum()

    check_grads(smooth, (x, gamma, beta), 2, ["rev"], atol=0.05, rtol=0.05, eps=1e-2)


def test_under_vmap_each_entry_is_a_batch():
    x = numbers(np.random.default_rng(0), 3, 7, 5)

    def normalize(x):
        return compiled.batch_normalize(x, None, None, EPSILON)

    together = jax.vmap(normalize)(x)
    for got, alone in zip(together, zip(*map(normalize, x))):
        np.testing.assert_array_equal(got, jnp.stack(alone))


@pytest.mark.parametrize("instructions", ["avx2", "plain"])
def test_older_instruction_sets_compute_the_same(instructions):
    here = Path(__file__).parent
    names = ["pooling", "depthwise", "normalization"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        + ["-k", "(are_those or threads or digits or nan) and not older"]
        + [str(here / f"test_compiled_{name}.py") for name in names],
        env=os.environ | {"MAEUM_NATIVE": instructions},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout
