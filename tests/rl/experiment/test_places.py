"""What stands for data may be an environment: its name, a function of one's own, Gymnasium's."""

import importlib.util
from pathlib import Path

import pytest

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.rl import envs
from maeum.rl.experiment.places import may_be_environment, open_environment

MINE = """
import gymnasium
import jax.numpy as jnp
import numpy as np
from maeum.rl import Environment, spaces


class Mine(Environment):
    observation_space = spaces.Box(-1.0, 1.0, (2,))
    action_space = spaces.Discrete(2)
    max_episode_steps = 8

    def reset(self, key):
        return jnp.zeros(2)

    def step(self, state, action, key):
        return state, jnp.float32(action), jnp.bool_(False)

    def observe(self, state):
        return state


class Theirs(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.step_ = 0
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.step_ += 1
        return np.full(2, 0.1 * self.step_, np.float32), float(action), self.step_ >= 8, False, {}


made = Mine()
number = 7


def fails():
    raise OSError("no port")


def returns_seven():
    return 7


def needs(argument):
    return Mine()
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    pytest.importorskip("gymnasium")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("mine_env.py").write_text(MINE)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CartPole-v1", True),
        ("Cartpole-v9", True),
        ("ALE/Pong-v5", True),
        ("gridworld", True),
        ("my_env.py:make", True),
        ("sub/my_env.py:make", True),
        ("package.module:make", True),
        ("chrun.csv", False),
        ("photos", False),
        ("sub/Catch", False),
        ("-", False),
    ],
)
def test_a_name_is_told_from_a_file_that_is_not_there(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert may_be_environment(Path(text)) is expected


def test_what_is_there_is_data_whatever_its_name(tmp_path):
    folder = tmp_path / "CartPole-v1"
    folder.mkdir()
    assert not may_be_environment(folder)


def test_an_environment_comes_from_a_name_a_class_or_an_instance(mine):
    assert isinstance(open_environment("CartPole-v1", 20), envs.CartPole)
    assert open_environment("CartPole-v1", 20).max_episode_steps == 20
    assert open_environment("mine_env.py:Mine").name == "Mine"
    assert open_environment("mine_env:made", 5).max_episode_steps == 5
    theirs = open_environment("mine_env:Theirs", 30)
    assert isinstance(theirs, envs.FromGymnasium)
    assert (theirs.name, theirs.max_episode_steps) == ("Theirs", 30)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("Cartpole-v1", UnknownNameError, "Did you mean 'CartPole-v1'"),
        ("LunarLandr-v3", UnknownNameError, "Did you mean 'LunarLander-v3'"),
        ("mine_env.py:Mien", ConfigError, "Did you mean 'Mine'"),
        ("no_file.py:make", ConfigError, "There is no file 'no_file.py'"),
        ("no_module:make", ConfigError, "There is no module 'no_module'"),
        ("mine_env.py:fails", DataError, "OSError('no port')"),
        ("mine_env.py:returns_seven", ConfigError, "gave 7, which is no environment"),
        ("mine_env.py:needs", ConfigError, "missing a required argument: 'argument'"),
        ("mine_env.py:number", ConfigError, "neither a function nor an environment"),
    ],
)
def test_what_cannot_be_an_environment_is_told(mine, text, kind, said):
    with pytest.raises(kind) as error:
        open_environment(text)
    assert said in str(error.value)


def test_a_file_that_fails_is_told(mine):
    Path("broken.py").write_text("1 / 0")
    with pytest.raises(DataError, match="ZeroDivisionError"):
        open_environment("broken.py:make")
    Path("needy.py").write_text("import no_such_library")
    with pytest.raises(ConfigError, match="no_such_library"):
        open_environment("needy:make")


def test_without_gymnasium_it_is_told_how_to_get_it(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gymnasium" else found(name)
    )
    with pytest.raises(UnknownNameError, match="maeum\\[rl\\]"):
        open_environment("LunarLander-v3")
