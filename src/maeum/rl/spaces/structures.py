"""Several spaces beside each other: in order, or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.randomness import fold
from maeum.rl.spaces.arrays import Space


class Tuple(Space):
    """Several spaces beside each other; an element is a tuple with one of each.

    Example:
        >>> from maeum.rl.spaces import Discrete
        >>> Tuple(Discrete(32), Discrete(11)).contains((20, 10))
        True
    """

    def __init__(self, *spaces: Space):
        self.spaces = spaces
        self.shape = tuple(space.shape for space in spaces)
        self.dtype = tuple(space.dtype for space in spaces)

    def parts_of(self, element: Any) -> list[Any]:
        """Return the parts of an element, in the order of the ``spaces``.

        Raises:
            DataError: if it has others.
        """
        if isinstance(element, (tuple, list)) and len(element) == len(self.spaces):
            return list(element)
        raise _not_of(self, element)

    def element(self, parts: Sequence[Any]) -> Any:
        """Return an element of these parts."""
        return tuple(parts)

    def sample(self, key: Any) -> Any:
        """Return an element of random parts."""
        return self.element([s.sample(fold(key, "part", i)) for i, s in enumerate(self.spaces)])

    def contains(self, value: Any) -> bool:
        """Tell whether a value has an element of each space."""
        try:
            parts = self.parts_of(value)
        except DataError:
            return False
        return all(space.contains(part) for space, part in zip(self.spaces, parts))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.Tuple``."""
        from gymnasium import spaces

        return spaces.Tuple([space.to_gymnasium() for space in self.spaces])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(self.spaces)

    def __repr__(self) -> str:
        return f"Tuple({', '.join(map(repr, self.spaces))})"


class Dict(Tuple):
    """Several spaces by name; an element is a dict with one of each.

    The order is that of the names in the alphabet.

    Args:
        spaces: the spaces by name.

    Example:
        >>> from maeum.rl.spaces import Box, Discrete
        >>> space = Dict({"place": Discrete(5), "speed": Box(-1.0, 1.0)})
        >>> space.contains({"place": 4, "speed": np.float32(0.5)})
        True
    """

    def __init__(self, spaces: Mapping[str, Space]):
        self.names = tuple(sorted(spaces))
        super().__init__(*(spaces[name] for name in self.names))

    def parts_of(self, element: Any) -> list[Any]:
        """Return the parts of an element, in the order of the ``names``.

        Raises:
            DataError: if it has others.
        """
        if isinstance(element, Mapping) and set(element) == set(self.names):
            return [element[name] for name in self.names]
        raise _not_of(self, element)

    def element(self, parts: Sequence[Any]) -> Any:
        """Return an element of these parts."""
        return dict(zip(self.names, parts))

    def to_gymnasium(self) -> Any:
        """Return ``gymnasium.spaces.Dict``."""
        from gymnasium import spaces

        return spaces.Dict(self.element([space.to_gymnasium() for space in self.spaces]))

    __hash__ = Tuple.__hash__

    def __repr__(self) -> str:
        named = (f"{name!r}: {space!r}" for name, space in zip(self.names, self.spaces))
        return f"Dict({{{', '.join(named)}}})"


def _not_of(space: Tuple, element: Any) -> DataError:
    told: Any = type(element).__name__
    if isinstance(element, Mapping):
        told = sorted(element)
    elif isinstance(element, (tuple, list)):
        told = _("{n} parts", n=len(element))
    return DataError(
        "An element of {space} has a part of each; got {told}.", space=space, told=told
    )


def map_parts(function: Any, space: Space, *elements: Any) -> Any:
    """Return an element-like structure of ``function(part, *values)`` for each part of a space.

    Args:
        function: called with a space that is neither Tuple nor Dict, and what each of the elements
            has there.
        space: a space.
        elements: elements of it, or what is built like one.

    Example:
        >>> from maeum.rl.spaces import Discrete
        >>> map_parts(lambda part, n: n % part.n, Tuple(Discrete(2), Discrete(3)), (5, 5))
        (1, 2)
    """
    if not isinstance(space, Tuple):
        return function(space, *elements)
    columns = zip(*map(space.parts_of, elements)) if elements else [()] * len(space.spaces)
    return space.element(
        [map_parts(function, part, *values) for part, values in zip(space.spaces, columns)]
    )


def as_batch(space: Space, observation: Any) -> tuple[Any, bool]:
    """Return observations with a batch axis, and whether there was none.

    Raises:
        DataError: if the shape is not that of the space, with or without a batch axis.
    """
    single: set[bool] = set()

    def batch(part: Space, given: Any) -> np.ndarray:
        array, axes = np.asarray(given), len(part.shape)
        if array.shape[array.ndim - axes :] == part.shape and array.dtype.kind in "biuf":
            single.add(array.ndim == axes)
            if array.ndim - axes in (0, 1) and len(single) == 1:
                return array.reshape(-1, *part.shape).astype(part.dtype)
        raise DataError(
            "An observation is an element of {space}, or a batch of them; got one of shape "
            "{shape}.",
            space=part,
            shape=array.shape,
        )

    return map_parts(batch, space, observation), single == {True}
