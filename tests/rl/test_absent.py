"""An agent is kept without the code of its environment, and gets it back."""

import jax.numpy as jnp
import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.rl import Environment, QLearning, envs, load_agent, spaces
from maeum.rl.envs.absent import AbsentEnvironment, described, undescribed
from maeum.rl.experiment.model import AgentModel


class Corridor(Environment):
    name = "Corridor"
    observation_space = spaces.Discrete(4)
    action_space = spaces.Discrete(2)
    max_episode_steps = 9

    def reset(self, key):
        return jnp.int32(0)

    def step(self, state, action, key):
        state = jnp.maximum(state + 2 * action - 1, 0)
        return state, jnp.where(state == 3, 1.0, 0.0), state == 3

    def observe(self, state):
        return state


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(5, start=-2),
        spaces.Box(-1.0, np.inf, (2, 3)),
        spaces.Box(np.array([-np.inf, 0]), np.array([1, 2.5])),
        spaces.Box(0, 255, (4, 4, 3), np.uint8),
        spaces.Tuple(spaces.Discrete(3), spaces.Box(-2.0, 2.0, (1,))),
        spaces.Dict({"b": spaces.MultiDiscrete([2, 3]), "a": spaces.MultiBinary((2, 2))}),
    ],
    ids=str,
)
def test_a_space_survives_as_plain_data(space):
    assert undescribed(described(space)) == space


def test_an_agent_in_an_environment_of_ones_own_acts_and_is_given_it_back(tmp_path):
    agent = QLearning(Corridor(), learning_rate=0.5, seed=0)
    agent.fit(steps_per_epoch=300, verbose=0)
    path = tmp_path / "model.maeum"
    AgentModel(agent).save(path)
    assert isinstance(agent.environment, Corridor)
    alone = load_agent(path)
    assert isinstance(alone.environment, AbsentEnvironment)
    assert alone.act([0, 1, 2]).tolist() == [1, 1, 1]
    with pytest.raises(ConfigError, match="environment that its file does not hold"):
        alone.evaluate(2)
    back = load_agent(path, environment=Corridor())
    assert back.evaluate(2).total.tolist() == [1, 1]
    back.fit(steps_per_epoch=5, verbose=0)
    with pytest.raises(ConfigError, match="learnt in Corridor"):
        load_agent(path, environment="Taxi-v4")


def test_what_a_file_can_name_is_named(tmp_path):
    path = tmp_path / "model.maeum"
    AgentModel(QLearning(envs.FrozenLake(["SFG"]), seed=0)).save(path)
    assert load_agent(path).environment.desc == ("SFG",)
