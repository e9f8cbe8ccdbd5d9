"""PPO, A2C and REINFORCE: their losses by hand, what they learn, files and checkpoints."""

import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import make_key
from maeum.core.scope import Scope
from maeum.rl import A2C, PPO, REINFORCE, envs, fit_agents, load_agent
from maeum.rl.actor_critic import Rollout
from maeum.rl.spaces import Box, Discrete

OPTIONS = {
    "environments": 8,
    "n_steps": 32,
    "passes": 4,
    "learning_rate": 2.5e-3,
    "decay_steps": 40,
}


def learner(seed=0, **options):
    return PPO("CartPole-v1", seed=seed, **{**OPTIONS, **options})


def state_of(agent):
    named = agent.named_state()
    return {name: np.asarray(v.value) for name, v in named.items() if "metrics" not in name}


def equal(one, two):
    one, two = state_of(one), state_of(two)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def trained():
    agent = learner()
    history = agent.fit(steps_per_epoch=10, epochs=4, verbose=0)
    return agent, history.history


def batch_of(agent, rows=24):
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(rows, 4)).astype(np.float32)
    action = rng.integers(2, size=rows).astype(np.int32)
    before, value, advantage, returns = rng.normal(size=(4, rows)).astype(np.float32)
    return Rollout(inputs, action, before / 3 - 0.7, value, advantage, returns)


def cleanrl(logits, values, batch, clip, entropy_coefficient):
    """CleanRL's ppo.py (norm_adv, no clip_vloss, vf_coef 0.5), in float64."""
    logits, values = np.float64(logits), np.float64(values)
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    newlogprob = logs[np.arange(len(logs)), batch.action]
    logratio = newlogprob - batch.log_prob
    ratio = np.exp(logratio)
    advantages = np.float64(batch.advantage)
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    pg_loss1 = -advantages * ratio
    pg_loss2 = -advantages * np.clip(ratio, 1 - clip, 1 + clip)
    pg_loss = np.maximum(pg_loss1, pg_loss2).mean()
    v_loss = 0.5 * ((values - batch.returns) ** 2).mean()
    entropy = -(np.exp(logs) * logs).sum(-1).mean()
    loss = pg_loss - entropy_coefficient * entropy + v_loss * 0.5
    kl, clipped = ((ratio - 1) - logratio).mean(), (np.abs(ratio - 1) > clip).mean()
    return loss, [pg_loss, v_loss, entropy, kl, clipped]


def test_the_loss_is_cleanrls():
    agent = learner(clip_range=0.3, entropy_coefficient=0.02)
    batch = batch_of(agent)
    loss, told = agent.loss_of(batch)
    logits, values = agent.policy(batch.inputs), agent.value(batch.inputs)[:, 0]
    expected, parts = cleanrl(logits, values, batch, 0.3, 0.02)
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(told, parts, rtol=1e-4, atol=1e-6)
    assert 0 < parts[-1] < 1


def test_the_loss_of_a2c_is_the_policy_gradients():
    agent = A2C("CartPole-v1", entropy_coefficient=0.1, seed=0)
    batch = batch_of(agent)
    loss, _told = agent.loss_of(batch)
    logits = np.float64(agent.policy(batch.inputs))
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    gained = logs[np.arange(24), batch.action] * batch.advantage
    error = np.float64(agent.value(batch.inputs)[:, 0]) - batch.returns
    entropy = -(np.exp(logs) * logs).sum(-1)
    expected = -gained.mean() + 0.25 * (error**2).mean() - 0.1 * entropy.mean()
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_a_step_of_training_is_rollout_and_passes(trained):
    agent, history = trained
    assert set(history) == {"loss", "return", "length", *PPO.told}
    assert int(agent.optimizer.iterations) == 4 * 10 * 16
    assert float(agent.optimizer.learning_rate.item()) == pytest.approx(0, abs=1e-7)
    assert history["return"][-1] > 3 * history["return"][0] / 2
    assert agent.evaluate(20).total.mean() > 100


class Loop(envs.Environment):
    """Three states in a ring: each step is rewarded with 1; an episode is cut after 2 steps."""

    name, max_episode_steps = "Loop", 2
    observation_space, action_space = Discrete(3), Discrete(2)

    def reset(self, key):
        return jnp.int32(0)

    def step(self, state, action, key):
        return (state + 1) % 3, jnp.float32(1), jnp.asarray(False)

    def observe(self, state):
        return state


