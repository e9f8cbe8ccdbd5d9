"""Recurrent networks over whole sequences: simple, LSTM and GRU, batch first.

All compute in float32 at least; the results have the dtype that ``x @ kernel`` has. Sequences
without steps give empty outputs and leave the states as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_row
from maeum.ops.arrays import wide
from maeum.ops.kernels import choice as kernels
from maeum.ops.kernels.recurrence import Sequences
from maeum.ops.kernels.rows import noted, rows_of

State = tuple[jax.Array, jax.Array]


@op(mask=each_row("x", "h", "mask"))
def simple_rnn(
    x: Any,
    h: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    *,
    activation: str = "tanh",
    mask: Any = None,
    recurrent_noise: Any = None,
) -> State:
    """``h = activation(x_t W + h U + b)``, step after step.

    Shapes: ``x`` is (batch, steps, n), ``h`` (batch, units), ``kernel`` (n, units),
    ``recurrent_kernel`` (units, units) and ``bias`` (units,).

    Args:
        x: the sequences.
        h: the state before the first step.
        kernel: the weights W of the inputs.
        recurrent_kernel: the weights U of the state.
        bias: what is added, or None.
        activation: ``"tanh"`` or ``"relu"``.
        mask: bools (batch, steps); where it is False, the state stays, and the output is the last
            one again.
        recurrent_noise: factors (batch, units) of the state within the product, the same in all
            steps (recurrent dropout: Gal & Ghahramani, 2016).

    Returns:
        the state after each step (batch, steps, units), and the last one.

    Raises:
        ShapeError: if the shapes do not fit together.
        ConfigError: for another activation.

    Source: Elman, 1990.

    Example:
        >>> one = jnp.ones((1, 1))
        >>> outputs, h = simple_rnn([[[1.0], [2.0]]], 0 * one, one, one, activation="relu")
        >>> outputs[0, :, 0].tolist(), h.tolist()
        ([1.0, 3.0], [[3.0]])
    """
    check_choice(activation, ("tanh", "relu"), "activation of simple_rnn")
    given = _Operands("simple_rnn", x, kernel, recurrent_kernel, 1, mask, recurrent_noise)
    bias = given.checked("bias", bias, (given.units,))
    return given.run(functools.partial(kernels.simple_rnn, activation=activation), bias, h=h)


@op(mask=each_row("x", "state", "mask"))
def lstm(
    x: Any,
    state: tuple[Any, Any],
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    *,
    mask: Any = None,
    peepholes: Any = None,
    recurrent_noise: Any = None,
) -> tuple[jax.Array, State]:
    """Long short-term memory: gates decide what the cell ``c`` takes in, forgets and outputs.

    With ``z = x_t W + h U + b``, whose columns belong to i, f, c, o::

        i = sigmoid(z_i)    f = sigmoid(z_f)    c = f c + i tanh(z_c)
        o = sigmoid(z_o)    h = o tanh(c)

    Shapes: ``x`` is (batch, steps, n), both states (batch, units), ``kernel`` (n, 4 units),
    ``recurrent_kernel`` (units, 4 units) and ``bias`` (4 units,).

    Args:
        x: the sequences.
        state: ``(h, c)`` before the first step.
        kernel: the weights W of the inputs.
        recurrent_kernel: the weights U of the state.
        bias: what is added, or None.
        mask: bools (batch, steps); where it is False, the states stay, and the output is the last
            one again.
        peepholes: weights (3, units) through which the gates see the cell: ``p_i c`` and ``p_f c``
            of the old cell are added to z_i and z_f, ``p_o c`` of the new one to z_o.
        recurrent_noise: factors (batch, units) of ``h`` within the product, as in `simple_rnn`.

    Returns:
        ``h`` after each step (batch, steps, units), and the last ``(h, c)``.

    Raises:
        ShapeError: if the shapes do not fit together.

    Source: Hochreiter & Schmidhuber, 1997; forget gates: Gers et al., 2000; peepholes: Gers &
    Schmidhuber, 2000.
    """
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        raise ShapeError("The state of lstm is a pair (h, c) of arrays (batch, units).")
    given = _Operands("lstm", x, kernel, recurrent_kernel, 4, mask, recurrent_noise)
    bias = given.checked("bias", bias, (4 * given.units,))
    peepholes = given.checked("peepholes", peepholes, (3, given.units))
    states = {"h": state[0], "c": state[1]}
    outputs, *last = given.run(functools.partial(kernels.lstm, peepholes=peepholes), bias, **states)
    return outputs, tuple(last)


@op(mask=each_row("x", "h", "mask"))
def gru(
    x: Any,
    h: Any,
    kernel: Any,
    recurrent_kernel: Any,
    bias: Any = None,
    *,
    reset_after: bool = True,
    mask: Any = None,
    recurrent_noise: Any = None,
) -> State:
    """Gated recurrent unit: ``h = z h + (1 - z) g``, a mean of the old state and a new one.

    The columns of the weights belong to z, r and g::

        z = sigmoid(x_t W_z + h U_z + b_z)    r = sigmoid(x_t W_r + h U_r + b_r)
        g = tanh(x_t W_g + b_g + r (h U_g + d_g))      with reset_after, else
        g = tanh(x_t W_g + b_g + (r h) U_g)

    Shapes: ``x`` is (batch, steps, n), ``h`` (batch, units), ``kernel`` (n, 3 units),
    ``recurrent_kernel`` (units, 3 units); ``bias`` is (2, 3 units) with ``reset_after``, a row b
    for the inputs and a row d for the state, else (3 units,).

    The other arguments, what is returned and raised: see `simple_rnn`.

    Source: Cho et al., 2014; with ``reset_after``: Keras and cuDNN.
    """
    given = _Operands("gru", x, kernel, recurrent_kernel, 3, mask, recurrent_noise)
    columns = (3 * given.units,)
    bias = given.checked("bias", bias, (2, *columns) if reset_after else columns)
    return given.run(functools.partial(kernels.gru, reset_after=reset_after), bias, h=h)


class _Operands:
    """What the recurrences share: checked, and in float32 at least."""

    def __init__(
        self, name: str, x: Any, kernel: Any, recurrent: Any, gates: int, mask: Any, noise: Any
    ):
        rows = rows_of(x)
        x, kernel, recurrent = jnp.asarray(x), jnp.asarray(kernel), jnp.asarray(recurrent)
        self.name = name
        if x.ndim != 3:
            raise ShapeError(
                "{name} takes x of shape (batch, steps, features); got {shape}.",
                name=name,
                shape=x.shape,
            )
        self.units = recurrent.shape[0] if recurrent.ndim else 0
        columns = gates * self.units
        self._expect("recurrent_kernel", recurrent, (self.units, columns))
        self._expect("kernel", kernel, (x.shape[-1], columns))
        self.batch, self.steps = x.shape[:2]
        if not jnp.issubdtype(x.dtype, jnp.inexact):
            x = x.astype(kernel.dtype)
        self.dtype = jnp.result_type(x, kernel)
        self.kernel, self.recurrent = wide(kernel), wide(recurrent)
        self.x = noted(wide(x), rows)
        self.mask = None if mask is None else jnp.asarray(mask).astype(bool)
        if self.mask is not None:
            self._expect("mask", self.mask, (self.batch, self.steps))
        self.noise = self.checked("recurrent_noise", noise, (self.batch, self.units))

    def _expect(self, what: str, array: jax.Array, shape: tuple[int, ...]) -> None:
        if array.shape != shape:
            raise ShapeError(
                "{name} takes {what} of shape {shape}; got {given}.",
                name=self.name,
                what=what,
                shape=shape,
                given=array.shape,
            )

    def checked(self, what: str, value: Any, shape: tuple[int, ...]) -> Any:
        """Return an operand that may be None."""
        if value is None:
            return None
        value = wide(value)
        self._expect(what, value, shape)
        return value

    def run(self, kernel: Callable[..., tuple], bias: Any, **states: Any) -> Any:
        """Return the outputs, and the last states (the first ones if there are no steps)."""
        shape = (self.batch, self.units)
        first = [self.checked(name, jnp.asarray(h), shape) for name, h in states.items()]
        given = Sequences(self.x, self.kernel, self.recurrent, bias, self.mask, self.noise)
        if self.steps:
            results = kernel(given, *first)
        else:
            results = (jnp.zeros((self.batch, 0, self.units)), *first)
        return tuple(result.astype(self.dtype) for result in results)
