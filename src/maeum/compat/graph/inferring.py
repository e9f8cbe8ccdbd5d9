"""What is known of an operation's outputs before anything runs: shapes, dtypes, and some values.

Shapes are found as for Maeum's own graph, by tracing. Where the value of an argument decides a
shape (``reshape``), that value is computed from the shapes that are known.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from maeum.compat.graph.graph import Operation, Tensor
from maeum.compat.graph.kinds import Evaluation, Kind, in_list
from maeum.compat.graph.types import DTYPES, STRING, DType, TensorShape, as_dtype
from maeum.core.errors import ShapeError
from maeum.core.inference import infer_outputs
from maeum.core.randomness import make_key
from maeum.core.symbolic import SymbolicTensor, leaves, map_structure


def infer(kind: Kind, args: tuple, kwargs: dict, names: Sequence[str]) -> list[Tensor]:
    """Return the outputs of an operation, with what is known of them.

    Args:
        kind: what it computes.
        args: its arguments, in order.
        kwargs: further ones.
        names: the names of ``args``.

    Raises:
        ShapeError, TypeError, ValueError: if the arguments do not fit together.
    """
    told = None if kind.outputs is None else kind.outputs(*args)
    if told is not None:
        return list(told)
    if kind.host:
        return [Tensor((), STRING)]
    if kind.entries:
        return [_by_entries(kind, args)]
    key = _key(kind, args, kwargs)
    if key not in _known:
        found = _traced(kind, args, kwargs, names)
        if key is None:
            return found
        if len(_known) > _MOST:
            _known.clear()
        _known[key] = [(t.shape, t.dtype) for t in found]
    return [Tensor(*one) for one in _known[key]]


_known: dict[Any, list[tuple[Any, Any]]] = {}
_MOST = 4096  # calls that are remembered


def _key(kind: Kind, args: tuple, kwargs: dict) -> Any:
    """Return what tells a call from others; None if shapes do not tell all."""
    tensors = any(isinstance(leaf, Tensor) for leaf in leaves((args, kwargs)))
    if kind.static and tensors:  # values may count
        return None
    key = (kind, _said(args), _said(kwargs))
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _said(value: Any) -> Any:
    if isinstance(value, Tensor):
        return tuple(value.shape), value.shape.unknown, value.dtype.name
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict):
        return tuple((key, _said(part)) for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return type(value).__name__, *map(_said, value)
    return type(value).__name__, value


def _by_entries(kind: Kind, args: tuple) -> Tensor:
    """Return the output of a function of entries: its shape is that of all arguments together."""
    shapes = [TensorShape(x.shape if hasattr(x, "shape") else np.shape(x)) for x in args
              if x is not None]  # fmt: skip
    like = tuple(x.dtype if hasattr(x, "dtype") else x for x in args)
    if any(isinstance(x, (list, tuple)) for x in args):
        like = tuple(DTYPES["float32"] if isinstance(x, (list, tuple)) else x for x in like)
    return Tensor(_broadcast(shapes), _dtype_of(kind, like))


def _broadcast(shapes: list[TensorShape]) -> TensorShape:
    if any(shape.unknown for shape in shapes):
        return TensorShape(None)
    rank = max(map(len, shapes), default=0)
    wide = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    sizes: list[int | None] = []
    for column in zip(*wide):
        known = {n for n in column if n not in (1, None)}
        if len(known) > 1:
            raise ShapeError("Shapes {shapes} cannot be broadcast together.",
                             shapes=", ".join(map(str, shapes)))  # fmt: skip
        sizes.append(known.pop() if known else None if None in column else 1)
    return TensorShape(sizes)


@functools.lru_cache(maxsize=1024)
def _dtype_of(kind: Kind, like: tuple) -> Any:
    given = [jax.ShapeDtypeStruct((), as_dtype(x).dtype) if isinstance(x, (DType, np.dtype)) else x
             for x in like]  # fmt: skip
    traced = [x for x in given if isinstance(x, jax.ShapeDtypeStruct)]

    def compute(*arrays: Any) -> Any:
        left = iter(arrays)
        return kind.function(*(next(left) if isinstance(x, jax.ShapeDtypeStruct) else x
                               for x in given))  # fmt: skip

    return jax.eval_shape(compute, *traced).dtype


def _traced(kind: Kind, args: tuple, kwargs: dict, names: Sequence[str]) -> list[Tensor]:
    tensors = [leaf for leaf in leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    decisive = [
        leaf
        for name, value in [*zip(names, args), *kwargs.items()]
        if name in kind.static
        for leaf in leaves(value)
        if isinstance(leaf, Tensor)
    ]
    needed = _sources(decisive)
    if any(t.dtype == STRING for t in tensors) or needed is None:
        return _guessed(kind, args, kwargs, tensors)
    operations, sources = needed
    others = [t for t in tensors if not any(t is d for d in decisive)]
    given = list(dict.fromkeys([*sources, *others]))
    if any(t.shape.unknown for t in sources):
        return _guessed(kind, args, kwargs, tensors)

    def compute(*arrays: Any) -> Any:
        run = Evaluation(dict(zip(given, arrays)))
        run.run(operations)
        return _called(kind, args, kwargs, run.of)

    def with_rank(rank: int) -> list[Tensor]:
        sizes = [(_STRANGE,) * rank if t.shape.unknown else tuple(t.shape) for t in given]
        like = [SymbolicTensor(shape, t.dtype.dtype) for shape, t in zip(sizes, given)]
        found = infer_outputs(compute, tuple(like), {}, shrinks=True)
        return [Tensor(one.shape, one.dtype) for one in in_list(found)]

    if not any(t.shape.unknown for t in given):
        return with_rank(0)
    tried = []
    for rank in (0, 1, 2):
        with contextlib.suppress(TypeError, ValueError, IndexError):
            tried.append((rank, with_rank(rank)))
    if not tried or tried[0][0] != 0:
        return _guessed(kind, args, kwargs, tensors)
    first = tried[0][1]
    alike = [all(o[i].shape == t.shape for _rank, o in tried) for i, t in enumerate(first)]
    return [Tensor(t.shape if same else None, t.dtype) for t, same in zip(first, alike)]


_STRANGE = 7919  # a size that fits to no other


def _called(kind: Kind, args: tuple, kwargs: dict, value: Callable[[Tensor], Any]) -> list:
    def fill(leaf: Any) -> Any:
        return value(leaf) if isinstance(leaf, Tensor) else leaf

    args, kwargs = map_structure(fill, args), map_structure(fill, kwargs)
    key = (make_key(0, "shape"),) if kind.random else ()
    return in_list(kind.function(*key, *args, **kwargs))


def _sources(decisive: list[Tensor]) -> tuple[list[Operation], list[Tensor]] | None:
    """Return what computes some values from shapes alone, and whose shapes; None if it cannot."""
    sources: dict[Tensor, None] = {}
    operations: dict[Operation, None] = {}
    waiting = [t.node for t in decisive]
    while waiting:
        operation = waiting.pop()
        kind = operation.operation
        if operation in operations:
            continue
        if not isinstance(kind, Kind) or kind.host or kind.random or not kind.constant:
            return None
        operations[operation] = None
        if kind.shape_only:
            sources |= dict.fromkeys(operation.inputs)
        else:
            waiting.extend(t.node for t in operation.inputs)
    return sorted(operations, key=lambda each: each.number), list(sources)  # type: ignore


def _guessed(kind: Kind, args: tuple, kwargs: dict, tensors: list[Tensor]) -> list[Tensor]:
    """Return outputs of unknown shapes; a guess of the ranks tells their number and dtypes."""
    for rank in (0, 1, 2, 4):

        def stand_in(tensor: Tensor, rank: int = rank) -> Any:
            sizes = (2,) * rank if tensor.shape.unknown else [n or 2 for n in tuple(tensor.shape)]
            return np.zeros(tuple(sizes), tensor.dtype.dtype)

        with contextlib.suppress(Exception):
            found = jax.eval_shape(lambda: _called(kind, args, kwargs, stand_in))
            return [Tensor(None, one.dtype) for one in found]
    return [Tensor(None, tensors[0].dtype if tensors else DTYPES["float32"])]


def constant_value(tensor: Any) -> Any:
    """Return the value of a tensor that follows from constants and known shapes; else None."""
    if not isinstance(tensor, Tensor):
        return np.asarray(tensor)
    needed = _sources([tensor])
    if needed is None or any(not t.shape.is_fully_defined() for t in needed[1]):
        return None
    run = Evaluation({t: np.zeros(tuple(t.shape), t.dtype.dtype) for t in needed[1]})
    run.run(needed[0])
    return run.of(tensor)
