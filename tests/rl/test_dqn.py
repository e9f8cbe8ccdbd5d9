"""DQN and SAC: their losses by hand, the replay buffer, what they learn."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.core.randomness import make_key
from maeum.rl import DQN, SAC, envs, fit_agents, load_agent
from maeum.rl.replay import Batch, ReplayBuffer, Step


def state_of(agent):
    named = agent.named_state()
    return {name: np.asarray(v.value) for name, v in named.items() if "metrics" not in name}


def equal(one, two):
    one, two = state_of(one), state_of(two)
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in one)


def steps_of(number, environments=3):
    """Return the steps of a moment, whose numbers tell which moment and environment it was."""
    mark = np.float32(10 * number + np.arange(environments))
    return Step(
        mark[:, None], mark.astype(np.int32), mark, mark[:, None] + 10, mark > 1e9, mark > 1e9
    )


def test_a_full_buffer_forgets_the_oldest_steps_and_draws_the_others_alike():
    replay = ReplayBuffer(Step(np.zeros(1, np.float32), np.int32(0), np.float32(0),
                               np.zeros(1, np.float32), np.False_, np.False_), 4, 3)  # fmt: skip
    replay.add(steps_of(0))
    early = replay.sample(make_key(0), 500)
    assert set(np.asarray(early.reward).tolist()) == {0, 1, 2}
    for number in range(1, 7):
        replay.add(steps_of(number))
    found = replay.sample(make_key(0), 12_000)
    values, counts = np.unique(found.reward, return_counts=True)
    assert values.tolist() == [10 * n + e for n in (3, 4, 5, 6) for e in range(3)]
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000)
    np.testing.assert_array_equal(found.next_observation - found.observation, 10)
    np.testing.assert_array_equal(found.observation[:, 0], found.reward)


def test_several_steps_count_together_up_to_the_end_of_an_episode():
    # Two environments, 9 moments, of which a ring of 6 keeps the last; moment m earns m.
    rng, discount, n_steps = np.random.default_rng(0), 0.5, 3
    terminated, truncated = rng.random((2, 9, 2)) < [[[0.25]], [[0.2]]]
    ended = terminated | truncated
    replay = ReplayBuffer(Step(np.float32(0), np.int32(0), np.float32(0), np.float32(0), np.False_,
                               np.False_), 6, 2)  # fmt: skip
    for moment in range(9):
        mark = np.float32([moment, moment + 100])
        replay.add(Step(mark, mark.astype(np.int32), mark, mark + 0.5, terminated[moment],
                        ended[moment]))  # fmt: skip
    found = replay.sample(make_key(0), 300, n_steps, discount)
    seen = set()
    for row in zip(*map(np.asarray, found)):
        moment, environment = int(row[0] % 100), int(row[0] >= 100)
        reward, weight, last = 0.0, 1.0, moment
        for last in range(moment, min(moment + n_steps, 9)):
            reward += weight * (last + 100 * environment)
            weight *= discount
            if ended[last, environment]:
                break
        weight *= not terminated[last, environment]
        after = last + 100 * environment + 0.5
        assert row == (row[0], int(row[0]), pytest.approx(reward), after, pytest.approx(weight))
        seen.add((moment, environment))
    assert seen == {(m, e) for m in range(3, 9) for e in (0, 1)}
    assert (ended[3:8] & ~terminated[3:8]).any()


@pytest.mark.parametrize("double", [False, True])
def test_the_loss_is_cleanrls(double):
    agent = DQN("CartPole-v1", double=double, discount=0.9, seed=0)
    rng = np.random.default_rng(0)
    for target, weight in zip(agent.target, agent.q.named_variables().values()):
        target.assign(weight.value + rng.normal(size=weight.shape).astype(np.float32) / 10)
    seen, after = rng.normal(size=(2, 32, 4)).astype(np.float32)
    terminated = rng.random(32) < 0.3
    batch = Batch(seen, rng.integers(2, size=32), rng.normal(size=32).astype(np.float32), after,
                  np.where(terminated, 0, np.float32(0.9)))  # fmt: skip
    loss, told = agent.loss_of(batch, make_key(0))
    online, mine = np.float64(agent.q(after)), np.float64(agent.q(seen))
    target = np.float64(agent.on_target(lambda: agent.q(after)))
    assert not np.allclose(online, target)
    # CleanRL's dqn.py: td_target = r + gamma * target_max * (1 - done), mse_loss
    target_max = target[np.arange(32), online.argmax(1)] if double else target.max(1)
    td_target = batch.reward + 0.9 * target_max * (1 - terminated)
    old_val = mine[np.arange(32), batch.action]
    assert float(loss) == pytest.approx(((td_target - old_val) ** 2).mean(), rel=1e-4)
    assert float(told[0]) == pytest.approx(old_val.mean(), rel=1e-4)


CATCH = {"learning_starts": 20, "exploration_steps": 300, "buffer_size": 8000, "target_update": 25,
         "n_steps": 2, "batch_size": 64}  # fmt: skip


@pytest.fixture(scope="module")
def catcher():
    agent = DQN("Catch", environments=16, seed=0, **CATCH)
    first = agent.fit(20, 1, verbose=0)
    weights = np.asarray(agent.q.weights[0])
    agent.fit(20, 41, initial_epoch=1, verbose=0)
    return agent, first.history, weights


def test_catch_is_solved_from_its_pixels(catcher):
    agent, first, weights = catcher
    again = DQN("Catch", seed=0)
    np.testing.assert_array_equal(weights, again.q.weights[0])  # nothing was learnt at first
    assert set(first) == {"loss", "return", "length", "action_value"}
    assert agent.evaluate(100).total.mean() >= 0.95


def test_a_target_network_is_a_copy_of_its_moment(catcher):
    agent, _first, _weights = catcher
    online = [np.asarray(v.value) for v in agent.q.named_variables().values()]
    target = [np.asarray(v.value) for v in agent.target]
    assert all(a.shape == b.shape for a, b in zip(online, target))
    apart = max(np.abs(a - b).max() for a, b in zip(online, target))
    assert 0 < apart < 0.2  # 820 steps: copied before step 801 at last
    assert int(agent.replay.count.numpy()) == 820


def balancer(seed=0):
    return DQN("CartPole-v1", environments=2, batch_size=8, buffer_size=40, learning_starts=3,
               target_update=3, n_steps=3, seed=seed)  # fmt: skip


@pytest.fixture(scope="module")
def balanced():
    agent = balancer()
    agent.fit(10, 4, verbose=0)
    return agent


class Stop(mm.callbacks.Callback):
    """Ctrl-C at the end of the second epoch, or in the middle of it."""

    def __init__(self, within):
        self.epoch = 0
        if within:
            self.on_train_batch_end = lambda step, logs=None: self.stop(step == 7)
        else:
            self.on_epoch_end = lambda epoch, logs=None: self.stop(True)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def stop(self, now):
        if self.epoch == 1 and now:
            raise KeyboardInterrupt


@pytest.mark.parametrize("within", [False, True])
def test_a_training_that_was_stopped_goes_on_bit_for_bit(balanced, tmp_path, within):
    with pytest.raises(KeyboardInterrupt):
        balancer().fit(10, 4, verbose=0, backup=tmp_path, callbacks=[Stop(within)])
    agent = balancer(seed=99)  # takes over the seed of the checkpoint
    agent.fit(10, 4, verbose=0, backup=tmp_path)
    assert equal(agent, balanced)


def test_a_saved_agent_acts_the_same_and_learns_on(balanced, tmp_path):
    agent = balancer()
    agent.fit(10, 3, verbose=0)
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    assert equal(again, agent)
    seen = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    np.testing.assert_array_equal(again.action_values(seen), agent.action_values(seen))
    again.fit(10, 1, verbose=0)
    assert equal(again, balanced)


def test_seeds_side_by_side_fill_the_buffers_that_each_alone_does(balanced):
    agents = [balancer(seed) for seed in (1, 0)]
    fit_agents(agents, 10, 4)
    ours, alone = (agent.replay.rings[0].value for agent in (agents[1], balanced))
    np.testing.assert_allclose(ours, alone, rtol=1e-5, atol=1e-6)
    assert not equal(*agents)


def test_an_environment_of_gymnasium_fills_the_buffer():
    pytest.importorskip("gymnasium")
    agent = DQN(envs.FromGymnasium("CartPole-v1"), environments=2, learning_starts=10,
                batch_size=16, buffer_size=200, seed=0)  # fmt: skip
    history = agent.fit(120, verbose=0).history
    assert np.isfinite(history["loss"][0])
    assert history["length"][0] > 8
    kept = np.asarray(agent.replay.rings[0].value)  # the ring is full, and came round
    assert kept.shape == (100, 2, 4)
    assert (np.abs(kept).sum(-1) > 0).all()


def test_environments_with_other_actions_are_named():
    with pytest.raises(ConfigError, match=r"Pendulum-v1 has the actions Box.*DQN chooses"):
        DQN("Pendulum-v1")
    with pytest.raises(ConfigError, match=r"CartPole-v1 has the actions Discrete.*SAC takes a Box"):
        SAC("CartPole-v1")


def test_the_density_of_squashed_actions_is_one_of_probability():
    agent = SAC("Pendulum-v1", seed=0)
    seen = np.float32([[0.5, -0.3, 2.0]])
    mean, log_std = (float(part[0, 0]) for part in agent._given(seen))
    action, log_prob = agent._drawn(jnp.asarray(seen), make_key(3))

    def density(a):  # by the change of variables
        z = (np.arctanh(a) - mean) / np.exp(log_std)
        return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) / np.exp(log_std) / (1 - a**2)

    assert integrate.quad(density, -1, 1)[0] == pytest.approx(1, abs=1e-3)
    assert float(log_prob[0]) == pytest.approx(np.log(density(float(action[0, 0]))), abs=1e-3)


def actor_of(seed=0):
    return SAC("Pendulum-v1", environments=2, batch_size=32, learning_starts=5, buffer_size=60,
               seed=seed)  # fmt: skip


@pytest.fixture(scope="module")
def actor():
    agent = actor_of()
    history = agent.fit(5, 1, verbose=0).history
    first = [np.asarray(w) for w in agent.weights[:2]]
    agent.fit(5, 9, initial_epoch=1, verbose=0)
    return agent, history, first


def test_the_loss_of_sac_moves_each_network_by_its_own(actor):
    agent, history, first = actor
    assert history["temperature"][0] == pytest.approx(1.0)  # nothing was learnt yet
    assert float(np.exp(agent.log_temperature.numpy())) < 1.0  # less entropy was wanted
    assert not np.array_equal(first[0], agent.weights[0])
    followed = [np.asarray(v.value) for v in agent._followed]
    apart = [np.abs(a - np.asarray(t.value)).max() for a, t in zip(followed, agent.target)]
    assert 0 < max(apart) < 0.2  # the target follows slowly
    assert -2 <= agent.act([1.0, 0.0, 0.0])[0] <= 2


def test_sac_goes_on_bit_for_bit_from_a_checkpoint_and_from_a_file(actor, tmp_path):
    agent = actor_of()
    agent.fit(5, 3, verbose=0, backup=tmp_path / "backup")
    agent.save(tmp_path / "agent.maeum")
    again = load_agent(tmp_path / "agent.maeum")
    again.fit(5, 6, verbose=0)
    assert equal(again, actor[0])
    resumed = actor_of(seed=99)
    resumed.fit(5, 9, verbose=0, backup=tmp_path / "backup")
    assert equal(resumed, actor[0])
