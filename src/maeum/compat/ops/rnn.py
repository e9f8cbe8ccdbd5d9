"""``dynamic_rnn`` and its like: cells over whole sequences.

Where a cell is one that Maeum has a kernel for (LSTM, GRU, simple), the sequence is computed by it;
wrappers and layers of cells go one after the other over the whole sequence. Any other cell is a
block of the graph that is run step by step.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from maeum import ops
from maeum.compat.ops import arrays, cells, control, maths, wrappers
from maeum.compat.ops.cells import LSTMStateTuple
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.recording import op
from maeum.compat.ops.scopes import variable_scope
from maeum.core.errors import ConfigError

__all__ = [
    "bidirectional_dynamic_rnn", "dynamic_rnn", "rnn", "static_bidirectional_rnn",
    "static_rnn",
]  # fmt: skip


def dynamic_rnn(
    cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None,
    dtype: Any = None, parallel_iterations: Any = None, swap_memory: bool = False,
    time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """Return the outputs of a cell at each step of sequences, and its last state.

    Args:
        cell: the cell.
        inputs: (batch, steps, features), or (steps, batch, features) with ``time_major``.
        sequence_length: the number of steps of each sequence; behind them, outputs are zeros and
            the state stays.
        initial_state: the first state, zeros by default.
        dtype: the dtype of the zeros.
        scope: the scope of the variables, ``"rnn"`` by default.
    """
    inputs = convert_to_tensor(inputs)
    inputs = arrays.transpose(inputs, [1, 0, 2]) if time_major else inputs
    if initial_state is None:
        if dtype is None:
            raise ConfigError("dynamic_rnn() needs an initial_state, or the dtype of one of zeros.")
        initial_state = cell.zero_state(arrays.shape(inputs)[0], dtype)
    mask = None
    if sequence_length is not None:
        mask = arrays.sequence_mask(sequence_length, arrays.shape(inputs)[1])
    with variable_scope(scope or "rnn"):
        outputs, state = _over(cell, inputs, initial_state, mask)
    return (arrays.transpose(outputs, [1, 0, 2]) if time_major else outputs), state


def _over(cell: Any, x: Any, state: Any, mask: Any) -> tuple[Any, Any]:
    """Run a cell over sequences (batch, steps, features)."""
    if type(cell) is wrappers.MultiRNNCell:
        states = []
        with variable_scope("multi_rnn_cell"):
            for place, (one, own) in enumerate(zip(cell.cells, state)):
                with variable_scope(f"cell_{place}"):
                    x, new = _over(one, x, own, mask)
                states.append(new)
        return x, tuple(states)
    if type(cell) is wrappers.DropoutWrapper and cell.states == 1:
        outputs, state = _over(cell.cell, cell.kept(x, cell.inputs), state, mask)
        return cell.kept(outputs, cell.outputs), state
    if type(cell) is wrappers.OutputProjectionWrapper:
        cell.prepare(x)
        with variable_scope(cell.scope):
            outputs, state = _over(cell.cell, x, state, mask)
        outputs = cell.projected(outputs)
        return (outputs if mask is None else _shown(outputs, mask)), state
    plain = getattr(cell, "activation", None) is maths.tanh and not x.shape.unknown
    if plain and type(cell) in (cells.LSTMCell, cells.BasicLSTMCell) and cell.is_plain:
        made = cell.prepare(x)
        peepholes = [made[f"w_{gate}_diag"] for gate in "ifo"] if cell.use_peepholes else None
        weights = made["kernel"], made["bias"], peepholes
        outputs, c, h = _lstm(x, *state, *weights, mask, cell.forget_bias)
        return outputs, LSTMStateTuple(c, h)
    if plain and type(cell) is cells.BasicRNNCell:
        made = cell.prepare(x)
        return tuple(_simple(x, state, made["kernel"], made["bias"], mask))  # type: ignore
    if plain and type(cell) is cells.GRUCell:
        made = cell.prepare(x)
        return tuple(_gru(x, state, *made.values(), mask))  # type: ignore[return-value]
    return _step_by_step(cell, x, state, mask)


@op("LSTM", arrays=7, wrap=list)
def _lstm(
    x: Any, c: Any, h: Any, kernel: Any, bias: Any, peepholes: Any, mask: Any, forget: float,
    name: Any = None,
) -> Any:  # fmt: skip
    n = h.shape[-1]
    order = [slice(0, n), slice(2 * n, 3 * n), slice(n, 2 * n), slice(3 * n, 4 * n)]  # i, f, j, o
    kernel = jnp.concatenate([kernel[:, part] for part in order], 1)
    bias = jnp.concatenate([bias[part] for part in order])
    bias = bias.at[n : 2 * n].add(forget)
    holes = None if peepholes is None else jnp.stack(peepholes)
    rows = x.shape[-1]
    outputs, (h, c) = ops.lstm(x, (h, c), kernel[:rows], kernel[rows:], bias, mask=mask,
                               peepholes=holes)  # fmt: skip
    return [_visible(outputs, mask), c, h]


@op("SimpleRNN", arrays=5, wrap=list)
def _simple(x: Any, h: Any, kernel: Any, bias: Any, mask: Any, name: Any = None) -> Any:
    rows = x.shape[-1]
    outputs, h = ops.simple_rnn(x, h, kernel[:rows], kernel[rows:], bias, mask=mask)
    return [_visible(outputs, mask), h]


@op("GRU", arrays=7, wrap=list)
def _gru(
    x: Any, h: Any, gates: Any, gate_bias: Any, own: Any, bias: Any, mask: Any, name: Any = None
) -> Any:
    n, rows = h.shape[-1], x.shape[-1]
    kernel = jnp.concatenate([gates[:, n:], gates[:, :n], own], 1)  # z, r, g
    bias = jnp.concatenate([gate_bias[n:], gate_bias[:n], bias])
    outputs, h = ops.gru(x, h, kernel[:rows], kernel[rows:], bias, reset_after=False, mask=mask)
    return [_visible(outputs, mask), h]


def _visible(outputs: Any, mask: Any) -> Any:
    """Return outputs, with zeros where the sequences have ended."""
    return outputs if mask is None else jnp.where(mask[..., None], outputs, 0)


@op("Masked", arrays=2)
def _shown(outputs: Any, mask: Any, name: Any = None) -> Any:
    return _visible(outputs, mask)


def _step_by_step(cell: Any, x: Any, state: Any, mask: Any) -> tuple[Any, Any]:
    ahead = _steps_first(x)

    def step(state: Any, entry: Any) -> tuple[Any, Any]:
        if mask is None:
            output, new = cell(entry, state)
            return new, output
        now, going = entry
        output, new = cell(now, state)
        new = _mapped(lambda a, b: _chosen(going, a, b), new, state)
        return new, _chosen(going, output, arrays.zeros_like(output))

    elems = ahead if mask is None else (ahead, arrays.transpose(mask, [1, 0]))
    last, outputs = control.looped(step, state, elems, "rnn_loop")
    return _steps_first(outputs), last


@op("StepsFirst")
def _steps_first(x: Any, name: Any = None) -> Any:
    return jnp.swapaxes(jnp.asarray(x), 0, 1)


@op("Chosen", arrays=3)
def _chosen(going: Any, a: Any, b: Any, name: Any = None) -> Any:
    return jnp.where(going.reshape(going.shape + (1,) * (a.ndim - going.ndim)), a, b)


def _mapped(function: Any, a: Any, b: Any) -> Any:
    if isinstance(a, (tuple, list)):
        parts = [_mapped(function, one, two) for one, two in zip(a, b)]
        return type(a)(*parts) if hasattr(a, "_fields") else type(a)(parts)
    return function(a, b)


def static_rnn(
    cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None,
    sequence_length: Any = None, scope: Any = None,
) -> tuple[list, Any]:  # fmt: skip
    """Return the outputs of a cell for a list of inputs, step by step, and its last state."""
    stacked = arrays.stack(list(inputs), 1)
    outputs, state = dynamic_rnn(cell, stacked, sequence_length, initial_state, dtype or "float32",
                                 scope=scope)  # fmt: skip
    return arrays.unstack(outputs, len(inputs), 1), state


rnn = static_rnn


def bidirectional_dynamic_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, sequence_length: Any = None,
    initial_state_fw: Any = None, initial_state_bw: Any = None, dtype: Any = None,
    parallel_iterations: Any = None, swap_memory: bool = False, time_major: bool = False,
    scope: Any = None,
) -> tuple[tuple, tuple]:  # fmt: skip
    """Return the outputs and states of two cells, one from each end of the sequences."""

    def turned(x: Any) -> Any:
        step, row = (0, 1) if time_major else (1, 0)
        if sequence_length is None:
            return arrays.reverse(x, [step])
        return arrays.reverse_sequence(x, sequence_length, step, row)

    inputs = convert_to_tensor(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        options = {"dtype": dtype, "time_major": time_major}
        ahead = dynamic_rnn(
            cell_fw, inputs, sequence_length, initial_state_fw, scope="fw", **options
        )
        back, state = dynamic_rnn(cell_bw, turned(inputs), sequence_length, initial_state_bw,
                                  scope="bw", **options)  # fmt: skip
    return (ahead[0], turned(back)), (ahead[1], state)


def static_bidirectional_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, initial_state_fw: Any = None,
    initial_state_bw: Any = None, dtype: Any = None, sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list, Any, Any]:  # fmt: skip
    """Return the outputs of two cells side by side, for a list of inputs, and their states."""
    (ahead, back), states = bidirectional_dynamic_rnn(
        cell_fw, cell_bw, arrays.stack(list(inputs), 1), sequence_length, initial_state_fw,
        initial_state_bw, dtype or "float32", scope=scope,
    )  # fmt: skip
    both = arrays.concat([ahead, back], 2)
    return arrays.unstack(both, len(inputs), 1), *states
