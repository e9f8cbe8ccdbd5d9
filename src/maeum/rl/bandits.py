"""Agents for multi-armed bandits: which arm pays best, and how to find out meanwhile."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_positive
from maeum.core.errors import ConfigError
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.core.variable import Variable
from maeum.ops import random
from maeum.rl.agent import Agent, EpisodeMean
from maeum.rl.choosing import drawn_best
from maeum.rl.envs.bandits import Bandit
from maeum.rl.envs.episodes import advance


class BanditAgent(Agent):
    """Base of agents for bandits; each bandit side by side is learnt by itself.

    So ``environments=2000`` is the testbed of Sutton and Barto (2018, section 2.3): as many bandits
    and learners, of which the history tells the means. A learner begins anew with each episode.

    A subclass writes `scores`: each step pulls the arm with the largest.

    Attributes:
        estimates: what is known of each arm, a variable of shape ``(environments, arms)``: the mean
            of its rewards, or its preference.
        pulls: how often each was pulled, a variable of the same shape.
    """

    def __init__(
        self,
        environment: Bandit | str,
        environments: int,
        step_size: float | None,
        initial_value: float,
        name: str | None,
        seed: int | None,
    ):
        super().__init__(environment, environments, 1.0, name=name, seed=seed)
        if not isinstance(self.environment, Bandit):
            raise ConfigError(
                "{agent} learns bandits, such as GaussianBandit; got {environment}.",
                agent=type(self).__name__,
                environment=self.environment.name,
            )
        self.step_size = step_size
        if step_size is not None:
            check_positive(check_number(step_size, "step_size", most=1), "step_size")
        self.initial_value = initial_value
        shape = environments, self.environment.arms
        self.estimates = Variable.holding(np.full(shape, initial_value, np.float32), "estimates")
        self.pulls = Variable.holding(np.zeros(shape, np.float32), "pulls")
        self._told = [EpisodeMean("reward"), EpisodeMean("optimal")]

    def scores(self, estimates: jax.Array, pulls: jax.Array, key: Any) -> jax.Array:
        """Return a number for each arm: the arm with the largest is pulled."""
        raise NotImplementedError

    def learnt(
        self, estimates: jax.Array, pulls: jax.Array, arm: jax.Array, reward: jax.Array
    ) -> jax.Array:
        """Return the estimates after a pull: the means of rewards, or their recent means.

        Args:
            estimates: what was known, of shape ``(environments, arms)``.
            pulls: how often each arm was pulled, this time included.
            arm: which arms were pulled now, as 1 among 0, of the same shape.
            reward: what they paid, of shape ``(environments,)``.
        """
        size = self.step_size if self.step_size is not None else 1.0 / jnp.maximum(pulls, 1.0)
        return estimates + size * arm * (reward[:, None] - estimates)

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the arm with the best estimate of all learners together."""
        del key, greedy
        arm = jnp.argmax(self.estimates.value.mean(0))
        return jnp.broadcast_to(arm, jnp.shape(observations))

    def train_step(self, data: Any) -> dict[str, Any]:
        """Pull an arm of each bandit, and learn what it pays."""
        assert isinstance(self.environment, Bandit)
        key, episodes = self.step_key("environment"), self.episodes()
        estimates, pulls = self.estimates.value, self.pulls.value
        scores = self.scores(estimates, pulls, fold(key, "scores"))
        action = drawn_best(scores, random.uniform(fold(key, "ties"), scores.shape))
        optimal = action == self.environment.best(episodes.state)
        episodes, seen = advance(self.environment, episodes, action, key)
        arm = jax.nn.one_hot(action, scores.shape[-1])
        pulls = pulls + arm
        estimates = self.learnt(estimates, pulls, arm, seen.reward)
        over = seen.ended[:, None]
        self.estimates.assign(jnp.where(over, self.initial_value, estimates))
        self.pulls.assign(jnp.where(over, 0.0, pulls))
        for metric, values in zip(self._told, (seen.reward, optimal)):
            metric.update_state(values, jnp.ones_like(optimal))
        self.keep(episodes)
        self.count(seen)
        return {metric.name: metric.result() for metric in (*self._told, *self._means)}


