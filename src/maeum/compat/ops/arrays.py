"""Functions that make, take apart and rearrange tensors."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.types import STRING, TensorShape, as_dtype
from maeum.compat.ops.recording import line, op
from maeum.core.symbolic import leaves

__all__ = [
    "broadcast_to", "cast", "concat", "expand_dims", "eye", "fill", "linspace", "ones",
    "ones_like", "pad", "range", "rank", "repeat", "reshape", "reverse", "reverse_sequence",
    "roll", "sequence_mask", "shape", "size", "split", "squeeze", "stack", "tile", "to_double",
    "to_float", "to_int32", "to_int64", "transpose", "unstack", "zeros", "zeros_like",
]  # fmt: skip


def numbers(given: Any) -> tuple[int, ...]:
    """Return sizes or axes that are known as a tuple of numbers."""
    return tuple(int(n) for n in np.atleast_1d(np.asarray(given)))


def sizes(shape: Any) -> tuple[int, ...]:
    """Return a shape whose sizes are known."""
    if isinstance(shape, (list, tuple)):
        return tuple(int(np.asarray(n)) for n in tuple(shape))
    return numbers(shape)


def axis_of(axis: Any) -> Any:
    """Return an axis, or several; None for all."""
    if axis is None:
        return None
    found = np.asarray(axis)
    return int(found) if found.ndim == 0 else tuple(int(n) for n in found)


def static(x: Any) -> bool:
    """Tell whether a value is known while a program is compiled."""
    return isinstance(x, (np.ndarray, np.generic, int, float))


# ---- shapes ----------------------------------------------------------------------------------


@op("Shape", shape_only=True)
def shape(input: Any, name: Any = None, out_type: Any = None) -> Any:
    """The sizes of the axes."""
    return np.array(np.shape(input), np.int32)


@op("Size", shape_only=True)
def size(input: Any, name: Any = None, out_type: Any = None) -> Any:
    """The number of entries."""
    return np.int32(np.size(input))


@op("Rank", shape_only=True)
def rank(input: Any, name: Any = None) -> Any:
    """The number of axes."""
    return np.int32(np.ndim(input))


def _reshaped(tensor: Any, shape: Any) -> list[Tensor] | None:
    """Return the output of a reshape whose sizes are given, at most one of them as -1."""
    flat = list(leaves(shape if isinstance(shape, (list, tuple)) else [shape]))
    if not isinstance(tensor, Tensor) or any(isinstance(n, Tensor) for n in flat):
        return None
    wanted = list(sizes(shape))
    entries = tensor.shape.num_elements()
    if entries is not None:
        return None
    return [Tensor([None if n < 0 else n for n in wanted], tensor.dtype)]


@op("Reshape", static=("shape",), outputs=_reshaped)
def reshape(tensor: Any, shape: Any, name: Any = None) -> Any:
    """The same entries in another shape; -1 is the size that is left."""
    xp = np if static(tensor) else jnp
    return xp.reshape(tensor, sizes(shape))


@op("ExpandDims", static=("axis", "dim"))
def expand_dims(input: Any, axis: Any = None, name: Any = None, dim: Any = None) -> Any:
    """One more axis, of size 1."""
    xp = np if static(input) else jnp
    return xp.expand_dims(input, axis_of(dim if axis is None else axis))


@op("Squeeze", static=("axis",))
def squeeze(input: Any, axis: Any = None, name: Any = None, squeeze_dims: Any = None) -> Any:
    """The axes of size 1 removed, or those that are named."""
    axis = axis_of(squeeze_dims if axis is None else axis)
    return jnp.squeeze(jnp.asarray(input), axis if axis != () else None)


@op("Transpose", static=("perm",))
def transpose(a: Any, perm: Any = None, name: str = "transpose", conjugate: bool = False) -> Any:
    """The axes in another order; reversed by default."""
    return jnp.transpose(jnp.asarray(a), None if perm is None else numbers(perm))


@op("BroadcastTo", static=("shape",))
def broadcast_to(input: Any, shape: Any, name: Any = None) -> Any:
    """Repeated until it has a shape."""
    return jnp.broadcast_to(jnp.asarray(input), sizes(shape))


# ---- made of nothing -------------------------------------------------------------------------


def _filled(value: Any, shape: Any, dtype: Any) -> Any:
    if as_dtype(dtype) == STRING:
        return np.full(sizes(shape), b"", object)
    return np.full(sizes(shape), value, as_dtype(dtype).dtype)


@op("zeros", arrays=0, static=("shape",))
def zeros(shape: Any, dtype: Any = "float32", name: Any = None) -> Any:
    """Zeros."""
    return _filled(0, shape, dtype)


@op("ones", arrays=0, static=("shape",))
def ones(shape: Any, dtype: Any = "float32", name: Any = None) -> Any:
    """Ones."""
    return _filled(1, shape, dtype)


@op("Fill", arrays=0, static=("dims",))
def fill(dims: Any, value: Any, name: Any = None) -> Any:
    """One value everywhere."""
    return jnp.full(
        sizes(dims), value, None if hasattr(value, "dtype") else np.asarray(value).dtype
    )


@op("zeros_like")
def zeros_like(tensor: Any, dtype: Any = None, name: Any = None, optimize: bool = True) -> Any:
    """Zeros in the shape of a tensor."""
    return jnp.zeros_like(
        jnp.asarray(tensor), dtype=None if dtype is None else as_dtype(dtype).dtype
    )


@op("ones_like")
def ones_like(tensor: Any, dtype: Any = None, name: Any = None, optimize: bool = True) -> Any:
    """Ones in the shape of a tensor."""
    return jnp.ones_like(
        jnp.asarray(tensor), dtype=None if dtype is None else as_dtype(dtype).dtype
    )


@op("eye", arrays=0, static=("num_rows", "num_columns"))
def eye(
    num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = "float32",
    name: Any = None,
) -> Any:  # fmt: skip
    """Ones on the diagonal, zeros elsewhere."""
    n = int(num_rows)
    made = np.eye(n, n if num_columns is None else int(num_columns), dtype=as_dtype(dtype).dtype)
    return (
        made if batch_shape is None else np.broadcast_to(made, (*sizes(batch_shape), *made.shape))
    )


@op("range", arrays=0, static=("start", "limit", "delta"))
def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Any:
    """Numbers from ``start``, or 0, up to a limit that is not among them."""
    first, last = (0, start) if limit is None else (start, limit)
    found = np.arange(*(np.asarray(n).item() for n in (first, last, delta)))
    return found.astype(as_dtype(found.dtype if dtype is None else dtype).dtype)


@op("LinSpace", arrays=0, static=("start", "stop", "num"))
def linspace(start: Any, stop: Any, num: Any, name: Any = None) -> Any:
    """Numbers at equal distances, both ends among them."""
    return np.linspace(np.asarray(start), np.asarray(stop), int(num)).astype(np.float32)


@op("SequenceMask", static=("maxlen",))
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: Any = None) -> Any:
    """True at the first places of each row, as many as it has."""
    longest = np.max(lengths) if maxlen is None else maxlen
    found = jnp.arange(int(longest)) < jnp.expand_dims(jnp.asarray(lengths), -1)
    return found.astype(as_dtype(dtype).dtype)


# ---- dtypes ----------------------------------------------------------------------------------


@op("Cast")
def cast(x: Any, dtype: Any, name: Any = None) -> Any:
    """The same values in another dtype; numbers lose what stands behind the point."""
    return _cast(x, dtype)


def _cast(x: Any, dtype: Any) -> Any:
    return (np if static(x) else jnp).asarray(x).astype(as_dtype(dtype).dtype)


to_float = line("ToFloat", lambda x: _cast(x, "float32"), "x, name=None",
                "The values as float32.")  # fmt: skip
to_double = line("ToDouble", lambda x: _cast(x, "float64"), "x, name=None",
                 "The values as floating numbers.")  # fmt: skip
to_int32 = line("ToInt32", lambda x: _cast(x, "int32"), "x, name=None",
                "The values as whole numbers.")  # fmt: skip
to_int64 = line("ToInt64", lambda x: _cast(x, "int64"), "x, name=None",
                "The values as whole numbers.")  # fmt: skip


# ---- together and apart ----------------------------------------------------------------------


@op("concat", static=("axis",))
def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """One behind the other along an axis."""
    if isinstance(values, (int, np.integer)):  # the order of TensorFlow before 1.0
        values, axis = axis, values
    values = values if isinstance(values, (list, tuple)) else [values]
    if all(map(static, values)):
        return np.concatenate(values, int(axis))
    return jnp.concatenate([jnp.asarray(value) for value in values], int(axis))


@op("stack", static=("axis",))
def stack(values: Any, axis: Any = 0, name: str = "stack") -> Any:
    """Side by side along a new axis."""
    values = list(values)
    if all(map(static, values)):
        return np.stack([np.asarray(value) for value in values], int(axis))
    return jnp.stack([jnp.asarray(value) for value in values], int(axis))


def unstack(value: Any, num: Any = None, axis: int = 0, name: str = "unstack") -> list:
    """The parts along an axis, without it."""
    known = getattr(value, "shape", np.shape(value))
    if num is None:
        num = tuple(known)[axis]
    return _unstacked(value, int(num), int(axis), name=name)


@op("unstack", wrap=list)
def _unstacked(value: Any, num: int, axis: int, name: Any = None) -> list:
    parts = jnp.split(jnp.asarray(value), num, axis)
    return [jnp.squeeze(part, axis) for part in parts]


@op("split", static=("num_or_size_splits", "axis", "num"), wrap=list)
def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str = "split"
) -> list:
    """Pieces along an axis: so many of one size, or of the sizes that are named."""
    pieces = np.asarray(num_or_size_splits)
    value, axis = jnp.asarray(value), int(np.asarray(axis))
    if pieces.ndim == 0:
        return jnp.split(value, int(pieces), axis)
    if (pieces < 0).any():
        pieces = np.where(pieces < 0, value.shape[axis] - pieces[pieces >= 0].sum(), pieces)
    return jnp.split(value, np.cumsum(pieces)[:-1], axis)


@op("Tile", static=("multiples",))
def tile(input: Any, multiples: Any, name: Any = None) -> Any:
    """Repeated as a whole along each axis."""
    return jnp.tile(jnp.asarray(input), numbers(multiples))


@op("Repeat", static=("repeats", "axis"))
def repeat(input: Any, repeats: Any, axis: Any = None, name: Any = None) -> Any:
    """Each entry repeated."""
    return jnp.repeat(jnp.asarray(input), np.asarray(repeats), axis_of(axis))


@op("Pad", static=("paddings",))
def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", name: Any = None, constant_values: Any = 0
) -> Any:
    """More entries before and behind each axis."""
    way = {"CONSTANT": "constant", "REFLECT": "reflect", "SYMMETRIC": "symmetric"}[mode.upper()]
    options = {"constant_values": constant_values} if way == "constant" else {}
    return jnp.pad(jnp.asarray(tensor), np.asarray(paddings).tolist(), way, **options)


@op("Reverse", static=("axis",))
def reverse(tensor: Any, axis: Any, name: Any = None) -> Any:
    """Along some axes from the end to the beginning."""
    return jnp.flip(jnp.asarray(tensor), axis_of(axis))


@op("ReverseSequence", arrays=2)
def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: Any = None,
    seq_dim: Any = None, batch_dim: Any = None,
) -> Any:  # fmt: skip
    """The first entries of each sequence from the end to the beginning, the others as they are."""
    step, row = (
        a if a is not None else b for a, b in ((seq_axis, seq_dim), (batch_axis, batch_dim))
    )
    x = jnp.moveaxis(jnp.asarray(input), (row or 0, 1 if step is None else step), (0, 1))
    places, lengths = jnp.arange(x.shape[1]), jnp.asarray(seq_lengths)[:, None]
    places = jnp.where(places < lengths, lengths - 1 - places, places)
    x = jnp.take_along_axis(x, places.reshape(places.shape + (1,) * (x.ndim - 2)), 1)
    return jnp.moveaxis(x, (0, 1), (row or 0, 1 if step is None else step))


roll = line("Roll", lambda x, shift, axis: jnp.roll(jnp.asarray(x), axis_of(shift), axis_of(axis)),
            "input, shift, axis, name=None", "Moved along axes, round the end.",
            static=("shift", "axis"))  # fmt: skip


def shape_of(tensor: Any) -> TensorShape:
    """Return what is known of the shape of a tensor, or the shape of an array."""
    return TensorShape(getattr(tensor, "shape", np.shape(tensor)))
