"""``tf.cond``, ``tf.case``, loops, and functions over the entries of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.modes import executing_eagerly
from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.compat.ops.blocks import Block, controlled
from maeum.compat.ops.convert import convert_to_tensor
from maeum.core.errors import ShapeError
from maeum.core.symbolic import leaves, map_structure

__all__ = ["case", "cond", "foldl", "map_fn", "scan", "vectorized_map", "while_loop"]


def cond(
    pred: Any, true_fn: Callable | None = None, false_fn: Callable | None = None,
    strict: bool = False, name: str | None = None, fn1: Any = None, fn2: Any = None,
) -> Any:  # fmt: skip
    """Return what one of two functions returns, as a condition says when it runs."""
    true_fn, false_fn = true_fn or fn1, false_fn or fn2
    if not isinstance(pred, Tensor):
        traced = isinstance(pred, jax.core.Tracer)
        return (
            jax.lax.cond(pred, true_fn, false_fn) if traced else (true_fn if pred else false_fn)()
        )  # type: ignore[misc]
    yes, no = Block.of(true_fn), Block.of(false_fn)  # type: ignore[arg-type]
    if len(yes.results) != len(no.results):
        raise ShapeError("Both functions of tf.cond() return the same number of tensors; got "
                         "{yes} and {no}.", yes=len(yes.results), no=len(no.results))  # fmt: skip
    variables = list(dict.fromkeys([*yes.variables, *no.variables]))

    def function(run: Any, pred: Any, kept_yes: list, kept_no: list) -> tuple[list, dict]:
        def branch(block: Block, kept: list) -> Callable:
            def compute() -> tuple[list, list]:
                found, changed = block.call(run, kept)
                found = [x.astype(t.dtype.dtype) for x, t in zip(found, outputs)]  # type: ignore
                return found, [jnp.asarray(changed.get(v, run.current[v])) for v in variables]

            return compute

        found, new = jax.lax.cond(jnp.reshape(pred, ()), branch(yes, kept_yes), branch(no, kept_no))
        return found, dict(zip(variables, new))

    outputs = [Tensor(_common(a.shape, b.shape), a.dtype) for a, b in zip(yes.results, no.results)]
    args = (pred, list(yes.captured), list(no.captured))
    made = controlled("If", function, args, outputs, variables, name or "cond")
    if not outputs:
        return made
    return yes.packed(made.outputs)


def _common(a: Any, b: Any) -> TensorShape:
    if a.unknown or b.unknown or len(a) != len(b):
        return TensorShape(None)
    return TensorShape(m if m == n else None for m, n in zip(tuple(a), tuple(b)))


def case(
    pred_fn_pairs: Any, default: Callable | None = None, exclusive: bool = False,
    strict: bool = False, name: str = "case",
) -> Any:  # fmt: skip
    """Return what the function of the first condition that holds returns."""
    pairs = list(pred_fn_pairs.items() if hasattr(pred_fn_pairs, "items") else pred_fn_pairs)
    if not pairs:
        return default() if default is not None else None
    (pred, function), *rest = pairs
    if not rest and default is None:
        return function()
    return cond(pred, function, lambda: case(rest, default))


def while_loop(
    cond: Callable, body: Callable, loop_vars: Any, shape_invariants: Any = None,
    parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
    name: str | None = None, maximum_iterations: Any = None, return_same_structure: bool = False,
) -> Any:  # fmt: skip
    """Return what a body makes of some tensors, again and again while a condition holds.

    The gradient goes through a loop only where ``maximum_iterations`` is a number.
    """
    single = not isinstance(loop_vars, (list, tuple))
    given = [loop_vars] if single else list(loop_vars)
    if executing_eagerly():
        found: Any = tuple(given)
        while bool(cond(*found)):
            made = body(*found)
            found = tuple(made) if isinstance(made, (list, tuple)) else (made,)
        return found[0] if single else found
    given = [map_structure(convert_to_tensor, one) for one in given]
    flat = list(leaves(given))

    def unpacked(function: Callable) -> Callable:
        def called(*tensors: Any) -> Any:
            left = iter(tensors)
            return function(*map_structure(lambda leaf: next(left), given))

        return called

    shapes = [t.shape for t in flat]
    if shape_invariants is not None:
        shapes = [TensorShape(one) for one in _shapes(shape_invariants)]
    like = [(shape, t.dtype) for shape, t in zip(shapes, flat)]
    test, step = Block.of(unpacked(cond), like), Block.of(unpacked(body), like)

    def function(run: Any, first: list, kept_test: list, kept_step: list) -> tuple[list, dict]:
        dtypes = [t.dtype.dtype for t in step.results]
        values = [jnp.asarray(x, d) for x, d in zip(first, dtypes)]

        def holds(count: Any, values: list) -> Any:
            return jnp.reshape(test.call(run, kept_test, values, count)[0][0], ())

        def advance(count: Any, values: list) -> list:
            found = step.call(run, kept_step, values, count)[0]
            return [x.astype(d) for x, d in zip(found, dtypes)]

        if isinstance(maximum_iterations, int):

            def one(values: list, count: Any) -> tuple[list, None]:
                going = holds(count, values)
                new = advance(count, values)
                return [jnp.where(going, b, a) for a, b in zip(values, new)], None

            counts = jnp.arange(maximum_iterations, dtype=jnp.uint32)
            return jax.lax.scan(one, values, counts)[0], {}
        end = jax.lax.while_loop(
            lambda state: holds(*state), lambda state: (state[0] + 1, advance(*state)),
            (jnp.uint32(0), values),
        )  # fmt: skip
        return end[1], {}

    outputs = [Tensor(_common(shape, t.shape), t.dtype) for shape, t in zip(shapes, step.results)]
    args = (flat, list(test.captured), list(step.captured))
    made = iter(controlled("While", function, args, outputs, own=name or "while").outputs)
    packed = map_structure(lambda leaf: next(made), given)
    return packed[0] if single else packed


def _shapes(structure: Any) -> list:
    if isinstance(structure, TensorShape):
        return [structure]
    return [shape for part in structure for shape in _shapes(part)]


def map_fn(
    fn: Callable, elems: Any, dtype: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True,
    name: str | None = None, fn_output_signature: Any = None,
) -> Any:  # fmt: skip
    """Return what a function makes of each entry along the first axis, stacked."""
    if executing_eagerly():
        return jax.lax.map(fn, map_structure(jnp.asarray, elems))
    elems = map_structure(convert_to_tensor, elems)

    def step(carry: list, parts: Any) -> tuple[list, Any]:
        return [], fn(parts)

    _state, found = looped(step, [], elems, name or "map")
    return found


vectorized_map = map_fn


def scan(
    fn: Callable, elems: Any, initializer: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True,
    reverse: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Return all that a function makes of what it made before and the next entry, stacked."""
    elems = map_structure(convert_to_tensor, elems)
    first = initializer
    if first is None:
        first = map_structure(lambda x: x[0], elems)
        elems = map_structure(lambda x: x[1:], elems)
    first = map_structure(convert_to_tensor, first)

    def step(carry: Any, parts: Any) -> tuple[Any, Any]:
        found = fn(carry, parts)
        return found, found

    return looped(step, first, elems, name or "scan", reverse)[1]


