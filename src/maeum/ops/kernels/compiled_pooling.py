"""Pooling through the native kernels (`maeum.native`), with its derivatives; float32.

The gradient of max pooling goes to the first of the largest entries of each window, from the
front to the back.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels import reference
from maeum.ops.kernels.compiled import moves
from maeum.ops.kernels.derivatives import with_backward
from maeum.ops.windows import Window

Array = Any


def _attributes(window: Window) -> dict[str, Any]:
    return {"taps": np.array(window.size, np.int64), **moves(window)}


def _pooled(x: Array, window: Window) -> jax.ShapeDtypeStruct:
    return native.float32(x.shape[0], *window.output_sizes(x.shape[1:-1]), x.shape[-1])


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def max_pool(x: Array, window: Window) -> jax.Array:
    """Return the largest entry of each window (NaN if there is one); what is padded never is.

    A window that lies in the padding alone gives minus infinity.
    """
    return native.call("MaeumMaxPool", _pooled(x, window), x, **_attributes(window))


def _max_forward(x: Array, window: Window) -> tuple:
    y = max_pool(x, window)
    return y, (x, y)


def _max_backward(window: Window, saved: tuple, dy: Array) -> tuple:
    return (_max_gradient(*saved, dy, window),)


max_pool.defvjp(_max_forward, _max_backward)


def _max_gradient_backward(window: Window, saved: tuple, direction: Array) -> tuple:
    # It is linear in dy, and where the largest entries lie does not change with x.
    x, y, _ = saved
    _, transpose = jax.vjp(lambda x: reference.max_pool(x, window), x)
    ddy = jax.linear_transpose(lambda dy: transpose(dy)[0], y)(direction)[0]
    return jnp.zeros_like(x), jnp.zeros_like(y), ddy


@with_backward(_max_gradient_backward, static=1)
def _max_gradient(x: Array, y: Array, dy: Array, window: Window) -> jax.Array:
    """Return the gradient of `max_pool`, whose result was ``y``."""
    shape = native.float32(*x.shape)
    return native.call("MaeumMaxPoolGradient", shape, x, y, dy, **_attributes(window))


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def sum_pool(x: Array, window: Window) -> jax.Array:
    """Return the sum of each window."""
    return native.call("MaeumSumPool", _pooled(x, window), x, **_attributes(window))


def _sum_forward(x: Array, window: Window) -> tuple:
    return sum_pool(x, window), x.shape


def _sum_backward(window: Window, shape: tuple, dy: Array) -> tuple:
    return (_sum_gradient(dy, window, shape),)


sum_pool.defvjp(_sum_forward, _sum_backward)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _sum_gradient(dy: Array, window: Window, shape: tuple) -> jax.Array:
    """Return the gradient of `sum_pool` for an input of a shape."""
    return native.call("MaeumSumPoolGradient", native.float32(*shape), dy, **_attributes(window))


def _sum_gradient_forward(dy: Array, window: Window, shape: tuple) -> tuple:
    return _sum_gradient(dy, window, shape), None


def _sum_gradient_backward(window: Window, shape: tuple, _: None, direction: Array) -> tuple:
    return (sum_pool(direction, window),)


_sum_gradient.defvjp(_sum_gradient_forward, _sum_gradient_backward)
