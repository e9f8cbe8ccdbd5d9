"""Random numbers: uniform, independent from key to key, and a function of the key alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from maeum.core.randomness import at_step, fold, make_key
from maeum.ops import random
from maeum.ops.noise import keep_mask

KEY = jax.random.PRNGKey(7)


def test_random_bits_are_uniform_in_every_byte_and_bit():
    words = np.asarray(random.bits(KEY, (200_000,)))
    for byte in words.view(np.uint8).reshape(-1, 4).T:
        assert scipy.stats.chisquare(np.bincount(byte, minlength=256)).pvalue > 1e-4
    ones = np.unpackbits(words.view(np.uint8)).reshape(-1, 32).mean(0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(len(words))
    assert len(np.unique(words)) > 199_990 - 200_000**2 / 2**33  # as few repeats as by chance


def test_random_bits_of_neighbours_and_of_neighbouring_keys_are_independent():
    n = 200_000
    one = np.asarray(random.bits(KEY, (n,))) / 2**32 - 0.5
    others = [one[1:], one[2:], one[10:], one[128:]]
    for key in ([0, 8], [1, 7], [2**31, 7], [0, 7 + 2**31]):
        others.append(np.asarray(random.bits(jnp.array(key, jnp.uint32), (n,))) / 2**32 - 0.5)
    for other in others:
        correlation = np.corrcoef(one[: len(other)], other)[0, 1]
        assert abs(correlation) < 5 / np.sqrt(n)


def test_keys_of_neighbouring_seeds_steps_and_layers_share_no_numbers():
    # n numbers of 2**32 meet n others n**2 / 2**32 times by chance: 2.3 of 100,000, at any shift.
    n = 100_000
    first = make_key(7, "dropout")
    one = np.asarray(random.bits(first, (n,)))
    others = [make_key(seed, "dropout") for seed in (6, 8, 9, 143, 7 + 2**16)]
    others += [at_step(first, step) for step in (1, 2, 2**20)]
    others += [fold(first, path) for path in ("a", "b", "a/b")]
    for key in others:
        other = np.asarray(random.bits(key, (n,)))
        assert np.intersect1d(one, other).size < 20
        correlation = np.corrcoef(one / 2**32, other / 2**32)[0, 1]
        assert abs(correlation) < 5 / np.sqrt(n)


@pytest.mark.parametrize("change", ["seed", "step", "path"])
def test_the_first_numbers_of_neighbouring_keys_are_independent(change):
    # One number of each of 20,000 keys in a row: uniform, and without a memory of the one before.
    first = make_key(7, "dropout")
    keys = {
        "seed": lambda n: make_key(n, "dropout"),
        "step": lambda n: at_step(first, n),
        "path": lambda n: fold(first, f"dropout_{n}"),
    }[change]
    keys = np.stack([keys(n) for n in range(20_000)])
    words = np.asarray(jax.jit(jax.vmap(lambda key: random.bits(key, (2,))))(keys))
    for column in words.T:
        for shift in (0, 8, 16, 24):
            counts = np.bincount((column >> shift) & 255, minlength=256)
            assert scipy.stats.chisquare(counts).pvalue > 1e-4
        pairs = np.bincount((column[1:] >> 28) << 4 | column[:-1] >> 28, minlength=256)
        assert scipy.stats.chisquare(pairs).pvalue > 1e-4


def test_masks_of_many_steps_are_binomial():
    # The number of kept entries, per step and per entry, must spread as coin tosses do.
    keys = jax.vmap(lambda step: at_step(make_key(7, "dropout"), step))(jnp.arange(4000))
    kept = np.asarray(jax.vmap(lambda key: keep_mask(key, 0.3, (10, 13)))(keys)).reshape(4000, -1)
    for counts, n in ((kept.sum(1), kept.shape[1]), (kept.sum(0), kept.shape[0])):
        z = (counts - 0.7 * n) / np.sqrt(n * 0.3 * 0.7)
        assert abs(z.mean()) < 5 / np.sqrt(len(z))
        assert abs(z.var() - 1) < 5 * np.sqrt(2 / len(z))


def test_vmap_over_keys_gives_what_each_key_gives_alone():
    keys = jax.random.split(KEY, 3)
    together = jax.vmap(lambda key: random.bits(key, (4, 5)))(keys)
    for key, bits in zip(keys, together):
        np.testing.assert_array_equal(bits, random.bits(key, (4, 5)))
    np.testing.assert_array_equal(
        random.bits(jax.random.key(7), (6,)), random.bits(jax.random.PRNGKey(7), (6,))
    )


@pytest.mark.parametrize(
    ("draw", "distribution"),
    [
        (random.uniform, scipy.stats.uniform()),
        (random.normal, scipy.stats.norm()),
        (random.truncated_normal, scipy.stats.truncnorm(-2, 2)),
    ],
)
def test_distributions(draw, distribution):
    x = np.asarray(draw(KEY, (200_000,)))
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert scipy.stats.kstest(x, distribution.cdf).pvalue > 1e-4


def test_uniform_numbers_lie_in_their_range():
    x = np.asarray(random.uniform(KEY, (100_000,), "float32", -3.0, 5.0))
    assert -3 <= x.min() < -2.99
    assert 4.99 < x.max() < 5
