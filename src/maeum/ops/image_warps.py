"""Functions that blur images, or move their pixels to other places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.ops.arrays import floating
from maeum.ops.images import affine_transform, channels_last_batch, picked


@op
def gaussian_blur(
    images: Any,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Any = (1.0, 1.0),
    data_format: str | None = None,
) -> jax.Array:
    """Blur images with a bell curve; what lies outside an image counts as 0.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        kernel_size: the width and the height of the kernel.
        sigma: the standard deviations of the curve, from left to right and from top to bottom.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ShapeError: unless there are 3 or 4 axes.

    Example:
        >>> gaussian_blur(jnp.ones((4, 4, 1))).shape
        (4, 4, 1)
    """
    x, undo = channels_last_batch(images, data_format)
    x = floating(x)
    sigma = jnp.asarray(sigma, x.dtype)
    for axis, size, spread in ((2, kernel_size[0], sigma[0]), (1, kernel_size[1], sigma[1])):
        x = _blurred(x, axis, size, spread)
    return undo(x)


def _blurred(x: jax.Array, axis: int, size: int, spread: jax.Array) -> jax.Array:
    """Return the weighted sum of ``size`` neighbours along an axis."""
    curve = jnp.exp(-0.5 * ((jnp.arange(size) - (size - 1) / 2) / spread) ** 2).astype(x.dtype)
    curve = curve / curve.sum()
    pads = [(0, 0)] * x.ndim
    pads[axis] = ((size - 1) // 2, size - 1 - (size - 1) // 2)
    padded = jnp.pad(x, pads)
    parts = (
        curve[i] * jax.lax.slice_in_dim(padded, i, i + x.shape[axis], axis=axis)
        for i in range(size)
    )
    return sum(parts, jnp.zeros((), x.dtype))


@op
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> jax.Array:
    """Move four points of each image to four others, and all pixels with them in perspective.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        start_points: ``(4, 2)`` or ``(batch, 4, 2)``: the places ``(x, y)`` of the points.
        end_points: where they go.
        interpolation: ``"nearest"`` or ``"bilinear"``.
        fill_value: what lies outside.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ShapeError: for images or points of another shape.

    Example:
        >>> square = jnp.array([[0, 0], [3, 0], [0, 3], [3, 3]])
        >>> perspective_transform(jnp.ones((4, 4, 1)), square, square).min().item()
        1.0
    """
    start, end = (jnp.asarray(points, jnp.float32) for points in (start_points, end_points))
    if start.shape != end.shape or start.shape[-2:] != (4, 2) or start.ndim not in (2, 3):
        raise ShapeError("Four points (x, y) of each image move to four others; got shapes {start} "
                         "and {end}.", start=start.shape, end=end.shape)  # fmt: skip
    one = start.ndim == 2
    transform = homography(start[None] if one else start, end[None] if one else end)
    return affine_transform(
        images, transform[0] if one else transform, interpolation, "constant", fill_value,
        data_format,
    )  # fmt: skip


def homography(start: jax.Array, end: jax.Array) -> jax.Array:
    """Return the eight numbers that lead from the end points back: ``(batch, 8)``."""
    x, y = end[..., 0], end[..., 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)
    rows = [
        jnp.stack([*place, -target * x, -target * y], -1)
        for place, target in (
            ((x, y, one, zero, zero, zero), start[..., 0]),
            ((zero, zero, zero, x, y, one), start[..., 1]),
        )
    ]
    targets = jnp.concatenate([start[..., 0], start[..., 1]], -1)
    return jnp.linalg.solve(jnp.concatenate(rows, 1), targets[..., None])[..., 0]


def displaced(
    x: jax.Array, down: jax.Array, right: jax.Array, interpolation: str, fill_mode: str,
    fill_value: float,
) -> jax.Array:  # fmt: skip
    """Take each pixel of ``(batch, rows, columns, channels)`` from as far below and to the right.

    Args:
        x: the images.
        down: how many rows further down each pixel comes from, ``(batch, rows, columns)``.
        right: how many columns to the right.
        interpolation: ``"nearest"`` or ``"bilinear"``.
        fill_mode: what lies outside; see `maeum.ops.image.affine_transform`.
        fill_value: the value of ``"constant"``.
    """
    rows, columns = x.shape[1:3]
    y_at = jnp.arange(rows)[:, None] + down
    x_at = jnp.arange(columns) + right
    return picked(x, y_at, x_at, interpolation, fill_mode, fill_value)
