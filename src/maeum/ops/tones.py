"""Functions on the colors of images: hue, saturation and value, histograms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.ops.arrays import wide


def stretch(x: jax.Array, low: Any, high: Any) -> jax.Array:
    """Bring numbers from ``low`` to ``high`` to 0 to 255; equal ends leave them as they are."""
    spread = jnp.where(high == low, 1, high - low)
    return jnp.where(high == low, x, (x - low) * (255 / spread))


def equalize(x: jax.Array, bins: int) -> jax.Array:
    """Spread the values of each channel of each image evenly over 0 to 255.

    Args:
        x: ``(batch, rows, columns, channels)`` with values from 0 to 255.
        bins: the number of bins of the histogram.
    """

    def each(channel: jax.Array) -> jax.Array:
        place = jnp.clip((channel * (bins - 1) / 255).astype(jnp.int32), 0, bins - 1)
        counts = jnp.zeros(bins, jnp.int32).at[place.ravel()].add(1)
        so_far = jnp.cumsum(counts)
        first = so_far[jnp.argmax(so_far > 0)]
        rest = so_far[-1] - first
        table = jnp.round((so_far - first) * 255 / jnp.where(rest == 0, 1, rest))
        index = jnp.clip(channel / 255 * (bins - 1), 0, bins - 1).astype(jnp.int32)
        made = jnp.clip(table, 0, 255).astype(channel.dtype)[index]
        return jnp.where(jnp.count_nonzero(counts) <= 1, channel, made)

    return jax.vmap(jax.vmap(each, in_axes=-1, out_axes=-1))(x)


def equalize_tiles(x: jax.Array, tiles: tuple[int, int], clip_limit: float) -> jax.Array:
    """Equalize each tile of an image for itself, with limited contrast (Zuiderveld, 1994).

    Args:
        x: ``(batch, rows, columns, channels)`` with values from 0 to 255.
        tiles: how many tiles there are from top to bottom, and from left to right.
        clip_limit: the most of a histogram that one value may have, in units of an even
            histogram; 0 for no limit. What is cut off is spread over all values.

    Returns:
        Between the middles of four tiles a mean of what they would make of a pixel.
    """
    batch, rows, columns, channels = x.shape
    down, right = tiles
    height, width = -(-rows // down), -(-columns // right)
    more = (height * down - rows, width * right - columns)
    x = jnp.pad(wide(x), ((0, 0), (0, more[0]), (0, more[1]), (0, 0)), mode="symmetric")
    value = jnp.clip(x, 0, 255).astype(jnp.int32)
    tables = _tables(value.reshape(batch, down, height, right, width, channels), clip_limit)
    tables = jnp.pad(tables, ((0, 0), (1, 1), (1, 1), (0, 0), (0, 0)), mode="edge")

    def neighbours(size: int, count: int) -> tuple[Any, Any, Any]:
        place = (jnp.arange(size * count, dtype=x.dtype) - size / 2) / size + 1
        low = jnp.floor(place)
        index = low.astype(jnp.int32)
        return index, jnp.minimum(index + 1, count + 1), place - low

    (top, bottom, below), (left, beside, aside) = neighbours(height, down), neighbours(width, right)
    image = jnp.arange(batch)[:, None, None, None]
    channel = jnp.arange(channels)

    def found(row: jax.Array, column: jax.Array) -> jax.Array:
        return tables[image, row[:, None, None], column[:, None], channel, value]

    below, aside = below[:, None, None], aside[:, None]
    upper = found(top, left) * (1 - aside) + found(top, beside) * aside
    lower = found(bottom, left) * (1 - aside) + found(bottom, beside) * aside
    return (upper * (1 - below) + lower * below)[:, :rows, :columns]


def _tables(value: jax.Array, clip_limit: float) -> jax.Array:
    """Return what becomes of each value: ``(batch, down, right, channels, 256)``."""
    batch, down, height, right, width, channels = value.shape
    tiles = value.transpose(0, 1, 3, 5, 2, 4).reshape(-1, height * width)
    counts = jax.vmap(lambda tile: jnp.zeros(256).at[tile].add(1))(tiles)
    if clip_limit > 0:
        kept = jnp.minimum(counts, clip_limit * height * width / 256)
        counts = kept + (counts - kept).sum(-1, keepdims=True) / 256
    so_far = jnp.cumsum(counts, -1)
    first = so_far.min(-1, keepdims=True)
    rest = height * width - first
    table = jnp.clip((so_far - first) * 255 / jnp.where(rest == 0, 1, rest), 0, 255)
    return table.reshape(batch, down, right, channels, 256)
