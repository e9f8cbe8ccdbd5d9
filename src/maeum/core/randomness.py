"""Randomness without hidden state.

Every random number is drawn with a key that is a function of a seed and of what it is for: the
purpose, the step and the path of the layer. The one thing that is counted is which seed the next
model gets after `set_random_seed`; that seed is then written down in the model (``model.seed``).
"""

from __future__ import annotations

import os
import zlib

import jax

from maeum.core.errors import ConfigError

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


def make_key(seed: int | jax.Array, *purpose: str | int | jax.Array) -> jax.Array:
    """Return the key of ``(seed, *purpose)``; seed and numbers may be traced.

    >>> import jax
    >>> bool((make_key(7, "dropout") == make_key(7, "dropout")).all())
    True
    >>> bool((make_key(7, "dropout") == make_key(7, "shuffle")).all())
    False
    """
    key = jax.random.PRNGKey(seed)
    for part in purpose:
        key = fold(key, part)
    return key


def fold(key: jax.Array, part: str | int | jax.Array) -> jax.Array:
    """Return a new key that depends on ``key`` and ``part``."""
    if isinstance(part, str):
        part = zlib.crc32(part.encode())
    return jax.random.fold_in(key, part)
