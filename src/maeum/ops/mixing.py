"""Drawing boxes and partners for the images of a batch, and blending them.

Images are ``(batch, rows, columns, channels)`` here. Everything drawn is a function of a key.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.randomness import fold
from maeum.ops import random


class Boxes(NamedTuple):
    """A box for each image: rows ``top <= i < bottom``, columns ``left <= j < right``."""

    top: jax.Array
    bottom: jax.Array
    left: jax.Array
    right: jax.Array

    def mask(self, rows: int, columns: int) -> jax.Array:
        """Return which pixels lie inside: ``(batch, rows, columns, 1)``."""
        i = jnp.arange(rows)[:, None, None]
        j = jnp.arange(columns)[:, None]
        top, bottom, left, right = (n[:, None, None, None] for n in self)
        return (i >= top) & (i < bottom) & (j >= left) & (j < right)

    def fraction(self, rows: int, columns: int) -> jax.Array:
        """Return the fraction of the pixels that lie inside: ``(batch,)``."""
        area = (self.bottom - self.top) * (self.right - self.left)
        return area.astype(jnp.float32) / (rows * columns)


def draw_boxes(key: Any, height: jax.Array, width: jax.Array, rows: int, columns: int) -> Boxes:
    """Return boxes somewhere inside images of ``rows`` by ``columns``.

    Args:
        key: what the places are drawn from.
        height: the fraction of the rows that each box has, ``(batch,)``.
        width: the fraction of the columns.
        rows: the rows of an image.
        columns: its columns.
    """

    def ends(axis: str, fraction: jax.Array, size: int) -> tuple[jax.Array, jax.Array]:
        start = random.uniform(fold(key, axis), fraction.shape) * (1 - fraction) * size
        # The pixels whose middle lies between the two ends.
        first, last = jnp.ceil(start - 0.5), jnp.ceil(start + fraction * size - 0.5)
        return first.astype(int), last.astype(int)

    return Boxes(*ends("rows", height, rows), *ends("columns", width, columns))


def permutation(key: Any, count: int) -> jax.Array:
    """Return the numbers from 0 to ``count - 1`` in an order drawn from the key."""
    return jnp.argsort(random.bits(key, (count,)))


def symmetric_beta(key: Any, count: int, alpha: Any) -> jax.Array:
    """Return numbers between 0 and 1 with the distribution Beta(alpha, alpha).

    Without a rejection: Ulrich's formula (Devroye, "Non-Uniform Random Variate Generation",
    1986, IX.3) gives Beta(alpha + 1, alpha + 1), that is, the odds of two gamma variables of
    shape ``alpha + 1``; each of them times ``u ** (1 / alpha)`` has the shape ``alpha``. The odds
    are kept as logarithms, which a small alpha does not overflow. ``alpha`` may be traced.
    """

    def unit(name: str) -> jax.Array:  # above 0, for the logarithm
        return random.uniform(fold(key, name), (count,)) + jnp.float32(2**-25)

    radius = jnp.sqrt(-jnp.expm1(2 / (2 * alpha + 1) * jnp.log(unit("radius"))))
    middle = 0.5 * radius * jnp.cos(2 * jnp.pi * unit("angle"))
    wide = jnp.log(0.5 + middle) - jnp.log(0.5 - middle)
    return jax.nn.sigmoid(wide + (jnp.log(unit("one")) - jnp.log(unit("two"))) / alpha)


def blend(x: jax.Array, other: jax.Array, weight: jax.Array) -> jax.Array:
    """Return ``weight * x + (1 - weight) * other``, with one weight for each row."""
    weight = weight.reshape(-1, *[1] * (x.ndim - 1)).astype(x.dtype)
    return weight * x + (1 - weight) * other
