"""Spaces of numbers: whole ones, arrays of whole and of real ones."""

from __future__ import annotations

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
        if self.dtype.kind == "f":  # 4.8 in its own dtype is 4.800000190734863 in another
            low, high = (limits.astype(str).astype(float) for limits in (low, high))
        same = low.size and (low == low.flat[0]).all() and (high == high.flat[0]).all()
        limits = (low.flat[0], high.flat[0]) if same else (low.tolist(), high.tolist())
        return f"Box({limits[0]}, {limits[1]}, {self.shape}, {self.dtype.name})"


class MultiDiscrete(Space):
    """Arrays of whole numbers, of each of which it is known how many it may be.

    Args:
        nvec: how many values each number has, 1 or more: a list, or an array of any shape.
        start: the smallest of each; 0 by default.

    Example:
        >>> MultiDiscrete([3, 2]).contains(np.array([2, 1])), MultiDiscrete([3, 2]).shape
        (True, (2,))
    """

    dtype: np.dtype = np.dtype("int32")

    def __init__(self, nvec: Any, start: Any = 0):
        sizes = np.asarray(nvec)
        if not sizes.size or sizes.dtype.kind not in "iu" or (sizes < 1).any():
            raise ConfigError(
                "MultiDiscrete takes how many values each number has, whole numbers of 1 or more; "
                "got {value!r}.",
                value=nvec,
            )
        self.nvec = sizes.astype(np.int32)
        self.start = np.broadcast_to(np.asarray(start, np.int32), self.nvec.shape)
        self.shape = self.nvec.shape

    def sample(self, key: Any) -> jax.Array:
        """Return random numbers, each value as likely as the others, of the shape and dtype."""
        drawn = (random.bits(key, self.shape) % self.nvec.astype(np.uint32)).astype(jnp.int32)
        return jnp.asarray(self.start + drawn, self.dtype)

    def contains(self, value: Any) -> bool:
        """Tell whether an array has the shape, and every number is one of its values."""
        array = np.asarray(value)
        if array.shape != self.shape or array.dtype.kind not in "iub":
            return False
        return bool(np.all((array >= self.start) & (array < self.start + self.nvec)))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.MultiDiscrete``."""
        from gymnasium import spaces

        return spaces.MultiDiscrete(self.nvec, dtype=np.int32, start=self.start.copy())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MultiDiscrete) or type(other) is not type(self):
            return False
        return np.array_equal(self.nvec, other.nvec) and np.array_equal(self.start, other.start)

    def __hash__(self) -> int:
        return hash((type(self), self.shape, self.nvec.tobytes(), self.start.tobytes()))

    def __repr__(self) -> str:
        start = f", start={self.start.tolist()}" if self.start.any() else ""
        return f"MultiDiscrete({self.nvec.tolist()}{start})"


class MultiBinary(MultiDiscrete):
    """Arrays of zeros and ones, as int8.

    Args:
        n: how many there are, or the shape of the array.

    Example:
        >>> MultiBinary(3).contains(np.array([0, 1, 1], np.int8)), MultiBinary((2, 4)).shape
        (True, (2, 4))
    """

    dtype = np.dtype("int8")

    def __init__(self, n: int | Sequence[int]):
        sizes = n if isinstance(n, Sequence) else (n,)
        super().__init__(np.full([check_whole(size, "n") for size in sizes], 2))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.MultiBinary``."""
        from gymnasium import spaces

        return spaces.MultiBinary(self._n)

    @property
    def _n(self) -> Any:
        return self.shape if len(self.shape) > 1 else self.shape[0]

    def __repr__(self) -> str:
        return f"MultiBinary({self._n})"


def random_index(key: Any, n: int) -> jax.Array:
    """Return a number from 0 up to ``n - 1``, each as likely as the others: int32 of shape ``()``.

    The remainder of 32 random bits: for the sizes of tables here, no number is favoured by more
    than one in a million.
    """
    return (random.bits(key, ()) % np.uint32(n)).astype(jnp.int32)
