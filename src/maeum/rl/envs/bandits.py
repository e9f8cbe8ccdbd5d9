"""Multi-armed bandits: one state, several actions, and chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Drawing, rectangle
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Discrete


class Bandit(Environment):
    """Base of all bandits: a state is the mean reward of each arm, float32 of shape ``(arms,)``.

    Nothing is seen but 0, and the task never ends but for the time limit.
    """

    observation_space = Discrete(1)
    arms: int

    def observe(self, state: jax.Array) -> jax.Array:
        """Return 0."""
        return jnp.int32(0)

    def best(self, state: jax.Array) -> jax.Array:
        """Return the arm with the largest mean reward."""
        return jnp.argmax(state, -1)

    def render(self, state: jax.Array) -> Drawing:
        """Draw the mean rewards as bars."""
        means = np.asarray(state, float)
        low, high = min(0.0, means.min()), max(0.1, means.max())
        bars = [rectangle(i + 0.1, 0.0, i + 0.9, m, "c0") for i, m in enumerate(means.tolist())]
        return Drawing((0.0, low), (float(len(means)), high), list(bars))


@builtin
class BernoulliBandit(Bandit):
    """Arms that pay 1 or nothing.

    Args:
        arms: how many there are.
        probabilities: how often each pays; by default drawn evenly from 0 to 1 in every episode.
        max_episode_steps: the time limit.

    Example:
        >>> BernoulliBandit(probabilities=[0.2, 0.8]).action_space
        Discrete(2)
    """

    name = "BernoulliBandit"

    def __init__(
        self,
        arms: int = 10,
        probabilities: Sequence[float] | None = None,
        max_episode_steps: int | None = 1000,
    ):
        self.probabilities = None if probabilities is None else tuple(probabilities)
        self.arms = check_whole(arms if probabilities is None else len(probabilities), "arms")
        for probability in probabilities or ():
            check_number(probability, "a probability", most=1)
        self.action_space = Discrete(self.arms)
        self.max_episode_steps = max_episode_steps

    def reset(self, key: Any) -> jax.Array:
        """Return how often each arm pays."""
        if self.probabilities is not None:
            return jnp.asarray(self.probabilities, jnp.float32)
        return random.uniform(key, (self.arms,))

    def step(self, state: jax.Array, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Pull an arm."""
        paid = random.uniform(key, ()) < state[action]
        return state, paid.astype(jnp.float32), jnp.zeros_like(paid)


@builtin
class GaussianBandit(Bandit):
    """Arms whose rewards are normal: the testbed of Sutton and Barto (2018, section 2.3).

    Args:
        arms: how many there are.
        means: the mean rewards; by default each is drawn from a normal distribution around
            ``mean`` with deviation 1 in every episode.
        mean: around which the means are drawn.
        deviation: the standard deviation of the rewards.
        walk: the standard deviation of what is added to every mean after each step, for arms that
            change.
        max_episode_steps: the time limit.
    """

    name = "GaussianBandit"

    def __init__(
        self,
        arms: int = 10,
        means: Sequence[float] | None = None,
        mean: float = 0.0,
        deviation: float = 1.0,
        walk: float = 0.0,
        max_episode_steps: int | None = 1000,
    ):
        self.means, self.mean = None if means is None else tuple(means), mean
        self.deviation = check_number(deviation, "deviation")
        self.walk = check_number(walk, "walk")
        self.arms = check_whole(arms if means is None else len(means), "arms")
        self.action_space = Discrete(self.arms)
        self.max_episode_steps = max_episode_steps

    def reset(self, key: Any) -> jax.Array:
        """Return the mean reward of each arm."""
        if self.means is not None:
            return jnp.asarray(self.means, jnp.float32)
        return self.mean + random.normal(key, (self.arms,))

    def step(self, state: jax.Array, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Pull an arm."""
        reward = state[action] + self.deviation * random.normal(key, ())
        if self.walk:
            state = state + self.walk * random.normal(fold(key, "walk"), (self.arms,))
        return state, reward, jnp.asarray(False)
