"""Recurrent networks in plain JAX, with the backward pass through time written by hand.

The products of the inputs are formed for all steps at once, before the loop. In a step all gates
are one ``tanh``: ``sigmoid(z) = (1 + tanh(z / 2)) / 2``. The way back carries the gradients of
the states only and stacks those of the sums ``z``; the weights' gradients are one product of all
steps, after the loop. On a GPU this loop is what is used as well; cuDNN's
(``jax.experimental.rnn``) could be chosen instead in `maeum.ops.kernels.choice`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.ops.kernels.rows import looked_up

Array = Any


class Sequences(NamedTuple):
    """What a recurrent network computes with, batch first; what is not given is None.

    Shapes: x is (batch, steps, n), kernel (n, gates * units), recurrent (units, gates * units),
    bias (gates * units,) (of a GRU with ``reset_after`` two rows), mask (batch, steps) of bools
    and noise, which multiplies the state within its product, (batch, units).
    """

    x: Array
    kernel: Array
    recurrent: Array
    bias: Any = None
    mask: Any = None
    noise: Any = None


class Weights(NamedTuple):
    """What all steps share: the recurrent kernel, what else a cell has, the noise."""

    kernel: Array
    extra: Any = None
    noise: Any = None

    def inner(self, h: Array) -> Array:
        """Return what of the state goes into the product."""
        return h if self.noise is None else h * self.noise


def product(x: Array, kernel: Array) -> jax.Array:
    """Return ``x @ kernel`` as one matrix: XLA is slow at the gradient of a batch of them."""
    flat = x.reshape(-1, x.shape[-1]) @ kernel
    return flat.reshape(*x.shape[:-1], kernel.shape[-1])


def outer(h: Array, dz: Array) -> jax.Array:
    """Return the sum of ``h' dz`` over steps and rows."""
    return h.reshape(-1, h.shape[-1]).T @ dz.reshape(-1, dz.shape[-1])


def _sigmoids(z: Array) -> jax.Array:
    return 0.5 + 0.5 * jnp.tanh(0.5 * z)


class _Cell:
    """A step of a recurrent network and its gradients; ``gates`` is what `step` saved."""

    def step(self, a: Array, states: tuple, w: Weights) -> tuple:
        """Return the new states and what the way back needs of this step."""
        raise NotImplementedError

    def back(self, d: tuple, before: tuple, after: tuple, gates: Any, w: Weights) -> tuple:
        """Return the gradient of ``a``, and of the states as far as no product is in between."""
        raise NotImplementedError

    def through(self, da: Array, inner: Array, gates: Any, w: Weights) -> jax.Array:
        """Return the gradient of what went into the product."""
        return da @ w.kernel.T

    def shared(
        self, da: Array, inner: Array, before: tuple, after: tuple, gates: Any, w: Weights
    ) -> tuple:
        """Return the gradients of the kernel and the extra weights, from all steps together."""
        return outer(inner, da), None


@dataclass(frozen=True)
class _Elman(_Cell):
    """``h = activation(a + h U)``."""

    relu: bool

    def step(self, a: Array, states: tuple, w: Weights) -> tuple:
        z = a + w.inner(states[0]) @ w.kernel
        return (jax.nn.relu(z) if self.relu else jnp.tanh(z),), None

    def back(self, d: tuple, before: tuple, after: tuple, gates: Any, w: Weights) -> tuple:
        (h,) = after
        return d[0] * jnp.where(h > 0, 1, 0) if self.relu else d[0] * (1 - h * h), (0.0,)