def foldl(fn: Callable, elems: Any, initializer: Any = None, *_: Any, **options: Any) -> Any:
    """Return what a function makes in the end of what it made before and the next entry."""
    elems = convert_to_tensor(elems)
    first = elems[0] if initializer is None else convert_to_tensor(initializer)
    rest = elems[1:] if initializer is None else elems

    def step(carry: Any, part: Any) -> tuple[Any, list]:
        return fn(carry, part), []

    return looped(step, first, rest, "foldl")[0]


def looped(
    step: Callable, first: Any, elems: Any, name: str, reverse: bool = False
) -> tuple[Any, Any]:
    """Return the last state and all outputs of ``state, output = step(state, entry)``."""
    states, parts = list(leaves(first)), list(leaves(elems))
    like = [(t.shape, t.dtype) for t in states]
    like += [(TensorShape(None) if t.shape.unknown else tuple(t.shape)[1:], t.dtype) for t in parts]

    def unpacked(*tensors: Any) -> Any:
        left = iter(tensors)
        state = map_structure(lambda leaf: next(left), first)
        return step(state, map_structure(lambda leaf: next(left), elems))

    block = Block.of(unpacked, like)
    count = len(states)

    def function(run: Any, first: list, parts: list, kept: list) -> tuple[list, dict]:
        dtypes = [t.dtype.dtype for t in block.results[:count]]
        begin = [jnp.asarray(x, as_dtype(d).dtype) for x, d in zip(first, dtypes)]
        parts = [jnp.asarray(x) for x in parts]
        numbers = jnp.arange(parts[0].shape[0], dtype=jnp.uint32)

        def one(state: list, entry: Any) -> tuple[list, list]:
            found, _changed = block.call(run, kept, [*state, *entry[1]], entry[0])
            return [x.astype(d) for x, d in zip(found, dtypes)], found[count:]

        last, outputs = jax.lax.scan(one, begin, (numbers, parts), reverse=reverse)
        return [*last, *outputs], {}

    steps = None if not parts or parts[0].shape.unknown else parts[0].shape.as_list()[0]
    outputs = [Tensor(t.shape, t.dtype) for t in block.results[:count]]
    outputs += [
        Tensor(None if t.shape.unknown else (steps, *tuple(t.shape)), t.dtype)
        for t in block.results[count:]
    ]
    made = controlled("Scan", function, (states, parts, list(block.captured)), outputs, own=name)
    found = block.packed(made.outputs)
    return found[0], found[1]
