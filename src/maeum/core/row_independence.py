"""Whether a traced program computes each row from that row alone: proved, not guessed.

Rows may be filled up, divided into pieces or joined only where no row sees another. What a program
does with its rows is read off the program itself: for each of its values, either the axis along
which the rows lie, or that it does not depend on them. Whatever is not known here counts as mixing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from maeum.core.row_states import (
    Free,
    Mixed,
    Rows,
    State,
    constant,
    distinct,
    is_literal,
    joined,
    less,
    moved,
    shape_of,
)
from maeum.core.row_steps import STEPS, native_kernel

_ENTRYWISE = frozenset({
    "abs", "acos", "acosh", "add", "add_any", "and", "asin", "asinh", "atan", "atan2", "atanh",
    "cbrt", "ceil", "clamp", "complex", "conj", "convert_element_type", "copy", "copy_p", "cos",
    "cosh", "digamma", "div", "eq", "erf", "erf_inv", "erfc", "exp", "exp2", "expm1", "floor",
    "ge", "gt", "imag", "integer_pow", "is_finite", "le", "lgamma", "log", "log1p", "logistic",
    "lt", "max", "min", "mul", "ne", "neg", "nextafter", "not", "or",
    "population_count", "pow", "real", "reduce_precision", "rem", "round", "rsqrt", "select_n",
    "shift_left", "shift_right_arithmetic", "shift_right_logical", "sign", "sin", "sinh", "sqrt",
    "square", "stop_gradient", "sub", "tan", "tanh", "xor",
})  # fmt: skip
_REDUCTIONS = frozenset({
    "argmax", "argmin", "reduce_and", "reduce_max", "reduce_min", "reduce_or", "reduce_prod",
    "reduce_sum", "reduce_xor",
})  # fmt: skip
_ALONG = {"cumlogsumexp", "cummax", "cummin", "cumprod", "cumsum", "split"}
_CALLS = ("jaxpr", "call_jaxpr", "fun_jaxpr")


def rows_are_independent(program: Any, other: Any, rows: int) -> bool:
    """Tell whether a program surely computes each row of its outputs from that row of its inputs.

    Args:
        program: the traced program (``jax.make_jaxpr``) for inputs of ``rows`` rows, all of whose
            inputs have the rows along their first axis.
        other: the same, traced with another number of rows: a number that follows from how many
            rows there are shows by what differs.
        rows: the number of rows; a prime number, so that no other size is a multiple by chance.

    Example:
        >>> import jax.numpy as jnp
        >>> def proved(function):
        ...     one, two = (jax.make_jaxpr(function)(jnp.ones((n, 3))) for n in (31, 32))
        ...     return rows_are_independent(one, two, 31)
        >>> proved(lambda x: x / x.sum(axis=1, keepdims=True)), proved(lambda x: x / x.sum(axis=0))
        (True, False)
    """
    if not _same_numbers(program, other):
        return False
    try:
        outputs = _follow(program, [Rows(0)] * len(program.jaxpr.invars), rows)
    except Mixed:
        return False
    shapes = [variable.aval.shape for variable in program.jaxpr.outvars]
    return all(state == Rows(0) and shape[0] == rows for state, shape in zip(outputs, shapes))


def _same_numbers(one: Any, two: Any) -> bool:
    """Tell whether two programs have the same steps and the same numbers in them."""

    def numbers(program: Any) -> Iterator[Any]:
        yield from (np.asarray(c) for c in getattr(program, "consts", ()))
        for equation in getattr(program, "jaxpr", program).eqns:
            yield equation.primitive.name
            yield from (np.asarray(v.val) for v in equation.invars if is_literal(v))
            for part in jax.tree.leaves(equation.params, is_leaf=_is_program):
                if _is_program(part):
                    yield from numbers(part)

    first, second = list(numbers(one)), list(numbers(two))
    return len(first) == len(second) and all(_same(a, b) for a, b in zip(first, second))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and a == b
    if a.shape != b.shape or a.dtype != b.dtype:  # it has a row for each row: never the same
        return a.dtype == b.dtype
    return a.tobytes() == b.tobytes()


def _is_program(value: Any) -> bool:
    return hasattr(value, "eqns") or hasattr(value, "jaxpr")


def _follow(program: Any, given: Sequence[State], rows: int) -> list[State]:
    """Return the states of a program's outputs for those of its inputs."""
    jaxpr = getattr(program, "jaxpr", program)
    known: dict[Any, State] = dict(zip(jaxpr.invars, given))
    known |= {v: constant(v.aval.shape) for v in jaxpr.constvars}

    def state_of(variable: Any) -> State:
        return constant(np.shape(variable.val)) if is_literal(variable) else known[variable]

    for equation in jaxpr.eqns:
        states = [state_of(v) for v in equation.invars]
        known.update(zip(equation.outvars, _after(equation, states, rows)))
    return [state_of(v) for v in jaxpr.outvars]