@dataclass(frozen=True)
class _LSTM(_Cell):
    """Gates i, f, c, o; peepholes (i and f see the old cell, o the new one) are extra weights."""

    def step(self, a: Array, states: tuple, w: Weights) -> tuple:
        h, c = states
        units = h.shape[-1]
        z = a + w.inner(h) @ w.kernel
        if w.extra is not None:
            z = z.at[..., :units].add(w.extra[0] * c)
            z = z.at[..., units : 2 * units].add(w.extra[1] * c)
        half = jnp.full(units, 0.5, z.dtype)
        slope = jnp.concatenate([half, half, 2 * half, half])
        shift = jnp.concatenate([half, half, 0 * half, half])
        t = shift + slope * jnp.tanh(slope * z)
        i, f, g, o = jnp.split(t, 4, axis=-1)
        c = f * c + i * g
        if w.extra is not None:
            o = _sigmoids(z[..., 3 * units :] + w.extra[2] * c)
            t = t.at[..., 3 * units :].set(o)
        return (o * jnp.tanh(c), c), t

    def back(self, d: tuple, before: tuple, after: tuple, gates: Any, w: Weights) -> tuple:
        i, f, g, o = jnp.split(gates, 4, axis=-1)
        (dh, dc), c_before = d, before[1]
        # Not the carried cell, which a mask may have kept as it was.
        t = jnp.tanh(f * c_before + i * g)
        do = dh * t * o * (1 - o)
        dc = dc + dh * o * (1 - t * t)
        if w.extra is not None:
            dc = dc + do * w.extra[2]
        di, df = dc * g * i * (1 - i), dc * c_before * f * (1 - f)
        dz = jnp.concatenate([di, df, dc * i * (1 - g * g), do], axis=-1)
        dc = dc * f
        if w.extra is not None:
            dc = dc + di * w.extra[0] + df * w.extra[1]
        return dz, (0.0, dc)

    def shared(
        self, da: Array, inner: Array, before: tuple, after: tuple, gates: Any, w: Weights
    ) -> tuple:
        dpeepholes = None
        if w.extra is not None:
            di, df, _, do = jnp.split(da, 4, axis=-1)
            seen = ((di, before[1]), (df, before[1]), (do, after[1]))
            dpeepholes = jnp.stack([jnp.sum(dz * c, (0, 1)) for dz, c in seen])
        return outer(inner, da), dpeepholes


@dataclass(frozen=True)
class _GRU(_Cell):
    """Gates z, r, h; with ``reset_after`` the bias of the recurrent product is an extra weight."""

    reset_after: bool

    def step(self, a: Array, states: tuple, w: Weights) -> tuple:
        (h,) = states
        units, inner = h.shape[-1], w.inner(h)
        if self.reset_after:
            q = inner @ w.kernel
            q = q if w.extra is None else q + w.extra
            z, r = jnp.split(_sigmoids((a + q)[..., : 2 * units]), 2, axis=-1)
            q = q[..., 2 * units :]
            t = jnp.tanh(a[..., 2 * units :] + r * q)
        else:
            early, late = w.kernel[:, : 2 * units], w.kernel[:, 2 * units :]
            z, r = jnp.split(_sigmoids(a[..., : 2 * units] + inner @ early), 2, axis=-1)
            q = None
            t = jnp.tanh(a[..., 2 * units :] + (r * inner) @ late)
        return (z * h + (1 - z) * t,), (z, r, t, q)

    def back(self, d: tuple, before: tuple, after: tuple, gates: Any, w: Weights) -> tuple:
        (dh,), (h,), (z, r, t, q) = d, before, gates
        dt = dh * (1 - z) * (1 - t * t)
        # What of r's gradient stands behind a product when the reset comes first.
        dr = dt * q if self.reset_after else w.inner(h) * (dt @ w.kernel[:, 2 * h.shape[-1] :].T)
        return (
            jnp.concatenate([dh * (h - t) * z * (1 - z), dr * r * (1 - r), dt], axis=-1),
            (dh * z,),
        )

    def _inside(self, da: Array, gates: Any) -> jax.Array:
        """Return the gradient of the recurrent product (`reset_after`)."""
        r = gates[1]
        early = 2 * r.shape[-1]
        return jnp.concatenate([da[..., :early], da[..., early:] * r], axis=-1)

    def through(self, da: Array, inner: Array, gates: Any, w: Weights) -> jax.Array:
        if self.reset_after:
            return self._inside(da, gates) @ w.kernel.T
        early = 2 * inner.shape[-1]
        late = gates[1] * (da[..., early:] @ w.kernel[:, early:].T)
        return da[..., :early] @ w.kernel[:, :early].T + late

    def shared(
        self, da: Array, inner: Array, before: tuple, after: tuple, gates: Any, w: Weights
    ) -> tuple:
        if self.reset_after:
            dq = self._inside(da, gates)
            return outer(inner, dq), None if w.extra is None else dq.sum((0, 1))
        early = 2 * inner.shape[-1]
        parts = [outer(inner, da[..., :early]), outer(gates[1] * inner, da[..., early:])]
        return jnp.concatenate(parts, axis=-1), None


