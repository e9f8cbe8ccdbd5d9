"""Randomness has no hidden state: the same seed gives the same numbers, another one others."""

import jax
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import maeum as mm
from maeum.core import randomness
from maeum.core.batches import RowBatches
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import at_step, epoch_order, fold
from maeum.layers import Dense, Dropout
from maeum.ops import random
from maeum.training.sources import ArraySource
from maeum.training.streams import StreamSource


@pytest.fixture(autouse=True)
def _stream(monkeypatch):
    monkeypatch.setattr(randomness, "_stream", None)


def story(seed=None):
    """Make and train a model; return everything that came out."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    layers = [Dense(8, activation="relu"), Dropout(0.5), Dense(1)]
    model = mm.Sequential([mm.Input((3,)), *layers], seed=seed)
    model.compile("adam", "mse")
    history = model.fit(x, y, epochs=3, batch_size=8, verbose=0)
    return [*model.get_weights(), np.asarray(history.history["loss"])]


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(one, two))


def test_two_trainings_of_one_seed_are_bit_equal_and_two_seeds_differ():
    assert same(story(seed=1), story(seed=1))
    assert not same(story(seed=1), story(seed=2))


def test_set_random_seed_repeats_a_whole_script():
    def script():
        mm.utils.set_random_seed(7)
        return [*story(), *story()]

    first, second = script(), script()
    assert same(first, second)
    assert not same(first[:5], first[5:])  # two models of one script differ
    mm.utils.set_random_seed(8)
    assert not same(story(), first)


def test_without_a_seed_models_differ():
    assert not same(story(), story())


def test_layers_alone_follow_the_seed_too():
    def kernel():
        mm.utils.set_random_seed(3)
        layer = Dense(4)
        layer(np.ones((1, 3), "f4"))
        return layer.get_weights()[0]

    np.testing.assert_array_equal(kernel(), kernel())


def test_keys_depend_on_every_part_and_on_the_order():
    keys = [
        randomness.make_key(*parts)
        for parts in (
            *((1,), (2,), (1, "a"), (1, "b"), (1, "a", 0), (1, "a", 1), (1, 0), (1, 1)),
            *((1, "a/1"), (1, 1, "a"), (1, "a", "1"), (1, "1"), (1, "a1"), (1, "", "a")),
        )
    ]
    keys += [fold(keys[0], "a", 1), fold(fold(keys[0], "a"), 1), fold(fold(keys[0], 1), "a")]
    keys += [at_step(keys[0], 1), at_step(at_step(keys[0], 1), 2), at_step(at_step(keys[0], 2), 1)]
    keys += [fold(at_step(keys[0], 1), "a"), at_step(fold(keys[0], "a"), 1)]
    assert len({key.tobytes() for key in keys}) == len(keys)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.data())
def test_nothing_that_is_folded_in_cancels(seed, repeats, data):
    parts = st.one_of(st.text(max_size=4), st.integers(-3, 2**40))
    changes = data.draw(st.lists(parts, min_size=1, max_size=3))
    before = first = randomness.make_key(seed)
    for part in changes * repeats:
        before = at_step(before, part) if isinstance(part, int) else fold(before, part)
        assert not np.array_equal(before, first)


def test_traced_keys_are_those_of_the_host():
    @jax.jit
    def program(seed, step):
        key = randomness.make_key(seed, "training")
        return at_step(key, step), fold(at_step(key, step), "dropout", 2)

    key = randomness.make_key(2**32 - 1, "training")
    for traced, known in zip(
        program(np.uint32(2**32 - 1), 7), (at_step(key, 7), fold(at_step(key, 7), "dropout", 2))
    ):
        assert isinstance(known, np.ndarray)
        np.testing.assert_array_equal(traced, known)
    for key in (jax.random.PRNGKey(3), jax.random.key(3)):  # those of JAX are keys, too
        np.testing.assert_array_equal(fold(key, "a"), fold(np.array([0, 3], "u4"), "a"))


def test_vmap_over_seeds_gives_what_each_seed_gives_alone():
    def numbers(seed):
        return random.bits(fold(at_step(randomness.make_key(seed, "a"), 3), "b"), (4,))

    seeds = np.arange(5, dtype=np.uint32)
    for seed, together in zip(seeds, jax.vmap(numbers)(seeds)):
        np.testing.assert_array_equal(together, numbers(int(seed)))


def test_ten_million_keys_do_not_collide():
    # By chance, 10**7 of 2**64 words have one chance in 370,000 of meeting. On the host, words may
    # be arrays: the rows are 500 seeds by 200 steps, for 5 purposes by 20 paths.
    seeds, steps = (a.ravel() for a in np.meshgrid(np.arange(500), np.arange(200)))
    found = []
    for purpose in ("training", "predict", "models", "eager", "order"):
        keys = at_step(randomness.make_key(seeds, purpose), steps)
        found += [fold(keys, f"block_{n // 5}/dropout", n % 5) for n in range(20)]
    pairs = np.concatenate([np.ascontiguousarray(key.T).view("u8").ravel() for key in found])
    pairs.sort()
    assert len(pairs) == 10**7
    assert (pairs[1:] != pairs[:-1]).all()


@pytest.mark.parametrize("change", ["seed", "step", "first word", "second word"])
def test_every_bit_of_a_key_depends_on_every_bit_before(change):
    n = 20_000
    rng = np.random.default_rng(0)
    words, seeds, steps = rng.integers(0, 2**32, (2, n)), *rng.integers(0, 2**32, (2, n))
    words = words.astype("u4")

    def key(flip=0):
        if change == "seed":
            return randomness.make_key(seeds ^ flip, "a")
        if change == "step":
            return at_step(words, steps ^ flip)
        row = np.array([[change == "first word"], [change == "second word"]], "u4")
        return fold(words ^ row * np.uint32(flip), "a")

    for bit in range(32):
        changed = key() ^ key(1 << bit)
        share = np.unpackbits(changed.view("u1").reshape(2, n, 4), axis=-1).mean(1)
        assert np.abs(share - 0.5).max() < 6 * 0.5 / np.sqrt(n), (bit, share)


def test_the_order_of_an_epoch_is_a_permutation_that_depends_on_seed_and_number():
    orders = [epoch_order(50, seed, number) for seed in (0, 1) for number in (0, 1, 2**32 - 1)]
    for order in orders:
        assert order.dtype == np.int32
        np.testing.assert_array_equal(np.sort(order), np.arange(50))
    assert len({order.tobytes() for order in orders}) == len(orders)
    np.testing.assert_array_equal(orders[1], epoch_order(50, 0, 1))
    # Each row comes first equally often.
    first = np.bincount([epoch_order(8, 3, number)[0] for number in range(4000)], minlength=8)
    assert scipy.stats.chisquare(first).pvalue > 1e-4


def test_arrays_streams_and_loaders_take_their_rows_in_one_order():
    rows = np.arange(12)
    batches = [(rows[i : i + 1], rows[i : i + 1]) for i in range(12)]
    arrays = next(ArraySource((rows, rows, None), 1, shuffle=True, seed=5).chunks(first_step=36))
    keep = lambda *parts: parts  # noqa: E731
    stream = next(StreamSource(batches, None, keep, shuffle=True, seed=5).chunks(first_step=36))
    loader = RowBatches(12, 1, shuffle=True, seed=5)
    expected = epoch_order(12, 5, 36)
    np.testing.assert_array_equal(arrays.order, expected)
    np.testing.assert_array_equal(stream.data[0][:12], expected)
    np.testing.assert_array_equal(np.concatenate(loader.parts(36, True)), expected)


def test_models_after_a_set_seed_never_share_one():
    randomness.set_random_seed(7)
    assert len({randomness.next_seed() for _ in range(3000)}) == 3000


@pytest.mark.parametrize("key", [np.zeros(3, "u4"), np.uint32(7), np.zeros(0, "u4")])
def test_what_is_no_key(key):
    with pytest.raises(ShapeError, match="two 32-bit words"):
        fold(key, "a")
    with pytest.raises(ShapeError, match="two 32-bit words"):
        random.bits(key, (3,))


@pytest.mark.parametrize("seed", [-1, 2**32, "x", None, 1e300])
def test_what_is_no_seed(seed):
    with pytest.raises(ConfigError, match="seed"):
        mm.utils.set_random_seed(seed)


def test_seeds_of_numpy_are_seeds():
    assert randomness.check_seed(np.int64(5)) == 5
    mm.utils.set_random_seed(np.uint32(2**32 - 1))
    assert randomness.next_seed() == 2**32 - 1
