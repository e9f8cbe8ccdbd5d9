"""Agents as a task: several seeds, of which the best one is kept, tested and told of."""

import json
import warnings

import numpy as np
import pytest

from maeum.callbacks import LambdaCallback
from maeum.core.errors import ConfigError
from maeum.experiment.files import write_results
from maeum.experiment.report import page_of
from maeum.report.html import render
from maeum.rl import PPO, ValueIteration, envs, load_agent, policy_values, train_agent
from maeum.rl.experiment.data import AgentData
from maeum.rl.experiment.judging import _optimal
from maeum.rl.experiment.making import Plan, suitable
from maeum.rl.experiment.options import AgentOptions
from maeum.rl.experiment.playing import EXPLORING, GREEDY, RANDOM, part, play
from maeum.rl.experiment.recipes import solved_from


@pytest.fixture(scope="module")
def trained():
    return train_agent("CliffWalking-v1", seeds=2, steps=16_000, episodes=5)


@pytest.fixture(scope="module")
def written(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("agent")
    return write_results(trained, folder)


def test_the_best_policy_is_found_and_said_to_be_so(trained):
    run = trained.run
    assert run.metrics["return"] == -13 == run.optimal
    assert len(run.greedy.total) == 5
    assert run.seeds.keys() == {42, 43}
    assert run.seeds[run.kept] == max(run.seeds.values())
    assert trained.task.verdict(run).headline.startswith("As good as the best policy")
    assert run.random.total.mean() < -100


def test_the_files_hold_agent_curves_and_episodes(trained, written):
    agent = load_agent(written["model"])
    assert int(agent.act(36)) == 0
    np.testing.assert_array_equal(agent.action_values(), trained.model.agent.action_values())
    found = json.loads(written["metrics"].read_text())
    assert found["greedy"]["returns"] == [-13.0] * 5
    assert found["interquartile_mean"]["value"] == np.mean(list(found["seeds"].values()))
    lines = written["history"].read_text().splitlines()
    assert lines[0].startswith("epoch,steps,return,return_lower_quartile,return_upper_quartile")
    assert lines[-1].split(",")[1] == "16048.0"


def test_the_report_shows_an_episode_the_table_and_the_curves(trained):
    page = render(page_of(trained))
    for said in ("An episode", "Values and policy while it learnt", "Learning curves", "Seed 43",
                 "load_agent", "maeum watch model.maeum", "Best possible"):  # fmt: skip
        assert said in page
    chapters = {chapter.name: chapter for chapter in page_of(trained).chapters}
    [episode] = chapters["episode"].sections
    assert len(episode.frames) == 14
    [table] = chapters["table"].sections
    assert len(table.frames) == len(table.told) > 3


def test_a_traced_episode_is_what_the_environment_does(trained):
    agent = trained.model.agent
    [episode] = play(agent, {EXPLORING: 3}, seed=1, traced=1).episodes
    tables = agent.environment.transitions
    state = 36
    for action, reward, after in zip(episode.actions, episode.rewards, episode.states[1:]):
        assert tables.reward[state, action, 0] == reward
        assert tables.state[state, action, 0] == after
        state = int(after)
    assert episode.states[0] == 36
    assert episode.terminated


def test_kinds_of_episodes_come_in_their_order(trained):
    agent = trained.model.agent
    found = play(agent, {GREEDY: 4, RANDOM: 3}, seed=0).results
    np.testing.assert_array_equal(part(found, 0, 4).total, [-13] * 4)
    assert (part(found, 4, 3).length > 13).all()
    assert part(found, 4, 3).length.max() <= 1000


def test_the_best_return_within_a_time_limit_is_computed():
    def best(world):
        return _optimal(AgentData("lake", Plan(world, "q_learning", AgentOptions())))

    endless = envs.FrozenLake(max_episode_steps=None)
    planner = ValueIteration(endless, 1.0)
    planner.fit(steps_per_epoch=2000, verbose=0)
    values = policy_values(endless, planner.policy(), 1.0)
    assert best(endless) == pytest.approx(values[0], abs=1e-4)
    assert best(envs.FrozenLake(max_episode_steps=5)) < 0.02  # six steps at least lead to the goal
    assert best(envs.CliffWalking()) == -13


def test_options_make_the_agent_and_nothing_else_is_taken():
    world = envs.make("CartPole-v1")
    plan = Plan.of(world, AgentOptions(agent="ppo", steps=4096, hidden=(8, 4), discount=0.9))
    agent = plan.make(3)
    assert isinstance(agent, PPO)
    assert (agent.seed, agent.discount, agent.decay_steps) == (3, 0.9, 4)
    assert [layer.units for layer in agent.policy.layers] == [8, 4, 2]
    assert plan.steps_per_epoch * plan.epochs * plan.rows == 4096
    assert plan.settings()["steps"] == 4096
    for chosen, said in (
        ({"agent": "q_learning"}, "no table has a place"),
        ({"agent": "sac"}, "SAC takes a Box"),
        ({"agent": "value_iteration", "learning_rate": 0.1}, "--learning-rate is for ppo"),
    ):
        with pytest.raises(ConfigError) as told:
            Plan.of(world, AgentOptions(**chosen))
        assert said in str(told.value)
    with pytest.raises(ConfigError, match="shows images"):
        Plan.of(envs.make("Catch"), AgentOptions(hidden=(8,)))


def test_the_agent_suits_the_spaces():
    kinds = {name: suitable(envs.make(name)) for name in envs.names()}
    assert kinds["CartPole-v1"] == "ppo"
    assert kinds["Taxi-v4"] == kinds["Blackjack-v1"] == "q_learning"
    assert kinds["GaussianBandit"] == "epsilon_greedy"
    assert kinds["Pendulum-v1"] in ("sac", "ppo")
    assert solved_from(envs.make("CartPole-v1")) == 475


def test_bandits_are_judged_by_how_they_learn():
    trained = train_agent("GaussianBandit", seeds=1, environments=200, steps=20_000)
    assert trained.run.metrics["optimal"] > 0.3
    assert "Pulls the best arm" in trained.task.verdict(trained.run).headline
    assert "Learning curves" not in render(page_of(trained))


def test_planning_is_a_training_too():
    trained = train_agent("GridWorld", agent="value_iteration", episodes=200)
    assert "As good as the best policy" in trained.task.verdict(trained.run).headline
    assert trained.run.snapshots is not None


def test_what_was_learnt_is_kept_when_ctrl_c_comes():
    import signal

    def press(epoch, logs):
        if epoch == 3:
            signal.raise_signal(signal.SIGINT)

    trained = train_agent("CliffWalking-v1", seeds=3, steps=16_000, episodes=5,
                          callbacks=[LambdaCallback(on_epoch_end=press)])  # fmt: skip
    assert trained.interrupted
    assert list(trained.run.seeds) == [42]
    assert len(trained.run.history["return"]) == 4
    assert "stopped by hand" in " ".join(trained.run.notes)


def test_a_training_that_was_broken_off_goes_on_where_it_was(tmp_path):
    import signal

    def press(epoch, logs):
        if epoch == 20:
            signal.raise_signal(signal.SIGINT)

    how = {"seeds": 2, "steps": 8000, "episodes": 2, "report": False}
    train_agent("CliffWalking-v1", backup=tmp_path, callbacks=[LambdaCallback(on_epoch_end=press)],
                **how)  # fmt: skip
    resumed = train_agent("CliffWalking-v1", backup=tmp_path, **how)
    whole = train_agent("CliffWalking-v1", **how)
    assert not resumed.interrupted
    assert resumed.run.seeds == whole.run.seeds
    np.testing.assert_array_equal(
        resumed.model.agent.action_values(), whole.model.agent.action_values()
    )
    for name, values in whole.run.history.items():
        np.testing.assert_array_equal(resumed.run.history[name], values)


def test_an_endless_environment_is_given_up_and_told(monkeypatch):
    monkeypatch.setattr("maeum.rl.experiment.playing.ENDLESS", 300)

    class Endless(envs.GridWorld):
        def step(self, state, action, key):
            after, reward, _over = super().step(state, action, key)
            return after, reward, _over & False

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        world = Endless(max_episode_steps=None)
        trained = train_agent(world, seeds=1, steps=2000, episodes=2, agent="q_learning")
    assert "were given up" in " ".join(trained.task.verdict(trained.run).sentences)
    limited = train_agent(world, seeds=1, steps=2000, episodes=2, max_episode_steps=9)
    assert limited.run.metrics["length"] == 9