ELMAN = {"tanh": _Elman(relu=False), "relu": _Elman(relu=True)}
LSTM = _LSTM()
GRU = {after: _GRU(after) for after in (True, False)}


def _scan(cell: _Cell, a: Array, states: tuple, w: Weights, mask: Any, saving: bool) -> tuple:
    """Return the last states, and, of all steps, the output or all that the way back needs."""

    def step(states: tuple, now: tuple) -> tuple:
        a, is_there = now
        new, gates = cell.step(a, states, w)
        if is_there is not None:
            new = tuple(jnp.where(is_there, x, y) for x, y in zip(new, states))
        return new, (new, gates) if saving else new[0]

    return jax.lax.scan(step, states, (a, mask))


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def run(cell: _Cell, a: Array, states: tuple, w: Weights, mask: Any) -> tuple[jax.Array, tuple]:
    """Carry the states of a cell through all steps.

    Shapes: ``a``, the inputs' part of the sums, is (steps, batch, gates * units) with one step at
    least; the states are (batch, units); the mask is (steps, batch, 1) or None.

    Returns:
        the outputs (steps, batch, units) and the last states.
    """
    last, outputs = _scan(cell, a, states, w, mask, saving=False)
    return outputs, last


def _forward(cell: _Cell, a: Array, states: tuple, w: Weights, mask: Any) -> tuple:
    last, (after, gates) = _scan(cell, a, states, w, mask, saving=True)
    return (after[0], last), (states, after, gates, w, mask)


def _backward(cell: _Cell, saved: tuple, directions: tuple) -> tuple:
    first, after, gates, w, mask = saved
    doutputs, dlast = directions
    before = tuple(jnp.concatenate([x[None], y[:-1]]) for x, y in zip(first, after))

    def step(d: tuple, now: tuple) -> tuple:
        doutput, before, after, gates, is_there = now
        d = (d[0] + doutput, *d[1:])
        da, direct = cell.back(d, before, after, gates, w)
        inner = w.inner(before[0])
        new = (direct[0] + w.inner(cell.through(da, inner, gates, w)), *direct[1:])
        if is_there is not None:
            da = jnp.where(is_there, da, 0)
            new = tuple(jnp.where(is_there, x, y) for x, y in zip(new, d))
        return new, da

    da: jax.Array
    dfirst, da = jax.lax.scan(step, dlast, (doutputs, before, after, gates, mask), reverse=True)
    inner = w.inner(before[0])
    dkernel, dextra = cell.shared(da, inner, before, after, gates, w)
    dnoise = None
    if w.noise is not None:
        dnoise = jnp.sum(before[0] * cell.through(da, inner, gates, w), 0)
    return da, dfirst, Weights(dkernel, dextra, dnoise), None


run.defvjp(_forward, _backward)


def _whole(cell: _Cell, given: Sequences, states: tuple, bias: Any, extra: Any = None) -> tuple:
    """Run a cell over the sequences; return the outputs, batch first, and the states."""
    x, kernel = given.x, given.kernel
    a = looked_up(x, kernel, bias)
    if a is None:
        a = product(jnp.swapaxes(x, 0, 1), kernel)
        a = a if bias is None else a + bias
    else:
        a = jnp.swapaxes(a.reshape(*x.shape[:2], -1), 0, 1)
    mask = None if given.mask is None else given.mask.T[..., None]
    weights = Weights(given.recurrent, extra, given.noise)
    outputs, states = run(cell, a, states, weights, mask)
    return (jnp.swapaxes(outputs, 0, 1), *states)


def simple_rnn(given: Sequences, h: Array, activation: str) -> tuple:
    """Return the outputs and the state of `maeum.ops.simple_rnn`."""
    return _whole(ELMAN[activation], given, (h,), given.bias)


def lstm(given: Sequences, h: Array, c: Array, peepholes: Any) -> tuple:
    """Return the outputs and the states of `maeum.ops.lstm`."""
    return _whole(LSTM, given, (h, c), given.bias, peepholes)


def gru(given: Sequences, h: Array, reset_after: bool) -> tuple:
    """Return the outputs and the state of `maeum.ops.gru`."""
    bias = given.bias
    own, extra = (bias, None) if not reset_after or bias is None else bias
    return _whole(GRU[reset_after], given, (h,), own, extra)