@builtin
class EpsilonGreedy(BanditAgent):
    """Pull the arm that paid best so far, and now and then any (Sutton and Barto, 2018, 2.2).

    Args:
        environment: a `maeum.rl.envs.Bandit`, or its name.
        epsilon: how often an arm is drawn evenly.
        step_size: how far an estimate moves towards a reward, for arms that change; the mean of all
            rewards by default.
        initial_value: the estimates before the first pull; a high one makes the agent try all arms.
        environments: how many bandits are learnt side by side.
        name: the agent's name.
        seed: what everything random follows from.

    Example:
        >>> agent = EpsilonGreedy("GaussianBandit", epsilon=0.1, environments=200, seed=0)
        >>> history = agent.fit(steps_per_epoch=100, epochs=2, verbose=0)
        >>> first, second = history.history["reward"]
        >>> second > first
        True
    """

    def __init__(
        self,
        environment: Bandit | str,
        epsilon: float = 0.1,
        step_size: float | None = None,
        initial_value: float = 0.0,
        environments: int = 2000,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, step_size, initial_value, name, seed)
        self.epsilon = check_number(epsilon, "epsilon", most=1)
        self.ready()
        self.compile(optimizer=None)

    def scores(self, estimates: jax.Array, pulls: jax.Array, key: Any) -> jax.Array:
        """Return the estimates; where the agent explores, the same number for all arms."""
        explores = random.uniform(key, (len(estimates), 1)) < self.epsilon
        return jnp.where(explores, 0.0, estimates)


@builtin
class UCB(BanditAgent):
    """Upper confidence bounds (Auer et al., 2002): pull the arm that may be the best.

    That is the arm with the largest ``estimate + c * sqrt(log(t) / pulls)`` in step ``t`` of an
    episode; arms that were never pulled come first.

    Args:
        environment: a `maeum.rl.envs.Bandit`, or its name.
        c: how much doubt counts.
        step_size, initial_value, environments, name, seed: see `EpsilonGreedy`.
    """

    def __init__(
        self,
        environment: Bandit | str,
        c: float = 2.0,
        step_size: float | None = None,
        initial_value: float = 0.0,
        environments: int = 2000,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, step_size, initial_value, name, seed)
        self.c = check_number(c, "c")
        self.ready()
        self.compile(optimizer=None)

    def scores(self, estimates: jax.Array, pulls: jax.Array, key: Any) -> jax.Array:
        """Return the upper bounds."""
        time = 1.0 + pulls.sum(-1, keepdims=True)
        doubt = jnp.sqrt(jnp.log(time) / jnp.maximum(pulls, 1.0))
        return jnp.where(pulls == 0, jnp.inf, estimates + self.c * doubt)


@builtin
class GradientBandit(BanditAgent):
    """Preferences that follow the gradient of the mean reward (Sutton and Barto, 2018, 2.8).

    Arms are drawn by the softmax of their preferences ``H``; a reward ``r`` moves them by
    ``step_size * (r - mean) * (pulled - probability)``, where ``mean`` is that of all rewards.

    Args:
        environment: a `maeum.rl.envs.Bandit`, or its name.
        step_size: how far preferences move.
        baseline: whether the mean of the rewards is subtracted.
        environments, name, seed: see `EpsilonGreedy`.
    """

    def __init__(
        self,
        environment: Bandit | str,
        step_size: float = 0.1,
        baseline: bool = True,
        environments: int = 2000,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, step_size, 0.0, name, seed)
        self.baseline = baseline
        self.mean_reward = Variable.holding(np.zeros(environments, np.float32), "mean_reward")
        self.ready()
        self.compile(optimizer=None)

    def scores(self, estimates: jax.Array, pulls: jax.Array, key: Any) -> jax.Array:
        """Return the preferences with noise that makes the largest a draw by the softmax."""
        # Gumbel's distribution; 2**-24 keeps the logarithm finite.
        uniform = random.uniform(key, estimates.shape, low=2**-24, high=1.0)
        return estimates - jnp.log(-jnp.log(uniform))

    def learnt(
        self, estimates: jax.Array, pulls: jax.Array, arm: jax.Array, reward: jax.Array
    ) -> jax.Array:
        """Return the preferences after a pull."""
        time, mean = pulls.sum(-1), self.mean_reward.value
        mean = jnp.where(time == 1, 0.0, mean)  # an episode began
        mean = mean + (reward - mean) / time
        self.mean_reward.assign(mean)
        gain = reward - mean if self.baseline else reward
        size: Any = self.step_size
        return estimates + size * gain[:, None] * (arm - jax.nn.softmax(estimates))
