"""Q-learning and SARSA against plain loops with the same draws, and against planning."""

import jax
import numpy as np
import pytest

from maeum.core.randomness import at_step, fold, make_key
from maeum.ops import random
from maeum.optimizers.schedules import PolynomialDecay
from maeum.rl import SARSA, QLearning, ValueIteration, envs, policy_values
from maeum.rl.choosing import drawn_best, epsilon_greedy
from maeum.rl.envs.environment import keys_of

STEPS, COUNT, EPSILON, DISCOUNT = 150, 3, 0.3, 0.9


class Draws:
    """The random numbers of a training, from the same keys, for a loop in NumPy."""

    def __init__(self, env, seed):
        self.env, self.training = env, make_key(seed, "training")
        self.reset, self.step = jax.jit(jax.vmap(env.reset)), jax.jit(jax.vmap(env.step))
        uniform = jax.jit(jax.vmap(lambda key: random.uniform(key, (COUNT, 5))))
        self.uniform = {
            name: np.asarray(uniform(np.stack([fold(self.of(t), name) for t in range(STEPS)])))
            for name in ("first", "act", "new")
        }

    def of(self, t, purpose="environment"):
        return fold(at_step(self.training, np.int32(t)), purpose)

    def starts(self, key):
        return np.asarray(self.reset(keys_of(fold(key, "reset"), COUNT))).tolist()

    def chosen(self, rows, t, name):
        """Return epsilon-greedy actions by a definition of its own."""
        found = []
        for row, draw in zip(rows, self.uniform[name][t]):
            explores = draw[4] < np.float32(EPSILON)
            best = np.arange(4) if explores else np.flatnonzero(row == row.max())
            found.append(int(best[np.argmax(draw[best])]))
        return found


def in_numpy(env, seed, rule, decay=0.0, rate=0.4):
    """Return the table and the returns of episodes of a plain loop, environment by environment."""
    draws, limit = Draws(env, seed), env.max_episode_steps
    table, visits = np.zeros((16, 4), np.float32), np.zeros((16, 4), int)
    place = draws.starts(draws.of(0, "begin"))
    length, total, returns, action = [0] * COUNT, [0.0] * COUNT, [], None
    for t in range(STEPS):
        key = draws.of(t)
        if rule == "q" or t == 0:
            action = draws.chosen(table[place], t, "act" if rule == "q" else "first")
        keys = keys_of(fold(key, "step"), COUNT)
        new, *told = draws.step(np.int32(place), np.int32(action), keys)
        new, told = new.tolist(), list(zip(*(part.tolist() for part in told)))
        following = draws.chosen(table[new], t, "act")
        rows, met = table[new], {}
        for i, (reward, terminated) in enumerate(told):
            if rule == "q":
                value = rows[i].max()
            elif rule == "sarsa":
                value = rows[i][following[i]]
            else:
                value = (1 - EPSILON) * rows[i].max() + EPSILON * rows[i].mean()
            target = reward + (0.0 if terminated else DISCOUNT * value)
            met.setdefault((place[i], action[i]), []).append(target)
        for pair, targets in met.items():  # those that meet: in turn, towards their mean
            visits[pair] += len(targets)
            size = rate * visits[pair] ** -decay
            for _ in targets:
                table[pair] += size * (np.mean(targets) - table[pair])
        started = []
        for i, (reward, terminated) in enumerate(told):
            length[i], total[i] = length[i] + 1, total[i] + reward
            started.append(terminated or length[i] >= limit)
            place[i] = new[i]
            if started[i]:
                returns.append(total[i])
                place[i], length[i], total[i] = draws.starts(key)[i], 0, 0.0
        if rule != "q":
            fresh = draws.chosen(table[place], t, "new")
            action = [fresh[i] if started[i] else following[i] for i in range(COUNT)]
    return table, visits, returns


