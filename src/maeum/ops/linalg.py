"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import times_matrix
from maeum.ops.activations import biased
from maeum.ops.arrays import from_numpy

matmul = from_numpy(jnp.matmul, arrays=2, mask=times_matrix)
dot = from_numpy(jnp.dot, arrays=2, mask=times_matrix)
outer = from_numpy(jnp.outer, arrays=2)
tensordot = from_numpy(jnp.tensordot, arrays=2)


@op
def einsum(subscripts: str, *xs: Any) -> jax.Array:
    """Einstein's sum: ``einsum("ij,jk->ik", a, b)`` is ``a @ b``."""
    return jnp.einsum(subscripts, *(jnp.asarray(x) for x in xs))


@op(mask=times_matrix)
def dense(x: Any, kernel: Any, bias: Any = None) -> jax.Array:
    """``x @ kernel + bias``; shapes ``(..., n), (n, units), (units,) -> (..., units)``.

    Whole numbers in ``x`` take the kernel's dtype.
    """
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        x = x.astype(kernel.dtype)
    # As one long matrix: over several axes XLA takes four times as long for the kernel's gradient.
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) if x.ndim > 2 else x
    product = jnp.matmul(rows, kernel)
    shape = (*x.shape[:-1], *kernel.shape[1:])
    if bias is None:
        return product.reshape(shape)
    bias = jnp.asarray(bias)
    return biased((product + bias).reshape(shape), product, bias)


@op
def batch_dot(x: Any, y: Any, axes: tuple[int, int]) -> jax.Array:
    """The sum of products over axis ``axes[0]`` of ``x`` and ``axes[1]`` of ``y``, row by row.

    The result has the batch axis, then the other axes of ``x``, then those of ``y``.

    >>> batch_dot([[1.0, 2.0]], [[3.0, 4.0]], axes=(1, 1)).tolist()
    [11.0]
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    a, b = axes[0] % x.ndim, axes[1] % y.ndim
    return jax.lax.dot_general(x, y, (((a,), (b,)), ((0,), (0,))))
