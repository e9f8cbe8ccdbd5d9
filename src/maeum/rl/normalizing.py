"""Scaling observations and rewards by what was seen so far."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.module import Module
from maeum.core.variable import Variable

_MOST = 10.0  # what lies farther from 0 after scaling is clipped, as in Gymnasium's wrappers


class RunningMoments(Module):
    """Mean and variance of all numbers so far, entry by entry (Chan, Golub and LeVeque, 1979).

    Args:
        shape: of one entry.
    """

    def __init__(self, shape: tuple[int, ...] = ()):
        self.shape = shape
        self.count = Variable.holding(np.float32(0), "count")
        self.mean = Variable.holding(np.zeros(shape, np.float32), "mean")
        self.variance = Variable.holding(np.ones(shape, np.float32), "variance")
        self.built = True

    def update(self, values: jax.Array) -> None:
        """Take more entries in; all axes in front of theirs are counted together."""
        axes = tuple(range(values.ndim - len(self.shape)))
        more = np.float32(np.prod([values.shape[axis] for axis in axes]))
        count, mean = self.count.value, self.mean.value
        total = count + more
        apart = values.mean(axes) - mean
        squares = self.variance.value * count + values.var(axes) * more
        self.variance.assign((squares + apart**2 * count * more / total) / total)
        self.mean.assign(mean + apart * more / total)
        self.count.assign(total)

    def scaled(self, values: jax.Array, center: bool = True) -> jax.Array:
        """Return values divided by the standard deviation, after subtracting the mean if asked."""
        scale = jax.lax.rsqrt(self.variance.value + 1e-8)
        apart = values - self.mean.value if center else values
        return jnp.clip(apart * scale, -_MOST, _MOST)


class RewardScaling(Module):
    """Rewards divided by the standard deviation of the discounted sums of rewards.

    As in Gymnasium's ``NormalizeReward`` (Engstrom et al., 2020).

    Args:
        environments: how many run side by side.
        discount: the weight of what was before.
    """

    def __init__(self, environments: int, discount: float):
        self.discount = discount
        self.moments = RunningMoments()
        self.sums = Variable.holding(np.zeros(environments, np.float32), "sums")
        self.built = True

    def __call__(self, reward: jax.Array, ended: Any) -> jax.Array:
        """Return the scaled rewards of shape ``(steps, environments)``, and take them in."""

        def on(before: jax.Array, step: tuple) -> tuple[jax.Array, jax.Array]:
            reward, ended = step
            now = self.discount * before + reward
            return jnp.where(ended, 0.0, now), now

        last, sums = jax.lax.scan(on, self.sums.value, (reward, ended))
        self.sums.assign(last)
        self.moments.update(sums)
        return self.moments.scaled(reward, center=False)
