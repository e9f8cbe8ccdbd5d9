"""Randomness has no hidden state: the same seed gives the same numbers, another one others."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum.core import randomness
from maeum.core.errors import ConfigError
from maeum.layers import Dense, Dropout


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


def test_keys_depend_on_every_part():
    keys = [
        randomness.make_key(*parts)
        for parts in ((1,), (2,), (1, "a"), (1, "b"), (1, "a", 0), (1, "a", 1), (1, 0), (1, 1))
    ]
    assert len({np.asarray(key).tobytes() for key in keys}) == len(keys)
    traced = jax.jit(lambda seed: randomness.fold(randomness.make_key(seed, "a"), "b"))(1)
    np.testing.assert_array_equal(traced, randomness.fold(randomness.make_key(1, "a"), "b"))
    steps = jax.vmap(lambda step: randomness.at_step(keys[2], step))(np.arange(5))
    assert len({key.tobytes() for key in np.asarray(steps)}) == 5


@pytest.mark.parametrize("seed", [-1, 2**32, "x", None, 1e300])
def test_what_is_no_seed(seed):
    with pytest.raises(ConfigError, match="seed"):
        mm.utils.set_random_seed(seed)


def test_seeds_of_numpy_are_seeds():
    assert randomness.check_seed(np.int64(5)) == 5
    mm.utils.set_random_seed(np.uint32(2**32 - 1))
    assert randomness.next_seed() == 2**32 - 1
