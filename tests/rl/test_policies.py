"""Distributions of actions against SciPy, and what networks are given of observations."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import maeum as mm
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import make_key
from maeum.rl import PPO, envs
from maeum.rl.networks import as_input, default_network, input_shape
from maeum.rl.policies import Categorical, MultiCategorical, Normal, actions_of
from maeum.rl.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple

LOGITS = np.float32([[0.3, -1.0, 2.0], [0.0, 0.0, 0.0]])


def test_numbered_actions_have_the_probabilities_of_a_softmax():
    actions = Categorical(Discrete(3, start=5))
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
    np.testing.assert_allclose(
        actions.log_prob(LOGITS, np.array([2, 0])), np.log([p[0, 2], 1 / 3]), rtol=1e-5
    )
    np.testing.assert_allclose(actions.entropy(LOGITS), stats.entropy(p, axis=-1), rtol=1e-5)
    assert actions.mode(LOGITS)[0] == 2
    assert actions.to_environment(jnp.array([0, 2])).tolist() == [5, 7]
    many = np.broadcast_to(LOGITS[0], (20_000, 3))
    drawn = actions.sample(many, actions.noise(make_key(0), (20_000,)))
    counts = np.bincount(drawn, minlength=3) / 20_000
    np.testing.assert_allclose(counts, p[0], atol=0.015)


@pytest.mark.parametrize("sizes", [[3, 2], [2, 2]])
def test_several_numbered_actions_are_independent(sizes):
    actions = MultiCategorical(MultiDiscrete(sizes, start=[1, -1]))
    logits = np.random.default_rng(0).normal(size=(1, sum(sizes))).astype(np.float32)
    rows = np.split(np.float64(logits[0]), [sizes[0]])
    p, q = (np.exp(row) / np.exp(row).sum() for row in rows)
    product = np.outer(p, q)
    pairs = np.stack(np.meshgrid(*map(np.arange, sizes), indexing="ij"), -1).reshape(-1, 2)
    found = actions.log_prob(np.repeat(logits, len(pairs), 0), pairs)
    np.testing.assert_allclose(found, np.log(product.reshape(-1)), rtol=1e-4)
    assert float(actions.entropy(logits)[0]) == pytest.approx(
        stats.entropy(product.reshape(-1)), rel=1e-5
    )
    assert actions.mode(logits)[0].tolist() == [p.argmax(), q.argmax()]
    assert actions.to_environment(jnp.array([[0, 1]])).tolist() == [[1, 0]]
    many = np.repeat(logits, 20_000, 0)
    drawn = np.asarray(actions.sample(many, actions.noise(make_key(0), (20_000,))))
    counts = np.bincount(drawn @ [sizes[1], 1], minlength=len(pairs)) / 20_000
    np.testing.assert_allclose(counts, product.reshape(-1), atol=0.015)


def test_actions_of_numbers_are_normally_distributed_and_lie_within_the_limits():
    actions = Normal(Box(np.float32([-2, 0]), np.float32([2, 1])))
    mean, log_std = np.float32([[0.5, -0.2]]), np.float32([0.1, -0.4])
    there = stats.norm(mean[0], np.exp(log_std))
    action = np.float32([[0.7, 0.3]])
    assert actions.log_prob((mean, log_std), action)[0] == pytest.approx(
        there.logpdf(action[0]).sum(), rel=1e-5
    )
    assert actions.entropy((mean, log_std))[0] == pytest.approx(there.entropy().sum(), rel=1e-5)
    # -1 and 1 are the limits.
    assert actions.to_environment(jnp.array([[-1.0, 1.0]])).tolist() == [[-2.0, 1.0]]
    assert actions.to_environment(jnp.array([[0.5, -7.0]])).tolist() == [[1.0, 0.0]]
    wide = np.zeros((20_000, 2), np.float32)
    drawn = actions.sample((wide, log_std), actions.noise(make_key(0), (20_000,)))
    np.testing.assert_allclose(np.std(drawn, 0), np.exp(log_std), rtol=0.03)


def test_actions_without_limits_are_taken_as_they_are():
    actions = Normal(Box(-np.inf, np.inf, (2, 1)))
    assert actions.to_environment(jnp.array([[3.0, -4.0]])).tolist() == [[[3.0], [-4.0]]]


def test_observations_become_numbers_that_networks_take():
    pair = Tuple(Discrete(3), Box(-1.0, 1.0, (2, 1)))
    assert input_shape(pair) == (5,)
    seen = as_input(pair, (jnp.array([2]), jnp.array([[[0.5], [-1.0]]])))
    assert seen.tolist() == [[0, 0, 1, 0.5, -1.0]]
    pixels = as_input(Box(0, 255, (1, 1, 3), np.uint8), np.full((1, 1, 1, 3), 51, np.uint8))
    np.testing.assert_allclose(pixels, np.full((1, 1, 1, 3), 0.2), rtol=1e-6)
    assert as_input(Box(0.0, 9.0, ()), jnp.array([4.0])).tolist() == [[4.0]]


def test_observations_by_name_are_flat_as_gymnasiums():
    space = Dict({
        "several": MultiDiscrete([3, 2]), "switches": MultiBinary((2, 1)),
        "image": Box(0, 255, (1, 2, 1), np.uint8), "place": Discrete(2),
    })  # fmt: skip
    sample = {"several": np.array([2, 0]), "switches": np.array([[1], [0]], np.int8),
              "image": np.array([[[255], [0]]], np.uint8), "place": 1}  # fmt: skip
    spaces = pytest.importorskip("gymnasium").spaces
    flat = spaces.flatten(space.to_gymnasium(), sample)
    flat[:2] = flat[:2] / 255  # bytes are from 0 to 1 here
    batch = {name: np.asarray(part)[None] for name, part in sample.items()}
    found = as_input(space, batch)
    assert found.shape == (1, *input_shape(space))
    np.testing.assert_allclose(found[0], flat)


def test_default_networks_take_vectors_images_and_large_images():
    for shape in ((4,), (2, 3), (10, 5, 1), (84, 84, 4)):
        assert default_network(shape, 3, "policy").output_shape == (None, 3)
    kernel = np.asarray(default_network((64,), 64, "value", 2.0).weights[-2])
    np.testing.assert_allclose(kernel.T @ kernel, 4 * np.eye(64), atol=1e-4)


class Buttons(envs.Environment):
    name = "Buttons"
    observation_space, action_space = Box(0.0, 1.0, (2,)), Box(0, 1, (3,), np.int32)

    def reset(self, key):
        return jnp.zeros(2)


def test_what_does_not_fit_is_named():
    with pytest.raises(ConfigError, match="Buttons has the actions Box"):
        actions_of(Buttons())
    dense = mm.Sequential([mm.Input((4,)), mm.layers.Dense(3)])
    with pytest.raises(ShapeError, match=r"policy for CartPole-v1 gives 2 numbers.*\(1, 3\)"):
        PPO("CartPole-v1", policy=dense)
    with pytest.raises(ConfigError, match="value of an agent is a model"):
        PPO("CartPole-v1", value="dense")
