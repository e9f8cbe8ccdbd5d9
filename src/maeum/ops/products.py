"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import axes_behind, each_row, matrix_product, times_matrix
from maeum.ops.activations import biased
from maeum.ops.arrays import as_array, checking_shapes, floating, numpy_op

dot = numpy_op(
    checking_shapes(jnp.dot),
    "x1, x2",
    "The sums of products over the last axis of ``x1`` and the last but one of ``x2``.",
    arrays=2,
    mask=times_matrix,
)
inner = numpy_op(
    checking_shapes(jnp.inner),
    "x1, x2",
    "The sums of products over the last axes of both.",
    arrays=2,
)
vdot = numpy_op(
    checking_shapes(jnp.vdot),
    "x1, x2",
    "The sum of products of all entries, those of ``x1`` conjugated.",
    arrays=2,
)
outer = numpy_op(
    checking_shapes(jnp.outer),
    "x1, x2",
    "The product of each entry of ``x1`` with each of ``x2``.",
    arrays=2,
)
kron = numpy_op(
    checking_shapes(jnp.kron),
    "x1, x2",
    "Kronecker's product: each entry of ``x1`` times all of ``x2``.",
    arrays=2,
)
trace = numpy_op(
    checking_shapes(jnp.trace),
    "x, offset=0, axis1=0, axis2=1",
    "The sum of a diagonal along two axes.",
    mask=axes_behind("axis1", "axis2"),
)
cross = numpy_op(
    checking_shapes(jnp.cross),
    "x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None",
    "The cross product of vectors of three numbers (or two, whose third is 0).",
    arrays=2,
)
correlate = numpy_op(
    checking_shapes(jnp.correlate),
    "x1, x2, mode='valid'",
    "The sums of products of two rows that are moved along each other.",
    arrays=2,
)
corrcoef = numpy_op(
    checking_shapes(jnp.corrcoef),
    "x",
    "Pearson's correlations between the rows of a matrix.",
    convert=floating,
)


def _contracted(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    axes = given["axes"]
    own = range(-axes, 0) if isinstance(axes, int) else np.atleast_1d(axes[0])
    alone = x is given["x1"] and x is not given["x2"]
    return alone and all(int(axis) % x.ndim >= rank for axis in own)


tensordot = numpy_op(
    checking_shapes(jnp.tensordot),
    "x1, x2, axes=2",
    "The sums of products over axes of both: so many of the last of ``x1`` and the first of "
    "``x2``, or two lists of axes.",
    arrays=2,
    mask=_contracted,
)


_matmul, _einsum = checking_shapes(jnp.matmul), checking_shapes(jnp.einsum)


def _both_int8(*arrays: jax.Array) -> Any:
    """Return the dtype in which products of bytes are summed, None for any other product."""
    return jnp.int32 if all(x.dtype == jnp.int8 for x in arrays) else None


@op(mask=matrix_product)
def matmul(x1: Any, x2: Any) -> jax.Array:
    """The product of matrices, or of stacks of them; int8 is summed in int32.

    Shapes: ``(..., n, k), (..., k, m) -> (..., n, m)``; a vector has only ``k``.
    """
    x1, x2 = as_array(x1), as_array(x2)
    return _matmul(x1, x2, preferred_element_type=_both_int8(x1, x2))


def _labels_stay(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """Whether the first axes of an operand of ``einsum`` are those of the result."""
    left, arrow, right = given["subscripts"].replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow or "..." in left or len(terms) != len(given["operands"]):
        return False
    own = [term for term, y in zip(terms, given["operands"]) if y is x]
    return bool(own) and all(term[:rank] == right[:rank] and len(term) >= rank for term in own)


@op(mask=_labels_stay)
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> jax.Array:
    """Einstein's sum: ``einsum("ij,jk->ik", a, b)`` is ``a @ b``.

    Further options are those of ``jax.numpy.einsum``.
    """
    arrays = [as_array(x) for x in operands]
    kwargs.setdefault("preferred_element_type", _both_int8(*arrays))
    return _einsum(subscripts, *arrays, **kwargs)


@op(mask=times_matrix)
def dense(x: Any, kernel: Any, bias: Any = None) -> jax.Array:
    """``x @ kernel + bias``; shapes ``(..., n), (n, units), (units,) -> (..., units)``.

    Whole numbers in ``x`` take the kernel's dtype.
    """
    x, kernel = as_array(x), as_array(kernel)
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        x = x.astype(kernel.dtype)
    # As one long matrix: over several axes XLA takes four times as long for the kernel's gradient.
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) if x.ndim > 2 else x
    product = jnp.matmul(rows, kernel)
    shape = (*x.shape[:-1], *kernel.shape[1:])
    if bias is None:
        return product.reshape(shape)
    bias = as_array(bias)
    return biased((product + bias).reshape(shape), product, bias)


@op(mask=each_row("x", "y"))
def batch_dot(x: Any, y: Any, axes: tuple[int, int]) -> jax.Array:
    """The sum of products over axis ``axes[0]`` of ``x`` and ``axes[1]`` of ``y``, row by row.

    The result has the batch axis, then the other axes of ``x``, then those of ``y``.

    >>> batch_dot([[1.0, 2.0]], [[3.0, 4.0]], axes=(1, 1)).tolist()
    [11.0]
    """
    x, y = as_array(x), as_array(y)
    a, b = axes[0] % x.ndim, axes[1] % y.ndim
    return jax.lax.dot_general(x, y, (((a,), (b,)), ((0,), (0,))))


def _stacked(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    if x.ndim == made.ndim and x.ndim - 2 >= rank:
        return True
    alone = x is given["x"] and x is not given["y"] and np.ndim(given["y"]) == 2
    return alone and x.ndim - 1 >= rank


@op(mask=_stacked)
def cdist(x: Any, y: Any) -> jax.Array:
    """The Euclidean distance of each row of ``x`` from each row of ``y``.

    Shapes: ``(..., n, k), (..., m, k) -> (..., n, m)``. The gradient at distance 0 is 0.

    Raises:
        ShapeError: for fewer than two axes, or rows of different sizes.

    >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]]).tolist()
    [[5.0, 1.0]]
    """
    x, y = floating(x), floating(y)
    if min(x.ndim, y.ndim) < 2 or x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            "Distances are those of rows: both arrays have two axes or more, and last axes of one "
            "size; got shapes {x} and {y}.",
            x=x.shape,
            y=y.shape,
        )
    squares = jnp.sum(jnp.square(x[..., :, None, :] - y[..., None, :, :]), -1)
    zero = squares == 0
    return jnp.where(zero, 0, jnp.sqrt(jnp.where(zero, 1, squares)))
