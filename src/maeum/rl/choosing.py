"""Choosing one of several numbered actions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.ops import random


def drawn_best(scores: jax.Array, draws: jax.Array) -> jax.Array:
    """Return the number of the largest score along the last axis; of equal ones, one is drawn.

    Args:
        scores: of shape ``(..., actions)``.
        draws: random numbers of the same shape, of 0 or more.

    Returns:
        int32 of shape ``(...)``.

    Example:
        >>> drawn_best(jnp.array([1.0, 3.0, 3.0]), jnp.array([0.9, 0.2, 0.6])).item()
        2
    """
    numbers = jax.lax.broadcasted_iota(jnp.int32, scores.shape, scores.ndim - 1)

    # One reduction: to compare with the maximum afterwards, a compiler may compute the scores once
    # more, and round them differently.
    def better(a: tuple, b: tuple) -> tuple:
        wins = (a[0] > b[0]) | ((a[0] == b[0]) & (a[1] >= b[1]))
        return tuple(jnp.where(wins, one, other) for one, other in zip(a, b))

    least = jnp.asarray(-jnp.inf, scores.dtype), jnp.asarray(-1.0, draws.dtype), jnp.int32(0)
    best = jax.lax.reduce((scores, draws, numbers), least, better, (scores.ndim - 1,))
    # All three are used: where an environment takes no notice of its actions, XLA crashed (jaxlib
    # 0.10.2, CPU) while it removed a reduction in a loop of which one result was.
    return jnp.where((best[0] > -jnp.inf) & (best[1] >= 0), best[2], 0)


def epsilon_greedy(scores: jax.Array, key: Any, epsilon: Any) -> jax.Array:
    """Return the number of the largest score, or with the probability ``epsilon`` any.

    Args:
        scores: of shape ``(..., actions)``.
        key: what is drawn follows from it.
        epsilon: from 0 to 1.

    Returns:
        int32 of shape ``(...)``.
    """
    draws = random.uniform(key, (*scores.shape[:-1], scores.shape[-1] + 1))
    explores = draws[..., -1:] < epsilon
    return drawn_best(jnp.where(explores, 0.0, scores), draws[..., :-1])
