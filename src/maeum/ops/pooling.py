"""Pooling over one, two or three spatial axes, with Keras 3's names and arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_row
from maeum.ops.arrays import floating
from maeum.ops.kernels import choice as kernels
from maeum.ops.layout import from_channels_last, to_channels_last
from maeum.ops.windows import Window, check_padding, per_axis, resolve


@op(mask=each_row("inputs"))
def max_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """Return the largest entry of each window; padding never is.

    Shapes: ``(batch, *sizes, C) -> (batch, *new_sizes, C)``. The dtype stays.

    Args:
        inputs: an array with one to three spatial axes.
        pool_size: the size of the window, one number or one for each spatial axis.
        strides: how far the window moves; its own size by default.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ShapeError: if the window is larger than the inputs.
        ConfigError: for invalid sizes, strides or padding.

    Example:
        >>> x = jnp.array([[1, 4, 8, 3], [6, 9, 2, 1], [11, 13, 6, 7], [8, 19, 8, 2]])
        >>> max_pool(x[None, :, :, None], 2)[0, :, :, 0].tolist()
        [[9, 8], [19, 8]]
    """
    x = to_channels_last(_numbers(inputs), data_format)
    outputs = kernels.max_pool(x, _window(x, pool_size, strides, padding))
    return from_channels_last(outputs, data_format)


@op(mask=each_row("inputs"))
def average_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """Return the mean of each window; padding does not count.

    Shapes: ``(batch, *sizes, C) -> (batch, *new_sizes, C)``. Whole numbers become float32. The
    arguments and errors are those of `max_pool`.

    Example:
        >>> x = jnp.array([[1, 2, 3], [0, 2, 1], [2, 0, 3]])
        >>> average_pool(x[None, :, :, None], 2, 1)[0, :, :, 0].tolist()
        [[1.25, 2.0], [1.0, 1.5]]
    """
    x = to_channels_last(floating(inputs), data_format)
    window = _window(x, pool_size, strides, padding)
    outputs = kernels.sum_pool(x, window)
    if not np.any(window.pads):
        outputs = outputs / math.prod(window.size)
    else:
        for axis in range(1, x.ndim - 1):
            counts = _counts(window, axis - 1, x.shape[axis], outputs.shape[axis])
            outputs = outputs / _along(counts.astype(outputs.dtype), axis, x.ndim)
    return from_channels_last(outputs, data_format)


@op(mask=each_row("inputs"))
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> jax.Array:
    """Return the largest entry of each of ``output_size`` bins along each spatial axis.

    Of ``n`` entries and ``m`` bins, bin ``i`` has the entries from ``floor(i n / m)`` to
    ``ceil((i + 1) n / m)``. Shapes: ``(batch, *sizes, C) -> (batch, *output_size, C)``.

    Args:
        inputs: an array with one to three spatial axes.
        output_size: the number of bins, one or one for each spatial axis.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for invalid sizes.
        ShapeError: for inputs without entries to pool.

    Example:
        >>> adaptive_max_pool(jnp.arange(5).reshape(1, 5, 1), 2)[0, :, 0].tolist()
        [2, 4]
    """
    return _adaptive(_numbers(inputs), output_size, data_format, jnp.max)


@op(mask=each_row("inputs"))
def adaptive_average_pool(
    inputs: Any, output_size: Any, data_format: str | None = None
) -> jax.Array:
    """Return the mean of each of ``output_size`` bins along each spatial axis.

    The bins, arguments and errors are those of `adaptive_max_pool`; whole numbers become float32.

    Example:
        >>> adaptive_average_pool(jnp.arange(5).reshape(1, 5, 1), 2)[0, :, 0].tolist()
        [1.0, 3.0]
    """
    return _adaptive(floating(inputs), output_size, data_format, jnp.mean)


def _adaptive(
    x: jax.Array, output_size: Any, data_format: str | None, reduce: Callable
) -> jax.Array:
    x = to_channels_last(x, data_format)
    bins = per_axis(output_size, x.ndim - 2, "output_size")
    if 0 in x.shape[1:-1]:
        raise ShapeError("There is nothing to pool in inputs of shape {shape}.", shape=x.shape)
    for axis, m in enumerate(bins, 1):  # the bins of a grid are products of those of its axes
        n = x.shape[axis]
        if n % m == 0:
            x = reduce(x.reshape(*x.shape[:axis], m, n // m, *x.shape[axis + 1 :]), axis + 1)
        else:
            x = _uneven(x, axis, m, reduce)
    return from_channels_last(x, data_format)


def _uneven(x: jax.Array, axis: int, m: int, reduce: Callable) -> jax.Array:
    """Reduce ``m`` bins along ``axis`` that may overlap and differ in size."""
    n = x.shape[axis]
    edges = [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
    sizes = np.array([end - start for start, end in edges])
    # Bins of one size are taken out together; there are two sizes at most.
    parts: list[jax.Array] = []
    order: list[int] = []
    for size in np.unique(sizes):
        members = np.flatnonzero(sizes == size)
        places = np.array([edges[i][0] for i in members])[:, None] + np.arange(size)
        parts.append(reduce(jnp.take(x, places, axis), axis + 1))
        order.extend(members)
    return jnp.take(jnp.concatenate(parts, axis), np.argsort(order), axis)


def _numbers(inputs: Any) -> jax.Array:
    """Return an array of numbers: True and False become 1 and 0."""
    x = jnp.asarray(inputs)
    return x.astype(jnp.int32) if x.dtype == jnp.bool_ else x


def _window(x: jax.Array, pool_size: Any, strides: Any, padding: Any) -> Window:
    rank = x.ndim - 2
    if isinstance(pool_size, (tuple, list)) and len(pool_size) != rank:
        raise ShapeError(
            "A pool_size of {pool_size} is for inputs with {axes} axes, the batch and the "
            "channels included; got {given}.",
            pool_size=tuple(pool_size),
            axes=len(pool_size) + 2,
            given=x.ndim,
        )
    size = per_axis(pool_size, rank, "pool_size")
    steps = size if strides is None else per_axis(strides, rank, "strides")
    return resolve(x.shape[1:-1], size, steps, check_padding(padding), (1,) * rank)


def _counts(window: Window, axis: int, n: int, outputs: int) -> np.ndarray:
    """Return how many places of each window along ``axis`` lie within the ``n`` entries."""
    first = np.arange(outputs) * window.strides[axis] - window.pads[axis][0]
    return np.minimum(first + window.size[axis], n) - np.maximum(first, 0)


def _along(values: np.ndarray, axis: int, rank: int) -> np.ndarray:
    return values.reshape([-1 if a == axis else 1 for a in range(rank)])
