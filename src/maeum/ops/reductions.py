"""Sums, means, extremes and orders along axes, under NumPy's names.

All take ``axis`` (an int, a tuple or None for every axis), and most ``keepdims``.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import along_axis, last_axis
from maeum.ops.arrays import floating, from_numpy

_along = functools.partial(from_numpy, mask=along_axis)

sum = _along(jnp.sum)
prod = _along(jnp.prod)
mean = _along(jnp.mean)
var = _along(jnp.var)
std = _along(jnp.std)
median = _along(jnp.median)
quantile = from_numpy(jnp.quantile)
max = _along(jnp.max)
min = _along(jnp.min)
any = _along(jnp.any)
all = _along(jnp.all)
count_nonzero = _along(jnp.count_nonzero)
argmax = _along(jnp.argmax)
argmin = _along(jnp.argmin)
cumsum = _along(jnp.cumsum)
sort = _along(jnp.sort)
argsort = _along(jnp.argsort)


@op(mask=along_axis)
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """``log(sum(exp(x)))``, without overflow."""
    return jax.nn.logsumexp(floating(x), axis, keepdims=keepdims)


@op(mask=along_axis)
def norm(x: Any, axis: Any = None, keepdims: bool = False) -> jax.Array:
    """The Euclidean norm ``sqrt(sum(x^2))``; its gradient at 0 is 0.

    >>> float(norm([3.0, 4.0]))
    5.0
    """
    squares = jnp.sum(jnp.square(floating(x)), axis, keepdims=keepdims)
    zero = squares == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, squares)))


@op(mask=last_axis)
def top_k(x: Any, k: int) -> tuple[jax.Array, jax.Array]:
    """The ``k`` largest entries along the last axis, largest first, and their indices."""
    values, indices = jax.lax.top_k(jnp.asarray(x), k)
    return values, indices
