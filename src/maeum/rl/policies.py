"""What a network says about actions: probabilities of numbered ones, normal distributions."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.ops import random
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete, MultiDiscrete

_HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)


class Categorical:
    """One of several numbered actions; the network gives the logits of their probabilities.

    Args:
        space: the actions.

    Attributes:
        outputs: how many numbers the network gives.
    """

    def __init__(self, space: Discrete):
        self.space, self.outputs = space, space.n

    def noise(self, key: Any, shape: tuple[int, ...]) -> jax.Array:
        """Return what `sample` draws with, for observations of this shape."""
        unit = random.uniform(key, (*shape, self.outputs)) + np.float32(2**-25)
        return -jnp.log(-jnp.log(unit))  # Gumbel's distribution

    def sample(self, logits: jax.Array, noise: jax.Array) -> jax.Array:
        """Return actions, counted from 0, drawn by their probabilities."""
        return jnp.argmax(logits + noise, -1).astype(jnp.int32)

    def mode(self, logits: jax.Array) -> jax.Array:
        """Return the most probable actions, counted from 0."""
        return jnp.argmax(logits, -1).astype(jnp.int32)

    def log_prob(self, logits: jax.Array, action: jax.Array) -> jax.Array:
        """Return the logarithm of the probability of actions."""
        # A product instead of a gather, whose gradient would scatter.
        chosen = action[..., None] == jnp.arange(self.outputs)
        return jnp.sum(jnp.where(chosen, jax.nn.log_softmax(logits), 0.0), -1)

    def entropy(self, logits: jax.Array) -> jax.Array:
        """Return the entropy, in nats."""
        logs = jax.nn.log_softmax(logits)
        return -jnp.sum(jnp.exp(logs) * logs, -1)

    def to_environment(self, action: jax.Array) -> jax.Array:
        """Return actions as the environment numbers them."""
        return action + self.space.start


class MultiCategorical:
    """Several numbered actions at once, independent of each other (a product of categoricals).

    The network gives the logits of the first action, then those of the second, and so on.

    Args:
        space: the actions.

    Attributes:
        outputs: how many numbers the network gives.
    """

    def __init__(self, space: MultiDiscrete):
        self.space, self.sizes = space, space.nvec.reshape(-1).tolist()
        self.outputs = sum(self.sizes)
        self._one = Categorical(Discrete(max(self.sizes)))

    def _table(self, logits: jax.Array) -> jax.Array:
        """Return logits of shape ``(..., actions, values)``, of which none is likely that is not.

        A finite number stands for minus infinity, whose product with a probability of 0 is NaN.
        """
        if len(set(self.sizes)) == 1:
            return logits.reshape(*logits.shape[:-1], len(self.sizes), -1)
        rows = jnp.split(logits, np.cumsum(self.sizes)[:-1], -1)
        unused = [[(0, 0)] * (logits.ndim - 1) + [(0, max(self.sizes) - n)] for n in self.sizes]
        return jnp.stack(
            [jnp.pad(row, pads, constant_values=-1e9) for row, pads in zip(rows, unused)], -2
        )

    def noise(self, key: Any, shape: tuple[int, ...]) -> jax.Array:
        """Return what `sample` draws with, for observations of this shape."""
        return self._one.noise(key, (*shape, len(self.sizes)))

    def sample(self, logits: jax.Array, noise: jax.Array) -> jax.Array:
        """Return actions, counted from 0, drawn by their probabilities."""
        return self._one.sample(self._table(logits), noise)

    def mode(self, logits: jax.Array) -> jax.Array:
        """Return the most probable actions, counted from 0."""
        return self._one.mode(self._table(logits))

    def log_prob(self, logits: jax.Array, action: jax.Array) -> jax.Array:
        """Return the logarithm of the probability of actions."""
        return self._one.log_prob(self._table(logits), action).sum(-1)

    def entropy(self, logits: jax.Array) -> jax.Array:
        """Return the entropy, in nats."""
        return self._one.entropy(self._table(logits)).sum(-1)

    def to_environment(self, action: jax.Array) -> jax.Array:
        """Return actions as the environment numbers them, in its shape."""
        space = self.space
        shaped = action.reshape(*action.shape[:-1], *space.shape)
        return (shaped + space.start).astype(space.dtype)


class Normal:
    """Actions of several numbers, normally distributed around what the network gives.

    Between finite limits, -1 and 1 stand for these; what lies outside is clipped.

    Args:
        space: the actions.

    Attributes:
        outputs: how many numbers the network gives.
    """

    def __init__(self, space: Box):
        self.space, self.outputs = space, math.prod(space.shape)
        low, high = (limit.reshape(-1).astype(np.float32) for limit in (space.low, space.high))
        finite = np.isfinite(low) & np.isfinite(high)
        with np.errstate(invalid="ignore", over="ignore"):
            self._middle = np.where(finite, low / 2 + high / 2, 0).astype(np.float32)
            self._reach = np.where(finite, high / 2 - low / 2, 1).astype(np.float32)

    def noise(self, key: Any, shape: tuple[int, ...]) -> jax.Array:
        """Return what `sample` draws with, for observations of this shape."""
        return random.normal(key, (*shape, self.outputs))

    def sample(self, given: tuple[jax.Array, jax.Array], noise: jax.Array) -> jax.Array:
        """Return actions, drawn from means and the logarithms of standard deviations."""
        mean, log_std = given
        return mean + jnp.exp(log_std) * noise

    def mode(self, given: tuple[jax.Array, jax.Array]) -> jax.Array:
        """Return the most probable actions."""
        return given[0]

    def log_prob(self, given: tuple[jax.Array, jax.Array], action: jax.Array) -> jax.Array:
        """Return the logarithm of the density at actions, which were not clipped."""
        mean, log_std = given
        z = (action - mean) * jnp.exp(-log_std)
        return jnp.sum(-0.5 * z**2 - log_std - _HALF_LOG_2_PI, -1)

    def entropy(self, given: tuple[jax.Array, jax.Array]) -> jax.Array:
        """Return the entropy, in nats, before clipping."""
        mean, log_std = given
        return jnp.sum(jnp.broadcast_to(log_std + 0.5 + _HALF_LOG_2_PI, mean.shape), -1)

    def to_environment(self, action: jax.Array) -> jax.Array:
        """Return actions between the environment's limits, in its shape."""
        space = self.space
        wanted = (self._middle + self._reach * action).reshape(*action.shape[:-1], *space.shape)
        return jnp.clip(wanted, space.low, space.high).astype(space.dtype)


def actions_of(environment: Environment) -> Categorical | MultiCategorical | Normal:
    """Return how the actions of an environment are distributed.

    Raises:
        ConfigError: for actions that are neither numbered nor arrays of numbers.
    """
    space = environment.action_space
    if isinstance(space, Discrete):
        return Categorical(space)
    if isinstance(space, MultiDiscrete):
        return MultiCategorical(space)
    if isinstance(space, Box) and space.dtype.kind == "f":
        return Normal(space)
    raise ConfigError(
        "{environment} has the actions {actions}; agents with networks take Discrete, "
        "MultiDiscrete, MultiBinary, and Box of real numbers.",
        environment=environment.name,
        actions=space,
    )
