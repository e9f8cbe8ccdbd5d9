"""Sums, means, extremes and orders along axes, under NumPy's names.

All take ``axis`` (an int, a tuple or None for every axis), and most ``keepdims``.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.ops.arrays import floating, from_numpy

sum = from_numpy(jnp.sum)
prod = from_numpy(jnp.prod)
mean = from_numpy(jnp.mean)
var = from_numpy(jnp.var)
std = from_numpy(jnp.std)
median = from_numpy(jnp.median)
quantile = from_numpy(jnp.quantile)
max = from_numpy(jnp.max)
min = from_numpy(jnp.min)
any = from_numpy(jnp.any)
all = from_numpy(jnp.all)
count_nonzero = from_numpy(jnp.count_nonzero)
argmax = from_numpy(jnp.argmax)
argmin = from_numpy(jnp.argmin)
cumsum = from_numpy(jnp.cumsum)
sort = from_numpy(jnp.sort)
argsort = from_numpy(jnp.argsort)


@op
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """``log(sum(exp(x)))``, without overflow."""
    return jax.nn.logsumexp(floating(x), axis, keepdims=keepdims)


@op
def norm(x: Any, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """The Euclidean norm ``sqrt(sum(x^2))``; its gradient at 0 is 0.

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    squares = jnp.sum(jnp.square(floating(x)), axis, keepdims=keepdims)
    zero = squares == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, squares)))


@op
def top_k(x: Any, k: int) -> tuple[jax.Array, jax.Array]:
    """The ``k`` largest entries along the last axis, largest first, and their indices."""
    values, indices = jax.lax.top_k(jnp.asarray(x), k)
    return values, indices
