"""What works on rows by themselves, in plain JAX; any floating dtype."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

Array = Any


@functools.partial(jax.jit, static_argnames="epsilon", inline=True)
def layer_normalize(x: Array, gamma: Any, beta: Any, epsilon: float) -> jax.Array:
    """Give each row mean 0 and variance 1, then scale and shift (Ba et al., 2016).

    Shapes: ``x`` is (..., n); gamma and beta are (n,) or None.
    """
    factor = jax.lax.rsqrt(jnp.var(x, -1, keepdims=True) + epsilon)
    if gamma is not None:
        factor = factor * gamma
    outputs = (x - jnp.mean(x, -1, keepdims=True)) * factor
    return outputs if beta is None else outputs + beta


def gelu(x: Array, bias: Any, approximate: bool) -> jax.Array:
    """``z * P(Z <= z)`` with ``z = x + bias``, or the formula with tanh."""
    return jax.nn.gelu(x if bias is None else x + bias, approximate)


def partly_silu(x: Array, amount: Array) -> jax.Array:
    """``x + amount * (silu(x) - x)``, with an amount for each feature."""
    return x + amount * (jax.nn.silu(x) - x)
