"""Where the rows lie after one step of a traced program, for those before it.

Each rule takes an equation of the program, the states of what goes in, and the number of rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from maeum.core.row_states import (
    Free,
    Mixed,
    Rows,
    State,
    constant,
    distinct,
    joined,
    less,
    moved,
    shape_of,
)

_TRAINING = ("Gradient", "BatchNormalization")  # native kernels that sum over the rows


# ---- what moves axes -----------------------------------------------------------------------------


def _broadcast(equation: Any, states: list[State], rows: int) -> list[State]:
    target, shape = equation.params["broadcast_dimensions"], equation.params["shape"]
    state = moved(states[0], target.__getitem__)
    if isinstance(state, Free):
        state = Free(state.same | (set(range(len(shape))) - set(target)))
    return [state]


def _transpose(equation: Any, states: list[State], rows: int) -> list[State]:
    return [moved(states[0], list(equation.params["permutation"]).index)]


def _reshape(equation: Any, states: list[State], rows: int) -> list[State]:
    (before,), after = map(shape_of, equation.invars), shape_of(equation.outvars[0])
    (state,) = states
    if isinstance(state, Free):
        everywhere = len(state.same) == len(before)
        return [Free(range(len(after))) if everywhere else constant(after)]
    entries = state.block * math.prod(before[state.axis + 1 :])  # of a row, one after the other
    for axis in reversed(range(len(after))):
        block, rest = divmod(entries, max(math.prod(after[axis + 1 :]), 1))
        if rest == 0 and block and after[axis] and after[axis] % (block * rows) == 0:
            return [Rows(axis, block)]
    raise Mixed


def _squeeze(equation: Any, states: list[State], rows: int) -> list[State]:
    return [less(states[0], equation.params["dimensions"])]


def _iota(equation: Any, states: list[State], rows: int) -> list[State]:
    dimension, shape = equation.params["dimension"], equation.params["shape"]
    return [Free(axis for axis in range(len(shape)) if axis != dimension)]


# ---- what takes a part, or joins parts: all rows have to be there --------------------------------


def _slice(equation: Any, states: list[State], rows: int) -> list[State]:
    (state,), params = states, equation.params
    shape = shape_of(equation.invars[0])
    if isinstance(state, Free):
        return [state]
    strides = params["strides"] or (1,) * len(shape)
    axis = state.axis
    part = params["start_indices"][axis], params["limit_indices"][axis], strides[axis]
    if part != (0, shape[axis], 1):
        raise Mixed
    return [state]


def _dynamic_slice(equation: Any, states: list[State], rows: int) -> list[State]:
    state, *where = states
    taken, shape = shape_of(equation.outvars[0]), shape_of(equation.invars[0])
    if any(not isinstance(start, Free) for start in where):
        raise Mixed
    if isinstance(state, Rows) and taken[state.axis] != shape[state.axis]:
        raise Mixed
    return [state]


def _dynamic_update(equation: Any, states: list[State], rows: int) -> list[State]:
    shapes = [shape_of(v) for v in equation.invars[:2]]
    state = joined(states[:2], shapes)
    if any(not isinstance(start, Free) for start in states[2:]):
        raise Mixed
    if isinstance(state, Free):
        return [constant(shapes[0])]
    if shapes[0][state.axis] != shapes[1][state.axis]:
        raise Mixed
    return [state]


def _concatenate(equation: Any, states: list[State], rows: int) -> list[State]:
    state = joined(states, [shape_of(v) for v in equation.invars])
    along = equation.params["dimension"]
    if isinstance(state, Free):
        return [Free(state.same - {along})]
    if state.axis == along:
        raise Mixed
    return [state]


def _stack(equation: Any, states: list[State], rows: int) -> list[State]:
    state, along = joined(states, [shape_of(v) for v in equation.invars]), equation.params["axis"]
    return [moved(state, lambda axis: axis + (axis >= along))]


def _tile(equation: Any, states: list[State], rows: int) -> list[State]:
    (state,) = states
    if isinstance(state, Free):
        return [state]
    if equation.params["reps"][state.axis] != 1:
        raise Mixed
    return [state]


def _pad(equation: Any, states: list[State], rows: int) -> list[State]:
    state, value = states
    if not isinstance(value, Free):
        raise Mixed
    if isinstance(state, Free):
        return [constant(shape_of(equation.outvars[0]))]
    if tuple(equation.params["padding_config"][state.axis]) != (0, 0, 0):
        raise Mixed
    return [state]


def _sort(equation: Any, states: list[State], rows: int) -> list[State]:
    state = joined(states, [shape_of(v) for v in equation.invars])
    if isinstance(state, Free):
        return [Free()] * len(equation.outvars)
    if state.axis == equation.params["dimension"]:
        raise Mixed
    return [state] * len(equation.outvars)


def _reverse(equation: Any, states: list[State], rows: int) -> list[State]:
    (state,) = states
    if isinstance(state, Rows) and state.axis in equation.params["dimensions"]:
        raise Mixed
    return [state]


def _top_k(equation: Any, states: list[State], rows: int) -> list[State]:
    (state,) = states
    last = len(shape_of(equation.invars[0])) - 1
    if isinstance(state, Free):
        return [Free()] * len(equation.outvars)
    if state.axis == equation.params.get("axis", last) % (last + 1):
        raise Mixed
    return [state] * len(equation.outvars)


def _windows(equation: Any, states: list[State], rows: int) -> list[State]:
    state, *rest = states
    if any(isinstance(other, Rows) for other in rest):
        raise Mixed
    if isinstance(state, Free):
        return [constant(shape_of(v)) for v in equation.outvars]
    params = equation.params
    still = [params[key][state.axis] for key in ("window_dimensions", "window_strides")]
    if still != [1, 1] or tuple(params["padding"][state.axis]) != (0, 0):
        raise Mixed
    return [state] * len(equation.outvars)


# ---- products and tables -------------------------------------------------------------------------


def _product(equation: Any, states: list[State], rows: int) -> list[State]:
    (contracted, batched) = equation.params["dimension_numbers"]
    kept = [
        [a for a in range(len(shape_of(v))) if a not in c and a not in b]
        for v, c, b in zip(equation.invars, contracted, batched)
    ]
    free = [state for state in states if isinstance(state, Free)]

    def place(side: int, axis: int) -> int:
        """Return where the product has an axis of one of its sides."""
        if axis in batched[side]:
            return list(batched[side]).index(axis)
        return len(batched[0]) + side * len(kept[0]) + kept[side].index(axis)

    if len(free) == 2:
        alike = [{place(i, a) for a in free[i].same if a in kept[i]} for i in (0, 1)]
        return [Free(alike[0] | alike[1])]
    made = []
    for side, state in enumerate(states):
        if isinstance(state, Rows):
            partner = states[1 - side]
            if state.axis in batched[side] and isinstance(partner, Free):
                if batched[1 - side][place(side, state.axis)] not in partner.same:
                    raise Mixed
            elif state.axis not in batched[side] and (state.axis not in kept[side] or not free):
                raise Mixed
            made.append(state._replace(axis=place(side, state.axis)))
    return list(distinct(made))


def _convolution(equation: Any, states: list[State], rows: int) -> list[State]:
    layout, (state, kernel) = equation.params["dimension_numbers"], states
    if not isinstance(kernel, Free) or equation.params["batch_group_count"] != 1:
        raise Mixed
    if isinstance(state, Free):
        return [Free({layout.out_spec[0]} if layout.lhs_spec[0] in state.same else ())]
    if state.axis != layout.lhs_spec[0]:
        raise Mixed
    return [state._replace(axis=layout.out_spec[0])]


def _gather(equation: Any, states: list[State], rows: int) -> list[State]:
    (table, index), params = states, equation.params
    layout, out = params["dimension_numbers"], len(shape_of(equation.outvars[0]))
    ahead = [axis for axis in range(out) if axis not in layout.offset_dims]
    if isinstance(table, Free):
        if isinstance(index, Free):
            return [constant(shape_of(equation.outvars[0]))]
        return [index._replace(axis=ahead[index.axis])]
    if table.axis in layout.operand_batching_dims:
        place = layout.operand_batching_dims.index(table.axis)
        along = layout.start_indices_batching_dims[place]
        if index != Rows(along, table.block) and not (
            isinstance(index, Free) and along in index.same
        ):
            raise Mixed
        return [table._replace(axis=ahead[along])]
    shape, axis = shape_of(equation.invars[0]), table.axis
    whole = params["slice_sizes"][axis] == shape[axis] and axis not in layout.collapsed_slice_dims
    if not isinstance(index, Free) or not whole:
        raise Mixed
    gone = (*layout.collapsed_slice_dims, *layout.operand_batching_dims)
    return [moved(less(table, gone), layout.offset_dims.__getitem__)]


def native_kernel(equation: Any, states: list[State], rows: int) -> list[State]:
    """Return what a kernel of `maeum.native` makes: it takes its rows along the first axis."""
    if any(word in equation.params["target_name"] for word in _TRAINING):
        raise Mixed
    for variable, state in zip(equation.invars, states):
        whole = _rows_first(shape_of(variable), rows)
        alike = isinstance(state, Free) and (whole is None or 0 in state.same)
        if state != whole and not alike:
            raise Mixed
    return [_rows_first(shape_of(v), rows) or Free() for v in equation.outvars]


def _rows_first(shape: tuple[int, ...], rows: int) -> Rows | None:
    """Return the state of an array with a block for each row, one after the other, if it is one."""
    has_rows = bool(shape) and shape[0] > 0 and shape[0] % rows == 0
    return Rows(0, shape[0] // rows) if has_rows else None


STEPS: dict[str, Callable[[Any, list[State], int], list[State]]] = {
    "broadcast_in_dim": _broadcast,
    "concatenate": _concatenate,
    "conv_general_dilated": _convolution,
    "dot_general": _product,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update,
    "gather": _gather,
    "iota": _iota,
    "pad": _pad,
    "reduce_window_max": _windows,
    "reduce_window_min": _windows,
    "reduce_window_sum": _windows,
    "reshape": _reshape,
    "rev": _reverse,
    "slice": _slice,
    "sort": _sort,
    "squeeze": _squeeze,
    "stack": _stack,
    "tile": _tile,
    "top_k": _top_k,
    "transpose": _transpose,
}
