"""Value and policy iteration against linear programming and values in closed form."""

import numpy as np
import pytest
from scipy.optimize import linprog

from maeum.core.errors import ConfigError, ShapeError
from maeum.rl import PolicyIteration, ValueIteration, envs, policy_values


def programmed(tables, discount):
    """Return the best values: the smallest V with V(s) >= E[r + discount V(s')] for all actions."""
    states, actions, _ = tables.probability.shape
    rows, limits = [], []
    for s in range(states):
        for a in range(actions):
            row = np.zeros(states)
            row[s] -= 1
            goes_on = tables.probability[s, a] * ~tables.terminated[s, a]
            np.add.at(row, tables.state[s, a], discount * goes_on)
            rows.append(row)
            limits.append(-(tables.probability[s, a] * tables.reward[s, a]).sum())
    found = linprog(np.ones(states), np.array(rows), np.array(limits), bounds=(None, None))
    assert found.status == 0
    return found.x


@pytest.mark.parametrize(
    ("name", "options", "discount", "sweeps"),
    [
        ("FrozenLake-v1", {}, 0.99, 1500),
        ("FrozenLake8x8-v1", {}, 0.95, 400),
        ("CliffWalkingSlippery-v1", {}, 0.9, 200),
        ("GridWorld", {}, 0.99, 200),
        ("Taxi-v4", {"is_rainy": True}, 0.9, 200),
    ],
)
def test_value_iteration_finds_the_values_of_linear_programming(name, options, discount, sweeps):
    env = envs.make(name, **options)
    agent = ValueIteration(env, discount)
    history = agent.fit(steps_per_epoch=sweeps, verbose=0).history
    best = programmed(env.transitions, discount)
    assert history["loss"][0] < 1e-4
    np.testing.assert_allclose(agent.values(), best, rtol=1e-4, atol=1e-4)
    # And the policy is as good as the best values say, by the exact values of a policy.
    np.testing.assert_allclose(policy_values(env, agent.policy(), discount), best, atol=1e-4)


@pytest.mark.parametrize("name", ["FrozenLake-v1", "CliffWalking-v1"])
def test_policy_iteration_ends_with_the_same_values_after_few_steps(name):
    env = envs.make(name)
    agent = PolicyIteration(env, 0.95)
    history = agent.fit(steps_per_epoch=1, epochs=25, verbose=0).history
    assert history["loss"][0] > 0
    assert history["loss"][-1] == 0
    assert history["loss"].index(0) < 20
    best = programmed(env.transitions, 0.95)
    np.testing.assert_allclose(agent.values(), best, rtol=1e-4, atol=1e-4)


def test_values_of_a_policy_are_those_of_a_long_sum():
    env = envs.make("FrozenLake-v1")
    rng = np.random.default_rng(0)
    policy = rng.dirichlet(np.ones(4), 16)
    tables = env.transitions
    values = np.zeros(16)
    for _ in range(3000):
        q = (tables.probability * (tables.reward
             + 0.99 * ~tables.terminated * values[tables.state])).sum(-1)  # fmt: skip
        values = (policy * q).sum(-1)
    np.testing.assert_allclose(policy_values(env, policy, 0.99), values, atol=1e-10)


def test_the_values_of_russell_and_norvigs_grid():
    # Figure 17.3 of "Artificial Intelligence", 3rd edition: 0.812 0.868 0.918 / 0.762 0.660 /
    # 0.705 0.655 0.611 0.388; there the reward of a state is paid where one is, here where one
    # arrives, which moves each value by the cost of one step.
    agent = ValueIteration(envs.GridWorld(), discount=1.0)
    agent.fit(steps_per_epoch=100, verbose=0)
    told = {0: 0.812, 1: 0.868, 2: 0.918, 4: 0.762, 6: 0.660, 8: 0.705, 9: 0.655, 10: 0.611,
            11: 0.388}  # fmt: skip
    for state, value in told.items():
        assert agent.values()[state] == pytest.approx(value, abs=6e-4), state


def test_planning_acts_and_is_saved(tmp_path):
    import maeum as mm

    agent = ValueIteration("CliffWalking-v1", discount=1.0, seed=0)
    agent.fit(steps_per_epoch=50, verbose=0)
    assert agent.evaluate(episodes=2).total.tolist() == [-13, -13]
    agent.save(tmp_path / "agent.maeum")
    again = mm.rl.load_agent(tmp_path / "agent.maeum")
    assert (again.policy() == agent.policy()).all()


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: ValueIteration("CartPole-v1"), ConfigError, "those of CartPole-v1 are not"),
        (lambda: PolicyIteration("FrozenLake-v1", 1.0), ConfigError, "discount below 1"),
        (lambda: policy_values(envs.CartPole(), [0]), ConfigError, "tables of transitions"),
        (lambda: policy_values(envs.FrozenLake(), [0]), ShapeError, "each of the 16 states"),
        (lambda: policy_values(envs.CliffWalking(), [0] * 48, 1), ConfigError, "go on for ever"),
    ],
)
def test_what_cannot_be_planned_is_an_error(make, error, told):
    with pytest.raises(error, match=told):
        make()
