"""Functions that rearrange entries or make new arrays, under NumPy's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.graph import op
from maeum.core.masks import along_axis, each_entry, new_axis
from maeum.ops.arrays import from_numpy

reshape = from_numpy(jnp.reshape)
ravel = from_numpy(jnp.ravel)
transpose = from_numpy(jnp.transpose)
swapaxes = from_numpy(jnp.swapaxes)
moveaxis = from_numpy(jnp.moveaxis)
expand_dims = from_numpy(jnp.expand_dims, mask=new_axis)
squeeze = from_numpy(jnp.squeeze, mask=along_axis)
broadcast_to = from_numpy(jnp.broadcast_to)
repeat = from_numpy(jnp.repeat, mask=along_axis)
tile = from_numpy(jnp.tile)
flip = from_numpy(jnp.flip, mask=along_axis)
roll = from_numpy(jnp.roll, mask=along_axis)
take = from_numpy(jnp.take, arrays=2, mask=along_axis)
take_along_axis = from_numpy(jnp.take_along_axis, arrays=2, mask=along_axis)
split = from_numpy(jnp.split, mask=along_axis)
zeros_like = from_numpy(jnp.zeros_like, mask=each_entry)
ones_like = from_numpy(jnp.ones_like, mask=each_entry)

zeros, ones, full = jnp.zeros, jnp.ones, jnp.full
eye, arange, linspace = jnp.eye, jnp.arange, jnp.linspace


@op(mask=along_axis)
def concatenate(xs: Sequence[Any], axis: int = -1) -> jax.Array:
    """Join arrays along an axis that they have: the last one by default, as in Keras.

    >>> concatenate([[[1, 2]], [[3]]]).tolist()
    [[1, 2, 3]]
    """
    return jnp.concatenate([jnp.asarray(x) for x in xs], axis)


@op(mask=new_axis)
def stack(xs: Sequence[Any], axis: int = 0) -> jax.Array:
    """Join arrays of one shape along a new axis."""
    return jnp.stack([jnp.asarray(x) for x in xs], axis)


@op
def pad(
    x: Any, pad_width: Any, mode: str = "constant", constant_values: float | None = None
) -> jax.Array:
    """Add entries at the ends of each axis: ``pad(x, ((0, 0), (1, 1)))``.

    Args:
        x: an array.
        pad_width: how many before and after, for each axis.
        mode: ``"constant"``, ``"reflect"``, ``"symmetric"``, ``"edge"`` or ``"wrap"``.
        constant_values: what is added by ``"constant"``; 0 by default.
    """
    x = jnp.asarray(x)
    if mode == "constant":
        return jnp.pad(x, pad_width, constant_values=constant_values or 0)
    return jnp.pad(x, pad_width, mode)


def shape(x: Any) -> tuple[int | None, ...]:
    """The shape of an array or symbolic tensor (None where unknown)."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)
