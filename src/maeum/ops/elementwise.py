"""Arithmetic and mathematical functions of each entry, under NumPy's names.

They are NumPy's functions (see its documentation for each), with broadcasting. `divide` of whole
numbers gives floating ones; `floor_divide` and `mod` round towards minus infinity.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import each_entry
from maeum.ops.arrays import floating, from_numpy

_entrywise = functools.partial(from_numpy, mask=each_entry)

add = _entrywise(jnp.add, arrays=2)
subtract = _entrywise(jnp.subtract, arrays=2)
multiply = _entrywise(jnp.multiply, arrays=2)
divide = _entrywise(jnp.divide, arrays=2)
floor_divide = _entrywise(jnp.floor_divide, arrays=2)
mod = _entrywise(jnp.mod, arrays=2)
power = _entrywise(jnp.power, arrays=2)
maximum = _entrywise(jnp.maximum, arrays=2)
minimum = _entrywise(jnp.minimum, arrays=2)

negative = _entrywise(jnp.negative)
absolute = _entrywise(jnp.absolute)
reciprocal = _entrywise(jnp.reciprocal)
square = _entrywise(jnp.square)
sqrt = _entrywise(jnp.sqrt)
exp = _entrywise(jnp.exp)
expm1 = _entrywise(jnp.expm1)
log = _entrywise(jnp.log)
log1p = _entrywise(jnp.log1p)
log2 = _entrywise(jnp.log2)
log10 = _entrywise(jnp.log10)
sin = _entrywise(jnp.sin)
cos = _entrywise(jnp.cos)
tan = _entrywise(jnp.tan)
floor = _entrywise(jnp.floor)
ceil = _entrywise(jnp.ceil)
round = _entrywise(jnp.round)
clip = _entrywise(jnp.clip)

equal = _entrywise(jnp.equal, arrays=2)
not_equal = _entrywise(jnp.not_equal, arrays=2)
greater = _entrywise(jnp.greater, arrays=2)
greater_equal = _entrywise(jnp.greater_equal, arrays=2)
less = _entrywise(jnp.less, arrays=2)
less_equal = _entrywise(jnp.less_equal, arrays=2)
logical_and = _entrywise(jnp.logical_and, arrays=2)
logical_or = _entrywise(jnp.logical_or, arrays=2)
logical_not = _entrywise(jnp.logical_not)
isnan = _entrywise(jnp.isnan)
isinf = _entrywise(jnp.isinf)
isfinite = _entrywise(jnp.isfinite)
where = _entrywise(jnp.where, arrays=3)


@op(mask=each_entry)
def rsqrt(x: Any) -> jax.Array:
    """``1 / sqrt(x)``."""
    return jax.lax.rsqrt(floating(x))


@op(mask=each_entry)
def erf(x: Any) -> jax.Array:
    """The error function, ``2 / sqrt(pi) * integral of exp(-t^2) from 0 to x``."""
    return jax.lax.erf(floating(x))


@op(mask=each_entry)
def divide_no_nan(x: Any, y: Any) -> jax.Array:
    """``x / y``, and 0 (with gradient 0) wherever ``y`` is 0.

    >>> divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
    [0.0, 0.5]
    """
    x, y = floating(x), floating(y)
    return jnp.where(y == 0, 0, x / jnp.where(y == 0, 1, y))


@op(mask=each_entry)
def stop_gradient(x: Any) -> jax.Array:
    """``x``, through which no gradient flows."""
    return jax.lax.stop_gradient(jnp.asarray(x))


@op(mask=each_entry)
def cast(x: Any, dtype: Any) -> jax.Array:
    """``x`` with another dtype."""
    return jnp.asarray(x).astype(dtype)
