"""``maeum train`` with an environment, and ``maeum watch``."""

import json
from pathlib import Path

import pytest

from maeum.rl import load_agent

MINE = """
import jax.numpy as jnp
from maeum.rl import Environment, spaces


class Corridor(Environment):
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


class Raising(Corridor):
    def step(self, state, action, key):
        raise RuntimeError("motor broke")
"""


@pytest.fixture(scope="module")
def corridor(maeum, tmp_path_factory):
    """Where an agent in an environment of one's own was trained."""
    folder = tmp_path_factory.mktemp("corridor")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("my_env.py").write_text(MINE)
        ran = maeum("train", "my_env.py:Corridor", "--seeds", "2", "--steps", "3000",
                    "--episodes", "3", "--learning-rate", "0.5")  # fmt: skip
    assert ran.code == 0, ran.err
    return folder, ran.out


def test_an_environment_of_ones_own_is_learnt(corridor):
    folder, said = corridor
    for name in ("model.maeum", "report.html", "metrics.json", "history.csv"):
        assert (folder / "maeum-my_env" / name).exists()
    assert "QLearning: 3,008 steps in the environment from each of 2 seeds" in said
    assert "A mean return of 1 in 3 new episodes of Corridor" in said
    assert "epoch 1/" in said  # not every epoch is a line
    assert "epoch 3/" not in said
    found = json.loads((folder / "maeum-my_env" / "metrics.json").read_text())
    assert found["settings"]["learning_rate"] == 0.5
    assert load_agent(folder / "maeum-my_env" / "model.maeum").act([0, 1, 2]).tolist() == [1, 1, 1]


def test_it_is_watched_with_its_environment(maeum, corridor, monkeypatch):
    folder, _said = corridor
    monkeypatch.chdir(folder)
    model = "maeum-my_env/model.maeum"
    ran = maeum("watch", model)
    assert ran.code == 2
    assert "--environment FILE.py:FUNCTION" in ran.err
    ran = maeum("watch", model, "--environment", "my_env.py:Corridor", "--episodes", "2",
                "--seed", "1", "--out", "seen")  # fmt: skip
    assert ran.code == 0, ran.err
    assert "Episode 2: return 1 after 3 steps" in ran.out
    assert Path("seen/watch.html").exists()
    assert Path("seen/watch.gif").exists()
    ran = maeum("watch", model, "--environment", "Taxi-v4")
    assert "learnt in Corridor" in ran.err
    ran = maeum("show", model)
    assert "An agent (QLearning) for Corridor" in ran.out


def test_data_are_nothing_to_an_agent(refuse, corridor):
    model = corridor[0] / "maeum-my_env" / "model.maeum"
    assert "maeum watch MODEL" in refuse("predict", model, "table.csv")
    assert "load_agent" in refuse("evaluate", model, "table.csv")


def test_only_agents_are_watched(refuse, tmp_path):
    from maeum import Sequential, layers

    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    model.save(tmp_path / "network.maeum")
    assert "is no agent that could be watched" in refuse("watch", tmp_path / "network.maeum")
    assert "There is no model file" in refuse("watch", "nothing.maeum")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("CartPole-v9", "Did you mean 'CartPole-v1'"),
        ("Cartpole-v1", "Did you mean 'CartPole-v1'"),
        ("chrun.csv", "There is no file chrun.csv"),
        ("no_env.py:make", "There is no file 'no_env.py'"),
        ("Pendulum-v1 --agent dqn", "DQN chooses among Discrete ones. PPO"),
        ("CartPole-v1 --agent sarsa", "Take an agent with a network"),
        ("CartPole-v1 --agent pp", "Did you mean 'ppo'"),
        ("CartPole-v1 --target x", "CartPole-v1 is taken for agents in environments"),
        ("Taxi-v4 --hidden 8", "--hidden is for ppo, a2c, reinforce, dqn and sac"),
        ("CartPole-v1 --steps 0", "--steps is a whole number of 1 or more"),
        ("CartPole-v1 Taxi-v4", "give one file or folder"),
    ],
)
def test_what_cannot_be_learnt_is_told(refuse, arguments, said):
    assert said in refuse("train", *arguments.split())


def test_an_environment_that_raises_is_told(maeum, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my_env.py").write_text(MINE)
    ran = maeum("train", "my_env.py:Raising")
    assert ran.code == 2
    assert "raised RuntimeError('motor broke')" in ran.err
    assert not (tmp_path / "maeum-my_env").exists()


def test_what_is_learnt_before_an_environment_fails_is_kept(maeum, tmp_path, monkeypatch):
    pytest.importorskip("gymnasium")
    monkeypatch.chdir(tmp_path)
    Path("lights.py").write_text(
        "import gymnasium\n"
        "from pathlib import Path\n"
        "class Lights(gymnasium.Env):\n"
        "    observation_space = gymnasium.spaces.Discrete(4)\n"
        "    action_space = gymnasium.spaces.Discrete(2)\n"
        "    taken = 0\n"
        "    def reset(self, *, seed=None, options=None):\n"
        "        self.place = 0\n"
        "        return 0, {}\n"
        "    def step(self, action):\n"
        "        Lights.taken += 1\n"
        "        if Lights.taken > 2000 and not Path('mended').exists():\n"
        "            raise OSError('no light')\n"
        "        self.place += 1\n"
        "        return self.place, float(action), self.place == 3, False, {}\n"
    )
    how = ("train", "lights.py:Lights", "--steps", "4000", "--episodes", "3", "--resume")
    ran = maeum(*how)
    assert ran.code == 2
    assert "no light" in ran.err
    assert "--resume goes on from there" in ran.err
    Path("mended").touch()
    ran = maeum(*how)
    assert ran.code == 0, ran.err
    assert "A mean return of 3" in ran.out
    assert len((tmp_path / "maeum-lights" / "history.csv").read_text().splitlines()) == 51
