"""The replay buffer: what happened, kept inside the program and drawn from."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.module import Module
from maeum.core.randomness import fold
from maeum.core.variable import Variable
from maeum.ops import random


class Step(NamedTuple):
    """Steps of environments; the first axes are those of the rows.

    Attributes:
        observation: what was seen.
        action: what was done.
        reward: what it earned.
        next_observation: what it led to.
        terminated: whether the task ended with it.
        ended: whether the episode did, by its time limit, too.
    """

    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any
    ended: Any


class Batch(NamedTuple):
    """Steps to learn from, each of them the first of several: ``observation`` and ``action`` are
    its own, and a value of ``Q(observation, action)`` is ``reward + weight * V(next_observation)``.

    Attributes:
        observation: what was seen.
        action: what was done.
        reward: the discounted sum of what the steps earned.
        next_observation: what the last of them led to.
        weight: what a reward after them is worth; 0 where the task ended.
    """

    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    weight: Any


class ReplayBuffer(Module):
    """The last steps of all environments, in variables: a ring (Lin, 1992).

    Args:
        like: one step (shapes and dtypes of arrays), without an axis of rows.
        capacity: how many steps of each environment are kept.
        environments: how many run side by side.
    """

    def __init__(self, like: Step, capacity: int, environments: int):
        self.capacity = check_whole(capacity, "capacity")
        self.environments = environments
        self.rings = [
            Variable.holding(np.zeros((capacity, environments, *part.shape), part.dtype), name)
            for name, part in zip(Step._fields, like)
        ]
        self.count = Variable.holding(np.int32(0), "count")
        self.built = True

    def add(self, steps: Step) -> None:
        """Keep one more step of each environment, in the place of the oldest if it is full."""
        count = self.count.value
        for ring, new in zip(self.rings, steps):
            new = new.astype(ring.dtype)[None]
            place: Any = (count % self.capacity, *[0] * (new.ndim - 1))
            ring.assign(jax.lax.dynamic_update_slice(ring.value, new, place))
        self.count.assign(count + 1)

    def sample(self, key: Any, rows: int, n_steps: int = 1, discount: float = 0.99) -> Batch:
        """Return some of the steps, each as likely as any other; one may come twice.

        Args:
            key: what is drawn follows from it.
            rows: how many.
            n_steps: how many steps count together (Sutton, 1988); fewer where an episode ended, or
                at the newest step.
            discount: the weight of a reward that comes a step later.
        """
        count = self.count.value
        held = jnp.minimum(count, self.capacity).astype(np.uint32)
        number = random.bits(fold(key, "rows"), (rows,)) % (held * np.uint32(self.environments))
        place = (number // self.environments).astype(jnp.int32)
        which = (number % self.environments).astype(jnp.int32)
        rings = Step(*(ring.value for ring in self.rings))
        last, reward = place, rings.reward[place, which]
        weight = jnp.full(rows, discount, jnp.float32)
        if n_steps > 1:
            newest = (count - 1 - place) % self.capacity  # how many steps are newer
            goes_on = jnp.ones(rows, bool)
            for ahead in range(1, n_steps):
                goes_on &= ~rings.ended[last, which] & (newest >= ahead)
                last = jnp.where(goes_on, (place + ahead) % self.capacity, last)
                reward += jnp.where(goes_on, weight * rings.reward[last, which], 0.0)
                weight = jnp.where(goes_on, weight * discount, weight)
        return Batch(
            rings.observation[place, which],
            rings.action[place, which],
            reward,
            rings.next_observation[last, which],
            jnp.where(rings.terminated[last, which], 0.0, weight),
        )
