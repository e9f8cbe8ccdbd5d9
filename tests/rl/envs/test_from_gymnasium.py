"""Environments of Gymnasium's interface, used here; and ours, used there."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.rl import A2C, QLearning, envs, load_agent

gymnasium = pytest.importorskip("gymnasium")
spaces = gymnasium.spaces


class Corridor(gymnasium.Env):
    """Five places; the last one ends it. Told to, it raises, or shows something else."""

    observation_space, action_space = spaces.Discrete(5), spaces.Discrete(2)
    fails_at = shows_at = None
    ends = True

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.steps = 0, 0
        return 0, {}

    def step(self, action):
        self.steps += 1
        if self.steps == self.fails_at:
            raise RuntimeError("the motor broke")
        self.place = min(max(self.place + 2 * int(action) - 1, 0), 4)
        seen = np.zeros(3) if self.steps == self.shows_at else self.place
        return seen, float(self.place == 4), self.ends and self.place == 4, False, {}


def corridor(**attributes):
    return lambda: type("Corridor", (Corridor,), attributes)()


@pytest.mark.filterwarnings("ignore:.*WARN.*")  # of spaces that are Gymnasium's own, too
@pytest.mark.parametrize("name", [n for n in envs.names() if "Bandit" not in n])
def test_ours_pass_gymnasiums_checks(name):
    from gymnasium.utils.env_checker import check_env

    env = envs.to_gymnasium(name)
    check_env(env, skip_render_check=True)


def test_ours_are_truncated_there_by_their_time_limit():
    env = envs.make("Pendulum-v1", max_episode_steps=3).to_gymnasium()
    env.reset(seed=0)
    told = [env.step(env.action_space.sample())[2:4] for _ in range(3)]
    assert told == [(False, False), (False, False), (False, True)]
    with pytest.raises(ConfigError, match="element of Box"):
        env.step(3)
    with pytest.raises(ConfigError, match=r"Call reset\(\)"):
        envs.to_gymnasium("Catch").step(0)


def test_a_training_in_theirs_is_the_training_in_ours():
    # The cliff leaves nothing to chance, so that the draws of the agent make all of both.
    options = {"learning_rate": 0.5, "discount": 1.0, "environments": 3, "seed": 2}
    ours = QLearning(envs.CliffWalking(max_episode_steps=60), **options)
    theirs = QLearning(envs.FromGymnasium("CliffWalking-v1", max_episode_steps=60), **options)
    told = [agent.fit(150, 2, verbose=0).history for agent in (ours, theirs)]
    np.testing.assert_array_equal(ours.table.value, theirs.table.value)
    np.testing.assert_array_equal(told[0]["return"], told[1]["return"])
    assert theirs.evaluate(episodes=2, greedy=False).total.shape == (2,)


def test_what_stands_beside_an_id_is_kept_in_the_file(tmp_path):
    env = envs.FromGymnasium("FrozenLake-v1", options={"is_slippery": False})
    assert (env.max_episode_steps, env.reward_threshold) == (None, 0.70)  # its own limit is there
    agent = QLearning(env, environments=2, seed=0)
    agent.fit(120, verbose=0)
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    assert (again.policy() == agent.policy()).all()
    again.fit(10, verbose=0)  # with episodes of its own
    assert again.trainer.counter.value == 130


def test_truncation_is_not_termination():
    env = envs.FromGymnasium("FrozenLake-v1", options={"max_episode_steps": 3})
    agent = QLearning(env, environments=4, seed=0)
    history = agent.fit(60, verbose=0).history
    assert history["length"][0] <= 3
    found = agent.evaluate(episodes=30, greedy=False)
    assert (found.length <= 3).all()
    assert not found.cut.any()
    assert not found.terminated.all()


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"fails_at": 4}, "Corridor.* raised RuntimeError.*the motor broke"),
        ({"shows_at": 4}, r"observation of shape \(3,\).* shape \(\)"),
        ({"step": lambda self, action: (0, 1.0, False, {})}, "instead of five values"),
        (
            {"step": lambda self, action: (0, np.nan, False, False, {})},
            "Corridor gave a reward that is NaN or infinite: nan",
        ),
    ],
)
def test_what_goes_wrong_on_the_host_is_told_and_nothing_is_lost(attributes, told):
    broken = corridor(**attributes)
    broken.__name__ = "Corridor"
    agent = QLearning(envs.FromGymnasium(broken), environments=2, seed=0)
    before = np.asarray(agent.table.value)
    with pytest.raises(DataError, match=told):
        agent.fit(20, verbose=0)
    np.testing.assert_array_equal(agent.table.value, before)


def test_an_episode_without_an_end_is_cut_and_told(monkeypatch):
    from maeum.rl.envs import from_gymnasium

    monkeypatch.setattr(from_gymnasium, "_LIMIT", 7)
    agent = QLearning(envs.FromGymnasium(corridor(ends=False)), environments=2, seed=0)
    with pytest.warns(UserWarning, match="did not end by itself"):
        history = agent.fit(30, verbose=0).history
    assert history["length"][0] == 7


class Words(Corridor):
    observation_space = spaces.Text(5)


class Named(Corridor):
    observation_space = spaces.Dict({"place": spaces.Text(5)})


class Several(Corridor):
    action_space = spaces.Sequence(spaces.Discrete(2))


class Panel(gymnasium.Env):
    """Which switch is on? Say so, and turn the first knob to 2."""

    observation_space = spaces.Dict({
        "switches": spaces.MultiBinary(2), "more": spaces.Tuple([spaces.Box(0, 1, (1,))]),
    })  # fmt: skip
    action_space = spaces.MultiDiscrete([3, 2])
    part = "more"

    def _seen(self):
        self.on = int(self.np_random.integers(2))
        return {"switches": np.eye(2, dtype=np.int8)[self.on], self.part: (np.zeros(1),)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._seen(), {}

    def step(self, action):
        assert action in self.action_space
        reward = float(action[1] == self.on) + float(action[0] == 2)
        return self._seen(), reward, True, False, {}


def test_observations_and_actions_of_several_parts_are_learnt():
    agent = A2C(envs.FromGymnasium(Panel), environments=8, n_steps=8, learning_rate=0.01, seed=0)
    agent.fit(60, verbose=0)
    for on in (0, 1):
        seen = {"switches": np.eye(2)[on], "more": ([0.0],)}
        assert agent.act(seen).tolist() == [2, on]
    agent.environment._host.make = type("Panel", (Panel,), {"part": "other"})
    agent.environment._host.pools.clear()
    with pytest.raises(DataError, match=r"part of each; got \['other', 'switches'\]"):
        agent.fit(1, verbose=0)


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: envs.FromGymnasium("CartPol-v1"), UnknownNameError, "Did you mean 'CartPole"),
        (lambda: envs.FromGymnasium(Words), ConfigError, r"observations .* are Text"),
        (lambda: envs.FromGymnasium(Named), ConfigError, r"are Text.* agents here take Box"),
        (lambda: envs.FromGymnasium(Several), ConfigError, r"actions .* are Sequence"),
        (lambda: envs.FromGymnasium(3), ConfigError, "is an id, a function"),
        (lambda: envs.FromGymnasium(lambda: 3), ConfigError, "not a gymnasium.Env"),
        (lambda: envs.FromGymnasium(Words, {"a": 1}), ConfigError, "given for an id"),
    ],
)
def test_what_cannot_be_used_is_told(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_one_environment_serves_one_place_only():
    agent = QLearning(envs.FromGymnasium(Corridor()), environments=1, seed=0)
    agent.fit(10, verbose=0)
    with pytest.raises(ConfigError, match="One environment cannot be several"):
        QLearning(envs.FromGymnasium(Corridor()), environments=2, seed=0).fit(10, verbose=0)
