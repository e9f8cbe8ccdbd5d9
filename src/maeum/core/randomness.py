"""Randomness without hidden state.

Every random number is drawn with a key that is a function of a seed and of what it is for: the
purpose, the step and the path of the layer. The one thing that is counted is which seed the next
model gets after `set_random_seed`; that seed is then written down in the model (``model.seed``).
"""

from __future__ import annotations

import os
import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError

_SPREAD = 0x9E3779B9  # 2**32 divided by the golden ratio: neighbouring seeds end up far apart

_stream: list[int] | None = None


def set_random_seed(seed: int) -> None:
    """Make the models and layers that follow draw their seeds from ``seed``, in order.

    A script that begins with it gives the same numbers every time. Models made one after the
    other still differ from each other.
    """
    global _stream
    _stream = [check_seed(seed), 0]


def check_seed(seed: object) -> int:
    """Return ``seed`` as an int, or raise `ConfigError`."""
    try:
        number = int(seed)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ConfigError(f"A seed is a whole number; got {seed!r}.") from None
    if not 0 <= number < 2**32:
        raise ConfigError(f"A seed lies between 0 and 2**32 - 1; got {number}.")
    return number


def next_seed() -> int:
    """Return the seed for the next model: from `set_random_seed`, or else from the system."""
    if _stream is None:
        return int.from_bytes(os.urandom(4), "little")
    seed, count = _stream
    _stream[1] += 1
    return seed if count == 0 else zlib.crc32(f"{seed}/{count}".encode())


def make_key(seed: int | jax.Array, *purpose: str | int) -> Any:
    """Return the key of ``(seed, *purpose)``; the seed may be traced.

    A key is two 32-bit words, as JAX's threefry takes them: what the numbers are for, and the
    step (0 here; see `at_step`). Making one costs an xor, where folding with threefry would
    cost more than the dropout of a small layer.

    >>> bool((make_key(7, "dropout") == make_key(7, "dropout")).all())
    True
    >>> bool((make_key(7, "dropout") == make_key(7, "shuffle")).all())
    False
    """
    name = _hash(*purpose)
    if isinstance(seed, (int, np.integer)):
        return np.array([(int(seed) * _SPREAD & 0xFFFFFFFF) ^ name, 0], np.uint32)
    first = (jnp.asarray(seed).astype(jnp.uint32) * np.uint32(_SPREAD)) ^ np.uint32(name)
    return jnp.stack([first, jnp.zeros_like(first)])


def fold(key: Any, *purpose: str | int) -> Any:
    """Return a new key that depends on ``key`` and a purpose, such as a layer's path."""
    return key ^ np.array([_hash(*purpose), 0], np.uint32)


def at_step(key: Any, step: Any) -> Any:
    """Return the key for a step, which may be traced."""
    return jnp.stack([key[0], jnp.asarray(step).astype(jnp.uint32)])


def _hash(*purpose: str | int) -> int:
    return zlib.crc32("/".join(map(str, purpose)).encode())
