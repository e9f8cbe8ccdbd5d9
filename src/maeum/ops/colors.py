"""Colors of images: grayscale, and hue, saturation and value."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import DataError, ShapeError
from maeum.core.graph import op
from maeum.core.messages import ngettext
from maeum.ops.arrays import as_array, floating
from maeum.ops.images import channels_last_batch, each_image


@op(mask=each_image)
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> jax.Array:
    """Turn red, green and blue into one channel: 0.2989 r + 0.587 g + 0.114 b (ITU-R BT.601).

    Images with one channel stay as they are.

    >>> rgb_to_grayscale([[[100.0, 100.0, 100.0]]]).shape
    (1, 1, 1)
    """
    x, undo = channels_last_batch(images, data_format)
    if x.shape[-1] == 1:
        return undo(x)
    _check_channels(x, 3, "rgb_to_grayscale")
    gray = floating(x)
    gray = gray @ jnp.asarray([[0.2989], [0.587], [0.114]], gray.dtype)
    return undo(gray.astype(x.dtype))


@op(mask=each_image)
def grayscale_to_rgb(images: Any, data_format: str | None = None) -> jax.Array:
    """Repeat the one channel of grayscale images three times.

    >>> grayscale_to_rgb([[[7]]]).tolist()
    [[[7, 7, 7]]]
    """
    x, undo = channels_last_batch(images, data_format)
    _check_channels(x, 1, "grayscale_to_rgb")
    return undo(jnp.repeat(x, 3, axis=-1))


@op(mask=each_image)
def rgb_to_hsv(images: Any, data_format: str | None = None) -> jax.Array:
    """Turn red, green and blue, from 0 to 1, into hue, saturation and value, from 0 to 1.

    Raises:
        DataError: for whole numbers.
        ShapeError: unless there are three channels.

    >>> rgb_to_hsv([[[0.0, 0.5, 0.0]]])[0, 0].round(3).tolist()
    [0.3330000042915344, 1.0, 0.5]
    """
    x, undo = channels_last_batch(_fractions(images), data_format)
    _check_channels(x, 3, "rgb_to_hsv")
    x = jnp.where(jnp.abs(x) < jnp.finfo(x.dtype).eps, 0, x)
    r, g, b = (x[..., i] for i in range(3))
    value, spread = jnp.max(x, -1), jnp.max(x, -1) - jnp.min(x, -1)
    sixth = 1 / (6 * jnp.where(spread > 0, spread, 1))
    # Which channel is the largest is asked by order: a fused program may round the maximum
    # otherwise than the channel that it is, and then nothing equals it.
    hue = jnp.where(g >= b, sixth * (b - r) + 2 / 6, sixth * (r - g) + 4 / 6)
    hue = jnp.where((r >= g) & (r >= b), sixth * (g - b), hue)
    hue = jnp.where(spread > 0, hue, 0)
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
    return undo(jnp.stack([jnp.where(hue < 0, hue + 1, hue), saturation, value], -1))


@op(mask=each_image)
def hsv_to_rgb(images: Any, data_format: str | None = None) -> jax.Array:
    """Turn hue, saturation and value, from 0 to 1, into red, green and blue.

    Raises:
        DataError: for whole numbers.
        ShapeError: unless there are three channels.

    >>> hsv_to_rgb([[[0.0, 1.0, 0.5]]])[0, 0].tolist()
    [0.5, 0.0, 0.0]
    """
    x, undo = channels_last_batch(_fractions(images), data_format)
    _check_channels(x, 3, "hsv_to_rgb")
    hue, saturation, value = (x[..., i, None] for i in range(3))
    turn = (hue % 1) * 6
    red = jnp.abs(turn - 3) - 1
    full = jnp.concatenate([red, 2 - jnp.abs(turn - 2), 2 - jnp.abs(turn - 4)], -1)
    return undo(value * (1 - saturation + saturation * jnp.clip(full, 0, 1)))


def _fractions(images: Any) -> jax.Array:
    x = as_array(images)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise DataError(
            "Colors are floating numbers from 0 to 1 here; got {dtype}. Write images / 255.",
            dtype=x.dtype,
        )
    return x


def _check_channels(x: jax.Array, count: int, name: str) -> None:
    if x.shape[-1] != count:
        raise ShapeError(
            "{name} takes images with {channels}; got {given}. Is their data_format another one?",
            name=name,
            channels=ngettext("{n} channel", "{n} channels", count),
            given=x.shape[-1],
        )
