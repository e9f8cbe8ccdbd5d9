"""Taking entries out of arrays, and putting them in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import is_symbolic, op
from maeum.core.masks import along_axis, each_entry, entry_of
from maeum.ops.arrays import as_array, as_arrays, indices, is_traced, numpy_op


def _taken(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    if x is given["x"]:
        return x is not given["indices"] and along_axis(rank, x, given, made)
    return given["axis"] == 0  # the result begins with the axes of the indices


take = numpy_op(
    lambda x, index, axis: jnp.take(x, indices(index), axis),
    "x, indices, axis=None",
    "The entries at these indices along an axis (by default of all in one row).",
    arrays=2,
    mask=_taken,
    name="take",
)
take_along_axis = numpy_op(
    lambda x, index, axis: jnp.take_along_axis(x, indices(index), axis),
    "x, indices, axis=None",
    "The entries at indices of their own for each place along an axis, as `argsort` gives them.",
    arrays=2,
    mask=along_axis,
    name="take_along_axis",
)
unravel_index = numpy_op(
    jnp.unravel_index,
    "indices, shape",
    "The index along each axis for indices into all entries in one row.",
    mask=entry_of("indices"),
)
nonzero = numpy_op(jnp.nonzero, "x", "The indices, along each axis, of the entries that are not 0.")


@op(mask=each_entry)
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """``x1`` where the condition is true, else ``x2``; without them, `nonzero`.

    Raises:
        ConfigError: if only one of the two is given.
    """
    if (x1 is None) != (x2 is None):
        raise ConfigError("where() takes x1 and x2, or neither of them.")
    condition = as_array(condition)
    if x1 is None:
        return jnp.nonzero(condition)
    return jnp.where(condition, as_array(x1), as_array(x2))


@op(mask=each_entry)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> jax.Array:
    """The choice of the first condition that is true, else the default.

    >>> select([[True, False], [True, True]], [[1, 1], [2, 2]]).tolist()
    [1, 2]
    """
    return jnp.select(as_arrays(condlist), as_arrays(choicelist), default)


def get_item(x: Any, key: Any) -> Any:
    """``x[key]``."""
    return x[key] if is_symbolic(x) else as_array(x)[key]


@op
def slice(inputs: Any, start_indices: Any, shape: Sequence[int]) -> jax.Array:
    """The block of a shape that begins at an index along each axis.

    Args:
        inputs: an array.
        start_indices: one index for each axis, which may be computed.
        shape: the sizes of the block; -1 takes all that is left. It lies inside: where it would
            not, it begins earlier.
    """
    inputs = as_array(inputs)
    starts = _starts(start_indices, inputs.ndim)
    if len(shape) != inputs.ndim:
        raise ShapeError(
            "A block of {inputs} has as many axes; got shape {shape}.",
            inputs=inputs.shape,
            shape=tuple(shape),
        )
    if -1 in shape and any(is_traced(start) for start in starts):
        raise ConfigError("Where a block begins at a computed index, its shape has no -1.")
    sizes = [n - int(i) if m == -1 else m for n, i, m in zip(inputs.shape, starts, shape)]
    return jax.lax.dynamic_slice(inputs, starts, sizes)


@op
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> jax.Array:
    """``inputs`` with a block replaced that begins at an index along each axis."""
    inputs = as_array(inputs)
    updates = as_array(updates).astype(inputs.dtype)
    return jax.lax.dynamic_update_slice(inputs, updates, _starts(start_indices, inputs.ndim))


def _starts(given: Any, rank: int) -> Any:
    starts = list(given) if isinstance(given, (tuple, list)) else indices(given)
    if len(starts) != rank:
        raise ShapeError(
            "A block begins at one index for each of {rank} axes; got {count}.",
            rank=rank,
            count=len(starts),
        )
    return starts


@op
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> jax.Array:
    """Zeros with values added at indices; those for one place are summed.

    Shapes: ``(..., axes), (..., *rest) -> shape``.

    >>> scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (3,)).tolist()
    [1.0, 0.0, 5.0]
    """
    values = as_array(values)
    return jnp.zeros(shape, values.dtype).at[_places(indices)].add(values)


_UPDATES = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}


@op
def scatter_update(
    inputs: Any, indices: Any, updates: Any, reduction: str | None = None
) -> jax.Array:
    """``inputs`` with the entries (or blocks) at indices updated.

    Args:
        inputs: an array.
        indices: ``(count, axes)``: where each update belongs, along the first axes.
        updates: ``(count, *rest)``.
        reduction: None replaces; ``"add"``, ``"max"``, ``"min"`` and ``"mul"`` combine.

    Raises:
        ConfigError: for another reduction.
    """
    check_choice(reduction, tuple(_UPDATES), "reduction")
    place = as_array(inputs).at[_places(indices)]
    return getattr(place, _UPDATES[reduction])(as_array(updates))


def _places(given: Any) -> tuple[jax.Array, ...]:
    return tuple(jnp.moveaxis(indices(given), -1, 0))


# ---- segments ------------------------------------------------------------------------------------


def _segments(reduce: Callable, doc: str) -> Callable:
    def function(data: Any, segment_ids: Any, num_segments: Any, sorted: bool) -> jax.Array:
        data, ids = as_array(data), as_array(segment_ids)
        if ids.ndim != 1 or ids.shape != data.shape[:1]:
            raise ShapeError(
                "Each entry along the first axis of the data has one segment; got segment ids of "
                "shape {ids} for data of shape {data}.",
                ids=ids.shape,
                data=data.shape,
            )
        if num_segments is None and is_traced(ids):
            raise ConfigError("A compiled program has to know num_segments; give it.")
        return reduce(data, ids, num_segments, indices_are_sorted=sorted)

    return numpy_op(
        functools.wraps(reduce)(function),
        "data, segment_ids, num_segments=None, sorted=False",
        doc,
        arrays=2,
    )


segment_sum = _segments(jax.ops.segment_sum, "The sum of the entries of each segment.")
segment_max = _segments(jax.ops.segment_max, "The largest of the entries of each segment.")
segment_min = _segments(jax.ops.segment_min, "The smallest of the entries of each segment.")
segment_prod = _segments(jax.ops.segment_prod, "The product of the entries of each segment.")
