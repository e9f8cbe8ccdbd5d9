"""Functions on images: one ``(rows, columns, channels)``, or a batch of them.

With ``data_format="channels_first"`` the channels come before the rows. Names and arguments are
those of Keras's ``ops.image``; here they are found as ``maeum.ops.image`` as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.ops.arrays import floating, wide
from maeum.ops.layout import channels_first

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
AFFINE_INTERPOLATIONS = ("nearest", "bilinear")
FILL_MODES = ("reflect", "wrap", "constant", "nearest", "mirror")

Undo = Callable[[jax.Array], jax.Array]


def each_image(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ops on images (`maeum.core.masks`): each of a batch by itself."""
    return rank == 1 and x.ndim == 4 and made.ndim > 0


def channels_last_batch(images: Any, data_format: str | None = None) -> tuple[jax.Array, Undo]:
    """Return images as ``(batch, rows, columns, channels)``, and how to bring them back.

    Raises:
        ShapeError: for another number of axes, or images without a single pixel.
    """
    first = channels_first(data_format)
    x = jnp.asarray(images)
    batch_shape(x.shape, data_format)
    single = x.ndim == 3
    x = x[None] if single else x
    x = jnp.moveaxis(x, 1, -1) if first else x
    if 0 in x.shape[1:]:
        raise ShapeError("Images have one pixel at least; got shape {shape}.", shape=images.shape)

    def undo(y: jax.Array) -> jax.Array:
        y = jnp.moveaxis(y, -1, 1) if first else y
        return y[0] if single else y

    return x, undo


def batch_shape(shape: Sequence[int], data_format: str | None = None) -> tuple[int, int, int, int]:
    """Return ``(batch, rows, columns, channels)`` for the shape of one image, or of a batch.

    Raises:
        ShapeError: for another number of axes.
    """
    first = channels_first(data_format)
    if len(shape) not in (3, 4):
        raise ShapeError(
            "Images have 3 axes ({axes}), or 4 with the batch in front; got shape {shape}. "
            "Grayscale ones need the axis of their one channel too: {example}.",
            axes="channels, rows, columns" if first else "rows, columns, channels",
            shape=tuple(shape),
            example="x[:, None]" if first else "x[..., None]",
        )
    one, two, three = shape[-3:]
    sizes = (two, three, one) if first else (one, two, three)
    return (shape[0] if len(shape) == 4 else 1, *sizes)


# ---- sizes -------------------------------------------------------------------------------------


@op(mask=each_image)
def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> jax.Array:
    """Resize images.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        size: ``(rows, columns)`` of the result.
        interpolation: ``"nearest"``, ``"bilinear"``, ``"bicubic"`` (Keys, 1981, a = -0.5),
            ``"lanczos3"`` or ``"lanczos5"``; pixels are squares, and their centres are compared.
        antialias: whether to average over all pixels that a smaller one covers.
        crop_to_aspect_ratio: crop to the middle part with the new proportions first.
        pad_to_aspect_ratio: add borders that give the new proportions first.
        fill_mode: ``"constant"``: what the borders are made of.
        fill_value: the value of the borders.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Returns:
        Floating numbers; with ``"nearest"`` the dtype stays as it is.

    Raises:
        ShapeError: unless there are 3 or 4 axes.
        ConfigError: for an unknown interpolation, a size below 1, or both ways to keep the
            proportions.

    Example:
        >>> resize(jnp.array([[[0.0], [4.0]]]), (1, 4))[0, :, 0].tolist()
        [0.0, 1.0, 3.0, 4.0]
    """
    check_choice(interpolation, INTERPOLATIONS, "interpolation")
    check_choice(fill_mode, ("constant",), "fill_mode of resize")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ConfigError(
            "Either crop_to_aspect_ratio or pad_to_aspect_ratio keeps the proportions; both are "
            "True. Choose one."
        )
    rows, columns = _size(size)
    x, undo = channels_last_batch(images, data_format)
    x = x if interpolation == "nearest" else floating(x)
    if crop_to_aspect_ratio:
        x = _crop_to_aspect(x, rows, columns)
    elif pad_to_aspect_ratio:
        x = _pad_to_aspect(x, rows, columns, fill_value)
    shape = (x.shape[0], rows, columns, x.shape[3])
    if shape == x.shape:
        return undo(x)
    if interpolation == "nearest":
        return undo(jax.image.resize(x, shape, "nearest"))
    return undo(jax.image.resize(wide(x), shape, interpolation, antialias).astype(x.dtype))


def _size(size: Any) -> tuple[int, int]:
    try:
        rows, columns = (int(n) for n in size)
    except (TypeError, ValueError):
        rows = columns = 0
    if min(rows, columns) < 1 or (rows, columns) != tuple(size):
        raise ConfigError(
            "The size of an image is (rows, columns), both at least 1; got {size!r}.", size=size
        )
    return rows, columns


