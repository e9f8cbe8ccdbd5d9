"""The elements of a space, counted and numbered: places of a table."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from maeum.rl.spaces.arrays import Discrete, MultiDiscrete
from maeum.rl.spaces.structures import Tuple


def table_size(space: Any) -> int | None:
    """Return how many elements a space has; None if they cannot be counted."""
    if isinstance(space, Discrete):
        return space.n
    if isinstance(space, MultiDiscrete):
        return math.prod(space.nvec.reshape(-1).tolist())
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
    if isinstance(space, MultiDiscrete):
        flat = (value - space.start).reshape(*value.shape[: value.ndim - len(space.shape)], -1)
        for column, size in enumerate(space.nvec.reshape(-1).tolist()):
            index = index * size + flat[..., column].astype(jnp.int32)
        return index
    for part, element in zip(space.spaces, space.parts_of(value)):
        index = index * table_size(part) + table_index(part, element)
    return index
