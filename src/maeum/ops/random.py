"""Random numbers as pure functions of a key (two 32-bit words; see `maeum.core.randomness`).

``jax.random`` is not used in the hot loop: on a CPU its generator (threefry) cannot be fused
with what uses the numbers, takes longer than the matrix products of a small network, and adds
most of a second to the first compilation. Here each number is a hash of its index and the key,
made where it is needed. Under ``vmap`` every key gives the numbers that it gives alone.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.randomness import key_words, mix


def bits(key: Any, shape: Sequence[int]) -> jax.Array:
    """Return uniform random uint32 numbers.

    Each comes from two rounds of a 32-bit mixer, one for each word of the key.
    Good enough for training, not for cryptography. JAX's own keys, typed or not, are accepted too.
    """
    return _bits(*key_words(key), tuple(shape))


@functools.partial(jax.jit, static_argnames="shape", inline=True)
def _bits(one: Any, two: Any, shape: tuple[int, ...]) -> jax.Array:
    index = jax.lax.iota(np.uint32, math.prod(shape)).reshape(shape)
    # Mixed first, and the second with the first: the numbers of two keys that differ a little
    # would otherwise be each other's, shifted by some places.
    first = mix(one)
    second = mix(first ^ mix(two + np.uint32(0x9E3779B9)))
    return mix(mix(index * np.uint32(0x9E3779B9) + first) ^ second)


def uniform(
    key: Any, shape: Sequence[int], dtype: Any = "float32", low: float = 0.0, high: float = 1.0
) -> jax.Array:
    """Return numbers spread evenly over ``low <= x < high``, in steps of 2**-24 of the range."""
    unit = (bits(key, shape) >> np.uint32(8)).astype(jnp.float32) * np.float32(2**-24)
    return (unit * np.float32(high - low) + np.float32(low)).astype(dtype)


def normal(key: Any, shape: Sequence[int], dtype: Any = "float32") -> jax.Array:
    """Return normal numbers with mean 0 and variance 1, by the inverse distribution function."""
    return _from_quantiles(key, shape, dtype, -1.0, 1.0)


def truncated_normal(key: Any, shape: Sequence[int], dtype: Any = "float32") -> jax.Array:
    """Return normal numbers that lie within two standard deviations (before cutting) of 0."""
    inside = math.erf(2 / math.sqrt(2))
    return jnp.clip(_from_quantiles(key, shape, dtype, -inside, inside), -2.0, 2.0)


def _from_quantiles(
    key: Any, shape: Sequence[int], dtype: Any, low: float, high: float
) -> jax.Array:
    # The middle of each step, so that neither end, which is infinite, is ever met.
    unit = ((bits(key, shape) >> np.uint32(9)).astype(jnp.float32) + 0.5) * np.float32(2**-23)
    z = unit * np.float32(high - low) + np.float32(low)
    return (np.float32(math.sqrt(2)) * jax.lax.erf_inv(z)).astype(dtype)
