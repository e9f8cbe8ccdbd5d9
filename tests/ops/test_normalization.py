"""Moments and normalizations against NumPy in float64, and their gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from maeum import ops
from maeum.ops.normalization import wide_moments

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=6)
@given(seeds, st.sampled_from([(0,), (0, 1), (2,), (1, 2)]), st.booleans(), st.booleans())
def test_moments_leave_out_what_is_masked(seed, axes, masked, keepdims):
    rng = np.random.default_rng(seed)
    x = rng.normal(3, 2, (4, 3, 5))
    mask = rng.random((4, 3, 1)) < 0.7 if masked else np.ones((4, 3, 1), bool)
    mask[0] = True
    with jax.enable_x64(True):
        mean, variance = ops.moments(x, axes, keepdims, mask=mask if masked else None)
    hidden = np.ma.masked_array(x, ~np.broadcast_to(mask, x.shape))
    np.testing.assert_allclose(mean, hidden.mean(axes, keepdims=keepdims).filled(0), atol=1e-12)
    np.testing.assert_allclose(variance, hidden.var(axes, keepdims=keepdims).filled(0), atol=1e-12)


def test_moments_of_nothing_are_zero_with_a_zero_gradient():
    def total(x):
        mean, variance = ops.moments(x, (0,), mask=jnp.zeros((3, 1), bool))
        return (mean + variance).sum()

    assert total(jnp.ones((3, 2))) == 0
    assert np.all(jax.grad(total)(jnp.ones((3, 2))) == 0)


@settings(max_examples=6)
@given(seeds, st.integers(-3, 2))
def test_batch_normalization(seed, axis):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, 4))
    n = x.shape[axis]
    mean, variance, beta, gamma = rng.normal(size=n), rng.random(n), *rng.normal(size=(2, n))
    moved = np.moveaxis(x, axis, -1)
    expected = np.moveaxis((moved - mean) / np.sqrt(variance + 0.01) * gamma + beta, -1, axis)
    with jax.enable_x64(True):
        got = ops.batch_normalization(x, mean, variance, axis, beta, gamma, 0.01)
    np.testing.assert_allclose(got, expected, atol=1e-12)


@settings(max_examples=6)
@given(seeds, st.sampled_from([(-1,), (1,), (1, 2)]))
def test_layer_normalization(seed, axes):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, 4))
    shape = [x.shape[a] for a in axes]
    gamma, beta = rng.normal(size=(2, *shape))
    broadcast = [n if a in {b % 3 for b in axes} else 1 for a, n in enumerate(x.shape)]
    normal = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-3)
    with jax.enable_x64(True):
        got = ops.layer_normalization(x, gamma, beta, axes, 1e-3)
        check_grads(lambda x: ops.layer_normalization(x, gamma, beta, axes, 1e-3), (x,), 1, ["rev"])
    expected = normal * gamma.reshape(broadcast) + beta.reshape(broadcast)
    np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize(("groups", "axis"), [(1, -1), (2, -1), (6, -1), (2, 1), (4, 1)])
def test_group_normalization(groups, axis):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 5, 6))
    gamma, beta = rng.normal(size=(2, x.shape[axis]))
    moved = np.moveaxis(x, axis, -1)
    expected = np.empty_like(moved)
    size = moved.shape[-1] // groups
    for sample in range(2):
        for group in range(groups):
            part = moved[sample, ..., group * size : (group + 1) * size]
            normal = (part - part.mean()) / np.sqrt(part.var() + 1e-3)
            expected[sample, ..., group * size : (group + 1) * size] = normal
    expected = np.moveaxis(expected * gamma + beta, -1, axis)
    with jax.enable_x64(True):
        got = ops.group_normalization(x, groups, gamma, beta, axis)
    np.testing.assert_allclose(got, expected, atol=1e-12)


def test_normalize_gives_norm_one_and_no_nan_at_zero():
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_allclose(
        ops.normalize(x), x / np.linalg.norm(x, axis=-1, keepdims=True), atol=1e-6
    )
    zeros = jnp.zeros((2, 3))
    assert np.all(ops.normalize(zeros) == 0)
    assert np.isfinite(jax.grad(lambda x: ops.normalize(x).sum())(zeros)).all()


def test_small_floats_keep_their_dtype_and_wide_statistics():
    x = jnp.full((1000, 2), 300.0, jnp.float16)  # the sum of squares overflows in float16
    mean, variance = wide_moments(x, 0)
    assert mean.dtype == jnp.float32
    assert ops.moments(x, 0)[0].dtype == jnp.float16
    assert mean.tolist() == [300.0, 300.0]
    assert variance.tolist() == [0.0, 0.0]
    assert ops.layer_normalization(x).dtype == jnp.float16


def test_numbers_far_from_zero_keep_their_digits():
    x = jnp.array([[1e6 + 1], [1e6 - 1]], jnp.float32)
    got = ops.batch_normalization(x, jnp.array([1e6]), jnp.array([1.0]), epsilon=0.0)
    assert got.tolist() == [[1.0], [-1.0]]
