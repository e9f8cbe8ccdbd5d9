"""What an environment observes and takes: Gymnasium's spaces, as far as agents here use them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.core.randomness import fold
from maeum.ops import random


class Space:
    """Base of all spaces: the ``shape`` and ``dtype`` of what lies in it, and two questions."""

    shape: Any
    dtype: Any

    def sample(self, key: Any) -> Any:
        """Return a random element; ``key`` is two uint32 words (`maeum.core.randomness`)."""
        raise NotImplementedError

    def contains(self, value: Any) -> bool:
        """Tell whether a value of the host's lies in the space."""
        raise NotImplementedError

    def to_gymnasium(self) -> Any:
        """Return Gymnasium's space."""
        raise NotImplementedError


class Discrete(Space):
    """The ``n`` whole numbers from ``start`` on, as int32 scalars.

    Args:
        n: how many there are, 1 or more.
        start: the smallest.

    Example:
        >>> Discrete(4), Discrete(3, start=-1).contains(1)
        (Discrete(4), True)
    """

    shape: tuple[int, ...] = ()
    dtype = np.dtype("int32")

    def __init__(self, n: int, start: int = 0):
        self.n = check_whole(n, "n")
        self.start = check_whole(start, "start", -(2**31))

    def sample(self, key: Any) -> jax.Array:
        """Return one of the numbers, each as likely as the others: int32 of shape ``()``."""
        return self.start + random_index(key, self.n)

    def contains(self, value: Any) -> bool:
        """Tell whether a value is one of the numbers."""
        array = np.asarray(value)
        if array.shape != () or array.dtype.kind not in "iu":
            return False
        return bool(self.start <= array < self.start + self.n)

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.Discrete``."""
        from gymnasium import spaces

        return spaces.Discrete(self.n, start=self.start)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Discrete) and (self.n, self.start) == (other.n, other.start)

    def __hash__(self) -> int:
        return hash((self.n, self.start))

    def __repr__(self) -> str:
        return f"Discrete({self.n}{f', start={self.start}' if self.start else ''})"


class Box(Space):
    """Arrays of numbers, each between its two limits, which may be infinite.

    Args:
        low, high: the limits: numbers, or arrays of the shape.
        shape: by default that of ``low`` and ``high``.
        dtype: of the arrays.

    Attributes:
        low, high: arrays of the shape and dtype.

    Raises:
        ConfigError: if a lower limit lies above the upper one, or limits do not have the shape.

    Example:
        >>> Box(-1.0, 1.0, (2,)).contains(np.array([0.5, -1], np.float32))
        True
    """

    def __init__(
        self, low: Any, high: Any, shape: Sequence[int] | None = None, dtype: Any = np.float32
    ):
        self.dtype = np.dtype(dtype)
        if shape is None:
            shape = np.broadcast_shapes(np.shape(low), np.shape(high))
        self.shape = tuple(int(n) for n in shape)
        try:
            limits = [np.broadcast_to(limit, self.shape) for limit in (low, high)]
        except ValueError:
            raise ConfigError(
                "The limits of a Box have its shape {shape}; got low of shape {low} and high of "
                "shape {high}.",
                shape=self.shape,
                low=np.shape(low),
                high=np.shape(high),
            ) from None
        self.low, self.high = (limit.astype(self.dtype) for limit in limits)
        if not np.all(self.low <= self.high):
            raise ConfigError(
                "Each lower limit of a Box is at most the upper one; got low={low} and "
                "high={high}.",
                low=low,
                high=high,
            )

    @property
    def bounded(self) -> bool:
        """Whether all limits are finite."""
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    def sample(self, key: Any) -> jax.Array:
        """Return a random array: even between two finite limits, else as Gymnasium's.

        That is: exponential beyond a single finite limit, normal where there is none.
        """
        below, above = np.isfinite(self.low), np.isfinite(self.high)
        low, high = np.where(below, self.low, 0), np.where(above, self.high, 0)
        even = random.uniform(key, self.shape)
        if self.dtype.kind in "iub":
            spread = low + jnp.floor(even * (high.astype(np.float64) - low + 1).astype(np.float32))
        else:
            spread = low + even * (high - low)
        if below.all() and above.all():
            return jnp.asarray(spread.astype(self.dtype))
        tail = -jnp.log1p(-random.uniform(fold(key, "tail"), self.shape))
        free = random.normal(fold(key, "free"), self.shape)
        one_sided = jnp.where(below, low + tail, jnp.where(above, high - tail, free))
        return jnp.where(below & above, spread, one_sided).astype(self.dtype)

    def contains(self, value: Any) -> bool:
        """Tell whether an array has the shape, and every number lies within its limits."""
        array = np.asarray(value)
        if array.shape != self.shape or not np.can_cast(array.dtype, self.dtype, "same_kind"):
            return False
        return bool(np.all((array >= self.low) & (array <= self.high)))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.Box``."""
        from gymnasium import spaces

        return spaces.Box(self.low, self.high, dtype=self.dtype.type)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Box) or (self.shape, self.dtype) != (other.shape, other.dtype):
            return False
        return np.array_equal(self.low, other.low) and np.array_equal(self.high, other.high)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype, self.low.tobytes(), self.high.tobytes()))

    def __repr__(self) -> str:
        low, high = self.low, self.high
        same = low.size and (low == low.flat[0]).all() and (high == high.flat[0]).all()
        limits = (low.flat[0], high.flat[0]) if same else (low.tolist(), high.tolist())
        return f"Box({limits[0]}, {limits[1]}, {self.shape}, {self.dtype.name})"