def test_truncated_episodes_go_on_from_the_value_of_what_they_led_to():
    # States 0, 1 | 0, 1 | ...; the value of state s is 10 s, by a network without layers between.
    value = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1, use_bias=False)])
    value.set_weights([np.float32([[0], [10], [20]])])
    agent = A2C(Loop(), value=value, environments=2, n_steps=4, gae_lambda=0.0, discount=0.5,
                learning_rate=0.0, seed=0)  # fmt: skip
    with Scope(training=True, key=make_key(0)):
        rollout = agent.rollout()
    np.testing.assert_array_equal(rollout.value[:, 0], [0, 10, 0, 10])
    # 1 + 0.5 * 10 - 0 = 6, and where it is cut, in state 2: 1 + 0.5 * 20 - 10 = 1.
    np.testing.assert_allclose(rollout.advantage[:, 0], [6, 1, 6, 1], rtol=1e-6)


def test_seeds_side_by_side_learn_as_each_alone(trained):
    agents = [learner(seed) for seed in range(2)]
    histories = fit_agents(agents, 10, 4)
    np.testing.assert_allclose(histories[0].history["return"], trained[1]["return"], rtol=0.2)
    assert not equal(*agents)


def test_a_saved_agent_acts_the_same_and_learns_on(trained, tmp_path):
    agent = learner()
    agent.fit(10, 2, verbose=0)
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    seen = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    np.testing.assert_array_equal(again.act(seen), agent.act(seen))
    again.fit(10, 2, verbose=0)
    assert equal(again, trained[0])


def test_a_training_that_was_stopped_goes_on_bit_for_bit(trained, tmp_path):
    class Stop(mm.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learner().fit(10, 4, verbose=0, backup=tmp_path, callbacks=[Stop()])
    agent = learner(seed=99)  # takes over the seed of the checkpoint
    history = agent.fit(10, 4, verbose=0, backup=tmp_path).history
    assert equal(agent, trained[0])
    assert history["return"] == trained[1]["return"]


def test_rows_that_cannot_be_divided_are_an_error():
    with pytest.raises(ConfigError, match=r"256 rows .* minibatches=3"):
        learner(minibatches=3)
    with pytest.raises(TypeError, match="clip_rang"):
        learner(clip_rang=0.1)


@pytest.mark.parametrize("kind", [A2C, REINFORCE])
def test_the_simpler_agents_learn(kind):
    agent = kind("CartPole-v1", environments=8, seed=0)
    history = agent.fit(100 if kind is A2C else 20, 4, verbose=0).history
    assert history["return"][-1] > 3 * history["return"][0] / 2


class Target(envs.Environment):
    """One step: the nearer the two numbers are to 3 and -1, the better."""

    name = "Target"
    observation_space = Box(0.0, 1.0, (1,))
    action_space = Box(np.float32([0, -4]), np.float32([4, 4]))

    def reset(self, key):
        return jnp.zeros(1)

    def step(self, state, action, key):
        reward = -jnp.sum((action - jnp.array([3.0, -1.0])) ** 2)
        return state, 10 * reward, jnp.asarray(True)

    def observe(self, state):
        return state


def test_actions_of_numbers_are_learnt_with_scaled_observations_and_rewards():
    agent = PPO(Target(), environments=16, n_steps=8, normalize_observations=True,
                normalize_rewards=True, learning_rate=0.01, decay_steps=120, seed=0)  # fmt: skip
    before = agent.act([0.5])
    agent.fit(60, 2, verbose=0)
    np.testing.assert_allclose(before, [2, 0], atol=0.2)  # the middle
    np.testing.assert_allclose(agent.act([0.5]), [3, -1], atol=0.3)
    assert agent.log_std.numpy().mean() < -0.3


def test_an_environment_of_gymnasium_is_learnt_and_its_failure_keeps_what_was_learnt():
    gymnasium = pytest.importorskip("gymnasium")
    left = [10_000]

    class Fails(gymnasium.Wrapper):
        def step(self, action):
            left[0] -= 1
            if left[0] < 0:
                raise OSError("the robot is off")
            return self.env.step(action)

    env = envs.FromGymnasium(lambda: Fails(gymnasium.make("CartPole-v1")))
    agent = PPO(env, environments=4, n_steps=32, passes=4, minibatches=2, seed=0)
    history = agent.fit(10, 3, verbose=0).history
    assert history["return"][-1] > history["return"][0]
    before = state_of(agent)
    left[0] = 100
    with pytest.raises(DataError, match="the robot is off"):
        agent.fit(10, 4, initial_epoch=3, verbose=0)
    after = state_of(agent)
    weights = [name for name in before if name.startswith(("policy", "value"))]
    assert weights
    assert all(np.array_equal(before[name], after[name]) for name in weights)
