"""Images through small windows: blurring, edges, and how alike two images are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.ops.arrays import as_array, floating, wide
from maeum.ops.convolution import depthwise_conv
from maeum.ops.images import channels_last_batch, each_image


def _gauss(size: int, sigma: Any) -> jax.Array:
    places = jnp.arange(size, dtype=jnp.float32) - (size - 1) / 2
    weights = jnp.exp(-0.5 * jnp.square(places / sigma))
    return weights / jnp.sum(weights)


def _filtered(x: jax.Array, kernel: Any, padding: str) -> jax.Array:
    """Slide one kernel ``(rows, columns)`` over each channel of ``(batch, h, w, channels)``."""
    shape = (*kernel.shape, x.shape[-1], 1)
    kernel = jnp.broadcast_to(jnp.asarray(kernel, x.dtype)[..., None, None], shape)
    return depthwise_conv(x, kernel, padding=padding, data_format="channels_last")


def _blurred(x: jax.Array, axis: int, size: int, spread: Any) -> jax.Array:
    """Return the weighted sum of ``size`` neighbours along an axis."""
    curve = _gauss(size, spread).astype(x.dtype)
    pads = [(0, 0)] * x.ndim
    pads[axis] = ((size - 1) // 2, size - 1 - (size - 1) // 2)
    padded = jnp.pad(x, pads)
    parts = (
        curve[i] * jax.lax.slice_in_dim(padded, i, i + x.shape[axis], axis=axis)
        for i in range(size)
    )
    return sum(parts, jnp.zeros((), x.dtype))


@op(mask=each_image)
def gaussian_blur(
    images: Any,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> jax.Array:
    """Blur images with the bell curve; beyond the border there are zeros.

    Args:
        images: ``(rows, columns, channels)``, or a batch of such.
        kernel_size: the size of the window along columns and rows.
        sigma: the standard deviation along columns and rows.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """
    x, undo = channels_last_batch(images, data_format)
    x = floating(x)
    for axis, size, spread in zip((2, 1), kernel_size, sigma):
        x = _blurred(x, axis, size, spread)
    return undo(x)


@op(mask=each_image)
def sobel_edges(images: Any, data_format: str | None = None) -> jax.Array:
    """Sobel's slopes: how fast each channel rises along rows and columns.

    Shapes: the images' with one more axis, of size 2: the slope from row to row, then that from
    column to column. Beyond the border there are zeros.
    """
    x, undo = channels_last_batch(images, data_format)
    across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
    slopes = [undo(_filtered(floating(x), kernel, "same")) for kernel in (across.T, across)]
    return jnp.stack(slopes, -1)


@op(mask=each_image)
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> jax.Array:
    """The structural similarity of two images: 1 for the same, less for others.

    Args:
        image1: ``(rows, columns, channels)``, or a batch of such.
        image2: others of the same shape.
        max_val: the largest value that pixels may have.
        filter_size: the size of the window in which they are compared.
        filter_sigma: the standard deviation of the window's weights.
        k1: what keeps the comparison of means stable where they are small.
        k2: likewise that of variances.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Returns:
        One value, or one for each pair of the batch.

    Raises:
        ShapeError: if the shapes differ, or the window does not fit into the images.

    Source: Wang et al., 2004.
    """
    image1, image2 = as_array(image1), as_array(image2)
    _same_shape(image1, image2)
    dtype = floating(image1).dtype if jnp.issubdtype(image1.dtype, jnp.floating) else image1.dtype
    (x, _), (y, _) = (channels_last_batch(wide(i), data_format) for i in (image1, image2))
    weights = _gauss(filter_size, filter_sigma)
    kernel = jnp.outer(weights, weights)

    def mean(z: jax.Array) -> jax.Array:
        return _filtered(z, kernel, "valid")

    mean_x, mean_y = mean(x), mean(y)
    var_x, var_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    together = mean(x * y) - mean_x * mean_y
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * together + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    found = jnp.mean(likeness, (1, 2, 3)).astype(dtype)
    return found[0] if image1.ndim == 3 else found


@op
def psnr(x1: Any, x2: Any, max_val: float) -> jax.Array:
    """The peak signal-to-noise ratio in decibels, ``20 log10(max_val) - 10 log10(mse)``.

    The mean squared error is that of all entries.

    Raises:
        ShapeError: if the shapes differ.
    """
    x1, x2 = floating(x1), floating(x2)
    _same_shape(x1, x2)
    error = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, x2.dtype)) - 10 * jnp.log10(error)


def _same_shape(one: jax.Array, two: jax.Array) -> None:
    if one.shape != two.shape:
        raise ShapeError(
            "Images that are compared have one shape; got {one} and {two}.",
            one=one.shape,
            two=two.shape,
        )
