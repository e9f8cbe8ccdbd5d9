"""Recurrent networks through the native kernels (`maeum.native`), with their derivatives; float32.

One call takes the whole sequence, and one call the way back; the products of the gradients that
have no steps are XLA's. The inputs are multiplied within the call, some steps ahead, so that their
sums stay in the cache; those that were looked up in a small table come in as sums. Derivatives of
the backward pass itself take the plain formulas (`maeum.ops.kernels.recurrence`). Neither
peepholes nor noise are known here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels import recurrence
from maeum.ops.kernels.derivatives import differentiated_by
from maeum.ops.kernels.recurrence import Sequences
from maeum.ops.kernels.rows import looked_up

Array = Any
# For fewer rows of inputs, packing their kernel costs more than is saved.
_FEWEST_ROWS = 128


@dataclass(frozen=True)
class _Kind:
    """A kernel, and what it leaves for the way back, in units of each step."""

    target: str
    cell: Any
    gates: int = 0
    extra: bool = False


_KINDS = {
    "tanh": _Kind("MaeumSimpleRnnTanh", recurrence.ELMAN["tanh"]),
    "relu": _Kind("MaeumSimpleRnnRelu", recurrence.ELMAN["relu"]),
    "lstm": _Kind("MaeumLstm", recurrence.LSTM, gates=4, extra=True),
    "gru": _Kind("MaeumGru", recurrence.GRU[True], gates=3, extra=True),
}


class _Operands(NamedTuple):
    """What a kernel reads; what its kind does not have is None.

    Either the inputs' part of the sums ``a``, or the inputs x and their kernel w.

    Shapes: ``a`` is (batch * steps, gates * units) and x (batch * steps, inputs), flat because XLA
    would copy them where they change their shape between a product and a kernel; w (inputs,
    gates * units); h and c (batch, units); kernel (units, gates * units); bias (gates * units,);
    recurrent_bias, of the GRU's part of the product that r multiplies, (units,); mask (batch,
    steps).
    """

    a: Any
    x: Any
    w: Any
    h: Array
    c: Any
    kernel: Array
    bias: Any
    recurrent_bias: Any
    mask: Any


def _flat(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


def _mask(mask: Any) -> Any:
    return np.zeros(0, bool) if mask is None else mask


def _call(kind: _Kind, given: _Operands, saving: bool) -> tuple:
    """Return the outputs, the last cell, the gates, and what else the way back needs."""
    batch, units = given.h.shape
    rows = len(given.x if given.a is None else given.a)
    steps = rows // batch
    outputs = (
        native.float32(batch, steps, units),
        native.float32(*(given.h.shape if given.c is not None else (0,))),
        native.float32(rows, kind.gates * units) if saving and kind.gates else native.float32(0),
        native.float32(batch, steps, units) if saving and kind.extra else native.float32(0),
    )
    # The gates take the place of the sums.
    in_place = {0: 2} if saving and kind.gates and given.a is not None else {}
    inputs = given._replace(mask=_mask(given.mask))
    return native.call(kind.target, outputs, *inputs, in_place=in_place)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _run(kind: _Kind, saving: bool, given: _Operands) -> tuple:
    """Return the outputs, the last states, and what was saved."""
    y, cell, gates, extra = _call(kind, given, saving)
    return y, y[:, -1], None if given.c is None else cell, gates, extra


def _forward(kind: _Kind, saving: bool, given: _Operands) -> tuple:
    given = _Operands(*(None if value is None else value.value for value in given))
    outputs = _run(kind, True, given)  # itself, so that it can be differentiated again
    y, h, c, gates, extra = outputs
    returned = outputs if saving else (y, h, c, *[jnp.zeros(0, jnp.float32)] * 2)
    return returned, (given, (y, gates, extra))


def _backward(kind: _Kind, saving: bool, saved: tuple, directions: tuple) -> tuple:
    # What was saved follows from what was given: no gradient comes back that way.
    directions = tuple(
        None if isinstance(d, jax.custom_derivatives.SymbolicZero) else d for d in directions[:3]
    )
    if all(d is None for d in directions):
        return (None,)
    return (_gradients(*saved, directions, kind),)


_run.defvjp(_forward, _backward, symbolic_zeros=True)


def _plain_gradients(given: _Operands, saved: tuple, directions: tuple, kind: _Kind) -> _Operands:
    """Return what `_gradients` does, by formulas that can be differentiated again."""

    def run(given: _Operands) -> tuple:
        a, x, w, h, c, kernel, bias, recurrent_bias, _ = given
        a = x @ w if a is None else a
        a = jnp.swapaxes(a.reshape(len(h), -1, a.shape[-1]), 0, 1)
        a = a if bias is None else a + bias
        extra = recurrent_bias
        if extra is not None:
            extra = jnp.pad(extra, (2 * h.shape[-1], 0))
        states = (h,) if c is None else (h, c)
        weights = recurrence.Weights(kernel, extra)
        outputs, last = recurrence.run(kind.cell, a, states, weights, mask)
        used = (jnp.swapaxes(outputs, 0, 1), *last)
        return tuple(y for y, d in zip(used, directions) if d is not None)

    mask = None if given.mask is None else given.mask.T[..., None]
    _, transpose = jax.vjp(run, given._replace(mask=None))
    return transpose(tuple(d for d in directions if d is not None))[0]


@differentiated_by(_plain_gradients, static=1)
def _gradients(given: _Operands, saved: tuple, directions: tuple, kind: _Kind) -> _Operands:
    y = saved[0]
    batch, steps, units = y.shape
    columns = given.kernel.shape[-1]
    is_gru = kind.target == "MaeumGru"
    outputs = (
        native.float32(batch * steps, columns),
        native.float32(batch * steps, columns) if is_gru else native.float32(0),
        native.float32(batch, units),
        native.float32(*((0,) if given.c is None else (batch, units))),
    )
    inputs = (given.h, given.c, given.kernel, _mask(given.mask), *saved, *directions)
    # The gates' gradients take the place of the gates.
    in_place = {5: 1 if is_gru else 0} if kind.gates else {}
    dz, dq, dh, dc = native.call(f"{kind.target}Gradient", outputs, *inputs, in_place=in_place)
    dq = dq if is_gru else dz
    before = jnp.concatenate([given.h[:, None], y[:, :-1]], axis=1)
    projected = given.a is None
    return _Operands(
        a=None if projected else dz,
        x=dz @ given.w.T if projected else None,
        w=recurrence.outer(given.x, dz) if projected else None,
        h=dh,
        c=None if given.c is None else dc,
        kernel=recurrence.outer(before, dq),
        bias=None if given.bias is None else dz.sum(0),
        recurrent_bias=(None if given.recurrent_bias is None else dq[:, 2 * units :].sum(0)),
        mask=None,
    )


def _operands(given: Sequences, bias: Any, h: Array, c: Any = None, extra: Any = None) -> _Operands:
    """Return what a kernel reads: the inputs' part of the sums, or the inputs and their kernel."""
    x, w = _flat(given.x), given.kernel
    a = looked_up(given.x, w, bias)
    if a is not None:
        x = w = bias = None
    elif len(x) < _FEWEST_ROWS:
        a, x, w = x @ w, None, None
    return _Operands(a, x, w, h, c, given.recurrent, bias, extra, given.mask)


def simple_rnn(given: Sequences, h: Array, activation: str) -> tuple:
    """Return the outputs and the state of `maeum.ops.simple_rnn`."""
    return _run(_KINDS[activation], False, _operands(given, given.bias, h))[:2]


def lstm(given: Sequences, h: Array, c: Array) -> tuple:
    """Return the outputs and the states of `maeum.ops.lstm`."""
    return _run(_KINDS["lstm"], False, _operands(given, given.bias, h, c))[:3]


def gru(given: Sequences, h: Array) -> tuple:
    """Return the outputs and the state of `maeum.ops.gru`, with ``reset_after``."""
    extra, bias = None, given.bias
    if bias is not None:
        units = h.shape[-1]
        extra = bias[1, 2 * units :]
        bias = bias[0] + jnp.pad(bias[1, : 2 * units], (0, units))
    return _run(_KINDS["gru"], False, _operands(given, bias, h, None, extra))[:2]
