"""Noise that regularizes: each function draws from the key that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import each_entry
from maeum.ops import random
from maeum.ops.activations import SELU_ALPHA, SELU_SCALE
from maeum.ops.arrays import floating
from maeum.ops.kernels import choice

NoiseShape = Sequence[int | None] | None


def keep_mask(key: jax.Array, rate: float, shape: Sequence[int]) -> jax.Array:
    """Return bools that are False with probability ``rate`` (below 1)."""
    return choice.keep(key, _threshold(rate), tuple(shape))


def _threshold(rate: float) -> Any:
    """Return the number below which random bits lie with probability ``rate``."""
    return jnp.asarray(min(round(rate * 2**32), 2**32 - 1), jnp.uint32)


def _noise_sizes(shape: Sequence[int], noise_shape: NoiseShape) -> tuple[int, ...]:
    """Return the shape of the noise for an array of ``shape``: None means the array's own size."""
    if noise_shape is None:
        return tuple(shape)
    return tuple(size if noise is None else noise for size, noise in zip(shape, noise_shape))


@op(mask=each_entry)
def dropout(x: Any, rate: float, key: jax.Array, noise_shape: NoiseShape = None) -> jax.Array:
    """Set a fraction ``rate`` of the entries to 0 and divide the others by ``1 - rate``.

    Entries along an axis where ``noise_shape`` is 1 are dropped together (Srivastava et al.,
    2014).
    """
    x = floating(x)
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros_like(x)
    kept = keep_mask(key, rate, _noise_sizes(x.shape, noise_shape))
    return jnp.where(kept, x * (1 / (1 - rate)), 0)


@op(mask=each_entry)
def alpha_dropout(x: Any, rate: float, key: jax.Array, noise_shape: NoiseShape = None) -> jax.Array:
    """Dropout for `selu`: dropped entries take its lower limit; mean 0 and variance 1 remain.

    (Klambauer et al., 2017.)
    """
    x = floating(x)
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros_like(x)
    low = -SELU_ALPHA * SELU_SCALE
    a = ((1 - rate) * (1 + rate * low**2)) ** -0.5
    keep = keep_mask(key, rate, _noise_sizes(x.shape, noise_shape))
    return a * jnp.where(keep, x, low) - a * low * rate


@op(mask=each_entry)
def gaussian_noise(x: Any, stddev: float, key: jax.Array) -> jax.Array:
    """Add normal noise with mean 0."""
    x = floating(x)
    return x + stddev * random.normal(key, x.shape, x.dtype)


@op(mask=each_entry)
def gaussian_dropout(x: Any, rate: float, key: jax.Array) -> jax.Array:
    """Multiply by normal noise with mean 1 and variance ``rate / (1 - rate)``."""
    x = floating(x)
    stddev = (rate / (1 - rate)) ** 0.5
    return x * (1 + stddev * random.normal(key, x.shape, x.dtype))
