"""Arithmetic and mathematical functions of each entry, under NumPy's names.

They are NumPy's functions (see its documentation for each), with broadcasting. `divide` of whole
numbers gives floating ones; `floor_divide` and `mod` round towards minus infinity.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.ops.arrays import floating, from_numpy

add = from_numpy(jnp.add, arrays=2)
subtract = from_numpy(jnp.subtract, arrays=2)
multiply = from_numpy(jnp.multiply, arrays=2)
divide = from_numpy(jnp.divide, arrays=2)
floor_divide = from_numpy(jnp.floor_divide, arrays=2)
mod = from_numpy(jnp.mod, arrays=2)
power = from_numpy(jnp.power, arrays=2)
maximum = from_numpy(jnp.maximum, arrays=2)
minimum = from_numpy(jnp.minimum, arrays=2)

negative = from_numpy(jnp.negative)
absolute = from_numpy(jnp.absolute)
reciprocal = from_numpy(jnp.reciprocal)
square = from_numpy(jnp.square)
sqrt = from_numpy(jnp.sqrt)
exp = from_numpy(jnp.exp)
expm1 = from_numpy(jnp.expm1)
log = from_numpy(jnp.log)
log1p = from_numpy(jnp.log1p)
log2 = from_numpy(jnp.log2)
log10 = from_numpy(jnp.log10)
sin = from_numpy(jnp.sin)
cos = from_numpy(jnp.cos)
tan = from_numpy(jnp.tan)
floor = from_numpy(jnp.floor)
ceil = from_numpy(jnp.ceil)
round = from_numpy(jnp.round)
clip = from_numpy(jnp.clip)

equal = from_numpy(jnp.equal, arrays=2)
not_equal = from_numpy(jnp.not_equal, arrays=2)
greater = from_numpy(jnp.greater, arrays=2)
greater_equal = from_numpy(jnp.greater_equal, arrays=2)
less = from_numpy(jnp.less, arrays=2)
less_equal = from_numpy(jnp.less_equal, arrays=2)
logical_and = from_numpy(jnp.logical_and, arrays=2)
logical_or = from_numpy(jnp.logical_or, arrays=2)
logical_not = from_numpy(jnp.logical_not)
isnan = from_numpy(jnp.isnan)
isinf = from_numpy(jnp.isinf)
isfinite = from_numpy(jnp.isfinite)
where = from_numpy(jnp.where, arrays=3)


@op
def rsqrt(x: Any) -> jax.Array:
    """``1 / sqrt(x)``."""
    return jax.lax.rsqrt(floating(x))


@op
def erf(x: Any) -> jax.Array:
    """The error function, ``2 / sqrt(pi) * integral of exp(-t^2) from 0 to x``."""
    return jax.lax.erf(floating(x))


@op
def divide_no_nan(x: Any, y: Any) -> jax.Array:
    """``x / y``, and 0 (with gradient 0) wherever ``y`` is 0.

    >>> divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
    [0.0, 0.5]
    """
    x, y = floating(x), floating(y)
    return jnp.where(y == 0, 0, x / jnp.where(y == 0, 1, y))


@op
def stop_gradient(x: Any) -> jax.Array:
    """``x``, through which no gradient flows."""
    return jax.lax.stop_gradient(jnp.asarray(x))


@op
def cast(x: Any, dtype: Any) -> jax.Array:
    """``x`` with another dtype."""
    return jnp.asarray(x).astype(dtype)
