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
    """

    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any


class ReplayBuffer(Module):
    """The last steps of all environments, in variables: a ring (Lin, 1992).

    Args:
        like: one step (shapes and dtypes), without an axis of rows.
        capacity: how many steps of each environment are kept.
        environments: how many run side by side.
    """

    def __init__(self, like: Step, capacity: int, environments: int):
        self.capacity = check_whole(capacity, "capacity")
        self.environments = environments
        self._structure = jax.tree.structure(like)
        self.rings = [
            Variable.holding(
                np.zeros((capacity, environments, *leaf.shape), leaf.dtype), f"ring_{i}"
            )
            for i, leaf in enumerate(jax.tree.leaves(like))
        ]
        self.count = Variable.holding(np.int32(0), "count")
        self.built = True

    def add(self, steps: Step) -> None:
        """Keep one more step of each environment, in the place of the oldest if it is full."""
        count = self.count.value
        for ring, new in zip(self.rings, jax.tree.leaves(steps)):
            new = new.astype(ring.dtype)[None]
            place: Any = (count % self.capacity, *[0] * (new.ndim - 1))
            ring.assign(jax.lax.dynamic_update_slice(ring.value, new, place))
        self.count.assign(count + 1)

    def sample(self, key: Any, rows: int) -> Step:
        """Return some of the steps, each as likely as any other; one may come twice."""
        held = jnp.minimum(self.count.value, self.capacity).astype(np.uint32)
        number = random.bits(fold(key, "rows"), (rows,)) % (held * np.uint32(self.environments))
        place = (number // self.environments).astype(jnp.int32)
        which = (number % self.environments).astype(jnp.int32)
        found = [ring.value[place, which] for ring in self.rings]
        return jax.tree.unflatten(self._structure, found)
