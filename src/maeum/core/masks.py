"""Masks: which steps of padded sequences count. They travel with the arrays.

A mask is an array of bools with the first axes of the array that it belongs to: ``(batch, steps)``.
A layer hands on the one that its ``compute_mask`` returns (`maeum.layers.Layer`). For an op that
stands between layers, or that is called by itself, a rule says when its result keeps the mask:
whenever each step of the result follows from the same step of the inputs. Of several masks it
keeps their union, as layers that merge do. Where the steps are moved, mixed or reduced, or nobody
can tell, the mask ends; inside a model that is worth a warning.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.messages import _
from maeum.core.side_table import SideTable

# What says whether a result keeps a mask: rule(rank of the mask, masked input, arguments, result).
# None means a result that has no steps any more, and nothing of padding in it.
Rule = Callable[[int, Any, dict[str, Any], Any], bool | None]

_masks = SideTable()
# What is responsible for the masks of what ops return: the layer in whose call they are (True),
# its layers and ops themselves (False), or (None) nothing.
_by_layer: ContextVar[bool | None] = ContextVar("by_layer", default=None)


def mask_of(array: Any) -> Any:
    """Return the mask of this very array, or None."""
    return _masks.get(array)


def with_mask(array: Any, mask: Any) -> Any:
    """Return ``array`` with this mask and no other; None for none.

    An array that has another one already is copied: somebody else holds it with its own.
    """
    before = mask_of(array)
    if before is mask:
        return array
    array = array if before is None else jnp.copy(array)
    if mask is not None:
        _masks.set(array, mask)
    return array


@contextlib.contextmanager
def answered(by_layer: bool) -> Iterator[None]:
    """Run the call of a layer, which answers for its masks itself or leaves that to its parts."""
    outer = _by_layer.set(by_layer)
    try:
        yield
    finally:
        _by_layer.reset(outer)


def passed_on(function: Callable, rule: Rule | None, args: tuple, kwargs: dict, made: Any) -> Any:
    """Return what an op made, with the masks that it keeps of the op's arguments."""
    if not _masks or _by_layer.get():
        return made
    inputs = [x for x in jax.tree.leaves((args, kwargs)) if mask_of(x) is not None]
    if not inputs:
        return made
    masks = {id(mask): mask for mask in map(mask_of, inputs)}.values()
    shapes = {mask.shape for mask in masks}
    results = jax.tree.leaves(made)
    if rule is not None and len(shapes) == 1:
        (shape,) = shapes
        given = _signature(function).bind(*args, **kwargs)
        given.apply_defaults()
        verdicts = {
            rule(len(shape), x, given.arguments, result) and result.shape[: len(shape)] == shape
            for x in inputs
            for result in results
        }
        if verdicts == {True}:
            mask = functools.reduce(jnp.logical_or, masks)
            return jax.tree.map(lambda result: with_mask(result, mask), made)
        if verdicts == {None}:
            return made
    if _by_layer.get() is False:
        warnings.warn(
            _(
                "The op {function!r} moves, mixes or reduces the steps of its input, or cannot "
                "tell; the mask ends here, and padding counts from here on. If it should not, "
                "write a layer with supports_masking = True and compute_mask(inputs, mask).",
                function=function.__name__,
            ),
            stacklevel=3,
        )
    return made


@functools.lru_cache(maxsize=512)
def _signature(function: Callable) -> inspect.Signature:
    return inspect.signature(function)


# ---- rules ---------------------------------------------------------------------------------------
#
# A rule looks at the first ``rank`` axes of the masked input. With rank 1 it says whether an op
# works on each row by itself; `passed_on` also compares the sizes of these axes.


def each_entry(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ops that compute every entry by itself."""
    return made.ndim == x.ndim


def entry_of(name: str) -> Rule:
    """Return the rule of ops that compute every entry of one argument, with the others whole."""

    def rule(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
        return _is_only(x, name, given) and made.ndim == x.ndim

    return rule


def along_axis(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ops that work along ``axis`` (or ``axes``) only."""
    return _behind(rank, given["axis"] if "axis" in given else given["axes"], x.ndim)


def new_axis(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ops that make a new axis, ``axis``: the last one where they have no choice."""
    axis = given.get("axis", -1)
    return _behind(rank, axis, x.ndim + np.size(axis))


def axes_behind(*names: str) -> Rule:
    """Return the rule of ops that touch the axes of these arguments only."""

    def rule(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
        return all(_behind(rank, given[name], x.ndim) for name in names)

    return rule


def last_axes(count: int) -> Rule:
    """Return the rule of ops that work along the last axes: matrices have two."""

    def rule(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
        return x.ndim - count >= rank

    return rule


last_axis = last_axes(1)


def same_blocks(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ops that keep the order of all entries, as reshaping does."""
    return made.shape[:rank] == x.shape[:rank]


def each_row(*names: str) -> Rule:
    """Return the rule of ops that work on each row of these arguments by itself."""

    def rule(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
        return rank == 1 and any(_is_only(x, name, given) for name in names)

    return rule


def times_matrix(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of products: those of each step with one matrix."""
    first, second = list(given.values())[:2]
    return first is x and second is not x and np.ndim(second) == 2 and x.ndim > rank


def matrix_product(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    """The rule of ``matmul``: also that of stacks of matrices, pair by pair."""
    stacked = len({np.ndim(value) for value in list(given.values())[:2]} | {made.ndim}) == 1
    return (stacked and x.ndim - 2 >= rank) or times_matrix(rank, x, given, made)


def whole_steps(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool | None:
    """The rule of an index, which keeps the mask if it takes all steps as they are."""
    index = given["index"]
    if index and isinstance(index[0], str):  # an ellipsis
        return x.ndim - sum(part is not None for part in index[1:]) >= rank
    whole = [("slice", None, None, step) for step in (None, 1)]
    taken = [isinstance(part, (tuple, list)) and tuple(part) in whole for part in index[:rank]]
    if len(taken) == rank and all(taken[:-1]) and isinstance(index[rank - 1], int):
        return None  # one step, which somebody chose
    return len(taken) == rank and all(taken)


def _behind(rank: int, axis: Any, ndim: int) -> bool:
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return all(a is not None and a % ndim >= rank for a in axes)


def _is_only(x: Any, name: str, given: dict[str, Any]) -> bool:
    """Whether ``x`` is that argument, or in it, and in no other."""
    holding = {key for key, value in given.items() if any(x is y for y in jax.tree.leaves(value))}
    return holding == {name}
