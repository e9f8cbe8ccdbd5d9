"""How ops take their arguments: arrays, NumPy arrays, variables, lists and numbers alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import Rule


def floating(x: Any) -> jax.Array:
    """Return ``x`` as an array of floating numbers: whole numbers become float32.

    >>> floating([1, 2]).dtype.name
    'float32'
    """
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.float32)


def wide(x: Any) -> jax.Array:
    """Return ``x`` in float32 at least, so that sums over many entries stay exact enough."""
    x = jnp.asarray(x)
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def from_numpy(
    function: Callable, arrays: int = 1, mask: Rule | None = None
) -> Callable[..., jax.Array]:
    """Make an op of a function of ``jax.numpy``: its first ``arrays`` arguments become arrays."""

    @functools.wraps(function)
    def converted(*args: Any, **kwargs: Any) -> Any:
        return function(*map(jnp.asarray, args[:arrays]), *args[arrays:], **kwargs)

    return op(converted, mask=mask)


def is_traced(x: Any) -> bool:
    """Tell whether ``x`` has no value yet, because a program is being compiled."""
    return isinstance(x, jax.core.Tracer)
