"""Random noise: its statistics, and that it is a function of the key alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum import ops

KEY = jax.random.PRNGKey(7)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(rate):
    x = np.full((400, 500), 2.0, "float32")
    dropped = np.asarray(ops.dropout(x, rate, KEY))
    assert set(np.unique(dropped).round(4)) == {0.0, np.float32(2 / (1 - rate)).round(4)}
    share = (dropped == 0).mean()
    assert abs(share - rate) < 5 * np.sqrt(rate * (1 - rate) / x.size)
    np.testing.assert_array_equal(dropped, ops.dropout(x, rate, KEY))
    assert (dropped != ops.dropout(x, rate, jax.random.PRNGKey(8))).any()


def test_dropout_at_its_limits():
    x = np.ones((3, 4), "float32")
    np.testing.assert_array_equal(ops.dropout(x, 0.0, KEY), x)
    np.testing.assert_array_equal(ops.dropout(x, 1.0, KEY), 0 * x)
    assert np.all(jax.grad(lambda x: ops.dropout(x, 1.0, KEY).sum())(x) == 0)


def test_dropout_does_not_spread_nan_from_dropped_entries():
    x = jnp.full((100,), jnp.inf)
    assert not np.isnan(ops.dropout(x, 0.5, KEY)).any()


def test_noise_shape_drops_together():
    dropped = np.asarray(ops.dropout(np.ones((5, 6, 7), "float32"), 0.5, KEY, (None, 1, None)))
    assert (dropped == dropped[:, :1]).all()
    assert (dropped == 0).any()
    assert (dropped != 0).any()


def test_alpha_dropout_keeps_mean_and_variance():
    x = jax.random.normal(KEY, (1000, 500))
    dropped = np.asarray(ops.alpha_dropout(x, 0.3, KEY))
    assert abs(dropped.mean()) < 0.01
    assert abs(dropped.var() - 1) < 0.01


def test_gaussian_noises_have_their_moments():
    x = np.full((1000, 500), 3.0, "float32")
    added = np.asarray(ops.gaussian_noise(x, 0.5, KEY))
    assert abs(added.mean() - 3) < 0.005
    assert abs(added.std() - 0.5) < 0.005
    # Variance rate / (1 - rate) of the factor: 0.2 / 0.8 = 0.25, so 3 * 0.5 for the product.
    scaled = np.asarray(ops.gaussian_dropout(x, 0.2, KEY))
    assert abs(scaled.mean() - 3) < 0.015
    assert abs(scaled.std() - 1.5) < 0.015
