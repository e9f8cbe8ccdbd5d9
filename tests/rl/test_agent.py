"""What all agents share, with the smallest of them: training, seeds, files, evaluation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.rl import DQN, REINFORCE, QLearning, envs, fit_agents, load_agent
from maeum.rl.spaces import Box, Discrete

OPTIONS = {"learning_rate": 0.5, "discount": 1.0, "environments": 8}


def learner(seed=0, **options):
    return QLearning("CliffWalking-v1", seed=seed, **{**OPTIONS, **options})


def state_of(agent):
    named = agent.named_state()
    return {name: np.asarray(v.value) for name, v in named.items() if "metrics" not in name}


def equal(one, two):
    one, two = state_of(one), state_of(two)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def trained():
    agent = learner()
    history = agent.fit(steps_per_epoch=100, epochs=4, verbose=0)
    return agent, history.history


def test_a_training_tells_returns_and_lengths_of_whole_episodes(trained):
    _agent, history = trained
    assert set(history) == {"loss", "return", "length"}
    assert all(len(values) == 4 for values in history.values())
    assert -1000 < history["return"][-1] <= -13
    assert history["length"][-1] >= 13


def test_an_epoch_without_an_end_has_no_return():
    history = learner().fit(steps_per_epoch=5, verbose=0).history  # 13 steps lead to the goal
    assert np.isnan(history["return"]).all()


def test_epochs_of_several_fits_are_those_of_one(trained):
    agent = learner()
    agent.fit(100, 1, verbose=0)
    agent.fit(100, 3, verbose=0)
    assert equal(agent, trained[0])


def test_seeds_side_by_side_end_as_each_alone(trained):
    agents = [learner(seed) for seed in range(3)]
    histories = fit_agents(agents, 100, 4)
    assert equal(agents[0], trained[0])
    np.testing.assert_array_equal(histories[0].history["return"], trained[1]["return"])
    assert not equal(agents[0], agents[1])


def test_an_agent_that_was_saved_goes_on_as_the_other(trained, tmp_path):
    agent = learner()
    agent.fit(100, 2, verbose=0)
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    assert isinstance(again.environment, envs.CliffWalking)
    again.fit(100, 2, verbose=0)
    assert equal(again, trained[0])
    assert again.act(36) == trained[0].act(36)


def test_a_training_that_was_stopped_goes_on_bit_for_bit(trained, tmp_path):
    class Stop(mm.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learner().fit(100, 4, verbose=0, backup=tmp_path, callbacks=[Stop()])
    agent = learner(seed=99)  # takes over the seed of the checkpoint
    history = agent.fit(100, 4, verbose=0, backup=tmp_path).history
    assert equal(agent, trained[0])
    np.testing.assert_array_equal(history["return"], trained[1]["return"])


def test_actions_are_told_for_one_observation_and_for_many(trained):
    agent, _ = trained
    assert agent.act(36).shape == ()
    assert agent.act(36) == agent.policy()[36]
    many = agent.act(np.arange(48))
    assert many.shape == (48,)
    assert (agent.action_values()[np.arange(48), many] == agent.values()).all()
    drawn = agent.act(np.full(4000, 36), greedy=False, seed=1)
    counts = np.bincount(drawn, minlength=4) / 4000
    assert counts[agent.policy()[36]] == pytest.approx(0.925, abs=0.03)  # 0.9 + 0.1 / 4
    with pytest.raises(DataError, match=r"element of Discrete\(48\)"):
        agent.act([[1]])


def test_an_evaluation_plays_whole_episodes_and_learns_nothing(trained):
    agent, _ = trained
    before = state_of(agent)
    found = agent.evaluate(episodes=5, greedy=False, seed=3)
    assert found.total.shape == (5,)
    assert found.terminated.all()
    same = agent.evaluate(episodes=5, greedy=False, seed=3)
    assert all(np.array_equal(a, b) for a, b in zip(found, same))
    other = agent.evaluate(episodes=5, greedy=False, seed=4)
    assert not np.array_equal(found.total, other.total)
    after = state_of(agent)
    assert all(np.array_equal(before[name], after[name]) for name in before)


class Drift(envs.Environment):
    """Seven steps on, it gives what is no number; it has no time limit."""

    name = "Drift"
    observation_space, action_space = Box(-1.0, 1.0, (1,)), Discrete(2)
    fault = None

    def reset(self, key):
        return jnp.int32(0)

    def step(self, state, action, key):
        wrong = (state >= 7) & (self.fault == "reward")
        return state + 1, jnp.where(wrong, jnp.inf, 1.0), jnp.asarray(False)

    def observe(self, state):
        wrong = (state >= 7) & (self.fault == "observation")
        return jnp.where(wrong, jnp.nan, 0.0)[None]


@pytest.mark.parametrize("fault", ["reward", "observation"])
def test_what_is_no_number_is_named_and_nothing_is_learnt_from_it(fault):
    environment = Drift()
    environment.fault = fault
    agent = DQN(environment, environments=2, batch_size=2, buffer_size=40, seed=0)
    agent.fit(4, verbose=0)
    before = state_of(agent)
    step = {"reward": 4, "observation": 3}[fault]  # of the 8th step, and what the 7th leads to
    told = f"in epoch 2 at step {step}. The environment Drift gave {fault}s that are NaN"
    with pytest.raises(FloatingPointError, match=told):
        agent.fit(10, 2, initial_epoch=1, verbose=0)
    after = state_of(agent)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    if fault == "reward":
        with pytest.raises(DataError, match="Drift gave rewards that are NaN"):
            agent.evaluate(2, most_steps=10)


def test_an_environment_without_an_end_is_told(monkeypatch):
    from maeum.rl import agent as room

    monkeypatch.setattr(room, "ENDLESS", 20)
    agent = REINFORCE(Drift(), environments=2, n_steps=10, seed=0)
    agent.fit(1, verbose=0)  # too few steps to tell
    with pytest.warns(UserWarning, match="Drift, which has no time limit, has not ended in 20"):
        agent.fit(1, verbose=0)


def test_an_episode_that_never_ends_is_cut_with_a_warning():
    agent = QLearning(envs.CliffWalking(), seed=0)
    agent.table.assign(np.eye(4, dtype=np.float32)[np.full(48, 3)])  # to the left, for ever
    with pytest.warns(
        UserWarning, match="2 of 2 episodes of CliffWalking-v1 had not ended after 50"
    ):
        found = agent.evaluate(episodes=2, most_steps=50)
    assert found.cut.all()
    assert found.total.tolist() == [-50, -50]


def test_agents_share_their_programs():
    from maeum.core import compiling

    one = learner(seed=5)
    one.fit(100, 1, verbose=0)
    count = len(compiling._shared)
    two = learner(seed=6)
    two.fit(100, 1, verbose=0)
    assert len(compiling._shared) == count


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: QLearning("CliffWalkin-v1"), UnknownNameError, "Did you mean 'CliffWalking-v1'"),
        (lambda: QLearning("CartPole-v1"), ConfigError, "no table has a place"),
        (lambda: QLearning(7), ConfigError, "needs a maeum.rl.envs.Environment"),
        (lambda: learner(environments=0), ConfigError, "environments is a whole number of 1"),
        (lambda: learner(discount=1.5), ConfigError, "discount takes numbers from 0, below 1"),
        (lambda: learner(epsilon=-0.1), ConfigError, "epsilon lies between 0 and 1"),
        (lambda: learner(rate=0.1), ConfigError, "Its arguments are"),
        (lambda: learner().fit(steps_per_epoch=0), ConfigError, "steps_per_epoch is a whole"),
        (lambda: learner().evaluate(episodes=0), ConfigError, "episodes is a whole"),
    ],
)
def test_what_makes_no_sense_is_an_error(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_a_file_of_something_else_is_told(tmp_path):
    model = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
    model.save(tmp_path / "model.maeum")
    with pytest.raises(ModelFileError, match="which is not an agent"):
        load_agent(tmp_path / "model.maeum")


def test_a_loss_that_is_not_finite_ends_the_training():
    agent = learner()
    agent.table.assign(np.full((48, 4), np.nan, np.float32))
    with pytest.raises(FloatingPointError, match="NaN or infinite in epoch 1"):
        agent.fit(10, 1, verbose=0)


def test_a_seed_is_a_training(trained):
    assert not np.array_equal(learner(seed=1).seed, trained[0].seed)
    assert jax.tree.all(jax.tree.map(np.array_equal, state_of(learner(3)), state_of(learner(3))))


@mm.register()
class Switch(envs.Environment):
    """Action 1 ends it, and is rewarded with ``gain``."""

    name = "Switch"
    observation_space, action_space = Discrete(1), Discrete(2)
    max_episode_steps = 5

    def __init__(self, gain=2.0):
        self.gain = gain

    def reset(self, key):
        return jnp.int32(0)

    def step(self, state, action, key):
        return state, self.gain * action, action == 1

    def observe(self, state):
        return state


def test_an_environment_of_ones_own_is_learnt_and_saved_with_the_agent(tmp_path):
    agent = QLearning(Switch(gain=3.0), learning_rate=0.5, discount=0.5, seed=0)
    agent.fit(60, verbose=0)
    np.testing.assert_allclose(agent.action_values(), [[1.5, 3.0]], atol=1e-3)
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    assert again.environment.gain == 3.0
    assert again.act(0) == 1
    agent.environment.gain = 7.0  # another program from now on
    agent.fit(60, verbose=0)
    np.testing.assert_allclose(agent.action_values(), [[3.5, 7.0]], atol=1e-3)


def test_exploration_and_learning_may_follow_schedules():
    schedule = mm.optimizers.schedules.PolynomialDecay(1.0, 50, 0.0)
    agent = QLearning(Switch(), learning_rate=schedule, epsilon=schedule, environments=1, seed=0)
    agent.fit(50, verbose=0)
    before = agent.action_values()
    agent.fit(10, verbose=0)  # ends the episode that runs
    history = agent.fit(10, verbose=0).history  # nothing is drawn or learnt any more
    np.testing.assert_array_equal(agent.action_values(), before)
    assert history["length"] == [1.0]