class Tuple(Space):
    """Several spaces beside each other; an element is a tuple with one of each.

    Example:
        >>> Tuple(Discrete(32), Discrete(11)).contains((20, 10))
        True
    """

    def __init__(self, *spaces: Space):
        self.spaces = spaces
        self.shape = tuple(space.shape for space in spaces)
        self.dtype = tuple(space.dtype for space in spaces)

    def sample(self, key: Any) -> tuple:
        """Return a tuple of random elements."""
        return tuple(space.sample(fold(key, "part", i)) for i, space in enumerate(self.spaces))

    def contains(self, value: Any) -> bool:
        """Tell whether a tuple has an element of each space."""
        if not isinstance(value, (tuple, list)) or len(value) != len(self.spaces):
            return False
        return all(space.contains(part) for space, part in zip(self.spaces, value))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.Tuple``."""
        from gymnasium import spaces

        return spaces.Tuple([space.to_gymnasium() for space in self.spaces])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tuple) and self.spaces == other.spaces

    def __hash__(self) -> int:
        return hash(self.spaces)

    def __repr__(self) -> str:
        return f"Tuple({', '.join(map(repr, self.spaces))})"


def random_index(key: Any, n: int) -> jax.Array:
    """Return a number from 0 up to ``n - 1``, each as likely as the others: int32 of shape ``()``.

    The remainder of 32 random bits: for the sizes of tables here, no number is favoured by more
    than one in a million.
    """
    return (random.bits(key, ()) % np.uint32(n)).astype(jnp.int32)


def table_size(space: Any) -> int | None:
    """Return how many elements a space has; None if they cannot be counted."""
    if isinstance(space, Discrete):
        return space.n
    if isinstance(space, Tuple):
        sizes = [table_size(part) for part in space.spaces]
        return math.prod(sizes) if None not in sizes else None  # type: ignore[arg-type]
    return None


def table_index(space: Any, value: Any) -> Any:
    """Return the number of an element among the `table_size` elements; in order, the last fastest.

    Example:
        >>> int(table_index(Tuple(Discrete(3), Discrete(5)), (2, 4)))
        14
    """
    if isinstance(space, Discrete):
        return value - space.start
    index: Any = 0
    for part, element in zip(space.spaces, value):
        index = index * table_size(part) + table_index(part, element)
    return index
