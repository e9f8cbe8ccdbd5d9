"""What is known of the values of a traced program: where the rows of its inputs lie in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Mixed(Exception):
    """Rows meet, or nobody can tell."""


class Free:
    """A value that depends on no row; along the axes of ``same`` all of its entries are equal."""

    def __init__(self, same: Iterable[int] = ()):
        self.same = frozenset(same)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Free) and self.same == other.same

    __hash__ = None  # type: ignore[assignment]


class Rows(NamedTuple):
    """A value whose entries ``i`` along ``axis`` belong to the row ``i // block % rows``."""

    axis: int
    block: int = 1


State = Free | Rows


def constant(shape: Sequence[int]) -> Free:
    """Return the state of numbers of which nothing is known but that no row is in them."""
    return Free(axis for axis, size in enumerate(shape) if size == 1)


def distinct(states: Iterable[State]) -> set[Rows]:
    """Return the one state of those that depend on rows, or none."""
    found = {state for state in states if isinstance(state, Rows)}
    if len(found) > 1:
        raise Mixed
    return found


def joined(states: Sequence[State], shapes: Sequence[Sequence[int]]) -> State:
    """Return the state of what is computed entry by entry."""
    found = distinct(states)
    free = [(s.same, shape) for s, shape in zip(states, shapes) if isinstance(s, Free) and shape]
    if not found:
        everywhere = set(range(max((len(shape) for shape in shapes), default=0)))
        return Free(everywhere.intersection(*(same for same, _ in free)))
    state = found.pop()
    if any(state.axis not in same for same, _ in free):
        raise Mixed
    return state


def less(state: State, gone: Sequence[int]) -> State:
    """Return a state without some of its axes."""

    def left(axis: int) -> int:
        return axis - sum(other < axis for other in gone)

    if isinstance(state, Free):
        return Free(left(axis) for axis in state.same if axis not in gone)
    if state.axis in gone:
        raise Mixed
    return state._replace(axis=left(state.axis))


def moved(state: State, place: Callable[[int], int]) -> State:
    """Return a state whose axes have moved to other places."""
    if isinstance(state, Free):
        return Free(map(place, state.same))
    return state._replace(axis=place(state.axis))


def shape_of(variable: Any) -> tuple[int, ...]:
    """Return the shape of a variable of a program, or of a number that stands in it."""
    return np.shape(variable.val) if is_literal(variable) else variable.aval.shape


def is_literal(variable: Any) -> bool:
    """Tell whether a number stands in the program itself."""
    return hasattr(variable, "val")
