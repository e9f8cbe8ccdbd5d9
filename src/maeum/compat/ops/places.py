"""Functions of the entries at some places, of their order, and of matrices."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.compat.ops.arrays import numbers, sizes, static
from maeum.compat.ops.recording import line, op

__all__ = [
    "argsort", "boolean_mask", "diag", "diag_part", "dynamic_partition", "gather", "gather_nd",
    "invert_permutation", "matrix_band_part", "meshgrid", "one_hot", "scatter_nd",
    "searchsorted", "setdiff1d", "slice", "sort", "strided_slice",
    "tensor_scatter_nd_update", "unique",
    "where", "where_v2",
]  # fmt: skip


# ---- places ----------------------------------------------------------------------------------


@op("strided_slice")
def getitem(x: Any, index: Any, name: Any = None) -> Any:
    """``x[index]``; a slice is ``("slice", start, stop, step)``."""

    def part(item: Any) -> Any:
        if isinstance(item, tuple) and item[:1] == ("slice",):
            return builtins.slice(*(None if n is None else int(np.asarray(n)) for n in item[1:]))
        return Ellipsis if isinstance(item, str) else item

    found = tuple(map(part, index))
    return np.asarray(x)[found] if static(x) else jnp.asarray(x)[found]


@op("Slice", static=("begin", "size"))
def slice(input_: Any, begin: Any, size: Any, name: Any = None) -> Any:
    """A block that begins somewhere and has a size; -1 is all that is left."""
    first = numbers(begin)
    ends = [None if n < 0 else b + n for b, n in zip(first, numbers(size))]
    return jnp.asarray(input_)[tuple(builtins.slice(b, e) for b, e in zip(first, ends))]


@op("StridedSlice", static=("begin", "end", "strides"))
def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, name: Any = None) -> Any:
    """A block with steps."""
    steps = [1] * len(numbers(begin)) if strides is None else numbers(strides)
    parts = zip(numbers(begin), numbers(end), steps)
    return jnp.asarray(input_)[tuple(builtins.slice(*part) for part in parts)]


@op("GatherV2", arrays=2, static=("axis",))
def gather(
    params: Any, indices: Any, validate_indices: Any = None, name: Any = None, axis: Any = None,
    batch_dims: int = 0,
) -> Any:  # fmt: skip
    """The entries at some places along an axis, the first by default."""
    axis = batch_dims if axis is None else int(axis)
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    if batch_dims:
        return jnp.take_along_axis(params, indices, axis)
    return jnp.take(params, indices, axis, mode="clip")


@op("GatherNd", arrays=2)
def gather_nd(params: Any, indices: Any, name: Any = None, batch_dims: int = 0) -> Any:
    """The entries at places that are given by all their indices."""
    indices = jnp.asarray(indices)
    return jnp.asarray(params)[tuple(jnp.moveaxis(indices, -1, 0))]


@op("ScatterNd", arrays=2, static=("shape",))
def scatter_nd(indices: Any, updates: Any, shape: Any, name: Any = None) -> Any:
    """Zeros, with values added at some places."""
    updates = jnp.asarray(updates)
    places = tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))
    return jnp.zeros(sizes(shape), updates.dtype).at[places].add(updates)


@op("TensorScatterUpdate", arrays=3)
def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: Any = None) -> Any:
    """A tensor with other values at some places."""
    return jnp.asarray(tensor).at[tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))].set(updates)


@op("OneHot", static=("depth",))
def one_hot(
    indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None,
    dtype: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """A row for each index, with a 1 at its place."""
    where = jnp.expand_dims(jnp.asarray(indices), -1 if axis is None else axis)
    rank = where.ndim
    places = np.arange(int(depth)).reshape(
        [
            int(depth) if a == (-1 if axis is None else axis) % rank else 1
            for a in builtins.range(rank)
        ]
    )
    given = next(
        (as_dtype(np.asarray(v).dtype) for v in (on_value, off_value) if v is not None), None
    )
    dtype = as_dtype(dtype if dtype is not None else given or "float32").dtype
    on, off = (1 if on_value is None else on_value), (0 if off_value is None else off_value)
    return jnp.where(where == places, jnp.asarray(on, dtype), jnp.asarray(off, dtype))


def where(condition: Any, x: Any = None, y: Any = None, name: Any = None) -> Any:
    """``x`` where the condition holds, elsewhere ``y``; or the places where it holds."""
    if x is None or y is None:
        return _places(condition, name=name)
    return _chosen(condition, x, y, name=name)


@op("Select", arrays=3)
def _chosen(condition: Any, x: Any, y: Any, name: Any = None) -> Any:
    condition, x, y = (jnp.asarray(value) for value in (condition, x, y))
    if condition.ndim == 1 < x.ndim and x.shape == y.shape:  # a row of TensorFlow 1 as a whole
        condition = condition.reshape(condition.shape + (1,) * (x.ndim - 1))
    return jnp.where(condition, x, y)


where_v2 = where

# ---- as many entries as the values say, which only the host can make --------------------------


def _rows(dtype: Any, rest: Callable[..., Any], count: int = 1) -> Callable[..., list[Tensor]]:
    """Return what says the shapes of rows whose number follows from values."""

    def outputs(x: Any, *args: Any) -> list[Tensor]:
        shape = TensorShape(x.shape)
        behind = None if shape.unknown else rest(tuple(shape))
        whole = TensorShape(None if behind is None else (None, *behind))
        return [Tensor(whole, dtype or x.dtype) for _ in range(count)]

    return outputs


@op("Where", host=True, outputs=_rows("int32", lambda shape: (len(shape),)))
def _places(condition: Any, name: Any = None) -> Any:
    return np.argwhere(np.asarray(condition)).astype(np.int32)


@op("boolean_mask", arrays=2, host=True, outputs=lambda x, mask, axis: [Tensor(None, x.dtype)])
def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Any:
    """The entries at which a mask is True."""
    index = (builtins.slice(None),) * (axis or 0) + (np.asarray(mask, bool),)
    return np.asarray(tensor)[index]


@op("DynamicPartition", arrays=2, host=True, wrap=list,
    outputs=lambda x, parts, n: [Tensor(None, x.dtype) for _ in range(n)])  # fmt: skip
def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: Any = None) -> list:
    """The entries of each part, by the numbers of their parts."""
    data, parts = np.asarray(data), np.asarray(partitions)
    return [data[parts == i] for i in range(num_partitions)]


@op("Unique", host=True, wrap=tuple,
    outputs=lambda x, *_: [Tensor([None], x.dtype), Tensor(x.shape, "int32")])  # fmt: skip
def unique(x: Any, out_idx: Any = None, name: Any = None) -> Any:
    """The different values in the order in which they appear, and which of them each entry is."""
    values, first, places = np.unique(np.asarray(x), return_index=True, return_inverse=True)
    order = np.argsort(first)
    return [values[order], np.argsort(order)[places].astype(np.int32)]


@op("ListDiff", arrays=2, host=True, wrap=tuple,
    outputs=lambda x, *_: [Tensor([None], x.dtype), Tensor([None], "int32")])  # fmt: skip
def setdiff1d(x: Any, y: Any, index_dtype: Any = None, name: Any = None) -> Any:
    """The values that are not among others, and where they are."""
    kept = np.flatnonzero(~np.isin(x, y)).astype(np.int32)
    return [np.asarray(x)[kept], kept]


@op("meshgrid", arrays=0, wrap=list)
def _meshgrid(arrays: Any, indexing: str, name: Any = None) -> list:
    return list(jnp.meshgrid(*arrays, indexing=indexing))


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list:
    """The coordinates of a grid."""
    return _meshgrid(list(args), indexing, name=name)


# ---- matrices and order ----------------------------------------------------------------------

diag = line("Diag", lambda x: jnp.diag(jnp.asarray(x)), "diagonal, name=None", "A diagonal matrix.")
diag_part = line("DiagPart", lambda x: jnp.diagonal(jnp.asarray(x), axis1=-2, axis2=-1),
                 "input, name=None", "The diagonal.")  # fmt: skip
invert_permutation = line("InvertPermutation", jnp.argsort, "x, name=None",
                          "The order that undoes an order.")  # fmt: skip
sort = line("Sort", lambda x, axis, d: jnp.sort(jnp.asarray(x), axis, descending=d[0] == "D"),
            "values, axis=-1, direction='ASCENDING', name=None",
            "Sorted along an axis.")  # fmt: skip
argsort = line("ArgSort", lambda x, axis, d, s: jnp.argsort(
    jnp.asarray(x), axis, descending=d == "DESCENDING"),
    "values, axis=-1, direction='ASCENDING', stable=False, name=None",
    "The places of the entries in their order.")  # fmt: skip
searchsorted = line("SearchSorted", lambda a, v, side: jnp.searchsorted(a, v, side),
                    "sorted_sequence, values, side='left', name=None",
                    "Where values would stand in an order.", arrays=2)  # fmt: skip


@op("MatrixBandPart")
def matrix_band_part(input: Any, num_lower: int, num_upper: int, name: Any = None) -> Any:
    """A matrix of which only some diagonals are not zero; a negative number is all of them."""
    x = jnp.asarray(input)
    rows, columns = np.arange(x.shape[-2])[:, None], np.arange(x.shape[-1])[None]
    kept = (num_lower < 0) | (rows - columns <= num_lower)
    return jnp.where(kept & ((num_upper < 0) | (columns - rows <= num_upper)), x, 0)