@pytest.mark.parametrize(
    ("make", "rule", "decay"),
    [
        (QLearning, "q", 0.0),
        (QLearning, "q", 0.6),
        (SARSA, "sarsa", 0.0),
        (lambda *a, **k: SARSA(*a, expected=True, **k), "expected", 0.0),
    ],
)
def test_a_few_hundred_steps_equal_a_plain_loop_with_the_same_draws(make, rule, decay):
    # Every step is rewarded, so that values differ soon; time limits and holes are both met.
    env = envs.FrozenLake(reward_schedule=(1, -0.5, -0.02), max_episode_steps=9)
    agent = make(env, learning_rate=0.4, learning_rate_decay=decay, epsilon=EPSILON,
                 discount=DISCOUNT, environments=COUNT, seed=5)  # fmt: skip
    history = agent.fit(steps_per_epoch=STEPS, verbose=0).history
    table, visits, returns = in_numpy(env, 5, rule, decay)
    np.testing.assert_array_equal(agent.visits.value, visits)
    np.testing.assert_allclose(agent.action_values(), table, atol=2e-6)
    assert history["return"][0] == pytest.approx(np.mean(returns), rel=1e-5)
    assert len(returns) > 40


def test_double_learning_changes_one_of_two_tables_towards_the_other():
    env = envs.FrozenLake(reward_schedule=(1, -0.5, -0.02))
    agent = QLearning(env, learning_rate=0.4, environments=1, double=True, seed=0)
    agent.fit(steps_per_epoch=40, verbose=0)
    assert agent.table.shape == (2, 16, 4)
    before, visits = np.asarray(agent.table.value), np.asarray(agent.visits.value)
    state = int(agent._running[0].value[0])
    agent.fit(steps_per_epoch=1, verbose=0)
    after = np.asarray(agent.table.value)
    [(which, row, action)] = np.argwhere(np.asarray(agent.visits.value) != visits).tolist()
    assert row == state
    assert (np.delete(after.ravel(), np.ravel_multi_index((which, row, action), after.shape))
            == np.delete(before.ravel(), np.ravel_multi_index((which, row, action), after.shape))
            ).all()  # fmt: skip
    tables = env.transitions
    candidates = []
    for new, reward, over in zip(*(part[row, action] for part in tables[1:])):
        best = np.argmax(before[which, new])
        target = reward + (0 if over else 0.99 * before[1 - which, new, best])
        candidates.append(before[which, row, action] + 0.4 * (target - before[which, row, action]))
    assert np.isclose(after[which, row, action], candidates, atol=1e-6).any()
    assert np.allclose(agent.action_values(), after.mean(0))


@pytest.mark.parametrize(
    ("env", "discount", "steps", "options"),
    [
        (envs.CliffWalking(), 1.0, 1000, {"learning_rate": 0.5}),
        (envs.Taxi(), 0.99, 6000, {"learning_rate": 1.0, "epsilon": 0.3, "environments": 64}),
        (
            envs.FrozenLake(),
            0.95,
            12_000,
            {"learning_rate": PolynomialDecay(1.0, 12_000, 0.001, 2.0), "learning_rate_decay": 0.5,
             "epsilon": 0.5, "environments": 64},
        ),
    ],
)  # fmt: skip
def test_the_policy_is_as_good_as_that_of_value_iteration(env, discount, steps, options):
    agent = QLearning(env, discount=discount, seed=0, **options)
    agent.fit(steps_per_epoch=steps, verbose=0)
    planner = ValueIteration(env, discount)
    planner.fit(steps_per_epoch=600, verbose=0)
    policy = np.where(agent.visits.value.sum(-1) > 0, agent.policy(), planner.policy())
    found, best = (policy_values(env, p, min(discount, 0.9999)) for p in (policy, planner.policy()))
    starts = env.first > 0
    np.testing.assert_allclose(found[starts], best[starts], atol=1e-6)


def test_of_equal_scores_one_is_drawn_and_the_rest_never():
    draws = np.random.default_rng(0).random((3000, 4)).astype(np.float32)
    scores = np.tile(np.float32([1, 3, 3, -np.inf]), (3000, 1))
    counts = np.bincount(drawn_best(scores, draws), minlength=4)
    assert counts[0] == counts[3] == 0
    assert abs(counts[1] - 1500) < 5 * np.sqrt(750)


def test_epsilon_is_how_often_an_action_is_drawn():
    scores = np.tile(np.float32([1, 3, 2, 0]), (8000, 1))
    counts = np.bincount(epsilon_greedy(scores, make_key(0), 0.4), minlength=4) / 8000
    np.testing.assert_allclose(counts, [0.1, 0.7, 0.1, 0.1], atol=0.02)
    assert (np.asarray(epsilon_greedy(scores, make_key(0), 0.0)) == 1).all()
