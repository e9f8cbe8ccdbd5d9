"""Returns and advantages: what rewards are worth, counted back from where an episode was left."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def generalized_advantages(
    reward: Any,
    value: Any,
    next_value: Any,
    terminated: Any,
    truncated: Any,
    discount: float = 0.99,
    gae_lambda: float = 0.95,
) -> jax.Array:
    """Return how much better each action was than what was expected of its observation.

    Generalized advantage estimation (Schulman et al., 2016): with the errors ``d_t = r_t +
    discount * v'_t - v_t``, the sum of ``(discount * gae_lambda)**k * d_(t+k)`` up to the end of
    the episode, or to the last step. Where the task has ended, ``v'`` counts as 0; where the
    episode was truncated, the value of what it led to counts still, but no later error does.

    All arrays have the shape ``(steps, ...)``, with time first.

    Args:
        reward: the rewards.
        value: the values of the observations in which the actions were taken.
        next_value: the values of those that the actions led to, before anything began anew.
        terminated: whether the task ended.
        truncated: whether the episode was cut off.
        discount: the weight of a reward that comes a step later.
        gae_lambda: 0 trusts the values, 1 the rewards alone.

    Example:
        >>> advantages = generalized_advantages(
        ...     jnp.ones(2), jnp.zeros(2), jnp.array([0.0, 4.0]), jnp.zeros(2, bool),
        ...     jnp.zeros(2, bool), discount=0.5, gae_lambda=0.5)
        >>> advantages.tolist()  # 1 + 0.25 * 3, and 1 + 0.5 * 4
        [1.75, 3.0]
    """
    goes_on = 1.0 - (terminated | truncated)
    error = reward + discount * jnp.where(terminated, 0.0, next_value) - value

    def back(later: jax.Array, step: tuple) -> tuple[jax.Array, jax.Array]:
        error, weight = step
        now = error + weight * later
        return now, now

    weights = discount * gae_lambda * goes_on
    return jax.lax.scan(back, jnp.zeros_like(error[0]), (error, weights), reverse=True)[1]


def discounted_returns(
    reward: Any, next_value: Any, terminated: Any, truncated: Any, discount: float = 0.99
) -> jax.Array:
    """Return the discounted sums of the rewards up to the end of each episode.

    ``R_t = r_t + discount * R_(t+1)``; where an episode was truncated, and at the last step, the
    value of what it led to stands for the rest. The arguments are those of
    `generalized_advantages`.

    Example:
        >>> over = jnp.array([False, True, False])
        >>> discounted_returns(jnp.ones(3), jnp.full(3, 8.0), over, ~over & False, 0.5).tolist()
        [1.5, 1.0, 5.0]
    """

    def back(later: jax.Array, step: tuple) -> tuple[jax.Array, jax.Array]:
        reward, value, terminated, truncated = step
        rest = jnp.where(terminated, 0.0, jnp.where(truncated, value, later))
        now = reward + discount * rest
        return now, now

    steps = reward, next_value, terminated, truncated
    return jax.lax.scan(back, next_value[-1], steps, reverse=True)[1]
