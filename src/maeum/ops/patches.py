"""Images taken apart into blocks and put together again."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_row
from maeum.ops.arrays import as_array
from maeum.ops.layout import channels_first, from_channels_last, to_channels_last
from maeum.ops.windows import Window, check_padding, per_axis, resolve


def _images(x: Any, axes: int = 4) -> jax.Array:
    x = as_array(x)
    if x.ndim != axes:
        raise ShapeError("An array with {n} axes is expected; got {shape}.", n=axes, shape=x.shape)
    return x


def _divided(size: int, by: int, what: str) -> int:
    if size % by:
        raise ShapeError(
            "{what} of size {size} cannot be divided by {by}.", what=what, size=size, by=by
        )
    return size // by


@op(mask=each_row("x"))
def depth_to_space(x: Any, block_size: int, data_format: str | None = "channels_last") -> jax.Array:
    """Spread the channels over blocks of pixels (pixel shuffle; Shi et al., 2016).

    Shapes: ``(batch, h, w, c) -> (batch, h * b, w * b, c / b^2)``, or channels first.

    Raises:
        ShapeError: if the channels cannot be divided by ``block_size^2``.
    """
    x, (b,) = _images(x), per_axis(block_size, 1, "block_size")
    if channels_first(data_format):
        n, c, h, w = x.shape
        parts = x.reshape(n, _divided(c, b * b, "The channel axis"), b, b, h, w)
        return parts.transpose(0, 1, 4, 2, 5, 3).reshape(n, c // (b * b), h * b, w * b)
    n, h, w, c = x.shape
    parts = x.reshape(n, h, w, b, b, _divided(c, b * b, "The channel axis"))
    return parts.transpose(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, c // (b * b))


@op(mask=each_row("x"))
def space_to_depth(x: Any, block_size: int, data_format: str | None = "channels_last") -> jax.Array:
    """The inverse of `depth_to_space`: blocks of pixels become channels.

    Raises:
        ShapeError: if rows or columns cannot be divided by ``block_size``.
    """
    x, (b,) = _images(x), per_axis(block_size, 1, "block_size")
    if channels_first(data_format):
        n, c, h, w = x.shape
        h, w = _divided(h, b, "The rows' axis"), _divided(w, b, "The columns' axis")
        return x.reshape(n, c, h, b, w, b).transpose(0, 1, 3, 5, 2, 4).reshape(n, c * b * b, h, w)
    n, h, w, c = x.shape
    h, w = _divided(h, b, "The rows' axis"), _divided(w, b, "The columns' axis")
    return x.reshape(n, h, b, w, b, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h, w, b * b * c)


def gathered(x: jax.Array, window: Window) -> jax.Array:
    """Return every window of ``(batch, *sizes, channels)``.

    Shape: ``(batch, *outputs, *window, channels)``. What is padded is 0.
    """
    x = jnp.pad(x, ((0, 0), *window.pads, (0, 0)))
    rank = len(window.size)
    outputs = window.output_sizes([n - low - high for n, (low, high) in
                                   zip(x.shape[1:-1], window.pads)])  # fmt: skip
    for axis in range(rank):  # each spatial axis becomes two: the place of the window, and in it
        first = jnp.arange(outputs[axis]) * window.strides[axis]
        inside = jnp.arange(window.size[axis]) * window.dilation[axis]
        x = jnp.take(x, first[:, None] + inside, 1 + 2 * axis)
    places = [1 + 2 * axis for axis in range(rank)]
    return x.transpose(0, *places, *[axis + 1 for axis in places], 2 * rank + 1)


def _window(x: jax.Array, kernel_size: Any, dilation: Any, padding: Any, stride: Any,
            sizes: Any) -> Window:  # fmt: skip
    pads = [(p, p) for p in per_axis(padding, 2, "padding", least=0)]
    size, steps = per_axis(kernel_size, 2, "kernel_size"), per_axis(stride, 2, "stride")
    return resolve(sizes, size, steps, pads, per_axis(dilation, 2, "dilation"))


@op
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """Return the patches of images, each in the place of one pixel.

    Shapes: ``(batch, h, w, c) -> (batch, new h, new w, size * size * c)``, or without the batch.

    Args:
        images: one image, or a batch; volumes if ``size`` has three numbers.
        size: the size of a patch.
        strides: how far neighbouring patches lie apart; their size by default.
        dilation_rate: the distance of neighbouring pixels of a patch.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ShapeError: for another number of axes, or a patch that does not fit.
        ConfigError: for another size.
    """
    rank = len(size) if isinstance(size, (tuple, list)) and len(size) == 3 else 2
    return _patches(images, rank, size, strides, dilation_rate, padding, data_format)


@op
def extract_patches_3d(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """`extract_patches` of volumes ``(batch, depth, h, w, c)``, or of one without the batch."""
    return _patches(volumes, 3, size, strides, dilation_rate, padding, data_format)


def _patches(
    x: Any,
    rank: int,
    size: Any,
    strides: Any,
    dilation: Any,
    padding: str,
    data_format: str | None,
) -> jax.Array:
    x = as_array(x)
    single = x.ndim == rank + 1
    x = to_channels_last(_images(x[None] if single else x, rank + 2), data_format)
    size = per_axis(size, rank, "size")
    steps = size if strides is None else per_axis(strides, rank, "strides")
    window = resolve(
        x.shape[1:-1],
        size,
        steps,
        check_padding(padding),
        per_axis(dilation, rank, "dilation_rate"),
    )
    found = gathered(x, window)
    found = from_channels_last(found.reshape(*found.shape[: rank + 1], -1), data_format)
    return found[0] if single else found


@op(mask=each_row("x"))
def unfold(
    x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> jax.Array:
    """The blocks that a window covers, each in one column.

    Shapes: ``(batch, channels, h, w) -> (batch, channels * kernel rows * columns, blocks)``.

    Args:
        x: images with their channels first.
        kernel_size: the size of a block, one number or two.
        dilation: the distance of neighbouring pixels of a block.
        padding: how many zeros are added at each end.
        stride: how far neighbouring blocks lie apart.
    """
    x = _images(x)
    blocks = gathered(
        jnp.moveaxis(x, 1, -1), _window(x, kernel_size, dilation, padding, stride, x.shape[2:])
    )
    n, rows, columns = blocks.shape[:3]
    return blocks.transpose(0, 5, 3, 4, 1, 2).reshape(n, -1, rows * columns)


@op(mask=each_row("x"))
def fold(
    x: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> jax.Array:
    """Put the columns of `unfold` back to their places; where blocks overlap, they are added.

    Shapes: ``(batch, channels * kernel rows * columns, blocks) -> (batch, channels, h, w)``, where
    ``output_size`` is ``(h, w)``. The other arguments are those of `unfold`.

    Raises:
        ShapeError: if the columns are not those of such images.
    """
    x = _images(x, 3)
    sizes = per_axis(output_size, 2, "output_size")
    window = _window(x, kernel_size, dilation, padding, stride, sizes)
    blocks = window.output_sizes(sizes)
    n, column, count = x.shape
    area = window.size[0] * window.size[1]
    if count != blocks[0] * blocks[1] or column % area:
        raise ShapeError(
            "Images of {size} have {blocks} blocks of {area} numbers for each channel; got shape "
            "{shape}.",
            size=sizes,
            blocks=blocks[0] * blocks[1],
            area=area,
            shape=x.shape,
        )
    parts = x.reshape(n, column // area, *window.size, *blocks)
    (top, bottom), (left, right) = window.pads
    whole = jnp.zeros(
        (n, column // area, sizes[0] + top + bottom, sizes[1] + left + right), x.dtype
    )
    i, j = (
        jnp.arange(k)[:, None] * d + jnp.arange(b) * s
        for k, d, b, s in zip(window.size, window.dilation, blocks, window.strides)
    )
    parts = parts.transpose(0, 1, 2, 4, 3, 5)  # kernel row, block row, kernel column, block column
    whole = whole.at[:, :, i[:, :, None, None], j].add(parts)
    return whole[:, :, top : top + sizes[0], left : left + sizes[1]]
