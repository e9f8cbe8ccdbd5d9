"""Order: sorting, searching, counting, and the largest entries."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import along_axis, each_row, entry_of, last_axis
from maeum.ops.arrays import as_array, indices, numpy_op

_sorted = functools.partial(numpy_op, signature="x, axis=-1", mask=along_axis)

sort = _sorted(jnp.sort, doc="The entries along an axis, the smallest first.")


@op(mask=along_axis)
def argsort(x: Any, axis: int | None = -1) -> jax.Array:
    """The indices that sort along an axis; equal entries stay in their order."""
    x = as_array(x)
    return jnp.argsort(x, axis=axis if x.ndim else None)


@op(mask=along_axis)
def argpartition(x: Any, kth: int, axis: int | None = -1) -> jax.Array:
    """The indices of an order in which entry ``kth`` stands where sorting would put it.

    What is smaller comes before, what is larger behind.
    """
    x = as_array(x)
    return jnp.argpartition(x.ravel() if axis is None else x, kth, 0 if axis is None else axis)


@op(mask=last_axis)
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[jax.Array, jax.Array]:
    """The ``k`` largest entries along the last axis, largest first, and their indices."""
    values, indices = jax.lax.top_k(as_array(x), k)
    return values, indices


@op(mask=each_row("targets", "predictions"))
def in_top_k(targets: Any, predictions: Any, k: int) -> jax.Array:
    """Whether each class number is among the ``k`` with the largest predictions.

    Shapes: ``(batch,), (batch, classes) -> (batch,)``. Classes as good as the target count as
    behind it; a target whose prediction is NaN is never among them.

    >>> in_top_k([1, 0], [[0.1, 0.9], [0.2, 0.8]], k=1).tolist()
    [True, False]
    """
    targets, predictions = indices(targets), as_array(predictions)
    own = jnp.take_along_axis(predictions, targets[..., None], -1)
    own = jnp.where(jnp.isnan(own), -jnp.inf, own)
    return jnp.sum(predictions > own, -1) < k


@op(mask=entry_of("values"))
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> jax.Array:
    """Where values belong in a sorted row: before equal ones (``"left"``) or behind (``"right"``).

    Raises:
        ShapeError: unless the sequence has one axis.
    """
    sequence = as_array(sorted_sequence)
    if sequence.ndim != 1:
        raise ShapeError(
            "searchsorted looks in one sorted row; got shape {shape}. For several rows, write "
            "ops.vectorized_map.",
            shape=sequence.shape,
        )
    return jnp.searchsorted(sequence, as_array(values), side)


digitize = numpy_op(
    jnp.digitize,
    "x, bins",
    "The number of the bin of each entry: how many of the sorted limits ``bins`` it has reached.",
    arrays=2,
    mask=entry_of("x"),
)
isin = numpy_op(
    jnp.isin,
    "x1, x2, assume_unique=False, invert=False",
    "Whether each entry of ``x1`` is among those of ``x2``.",
    arrays=2,
    mask=entry_of("x1"),
)


@op
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different entries; every NaN is one of its own.

    Args:
        x: an array.
        sorted: whether they are sorted.
        return_index: whether to return where each stands first, too.
        return_inverse: whether to return which of them each entry is, too.
        return_counts: whether to return how often each is there, too.
        axis: the axis whose entries are compared; by default all numbers are.
        size: how many are returned. Inside a compiled program it has to be known.
        fill_value: what fills them up; the smallest by default.

    >>> unique([3, 1, 3]).tolist()
    [1, 3]
    """
    return jnp.unique(
        as_array(x),
        return_index,
        return_inverse,
        return_counts,
        axis,
        equal_nan=False,
        size=size,
        fill_value=fill_value,
        sorted=sorted,
    )


@op
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> jax.Array:
    """How often each whole number from 0 on is there, or the sum of the weights where it is.

    Shapes: ``(n,) -> (numbers,)``, ``(rows, n) -> (rows, numbers)``. How many numbers there are
    depends on the values, so a compiled program cannot compute it.

    Raises:
        ConfigError: for ``sparse=True``.
    """
    check_dense(sparse)
    x = as_array(x)
    weights = None if weights is None else as_array(weights)
    if x.ndim < 2:
        return jnp.bincount(x, weights, minlength=minlength)
    length = max(int(jnp.max(x, initial=-1)) + 1, minlength)
    count = functools.partial(jnp.bincount, length=length)
    return jax.vmap(count)(x) if weights is None else jax.vmap(count)(x, weights)


def check_dense(sparse: bool) -> None:
    """Raise `ConfigError` if a sparse array is asked for."""
    if sparse:
        raise ConfigError("Maeum has no sparse arrays; leave sparse=True out.")


@op
def histogram(x: Any, bins: Any = 10, range: Any = None) -> tuple[jax.Array, jax.Array]:
    """How many entries lie in each of the bins, and the bins' edges.

    Args:
        x: an array.
        bins: the number of bins of one size, or their edges.
        range: the lowest and the highest edge; by default the smallest and the largest entry.

    Raises:
        ConfigError: for a number of bins below 1, or a range whose ends are not in order.
    """
    if isinstance(bins, (int, float)) and (bins != int(bins) or bins < 1):
        raise ConfigError("A histogram has one bin at least; got bins={bins!r}.", bins=bins)
    if range is not None and (len(range) != 2 or range[0] > range[1]):
        raise ConfigError("The range is (lowest, highest); got {range!r}.", range=range)
    counts, edges = jnp.histogram(as_array(x), bins, range)
    return counts, edges