def _crop_to_aspect(x: jax.Array, rows: int, columns: int) -> jax.Array:
    """Return the largest middle part whose sides are as ``rows`` to ``columns``."""
    top, left, height, width = middle_window(x.shape[1], x.shape[2], rows, columns)
    return x[:, top : top + height, left : left + width]


def middle_window(height: int, width: int, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Return where that part begins, its first row and column, and its height and width."""
    crop_height = max(min(height, int(width * rows / columns)), 1)
    crop_width = max(min(width, int(height * columns / rows)), 1)
    return (height - crop_height) // 2, (width - crop_width) // 2, crop_height, crop_width


def _pad_to_aspect(x: jax.Array, rows: int, columns: int, value: float) -> jax.Array:
    """Add equal borders on two sides, so that the sides are as ``rows`` to ``columns``."""
    height, width = x.shape[1:3]
    down = (max(height, int(width * rows / columns)) - height) // 2
    right = (max(width, int(height * columns / rows)) - width) // 2
    borders = ((0, 0), (down, down), (right, right), (0, 0))
    return jnp.pad(x, borders, constant_values=jnp.asarray(value, x.dtype))


@op(mask=each_image)
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> jax.Array:
    """Add zeros around images. Two of the three numbers for rows are given, and for columns.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        top_padding: how many rows are added above.
        left_padding: how many columns are added on the left.
        bottom_padding: how many rows are added below.
        right_padding: how many columns are added on the right.
        target_height: how many rows there are then.
        target_width: how many columns there are then.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for fewer or more numbers, or negative ones.
    """
    x, undo = channels_last_batch(images, data_format)
    rows = _margins("padding", "height", x.shape[1], top_padding, bottom_padding, target_height)
    columns = _margins("padding", "width", x.shape[2], left_padding, right_padding, target_width)
    return undo(jnp.pad(x, ((0, 0), rows, columns, (0, 0))))


@op(mask=each_image)
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> jax.Array:
    """Cut off the borders of images; the arguments are those of `pad_images`."""
    x, undo = channels_last_batch(images, data_format)
    top, bottom = _margins(
        "cropping", "height", x.shape[1], top_cropping, bottom_cropping, target_height
    )
    left, right = _margins(
        "cropping", "width", x.shape[2], left_cropping, right_cropping, target_width
    )
    return undo(x[:, top : x.shape[1] - bottom, left : x.shape[2] - right])


def _margins(
    what: str, axis: str, size: int, before: int | None, behind: int | None, target: int | None
) -> tuple[int, int]:
    """Return what is added or cut off before and behind, or raise `ConfigError`."""
    known = [n for n in (before, behind, target) if n is not None]
    if len(known) == 2 and min(known) >= 0:
        difference = (
            None if target is None else target - size if what == "padding" else size - target
        )
        before = difference - behind if before is None else before  # type: ignore[operator]
        behind = difference - before if behind is None else behind  # type: ignore[operator]
        if min(before, behind) >= 0 and (what == "padding" or before + behind <= size):
            return before, behind
    raise ConfigError(
        "The {axis} is given by two of {what} before, {what} behind and the new size, none of them "
        "negative; got {before}, {behind} and {target} for images of {axis} {size}.",
        axis=axis,
        what=what,
        before=before,
        behind=behind,
        target=target,
        size=size,
    )


def crop_windows(x: jax.Array, top: Any, left: Any, rows: int, columns: int) -> jax.Array:
    """Cut a window out of each image of ``(batch, rows, columns, channels)``.

    ``top`` and ``left`` hold a whole number for each image; the windows must lie inside.
    """
    channels = x.shape[-1]

    def cut(image: jax.Array, i: Any, j: Any) -> jax.Array:
        return jax.lax.dynamic_slice(image, (i, j, 0), (rows, columns, channels))

    return jax.vmap(cut)(x, top, left)


# ---- contrast ----------------------------------------------------------------------------------


def adjust_contrast(x: jax.Array, factor: Any) -> jax.Array:
    """Move each pixel of ``(batch, rows, columns, channels)`` away from its channel's mean."""
    mean = jnp.mean(wide(x), (1, 2), keepdims=True).astype(x.dtype)
    return (x - mean) * factor + mean


# ---- rotation, translation, scale ----------------------------------------------------------------


@op(mask=each_image)
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> jax.Array:
    """Take each pixel ``(x, y)`` of the result from another place of the image.

    The place is ``(a0 x + a1 y + a2, b0 x + b1 y + b2)``, where x counts columns and y rows. It
    costs one gather for each neighbour of the place.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        transform: ``(a0, a1, a2, b0, b1, b2)``, or one such row for each image. Two more
            numbers ``c0, c1`` divide the place by ``c0 x + c1 y + 1``.
        interpolation: ``"nearest"`` or ``"bilinear"``.
        fill_mode: what lies outside, for a row of pixels ``a b c d``: ``"reflect"``
            (``c b a | a b c d | d c b``), ``"mirror"`` (``d c b | a b c d | c b a``),
            ``"wrap"`` (``b c d | a b c d | a b c``), ``"nearest"`` (``a a a | a b c d | d d d``)
            or ``"constant"``, the ``fill_value``.
        fill_value: see ``fill_mode``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Returns:
        Floating numbers of the same shape.

    Raises:
        ShapeError: for images or transforms of another shape.
        ConfigError: for an unknown interpolation or fill mode.

    Example:
        >>> row = jnp.array([[[1.0], [2.0], [3.0]]])
        >>> affine_transform(row, [1, 0, 1, 0, 1, 0], fill_mode="wrap")[0, :, 0].tolist()
        [2.0, 3.0, 1.0]
    """
    check_choice(interpolation, AFFINE_INTERPOLATIONS, "interpolation")
    check_choice(fill_mode, FILL_MODES, "fill_mode")
    x, undo = channels_last_batch(images, data_format)
    y_at, x_at = _places(transform, x.shape)
    return undo(picked(floating(x), y_at, x_at, interpolation, fill_mode, fill_value))


def picked(
    x: jax.Array, y_at: jax.Array, x_at: jax.Array, interpolation: str, fill_mode: str,
    fill_value: float,
) -> jax.Array:  # fmt: skip
    """Take each pixel from a place of its own, of images ``(batch, rows, columns, channels)``.

    ``y_at`` and ``x_at`` are the row and the column, ``(batch, rows, columns)``; the other
    arguments are those of `affine_transform`.
    """
    batch, height, width, channels = x.shape
    pixels = x.reshape(batch, height * width, channels)

    def value_at(i: jax.Array, j: jax.Array) -> jax.Array:
        """Return the pixels of the rows ``i`` and columns ``j``, which may lie outside."""
        index = _inside(i, height, fill_mode) * width + _inside(j, width, fill_mode)
        found = jax.vmap(lambda p, n: p.at[n].get(mode="promise_in_bounds"))(pixels, index)
        if fill_mode != "constant":
            return found
        known = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        return jnp.where(known[..., None], found, jnp.asarray(fill_value, x.dtype))

    if interpolation == "nearest":
        nearest_row, nearest_column = jax.lax.round(y_at), jax.lax.round(x_at)
        return value_at(nearest_row.astype(int), nearest_column.astype(int))
    top, left = jnp.floor(y_at), jnp.floor(x_at)
    total = jnp.zeros((), x.dtype)
    for down, y_fraction in ((0, 1 - (y_at - top)), (1, y_at - top)):
        for right, x_fraction in ((0, 1 - (x_at - left)), (1, x_at - left)):
            weight = (y_fraction * x_fraction)[..., None].astype(x.dtype)
            total += weight * value_at(top.astype(int) + down, left.astype(int) + right)
    return total


def _places(transform: Any, shape: Sequence[int]) -> tuple[jax.Array, jax.Array]:
    """Return the row and the column that each pixel comes from: ``(batch, rows, columns)``."""
    batch, height, width = shape[:3]
    t = jnp.asarray(transform, jnp.float32)
    rows = len(t) if t.ndim == 2 else 1
    if t.ndim not in (1, 2) or t.shape[-1] not in (6, 8) or rows not in (1, batch):
        raise ShapeError(
            "A transform has the 6 numbers a0, a1, a2, b0, b1, b2 (or 8), and there is one, or "
            "one for each of the {batch} images; got shape {shape}.",
            batch=batch,
            shape=tuple(t.shape),
        )
    t = jnp.broadcast_to(t, (batch, t.shape[-1]))
    a0, a1, a2, b0, b1, b2, *rest = (n[:, None, None] for n in t.T)
    y = jnp.arange(height, dtype=jnp.float32)[:, None]
    x = jnp.arange(width, dtype=jnp.float32)
    y_at, x_at = b0 * x + b1 * y + b2, a0 * x + a1 * y + a2
    if rest:
        divisor = rest[0] * x + rest[1] * y + 1
        y_at, x_at = y_at / divisor, x_at / divisor
    return y_at, x_at


def _inside(index: jax.Array, size: int, fill_mode: str) -> jax.Array:
    """Return the index inside a row of ``size`` pixels that stands for one outside."""
    if fill_mode == "wrap":
        return index % size
    if fill_mode in ("reflect", "mirror"):  # back and forth; a mirror does not repeat the ends
        turn = 2 * size - 1 if fill_mode == "reflect" else max(2 * size - 2, 1)
        there = index % (turn + (fill_mode == "reflect"))
        return jnp.minimum(there, turn - there)
    return jnp.clip(index, 0, size - 1)
