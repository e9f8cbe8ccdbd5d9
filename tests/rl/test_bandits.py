"""Bandit agents against plain loops, and against the figures of Sutton and Barto."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.rl import UCB, EpsilonGreedy, GradientBandit, envs


class Told(envs.GaussianBandit):
    """A bandit whose rewards are its means."""

    def __init__(self):
        super().__init__(means=[0.1, 0.5, 0.3], deviation=0.0, max_episode_steps=50)


def test_upper_confidence_bounds_pull_what_the_formula_says():
    agent = UCB(Told(), c=0.37, environments=1, seed=0)
    agent.fit(steps_per_epoch=45, verbose=0)
    means, pulls = np.array([0.1, 0.5, 0.3]), np.ones(3)  # in which order they came first is drawn
    for t in range(4, 46):
        pulls[np.argmax(means + 0.37 * np.sqrt(np.log(t) / pulls))] += 1
    assert agent.pulls.value[0].tolist() == pulls.tolist()
    np.testing.assert_allclose(agent.estimates.value[0], means, rtol=1e-6)


def test_preferences_follow_the_gradient_of_the_mean_reward():
    agent = GradientBandit(Told(), step_size=0.3, environments=2, seed=1)
    preferences, baseline, pulls = np.zeros((2, 3)), np.zeros(2), np.zeros((2, 3))
    for t in range(1, 13):
        agent.fit(steps_per_epoch=1, epochs=1, verbose=0)
        for i in range(2):
            arm = int(np.argmax(np.asarray(agent.pulls.value)[i] - pulls[i]))
            pulls[i, arm] += 1
            reward = [0.1, 0.5, 0.3][arm]
            baseline[i] += (reward - baseline[i]) / t
            chances = np.exp(preferences[i]) / np.exp(preferences[i]).sum()
            step = 0.3 * (reward - baseline[i]) * (np.eye(3)[arm] - chances)
            preferences[i] = preferences[i] + step
        np.testing.assert_allclose(agent.estimates.value, preferences, atol=1e-6)


def test_a_learner_begins_anew_with_each_episode():
    agent = EpsilonGreedy(Told(), initial_value=5.0, environments=3, seed=0)
    agent.fit(steps_per_epoch=50, verbose=0)
    assert (np.asarray(agent.estimates.value) == 5).all()
    assert not np.asarray(agent.pulls.value).any()


def test_estimates_are_means_or_recent_means():
    mean = EpsilonGreedy(envs.GaussianBandit(means=[1.0]), environments=4000, seed=0)
    recent = EpsilonGreedy(
        envs.GaussianBandit(means=[1.0]), step_size=0.1, environments=4000, seed=0
    )
    for agent in (mean, recent):
        agent.fit(steps_per_epoch=40, verbose=0)
    # The deviations of a mean of 40, and of an exponential mean from 0 on: 0.1 / 1.9 remains.
    assert np.std(mean.estimates.value) == pytest.approx(1 / np.sqrt(40), rel=0.05)
    assert np.std(recent.estimates.value) == pytest.approx(np.sqrt(0.1 / 1.9), rel=0.05)
    assert np.mean(recent.estimates.value) == pytest.approx(1 - 0.9**40, abs=0.02)


@pytest.mark.parametrize(
    ("agent", "reward", "optimal"),
    [
        # Figure 2.2 (epsilon 0.1) and 2.4 (c = 2), read off around step 1000; figure 2.5.
        (lambda: EpsilonGreedy("GaussianBandit", 0.1, environments=300, seed=0), 1.36, 0.79),
        (lambda: UCB("GaussianBandit", 2.0, environments=300, seed=0), 1.45, 0.82),
        (lambda: GradientBandit("GaussianBandit", 0.1, environments=300, seed=0), 1.42, 0.79),
    ],
)
def test_the_testbed_of_sutton_and_barto(agent, reward, optimal):
    history = agent().fit(steps_per_epoch=333, epochs=3, verbose=0).history
    assert history["reward"][-1] == pytest.approx(reward, abs=0.12)
    assert history["optimal"][-1] == pytest.approx(optimal, abs=0.07)
    assert history["reward"][0] < history["reward"][-1]


def test_the_best_arm_is_what_an_agent_acts(tmp_path):
    from maeum.rl import load_agent

    agent = EpsilonGreedy(Told(), environments=4, seed=0)
    agent.environment.max_episode_steps = None
    agent.fit(steps_per_epoch=60, verbose=0)
    assert agent.act(0) == 1
    other = UCB("BernoulliBandit", environments=2, seed=0)
    other.fit(steps_per_epoch=5, verbose=0)
    other.save(tmp_path / "agent.maeum")
    assert (load_agent(tmp_path / "agent.maeum").pulls.value == other.pulls.value).all()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: UCB("CartPole-v1"), "UCB learns bandits"),
        (lambda: UCB("GaussianBandit", c=-1), "c is a finite number of 0 or more"),
        (lambda: EpsilonGreedy("GaussianBandit", epsilon=2), "epsilon lies between 0 and 1"),
        (lambda: GradientBandit("GaussianBandit", step_size=0), "step_size takes numbers above 0"),
    ],
)
def test_what_makes_no_sense_is_an_error(make, told):
    with pytest.raises(ConfigError, match=told):
        make()