def _after(equation: Any, states: list[State], rows: int) -> list[State]:
    """Return the states of what one step of a program makes."""
    name, params = equation.primitive.name, equation.params
    rule = STEPS.get(name) or _LOOPS.get(name)
    if rule is not None:
        return rule(equation, states, rows)
    if name == "ffi_call":
        return native_kernel(equation, states, rows)
    if name == "optimization_barrier":
        return states
    if name in _ENTRYWISE:
        state = joined(states, [np.shape(getattr(v, "aval", v)) for v in equation.invars])
        return [state] * len(equation.outvars)
    inner = next((params[key] for key in _CALLS if key in params), None)
    if inner is not None and len(getattr(inner, "jaxpr", inner).invars) == len(states):
        return _follow(inner, states, rows)
    if all(isinstance(state, Free) for state in states):
        if name in _REDUCTIONS:
            return [less(states[0], params["axes"])]
        return [constant(v.aval.shape) for v in equation.outvars]
    (state,) = distinct(states)
    if name in _REDUCTIONS:
        return [less(state, params["axes"])]
    if name == "unstack":
        return [less(state, (params["axis"],))] * len(equation.outvars)
    if name in _ALONG and params["axis"] != state.axis:
        return [state] * len(equation.outvars)
    raise Mixed


# ---- loops and branches --------------------------------------------------------------------------


def _scan(equation: Any, states: list[State], rows: int) -> list[State]:
    params = equation.params
    consts, carried = params["num_consts"], params["num_carry"]
    each = states[consts + carried :]
    if any(isinstance(state, Rows) and state.axis == 0 for state in each):
        raise Mixed  # the loop goes over the rows
    each = [less(state, (0,)) for state in each]
    carry, shapes = states[consts : consts + carried], params["jaxpr"].in_avals
    body = shapes[consts : consts + carried]

    def step(carry: list[State]) -> list[State]:
        return _follow(params["jaxpr"], [*states[:consts], *carry, *each], rows)

    carry = _settled(lambda carry: step(carry)[:carried], carry, [a.shape for a in body])
    made = step(carry)[carried:]
    return [*carry, *(moved(state, lambda axis: axis + 1) for state in made)]


def _while(equation: Any, states: list[State], rows: int) -> list[State]:
    params = equation.params
    test, body = params["cond_nconsts"], params["body_nconsts"]
    fixed, carry = states[test : test + body], states[test + body :]
    shapes = [shape_of(v) for v in equation.invars[test + body :]]
    carry = _settled(
        lambda carry: _follow(params["body_jaxpr"], [*fixed, *carry], rows), carry, shapes
    )
    (goes_on,) = _follow(params["cond_jaxpr"], [*states[:test], *carry], rows)
    if not isinstance(goes_on, Free):
        raise Mixed
    return carry


def _settled(
    step: Callable[[list[State]], list[State]], carry: list[State], shapes: Sequence[Any]
) -> list[State]:
    """Return what a loop carries from step to step, whatever the number of steps."""
    while True:
        after = step(carry)
        common = [joined([a, b], [s, s]) for a, b, s in zip(carry, after, shapes)]
        if carry == common:
            return common
        carry = common


def _branches(equation: Any, states: list[State], rows: int) -> list[State]:
    which, *given = states
    if not isinstance(which, Free):
        raise Mixed
    made = [_follow(branch, given, rows) for branch in equation.params["branches"]]
    shapes = [shape_of(v) for v in equation.outvars]
    return [joined(each, [s] * len(each)) for *each, s in zip(*made, shapes)]


_LOOPS: dict[str, Callable[[Any, list[State], int], list[State]]] = {
    "cond": _branches,
    "scan": _scan,
    "while": _while,
}
