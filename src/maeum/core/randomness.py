"""Randomness without hidden state.

Every random number is drawn with a key that is a function of a seed and of what it is for: the
purpose, the step and the path of the layer. The one thing that is counted is which seed the next
model gets after `set_random_seed`; that seed is then written down in the model (``model.seed``).

A key is two 32-bit words: a hash of 64 bits of everything that was folded into it, in its order.
Purposes are hashed by BLAKE2b where a program is traced, so that only a few integer operations
are left in it. Nothing here serves cryptography.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import random
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, ShapeError

_STEP = 0x9E3779B9  # stands beside the number of a step, where a purpose has its second word

_stream: list[int] | None = None


def set_random_seed(seed: int) -> None:
    """Make the models and layers that follow draw their seeds from ``seed``, in order.

    It seeds Python's ``random`` and ``numpy.random`` as well, as Keras's does. So a script that
    begins with it gives the same numbers every time. Models made one after the other still differ
    from each other.
    """
    global _stream
    number = check_seed(seed)
    _stream = [number, 0]
    random.seed(number)
    np.random.seed(number)


def check_seed(seed: object) -> int:
    """Return ``seed`` as an int, or raise `ConfigError`."""
    try:
        number = int(seed)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ConfigError("A seed is a whole number; got {seed!r}.", seed=seed) from None
    if not 0 <= number < 2**32:
        raise ConfigError("A seed lies between 0 and 2**32 - 1; got {number}.", number=number)
    return number


def next_seed() -> int:
    """Return the seed for the next model: from `set_random_seed`, or else from the system."""
    if _stream is None:
        return int.from_bytes(os.urandom(4), "little")
    seed, count = _stream
    _stream[1] += 1
    # The second word of a key is another one for every step, so that no two seeds are equal.
    return seed if count == 0 else int(at_step(make_key(seed, "models"), count)[1])


@contextlib.contextmanager
def seeds_from(seed: int) -> Iterator[None]:
    """Draw the seeds of the models and layers made within the block as after `set_random_seed`.

    Afterwards they are drawn as before; Python's and NumPy's random numbers are left alone.

    >>> with seeds_from(7):
    ...     next_seed()
    7
    """
    global _stream
    before, _stream = _stream, [check_seed(seed), 0]
    try:
        yield
    finally:
        _stream = before


def seed_stream() -> object:
    """Return what stands for the last call of `set_random_seed`; None before the first."""
    return _stream


def make_key(seed: int | jax.Array, *purpose: str | int) -> Any:
    """Return the key of ``(seed, *purpose)``; the seed may be traced.

    Args:
        seed: a number of 32 bits, or a traced one. For one purpose, two seeds never share a key.
        purpose: what the numbers are for.

    Returns:
        Two words, uint32 of shape ``(2,)``: a NumPy array unless the seed is traced.

    Example:
        >>> bool((make_key(7, "dropout") == make_key(7, "dropout")).all())
        True
        >>> bool((make_key(7, "dropout") == make_key(7, "shuffle")).all())
        False
    """
    return _mixed((seed, 0), _words(*purpose))


def fold(key: Any, *purpose: str | int) -> Any:
    """Return a new key that depends on ``key`` and a purpose, such as a layer's path.

    For one purpose, two keys never give the same new one. The order of what is folded in counts,
    and folding twice leads further, not back:

    >>> key = make_key(7)
    >>> bool((fold(fold(key, "a"), "a") == key).all())
    False
    >>> bool((fold(fold(key, "a"), "b") == fold(fold(key, "b"), "a")).all())
    False
    """
    return _mixed(key_words(key), _words(*purpose))


def at_step(key: Any, step: Any) -> Any:
    """Return the key for a step, which may be traced; no two steps share a key."""
    return _mixed(key_words(key), (step, _STEP))


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return NumPy's random numbers for the host: a function of ``(seed, *purpose)`` alone."""
    digest = _digest(16, seed, *purpose)
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, "<u8")))


def epoch_order(rows: int, seed: int, number: int) -> np.ndarray:
    """Return the order of the rows, or of the batches, in an epoch: int32 of shape ``(rows,)``.

    Args:
        rows: how many there are.
        seed: the seed of all orders.
        number: which order: the steps trained before, or the number of the epoch.

    Example:
        >>> sorted(epoch_order(4, seed=1, number=0).tolist())
        [0, 1, 2, 3]
    """
    return generator(seed, "order", number).permutation(rows).astype(np.int32)


def mix(word: Any) -> Any:
    """Return a number of 32 bits whose every bit depends on every bit of ``word``.

    C. Wellons' "lowbias32": two numbers never become the same one.
    """
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        word = (word ^ (word >> np.uint32(shift))) * np.uint32(factor)
    return word ^ (word >> np.uint32(16))


def key_words(key: Any) -> tuple[Any, Any]:
    """Return the two words of a key, which may be one of JAX's, typed or not.

    Raises:
        ShapeError: if it is not a key.
    """
    if jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.key_data(key)
    if key.ndim == 0 or len(key) not in (2, 4):  # JAX's "rbg" says the same two words twice
        raise ShapeError(
            "A key is two 32-bit words, such as jax.random.key(0) or "
            "maeum.core.randomness.make_key(0); got an array of shape {shape}.",
            shape=key.shape,
        )
    if isinstance(key, np.ndarray):
        return key[0], key[-1]
    # Traced in a tenth of the time that key[0] takes.
    one, two = (jax.lax.index_in_dim(key, i, keepdims=False) for i in (0, len(key) - 1))
    return one, two


def _mixed(key: tuple, words: tuple) -> Any:
    """Mix two words into the two of a key: on the host, if that knows all of them."""
    parts = [p if isinstance(p, jax.Array) else np.asarray(p) for p in (*key, *words)]
    parts = [part.astype(np.uint32) for part in parts]
    if any(isinstance(part, jax.Array) for part in parts):
        return _mixed_by_jax(*parts)
    with np.errstate(over="ignore"):  # products of 32 bits are wanted
        return np.stack(_cross(*parts))


@functools.partial(jax.jit, inline=True)
def _mixed_by_jax(*parts: jax.Array) -> jax.Array:
    return jnp.stack(_cross(*parts))


def _cross(one: Any, two: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """Return two words that depend on all four.

    For the same ``a`` and ``b``, every ``(one, two)`` gives another result, and the other way
    round; neither order nor repetition cancels anything.
    """
    one = mix(one ^ a)
    two = mix((two ^ b) + one)
    return mix(one + two), two


@functools.lru_cache(maxsize=4096)
def _words(*purpose: str | int) -> tuple[np.uint32, np.uint32]:
    first, second = np.frombuffer(_digest(8, *purpose), "<u4")
    return first, second


def _digest(size: int, *purpose: str | int) -> bytes:
    """Return the hash of a purpose; ``("a", 1)``, ``("a/1",)`` and ``(1, "a")`` are three."""
    hashed = hashlib.blake2b(digest_size=size)
    for part in purpose:
        kind, text = ("s", part) if isinstance(part, str) else ("i", str(int(part)))
        hashed.update(f"{kind}{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return hashed.digest()
