"""Advantages and returns against a plain loop, and by hand."""

import numpy as np
import pytest

from maeum.rl.returns import discounted_returns, generalized_advantages

DISCOUNT, LAMBDA = 0.9, 0.7


@pytest.fixture(scope="module")
def steps():
    rng = np.random.default_rng(0)
    reward, value, after = rng.normal(size=(3, 40, 5)).astype(np.float32)
    terminated = rng.random((40, 5)) < 0.1
    truncated = ~terminated & (rng.random((40, 5)) < 0.1)
    return reward, value, after, terminated, truncated


def test_advantages_are_sums_of_discounted_errors(steps):
    reward, value, after, terminated, truncated = steps
    found = generalized_advantages(*steps, DISCOUNT, LAMBDA)
    for place in np.ndindex(reward.shape):
        total, weight = 0.0, 1.0
        for t in range(place[0], len(reward)):
            at = t, place[1]
            rest = 0.0 if terminated[at] else DISCOUNT * after[at]
            total += weight * (reward[at] + rest - value[at])
            weight *= DISCOUNT * LAMBDA
            if terminated[at] or truncated[at]:
                break
        assert found[place] == pytest.approx(total, abs=1e-5)


def test_returns_stop_at_the_end_of_an_episode_and_go_on_where_it_was_cut(steps):
    reward, _value, after, terminated, truncated = steps
    found = discounted_returns(reward, after, terminated, truncated, DISCOUNT)
    for place in np.ndindex(reward.shape):
        total, weight = 0.0, 1.0
        for t in range(place[0], len(reward)):
            at = t, place[1]
            total += weight * reward[at]
            weight *= DISCOUNT
            if terminated[at]:
                break
            if truncated[at] or t == len(reward) - 1:
                total += weight * after[at]
                break
        assert found[place] == pytest.approx(total, abs=1e-5)


def test_an_advantage_by_hand():
    # Errors: 1 + 0.5 * 2 - 1 = 1 and, as the task has ended, 4 - 2 = 2; 1 + 0.5 * 0.5 * 2 = 1.5.
    over = np.array([False, True])
    found = generalized_advantages(
        np.float32([1, 4]), np.float32([1, 2]), np.float32([2, 9]), over, ~over & False, 0.5, 0.5
    )
    assert found.tolist() == [1.5, 2.0]


def test_with_lambda_1_advantages_are_returns_less_values(steps):
    reward, value, after, terminated, truncated = steps
    # What follows a step that goes on is what the next one saw.
    goes_on = ~(terminated | truncated)[:-1]
    after = after.copy()
    after[:-1][goes_on] = value[1:][goes_on]
    one = generalized_advantages(reward, value, after, terminated, truncated, DISCOUNT, 1.0)
    other = discounted_returns(reward, after, terminated, truncated, DISCOUNT) - value
    np.testing.assert_allclose(one, other, atol=1e-4)
