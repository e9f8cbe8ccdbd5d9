"""Random noise: its statistics, and that it is a function of the key alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from maeum import ops
from maeum.ops.noise import keep_mask
from maeum.ops.random import bits as random_bits

KEY = jax.random.PRNGKey(7)


def test_random_bits_are_uniform_in_every_byte_and_bit():
    words = np.asarray(random_bits(KEY, (200_000,)))
    for byte in words.view(np.uint8).reshape(-1, 4).T:
        assert scipy.stats.chisquare(np.bincount(byte, minlength=256)).pvalue > 1e-4
    ones = np.unpackbits(words.view(np.uint8)).reshape(-1, 32).mean(0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(len(words))
    assert len(np.unique(words)) > 199_990 - 200_000**2 / 2**33  # as few repeats as by chance


def test_random_bits_of_neighbours_and_of_neighbouring_keys_are_independent():
    n = 200_000
    one = np.asarray(random_bits(KEY, (n,))) / 2**32 - 0.5
    others = [one[1:], one[2:], one[10:], one[128:]]
    for key in ([0, 8], [1, 7], [2**31, 7], [0, 7 + 2**31]):
        others.append(np.asarray(random_bits(jnp.array(key, jnp.uint32), (n,))) / 2**32 - 0.5)
    for other in others:
        correlation = np.corrcoef(one[: len(other)], other)[0, 1]
        assert abs(correlation) < 5 / np.sqrt(n)


def test_normal_numbers_are_normal():
    assert scipy.stats.kstest(np.asarray(random_normal(KEY, (200_000,))), "norm").pvalue > 1e-4


def test_masks_of_many_steps_are_binomial():
    # The key of each step comes from fold_in, as in training: the number of kept entries, per
    # step and per entry, must spread as coin tosses do.
    keys = jax.vmap(lambda i: jax.random.fold_in(KEY, i))(jnp.arange(4000))
    kept = np.asarray(jax.vmap(lambda key: keep_mask(key, 0.3, (10, 13)))(keys)).reshape(4000, -1)
    for counts, n in ((kept.sum(1), kept.shape[1]), (kept.sum(0), kept.shape[0])):
        z = (counts - 0.7 * n) / np.sqrt(n * 0.3 * 0.7)
        assert abs(z.mean()) < 5 / np.sqrt(len(z))
        assert abs(z.var() - 1) < 5 * np.sqrt(2 / len(z))


def test_vmap_over_keys_gives_what_each_key_gives_alone():
    keys = jax.random.split(KEY, 3)
    together = jax.vmap(lambda key: random_bits(key, (4, 5)))(keys)
    for key, bits in zip(keys, together):
        np.testing.assert_array_equal(bits, random_bits(key, (4, 5)))
    np.testing.assert_array_equal(
        random_bits(jax.random.key(7), (6,)), random_bits(jax.random.PRNGKey(7), (6,))
    )


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
