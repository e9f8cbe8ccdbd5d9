"""The shapes that a function gives for symbolic tensors, found without computing anything.

The function is traced with sizes in the place of unknown axes, twice: whatever differs depends on
an unknown axis, and is unknown itself. No such size is shown to anybody.
"""

from __future__ import annotations

import contextlib
import math
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError
from maeum.core.masks import mask_of, with_mask
from maeum.core.symbolic import SymbolicTensor, leaves, map_structure, symbolic_leaves
from maeum.core.variable import Variable

# The first size that stands for an unknown axis; the other one is twice as large. Both have every
# small divisor, so that reshaping by one of them works.
_STAND_IN = 27720
_LARGEST = 2**31 - 1
_SMALLER = (60, 60), (120, 120)  # where those give arrays of more entries than there can be

# The sizes of an unknown first axis, which is that of the rows, and of the others, in both runs.
_Sizes = tuple[tuple[int, int], tuple[int, int]]


_known: ContextVar[dict | None] = ContextVar("_known", default=None)


@contextlib.contextmanager
def alike() -> Iterator[None]:
    """Trace operations of the same name and input shapes once: inside, they are all alike."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def infer_outputs(
    function: Callable, args: tuple, kwargs: dict, shrinks: bool = False, name: str | None = None
) -> Any:
    """Return the symbolic outputs of ``function(*args, **kwargs)`` without computing anything.

    Where unknown axes cannot have just any size, as in the sum of ``(None,)`` and ``(5,)``, they
    have the one that fits.

    Args:
        function: the function.
        args, kwargs: its arguments.
        shrinks: whether an output may be smaller for a small input alone, as ``x[:5]`` is.
        name: what tells the function from others where `alike` is in place.

    Raises:
        TypeError, ValueError: what the function raises, with None for the sizes of unknown axes.
    """
    known, key = _known.get(), _key(name, args, kwargs)
    if known is None or key is None:
        return _inferred(function, args, kwargs, shrinks)
    if key not in known:
        known[key] = _inferred(function, args, kwargs, shrinks)
        if any(tensor.mask is not None for tensor in symbolic_leaves(known[key])):
            return known.pop(key)
    return map_structure(lambda tensor: SymbolicTensor(tensor.shape, tensor.dtype), known[key])


def _key(name: str | None, args: tuple, kwargs: dict) -> Any:
    """Return what tells a call from others; None if it is more than a name and shapes."""
    given = leaves((args, kwargs))
    plain = all(isinstance(one, SymbolicTensor) and one.mask is None for one in given)
    if name is None or not plain:
        return None
    shapes = map_structure(lambda tensor: (tensor.shape, tensor.dtype.str), (args, kwargs))
    return name, repr(shapes)


def _inferred(function: Callable, args: tuple, kwargs: dict, shrinks: bool) -> Any:
    tensors = symbolic_leaves((args, kwargs))
    if any(leaf.dtype.kind == "U" for leaf in tensors):
        raise ConfigError(
            "Texts cannot be computed with. Turn them into numbers first, with a layer that reads "
            "texts: TextVectorization or StringLookup."
        )
    if not any(None in leaf.shape for leaf in tensors):
        return _merged(_outputs(function, args, kwargs, (0, 0)))
    first: Exception | None = None
    for rows, others in _candidates(args, kwargs):
        try:
            found = [_outputs(function, args, kwargs, sizes) for sizes in zip(rows, others)]
        except OverflowError as error:  # too large an array of shapes: smaller ones will do
            first = first or error
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                return _merged(*(_outputs(function, args, kwargs, s) for s in _SMALLER))
        except (TypeError, ValueError) as error:
            first = first or error
        else:
            return _merged(*found, *(_of_one(function, args, kwargs) if shrinks else ()))
    assert first is not None
    raise _without_stand_ins(first)


def _outputs(function: Callable, args: tuple, kwargs: dict, sizes: tuple[int, int]) -> Any:
    """Trace the function with sizes for an unknown first axis, and for the other unknown axes."""
    given = [v for v in leaves((args, kwargs)) if isinstance(v, (SymbolicTensor, Variable))]

    def shape(leaf: Any) -> list[int]:
        return [sizes[axis > 0] if n is None else n for axis, n in enumerate(leaf.shape)]

    def value(leaf: Any, array: Any) -> Any:
        mask = getattr(leaf, "mask", None)
        return array if mask is None else with_mask(array, jnp.ones(shape(mask), mask.dtype))

    def run(arrays: list) -> Any:
        value_of = {id(leaf): value(leaf, array) for leaf, array in zip(given, arrays)}
        filled = map_structure(lambda leaf: value_of.get(id(leaf), leaf), (args, kwargs))
        made = function(*filled[0], **filled[1])
        return jax.tree.map(_Made.of, made)

    return jax.eval_shape(run, [jax.ShapeDtypeStruct(shape(leaf), leaf.dtype) for leaf in given])


class _Made(NamedTuple):
    """An output and its mask, if it has one."""

    value: Any
    mask: Any

    @classmethod
    def of(cls, value: Any) -> _Made:
        return cls(jnp.asarray(value), mask_of(value))


def _of_one(function: Callable, args: tuple, kwargs: dict) -> list[Any]:
    """Return the outputs for unknown axes of one entry, if there can be such."""
    with warnings.catch_warnings(), contextlib.suppress(TypeError, ValueError):
        warnings.simplefilter("ignore")  # nobody has such an axis
        return [_outputs(function, args, kwargs, (1, 1))]
    return []


def _merged(*found: Any) -> Any:
    """Return symbolic tensors of what was found with several sizes: what differs is unknown."""

    def merge(arrays: Sequence[Any]) -> SymbolicTensor:
        rank = len(arrays[0].shape)  # which may be another one where an axis has one entry
        sizes = zip(*(array.shape for array in arrays if len(array.shape) == rank))
        return SymbolicTensor([n[0] if len(set(n)) == 1 else None for n in sizes], arrays[0].dtype)

    def merge_both(*made: _Made) -> SymbolicTensor:
        tensor = merge([one.value for one in made])
        masks = [one.mask for one in made]
        tensor.mask = None if any(mask is None for mask in masks) else merge(masks)
        return tensor

    return jax.tree.map(merge_both, *found, is_leaf=lambda leaf: isinstance(leaf, _Made))


def _candidates(args: tuple, kwargs: dict) -> Iterator[_Sizes]:
    """Yield sizes to try, until some suit the function."""
    free = (_STAND_IN, 2 * _STAND_IN)
    yield free, free
    numbers, sizes = _numbers(args, kwargs)
    factor = math.lcm(*numbers) if numbers else 1
    if 1 < factor <= _LARGEST // free[1]:  # such as those that an axis is divided by
        divisible = (free[0] * factor, free[1] * factor)
        yield divisible, divisible
    for size in sizes:  # those that an axis is added to, or compared with
        yield free, (size, size)
    for size in [*sizes, *(number for number in numbers if number not in sizes)]:
        yield (size, size), (size, size)


def _numbers(args: tuple, kwargs: dict) -> tuple[list[int], list[int]]:
    """Return the whole numbers among the arguments, and the sizes of the axes, 1 first."""
    numbers: set[int] = set()
    sizes: dict[int, None] = {1: None}
    for leaf in leaves((args, kwargs)):
        if hasattr(leaf, "shape"):
            sizes |= dict.fromkeys(n for n in leaf.shape if n)
        elif isinstance(leaf, int) and abs(leaf) > 1:
            numbers.add(abs(leaf))
    return sorted(numbers | {n for n in sizes if n > 1}), list(sizes)


def _without_stand_ins(error: Exception) -> Exception:
    """Return the error with None in its message wherever it tells the size of an unknown axis."""

    def said(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        return re.sub(r"\d{5,}", lambda n: "None" if int(n[0]) % _STAND_IN == 0 else n[0], text)

    error.args = tuple(map(said, error.args))
    if hasattr(error, "__notes__"):
        error.__notes__ = [said(n) for n in error.__notes__ if "JAX has removed" not in n]
    return error
