"""Images whose pixels come from other places: perspectives, elastic ones, any coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.randomness import fold
from maeum.core.seed_generator import draw_seed
from maeum.ops import random
from maeum.ops.arrays import as_array, floating
from maeum.ops.filters import gaussian_blur
from maeum.ops.images import (
    AFFINE_INTERPOLATIONS,
    FILL_MODES,
    affine_transform,
    channels_last_batch,
    each_image,
    picked,
)

METHODS = (
    "linear", "bilinear", "trilinear", "triangle", "cubic", "bicubic", "tricubic", "lanczos3",
    "lanczos5",
)  # fmt: skip


@op
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> jax.Array:
    """Take the values at any places of an array.

    Args:
        inputs: an array with ``n`` axes.
        coordinates: the places: ``n`` arrays of one shape, an index (or between two) along each
            axis.
        order: 0 for the nearest entry, 1 to interpolate linearly.
        fill_mode: what lies outside, as in `maeum.ops.image.affine_transform`.
        fill_value: the value outside, with ``"constant"``.

    Returns:
        The values, in the shape of one of the coordinates.

    Raises:
        ShapeError: unless there is one array of coordinates for each axis.
        ConfigError: for another order or fill mode.

    >>> map_coordinates([0.0, 10.0], [[0.5, 1.0]], order=1).tolist()
    [5.0, 10.0]
    """
    inputs, coordinates = as_array(inputs), _stacked(coordinates)
    if coordinates.ndim < 2 or len(coordinates) != inputs.ndim:
        raise ShapeError(
            "There is one array of coordinates for each of the {n} axes; got shape {shape}.",
            n=inputs.ndim,
            shape=coordinates.shape,
        )
    check_choice(order, (0, 1), "order")
    check_choice(fill_mode, FILL_MODES, "fill_mode")
    return jax.scipy.ndimage.map_coordinates(
        inputs, list(coordinates), order, fill_mode, fill_value
    )


def _stacked(coordinates: Any) -> jax.Array:
    if isinstance(coordinates, (tuple, list)):
        return jnp.stack([as_array(part) for part in coordinates])
    return as_array(coordinates)


@op(mask=each_image)
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> jax.Array:
    """Move four points of images to other places, and all others with them, along straight lines.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        start_points: four points ``(x, y)``, shape ``(4, 2)``, or four for each image.
        end_points: where they come to.
        interpolation: ``"nearest"`` or ``"bilinear"``.
        fill_value: the value of what comes from outside.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Returns:
        Floating numbers of the same shape.

    Raises:
        ShapeError: for other shapes.
        ConfigError: for another interpolation.
    """
    start, end = (as_array(points).astype(jnp.float32) for points in (start_points, end_points))
    if start.shape != end.shape or start.shape[-2:] != (4, 2) or start.ndim not in (2, 3):
        raise ShapeError(
            "There are four points (x, y), or four for each image, before and after; got shapes "
            "{start} and {end}.",
            start=start.shape,
            end=end.shape,
        )
    transform = homography(start.reshape(-1, 4, 2), end.reshape(-1, 4, 2))
    return affine_transform(images, transform, interpolation, "constant", fill_value, data_format)


def homography(start: jax.Array, end: jax.Array) -> jax.Array:
    """Return the eight numbers that lead from each end point back to its start."""
    x, y = end[..., 0], end[..., 1]
    zeros, ones = jnp.zeros_like(x), jnp.ones_like(x)
    rows = [
        jnp.stack([*own, -target * x, -target * y], -1)
        for own, target in (
            ([x, y, ones, zeros, zeros, zeros], start[..., 0]),
            ([zeros, zeros, zeros, x, y, ones], start[..., 1]),
        )
    ]
    targets = jnp.concatenate([start[..., 0], start[..., 1]], -1)
    return jnp.linalg.solve(jnp.concatenate(rows, 1), targets[..., None])[..., 0]


@op(mask=each_image)
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> jax.Array:
    """Move each pixel by a smooth random displacement (Simard et al., 2003).

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        alpha: how far the pixels are moved.
        sigma: how smoothly: the standard deviation of the blur.
        interpolation: ``"nearest"`` or ``"bilinear"``.
        fill_mode: what lies outside, as in `maeum.ops.image.affine_transform`.
        fill_value: the value outside, with ``"constant"``.
        seed: a whole number, a `maeum.random.SeedGenerator` or None.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Returns:
        Images of the same shape and dtype.
    """
    check_choice(interpolation, AFFINE_INTERPOLATIONS, "interpolation")
    check_choice(fill_mode, FILL_MODES, "fill_mode")
    x, undo = channels_last_batch(images, data_format)
    batch, rows, columns, _ = x.shape
    size = int(6 * sigma) | 1
    key = draw_seed(seed)

    def displacement(axis: str) -> jax.Array:
        drawn = sigma * random.normal(fold(key, axis), (batch, rows, columns, 1))
        blurred = gaussian_blur(drawn, (size, size), (sigma, sigma), "channels_last")
        return alpha * blurred[..., 0]

    places = (
        jnp.arange(rows)[:, None] + displacement("rows"),
        jnp.arange(columns) + displacement("columns"),
    )

    def warped(channel: jax.Array, i: jax.Array, j: jax.Array) -> jax.Array:
        order = AFFINE_INTERPOLATIONS.index(interpolation)
        return jax.scipy.ndimage.map_coordinates(channel, [i, j], order, fill_mode, fill_value)

    channels = jax.vmap(warped, in_axes=(-1, None, None), out_axes=-1)
    return undo(jax.vmap(channels)(floating(x), *places).astype(x.dtype))


@op
def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> jax.Array:
    """Resize along some axes, and move.

    A place ``x`` (the middle of the first pixel is 0.5) comes to ``scale * x + translation``; what
    comes from outside is 0.

    Args:
        images: an array.
        output_shape: the shape of the result.
        scale: a factor for each of ``spatial_dims``.
        translation: a distance for each of them.
        spatial_dims: the axes.
        method: ``"linear"`` (also ``"bilinear"``, ``"trilinear"``, ``"triangle"``), ``"cubic"``
            (``"bicubic"``, ``"tricubic"``), ``"lanczos3"`` or ``"lanczos5"``.
        antialias: whether to average over all pixels that a smaller one covers.

    Raises:
        ConfigError: for another method.
    """
    check_choice(method, METHODS, "method")
    return jax.image.scale_and_translate(
        floating(images),
        tuple(output_shape),
        tuple(spatial_dims),
        floating(scale),
        floating(translation),
        method,
        antialias,
    )


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
