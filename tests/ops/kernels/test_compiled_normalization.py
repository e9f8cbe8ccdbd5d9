"""The native batch normalization against its definition in float64."""

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


def by_definition(x, gamma, beta, relu, directions):
    """Return the outputs and the gradients, link by link of the chain, in float64."""
    dy, dmean, dvariance = directions
    x = x.astype(np.float64)
    axes, n = tuple(range(x.ndim - 1)), x.size / x.shape[-1]
    scale = np.float64(1) if gamma is None else gamma.astype(np.float64)
    mean = x.mean(axes)
    d = x - mean
    variance = (d**2).mean(axes)
    deviation = np.sqrt(variance + EPSILON)
    y = d / deviation * scale + (0 if beta is None else beta)
    dz = dy * (y > 0 if relu else np.ones(x.shape))
    dvariance = dvariance - (dz * scale * d).sum(axes) / (2 * deviation**3)
    dmean = dmean - (dz * scale / deviation).sum(axes)
    dx = dz * scale / deviation + dvariance * 2 * d / n + dmean / n
    y = np.maximum(y, 0) if relu else y
    return (y, mean, variance), (dx, (dz * d / deviation).sum(axes), dz.sum(axes))


def compare(x, gamma, beta, relu, directions, tolerance=2e-5):
    """Compare the outputs and gradients with the definition; direction None: none comes back."""
    used = [i for i, direction in enumerate(directions) if direction is not None]
    outputs, transpose = jax.vjp(
        lambda *args: [compiled.batch_normalize(*args, EPSILON, relu)[i] for i in used],
        x,
        gamma,
        beta,
    )
    gradients = transpose([directions[i] for i in used])
    directions = [np.zeros(x.shape[-1]) if d is None else d for d in directions]
    expected, expected_gradients = by_definition(x, gamma, beta, relu, directions)
    for got, wanted in zip(
        (*outputs, *gradients), (*(expected[i] for i in used), *expected_gradients)
    ):
        if got is not None:
            np.testing.assert_allclose(got, wanted, atol=tolerance * max(1, np.abs(wanted).max()))


def numbers(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


@settings(max_examples=20)
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
    compare(x, gamma, beta, given[2], [d if w else None for d, w in zip(directions, wanted)], 1e-4)


@pytest.mark.parametrize("shape", [(70001, 3), (40, 30, 20), (700, 250)])
@pytest.mark.parametrize("mean", [0, 1e4])
def test_many_rows_far_from_zero_lose_no_digits(shape, mean):
    rng = np.random.default_rng(0)
    x = numbers(rng, *shape) + np.float32(mean)
    gamma, beta = numbers(rng, shape[-1]), numbers(rng, shape[-1])
    compare(x, gamma, beta, False, (numbers(rng, *shape), None, None))
    _, _, variance = compiled.batch_normalize(x, gamma, beta, EPSILON)
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


@pytest.mark.parametrize("given", [(True, True), (False, False)])
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
