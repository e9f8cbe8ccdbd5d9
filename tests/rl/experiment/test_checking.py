"""An environment of one's own that does not keep its word is refused before anything is learnt."""

import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.rl import Environment, envs, spaces
from maeum.rl.experiment.checking import check_works


class Good(Environment):
    name = "Good"
    observation_space = spaces.Box(-1.0, 1.0, (2,))
    action_space = spaces.Discrete(2)

    def reset(self, key):
        return jnp.zeros(2)

    def step(self, state, action, key):
        return state, jnp.float32(0), jnp.bool_(False)

    def observe(self, state):
        return state


class Raises(Good):
    def step(self, state, action, key):
        raise RuntimeError("motor broke")


class WrongShape(Good):
    def observe(self, state):
        return jnp.zeros(3)


class OtherState(Good):
    def step(self, state, action, key):
        return jnp.zeros(3), jnp.float32(0), jnp.bool_(False)


class FiveValues(Good):
    def step(self, state, action, key):
        return state, 0.0, False, False, {}


class VectorReward(Good):
    def step(self, state, action, key):
        return state, jnp.zeros(2), jnp.bool_(False)


class NoSpace(Good):
    observation_space = {"a": 1}


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        (Raises, DataError, "motor broke"),
        (WrongShape, ConfigError, "shape (3,)"),
        (OtherState, ConfigError, "float32[3] instead of float32[2]"),
        (FiveValues, ConfigError, "three values"),
        (VectorReward, ConfigError, "the reward float32[2]"),
        (NoSpace, ConfigError, "no observation_space"),
    ],
)
def test_what_is_wrong_is_named(kind, error, said):
    with pytest.raises(error) as told:
        check_works(kind())
    assert said in str(told.value)


@pytest.mark.parametrize("name", envs.names())
def test_those_of_maeum_are_fine(name):
    check_works(envs.make(name))


def test_one_of_gymnasium_is_tried_out():
    gymnasium = pytest.importorskip("gymnasium")

    class Theirs(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
        action_space = gymnasium.spaces.Discrete(2)
        shape = (2,)
        broken = False

        def reset(self, *, seed=None, options=None):
            return np.zeros(2, np.float32), {}

        def step(self, action):
            if self.broken:
                raise RuntimeError("motor broke")
            return np.zeros(self.shape, np.float32), 0.0, False, False, {}

    fine = envs.FromGymnasium(Theirs())
    check_works(fine)
    check_works(fine)  # its only environment was handed back
    Theirs.shape = (3,)
    with pytest.raises(DataError, match="observation of shape"):
        check_works(fine)
    Theirs.broken = True
    with pytest.raises(DataError, match="motor broke"):
        check_works(fine)
