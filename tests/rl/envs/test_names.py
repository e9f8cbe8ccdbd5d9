"""What all environments have in common, and how they are found."""

import jax
import numpy as np
import pytest

from maeum.core.errors import ArgumentError, ConfigError, UnknownNameError
from maeum.core.fingerprint import fingerprint
from maeum.core.randomness import make_key
from maeum.rl import envs
from maeum.rl.envs.drawing import COLOURS


def mapped(function):
    return jax.jit(jax.vmap(function))


@pytest.mark.parametrize("name", envs.names())
def test_an_environment_keeps_its_own_promises(name):
    env = envs.make(name)
    assert env.name == name

    @jax.jit
    def begun(key):
        state = env.reset(key)
        return state, env.observe(state)

    @jax.jit
    def stepped(state, key):
        state, reward, terminated = env.step(state, env.action_space.sample(key), key)
        return state, env.observe(state), reward, terminated

    state, seen = begun(make_key(0))
    for t in range(12):
        assert env.observation_space.contains(jax.tree.map(np.asarray, seen))
        assert env.render(state).marks
        assert {mark.colour for mark in env.render(state).marks} <= set(COLOURS)
        after, seen, reward, terminated = stepped(state, make_key(1, t))
        same = jax.tree.map(lambda a, b: (a.shape, a.dtype) == (b.shape, b.dtype), state, after)
        assert all(jax.tree.leaves(same))  # a loop of a compiled program can carry it
        assert (reward.shape, reward.dtype) == ((), np.float32)
        assert (terminated.shape, terminated.dtype) == ((), np.bool_)
        if terminated:
            break
        state = after


@pytest.mark.parametrize("name", envs.names())
def test_a_description_makes_the_same_environment(name):
    env = envs.make(name)
    again = type(env).from_config(env.get_config())
    assert fingerprint(env).text == fingerprint(again).text
    assert fingerprint(env).closed
    assert not fingerprint(env).variables
    hash(env)


def test_other_hyper_parameters_are_another_program():
    one, two = envs.make("FrozenLake-v1"), envs.make("FrozenLake-v1", is_slippery=False)
    assert fingerprint(one).text != fingerprint(two).text
    assert fingerprint(envs.make("CartPole-v1")).text != fingerprint(
        envs.make("CartPole-v1", max_episode_steps=100)
    ).text  # fmt: skip


def test_a_name_that_nothing_has_names_the_nearest():
    with pytest.raises(UnknownNameError, match=r"Did you mean 'CartPole-v1'\?"):
        envs.make("CartPol-v1")
    with pytest.raises(ArgumentError, match="Did you mean 'is_slippery'"):
        envs.make("FrozenLake-v1", slippery=True)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: envs.FrozenLake(map_name="9x9"), "map_name is one of '4x4', '8x8'"),
        (lambda: envs.FrozenLake(["SF", "G"]), "strings of one length"),
        (lambda: envs.FrozenLake([]), "strings of one length"),
        (lambda: envs.FrozenLake(["SFFF"]), "no 'G'"),
        (lambda: envs.FrozenLake(["FFG"]), "no 'S'"),
        (lambda: envs.FrozenLake(success_rate=1.5), "success_rate lies between 0 and 1"),
        (lambda: envs.FrozenLake(reward_schedule=[1, 0]), "three rewards"),
        (lambda: envs.GridWorld(slip=-1), "slip lies between"),
        (lambda: envs.BernoulliBandit(probabilities=[0.5, 1.2]), "lies between 0 and 1"),
        (lambda: envs.BernoulliBandit(probabilities=[]), "arms is a whole number of 1"),
        (lambda: envs.GaussianBandit(arms=0), "arms is a whole number of 1"),
        (lambda: envs.MiniBreakout(sticky=1.0), "sticky takes numbers from 0, below 1"),
        (lambda: envs.Catch(rows=1), "rows is a whole number of 2"),
        (lambda: envs.Transitions.of({}), "from 0 to n - 1"),
        (lambda: envs.Transitions.of({0: {0: [(0.4, 0, 0, False)]}}), "sum to 0.4"),
        (lambda: envs.Transitions.of({0: {0: [(1.0, 7, 0, False)]}}), "leads to state 7"),
    ],
)
def test_hyper_parameters_that_make_no_sense_are_errors(make, told):
    with pytest.raises((ConfigError, ValueError), match=told):
        make()


def test_the_grid_world_of_russell_and_norvig():
    table = envs.GridWorld().transitions
    start, up = 8, 0  # the lower left corner; up 0.8, left into the edge 0.1, right 0.1
    found = dict(zip(table.state[start, up].tolist(), table.probability[start, up].tolist()))
    assert found == pytest.approx({4: 0.8, 8: 0.1, 9: 0.1})
    beside = 2  # left of the goal
    assert table.reward[beside, 1, 0] == pytest.approx(0.96)
    assert table.terminated[beside, 1, 0]
    assert table.state[4, 1, 0] == 4  # a wall


def test_bandits_pay_as_their_arms_say():
    keys = np.random.default_rng(0).integers(2**32, size=(4000, 2), dtype=np.uint32)
    bandit = envs.BernoulliBandit(probabilities=[0.2, 0.8])
    paid = mapped(lambda key: bandit.step(bandit.reset(key), 1, key)[1])(keys)
    assert abs(np.mean(paid) - 0.8) < 5 * np.sqrt(0.16 / 4000)
    testbed = envs.GaussianBandit(mean=2.0)
    means = np.asarray(mapped(testbed.reset)(keys))
    assert means.shape == (4000, 10)
    assert abs(means.mean() - 2) < 0.05
    assert abs(means.std() - 1) < 0.05
    fixed = envs.GaussianBandit(means=[0.0, 3.0], deviation=2.0, walk=0.5)
    after, reward, _ = mapped(lambda key: fixed.step(fixed.reset(key), 1, key))(keys)
    assert abs(np.mean(reward) - 3) < 5 * 2 / np.sqrt(4000)
    assert abs(np.std(reward) - 2) < 0.15
    assert abs(np.std(after, axis=0) - 0.5).max() < 0.05
    assert int(fixed.best(np.float32([0, 3]))) == 1
