"""Recurrent networks by their definition, one step after the other: what the faster paths are
compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Array = Any


def _run(step: Callable, x: Array, states: tuple, mask: Any) -> tuple:
    """Carry ``states`` through ``step(x_t, states)``; the first state is what is returned of each.

    Where the mask is False, the states stay as they are.
    """

    def masked(states: tuple, now: tuple) -> tuple:
        x_t, is_there = now
        new = step(x_t, states)
        if is_there is not None:
            new = tuple(jnp.where(is_there[:, None], a, b) for a, b in zip(new, states))
        return new, new[0]

    by_time = (jnp.swapaxes(x, 0, 1), None if mask is None else mask.T)
    outputs: jax.Array
    states, outputs = jax.lax.scan(masked, states, by_time)
    return (jnp.swapaxes(outputs, 0, 1), *states)


def simple_rnn(
    x: Array,
    h: Array,
    kernel: Array,
    recurrent: Array,
    bias: Any,
    activation: str,
    mask: Any,
    noise: Any,
) -> tuple:
    """``h = activation(x W + h U + b)`` (Elman, 1990)."""
    function = {"tanh": jnp.tanh, "relu": jax.nn.relu}[activation]

    def step(x: Array, states: tuple) -> tuple:
        (h,) = states
        inner = h if noise is None else h * noise
        z = x @ kernel + inner @ recurrent
        return (function(z if bias is None else z + bias),)

    return _run(step, x, (h,), mask)


def lstm(
    x: Array,
    h: Array,
    c: Array,
    kernel: Array,
    recurrent: Array,
    bias: Any,
    peepholes: Any,
    mask: Any,
    noise: Any,
) -> tuple:
    """Hochreiter & Schmidhuber (1997) with forget gates; peepholes: Gers & Schmidhuber (2000)."""
    looks = (0, 0, 0) if peepholes is None else peepholes

    def step(x: Array, states: tuple) -> tuple:
        h, c = states
        inner = h if noise is None else h * noise
        z = x @ kernel + inner @ recurrent
        z_i, z_f, z_c, z_o = jnp.split(z if bias is None else z + bias, 4, axis=-1)
        i = jax.nn.sigmoid(z_i + looks[0] * c)
        f = jax.nn.sigmoid(z_f + looks[1] * c)
        c = f * c + i * jnp.tanh(z_c)
        o = jax.nn.sigmoid(z_o + looks[2] * c)
        return o * jnp.tanh(c), c

    return _run(step, x, (h, c), mask)


def gru(
    x: Array,
    h: Array,
    kernel: Array,
    recurrent: Array,
    bias: Any,
    reset_after: bool,
    mask: Any,
    noise: Any,
) -> tuple:
    """Cho et al. (2014); with ``reset_after``, the gate r stands behind the product (cuDNN)."""
    w_z, w_r, w_h = jnp.split(kernel, 3, axis=-1)
    u_z, u_r, u_h = jnp.split(recurrent, 3, axis=-1)
    zeros = jnp.zeros((2, recurrent.shape[-1]), recurrent.dtype)
    if bias is not None:
        zeros = zeros + bias if reset_after else zeros.at[0].add(bias)
    (b_z, b_r, b_h), (d_z, d_r, d_h) = (jnp.split(row, 3) for row in zeros)

    def step(x: Array, states: tuple) -> tuple:
        (h,) = states
        inner = h if noise is None else h * noise
        z = jax.nn.sigmoid(x @ w_z + b_z + inner @ u_z + d_z)
        r = jax.nn.sigmoid(x @ w_r + b_r + inner @ u_r + d_r)
        recalled = r * (inner @ u_h + d_h) if reset_after else (r * inner) @ u_h
        return (z * h + (1 - z) * jnp.tanh(x @ w_h + b_h + recalled),)

    return _run(step, x, (h,), mask)
