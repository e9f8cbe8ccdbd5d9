"""Functions that rearrange entries, under NumPy's names."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import (
    along_axis,
    axes_behind,
    each_entry,
    each_row,
    new_axis,
    same_blocks,
)
from maeum.ops.arrays import as_array, as_arrays, checking_shapes, numpy_op

# ---- rules ---------------------------------------------------------------------------------------


def _permuted(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    axes = range(x.ndim)[::-1] if given["axes"] is None else given["axes"]
    return [axis % x.ndim for axis in axes][:rank] == list(range(rank))


def _shaped(function: Any, *args: Any, **kwargs: Any) -> Any:
    return numpy_op(checking_shapes(function), *args, **kwargs)


# ---- shapes and axes -----------------------------------------------------------------------------

reshape = _shaped(
    jnp.reshape,
    "x, newshape",
    "The same entries in another shape; one size may be -1 and follows from the others.",
    mask=same_blocks,
)
ravel = _shaped(jnp.ravel, "x", "All entries in one row.", mask=same_blocks)
transpose = _shaped(
    jnp.transpose,
    "x, axes=None",
    "The axes in another order: turned round by default, else as ``axes`` lists them.",
    mask=_permuted,
)
swapaxes = _shaped(
    jnp.swapaxes, "x, axis1, axis2", "Two axes swapped.", mask=axes_behind("axis1", "axis2")
)
moveaxis = _shaped(
    jnp.moveaxis,
    "x, source, destination",
    "Axes (one or several) moved from ``source`` to ``destination``.",
    mask=axes_behind("source", "destination"),
)
expand_dims = _shaped(
    jnp.expand_dims, "x, axis", "A new axis of size 1, or several.", mask=new_axis
)
squeeze = _shaped(
    jnp.squeeze, "x, axis=None", "Without axes of size 1: these, or all.", mask=along_axis
)
broadcast_to = _shaped(
    jnp.broadcast_to, "x, shape", "Repeated along axes of size 1 to a shape.", mask=each_entry
)
flip = _shaped(
    jnp.flip, "x, axis=None", "In the reverse order along axes, by default all.", mask=along_axis
)
fliplr = _shaped(jnp.fliplr, "x", "Flipped along axis 1.", mask=each_row("x"))
flipud = _shaped(jnp.flipud, "x", "Flipped along axis 0.")
roll = _shaped(
    jnp.roll, "x, shift, axis=None", "Moved along an axis; the end comes first.", mask=along_axis
)
tile = _shaped(jnp.tile, "x, repeats", "The whole, repeated along each axis.", mask=each_entry)
repeat = _shaped(
    lambda x, repeats, axis: jnp.repeat(x, np.asarray(repeats), axis=axis),
    "x, repeats, axis=None",
    "Each entry along an axis (by default of all in one row) repeated so often.",
    mask=along_axis,
    name="repeat",
)


@op
def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> jax.Array:
    """Turned by 90 degrees ``k`` times, from the first towards the second of two axes.

    Raises:
        ShapeError: for fewer than two axes.
        ConfigError: unless ``axes`` are two different ones.
    """
    array = as_array(array)
    if array.ndim < 2:
        raise ShapeError("An array to turn has two axes or more; got {shape}.", shape=array.shape)
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ConfigError("Two different axes are turned; got {axes!r}.", axes=axes)
    return jnp.rot90(array, k, (axes[0], axes[1]))


# ---- triangles and diagonals ---------------------------------------------------------------------


def _matrices(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    return x.ndim - 2 >= rank and made.ndim == x.ndim


tril = _shaped(jnp.tril, "x, k=0", "Matrices with zeros above the k-th diagonal.", mask=_matrices)
triu = _shaped(jnp.triu, "x, k=0", "Matrices with zeros below the k-th diagonal.", mask=_matrices)
diag = _shaped(jnp.diag, "x, k=0", "The k-th diagonal of a matrix, or the matrix that has it.")
diagflat = _shaped(jnp.diagflat, "x, k=0", "The matrix whose k-th diagonal are all entries.")
diagonal = _shaped(
    jnp.diagonal,
    "x, offset=0, axis1=0, axis2=1",
    "The diagonal along two axes, which becomes the last axis.",
    mask=axes_behind("axis1", "axis2"),
)

# ---- joining and splitting -----------------------------------------------------------------------

_join = functools.partial(_shaped, convert=as_arrays)

concatenate = _join(
    jnp.concatenate, "xs, axis=0", "Arrays joined along an axis that they have.", mask=along_axis
)
stack = _join(jnp.stack, "x, axis=0", "Arrays of one shape joined along a new axis.", mask=new_axis)
hstack = _join(jnp.hstack, "xs", "Arrays joined along axis 1; rows along axis 0.")
vstack = _join(jnp.vstack, "xs", "Arrays joined along axis 0; rows become matrices first.")
dstack = _join(jnp.dstack, "xs", "Arrays joined along axis 2, which is made where it lacks.")
append = _shaped(
    jnp.append,
    "x1, x2, axis=None",
    "Two arrays joined along an axis, or all their entries in one row.",
    arrays=2,
    mask=along_axis,
)

_split = functools.partial(_shaped, signature="x, indices_or_sections")
_split_along = functools.partial(
    _shaped, signature="x, indices_or_sections, axis=0", mask=along_axis
)
split = _split_along(
    jnp.split, doc="A list of parts along an axis: so many of one size, or divided at indices."
)
array_split = _split_along(
    jnp.array_split, doc="`split`, where the first parts may be larger by one."
)
hsplit = _split(jnp.hsplit, doc="`split` along axis 1; rows along axis 0.")
vsplit = _split(jnp.vsplit, doc="`split` along axis 0.")
dsplit = _split(jnp.dsplit, doc="`split` along axis 2.")


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The entries of an axis, which disappears, as a list.

    Args:
        x: an array or symbolic tensor.
        num: how many there are; it only has to be given where the size of the axis is unknown.
        axis: the axis.

    Raises:
        ShapeError: if ``num`` is another size than that of the axis, or neither is known.

    >>> [part.tolist() for part in unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    sizes = shape(x)
    if not -len(sizes) <= axis < len(sizes):
        raise ShapeError(
            "Axis {axis} is out of range: the shape is {shape}.", axis=axis, shape=sizes
        )
    size = sizes[axis]
    count = size if num is None else num
    if count is None or size not in (None, count):
        raise ShapeError(
            "unstack() needs to know how many entries axis {axis} of shape {shape} has; "
            "num is {num}.",
            axis=axis,
            shape=sizes,
            num=num,
        )
    return [entry(x, index, axis) for index in range(count)]


@op(mask=along_axis)
def entry(x: Any, index: int, axis: int = 0) -> jax.Array:
    """One entry of an axis, which disappears."""
    return jax.lax.index_in_dim(as_array(x), index, axis, keepdims=False)


@op(mask=each_entry)
def pad(
    x: Any, pad_width: Any, mode: str = "constant", constant_values: float | None = None
) -> jax.Array:
    """Add entries at the ends of each axis: ``pad(x, ((0, 0), (1, 1)))``.

    Args:
        x: an array.
        pad_width: how many before and after, for each axis.
        mode: ``"constant"``, ``"reflect"``, ``"symmetric"``, ``"edge"`` or ``"wrap"``.
        constant_values: what is added by ``"constant"``; 0 by default.

    Raises:
        ConfigError: for another mode, or values that it does not take.
    """
    x = as_array(x)
    check_choice(mode, ("constant", "reflect", "symmetric", "edge", "wrap"), "mode of pad")
    if mode == "constant":
        return jnp.pad(x, pad_width, constant_values=constant_values or 0)
    if constant_values is not None:
        raise ConfigError("Only mode='constant' takes constant_values; got {mode!r}.", mode=mode)
    return jnp.pad(x, pad_width, mode)


def shape(x: Any) -> tuple[int | None, ...]:
    """The shape of an array or symbolic tensor (None where unknown)."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def ndim(x: Any) -> int:
    """The number of axes of an array or symbolic tensor."""
    return len(shape(x))


size = _shaped(jnp.size, "x", "The number of entries.")
