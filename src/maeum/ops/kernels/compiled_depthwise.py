"""Depthwise convolution through the native kernels (`maeum.native`), with its derivatives; float32.

As in `maeum.ops.kernels.compiled`, the backward pass is one call for all gradients that are
wanted, and derivatives of the backward pass itself take the plain formulas.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels import reference
from maeum.ops.windows import Window

Array = Any
_nothing = np.zeros(0, np.float32)


@jax.tree_util.register_static
@dataclass(frozen=True)
class _Wanted:
    """Whose gradients are wanted."""

    x: bool
    bias: bool


def _attributes(window: Window) -> dict[str, Any]:
    return {
        "strides": np.array(window.strides, np.int64),
        "pads": np.array([low for low, _ in window.pads], np.int64),
        "dilation": np.array(window.dilation, np.int64),
    }


def _shape(*sizes: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(sizes, jnp.float32)


def depthwise(x: Array, kernel: Array, bias: Any, window: Window, relu: bool) -> jax.Array:
    """Convolve each channel with kernels of its own, add the bias, and take a ReLU if asked for.

    Shapes: ``x`` is (batch, ..., C), the kernel (..., 1, C * m); output channel ``c * m + j``
    belongs to input channel ``c``.
    """
    multiplier = kernel.shape[-1] // x.shape[-1]
    if multiplier > 1:
        x = jnp.repeat(x, multiplier, axis=-1)
    return _depthwise(x, kernel, bias, replace(window, groups=kernel.shape[-1]), relu)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _depthwise(x: Array, kernel: Array, bias: Any, window: Window, relu: bool) -> jax.Array:
    """Return what `depthwise` does, for as many output as input channels."""
    return native.call(
        "MaeumDepthwise",
        _shape(x.shape[0], *window.output_sizes(x.shape[1:-1]), x.shape[-1]),
        x,
        kernel,
        _nothing if bias is None else bias,
        **_attributes(window),
        relu=np.bool_(relu),
    )


def _forward(x: Any, kernel: Any, bias: Any, window: Window, relu: bool) -> tuple:
    wanted = _Wanted(x.perturbed, bias is not None and bias.perturbed)
    x, kernel, bias = x.value, kernel.value, None if bias is None else bias.value
    y = _depthwise(x, kernel, bias, window, relu)
    return y, (x, kernel, y if relu else None, wanted)


def _backward(window: Window, relu: bool, saved: tuple, dy: Any) -> tuple:
    x, kernel, y, wanted = saved
    if isinstance(dy, jax.custom_derivatives.SymbolicZero):
        return None, None, None
    dx, dkernel, db = _gradients(x, kernel, y, dy, window, wanted)
    return dx if wanted.x else None, dkernel, db if wanted.bias else None


_depthwise.defvjp(_forward, _backward, symbolic_zeros=True)


@functools.partial(jax.custom_vjp, nondiff_argnums=(4, 5))
def _gradients(
    x: Array, kernel: Array, y: Any, dy: Array, window: Window, wanted: _Wanted
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the gradients of `_depthwise`; empty ones where they are not wanted."""
    return tuple(
        native.call(
            "MaeumDepthwiseGradient",
            (
                _shape(*(x.shape if wanted.x else (0,))),
                _shape(*kernel.shape),
                _shape(kernel.shape[-1] if wanted.bias else 0),
            ),
            x,
            kernel,
            _nothing if y is None else y,
            dy,
            **_attributes(window),
        )
    )


def _plain_gradients(
    x: Array, kernel: Array, y: Any, dy: Array, window: Window, wanted: _Wanted
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return what `_gradients` does, by formulas that can be differentiated again."""
    dz = dy if y is None else jnp.where(y > 0, dy, 0)
    _, transpose = jax.vjp(lambda x, kernel: reference.convolve(x, kernel, window), x, kernel)
    dx, dkernel = transpose(dz)
    db = dz.sum(range(dz.ndim - 1)) if wanted.bias else jnp.asarray(_nothing)
    return dx if wanted.x else jnp.asarray(_nothing), dkernel, db


def _gradients_forward(*args: Any) -> tuple:
    return _gradients(*args), args[:4]


def _gradients_backward(window: Window, wanted: _Wanted, saved: tuple, directions: tuple) -> tuple:
    x, kernel, y, dy = saved
    _, transpose = jax.vjp(
        lambda x, kernel, dy: _plain_gradients(x, kernel, y, dy, window, wanted), x, kernel, dy
    )
    dx, dkernel, ddy = transpose(directions)
    return dx, dkernel, None if y is None else jnp.zeros_like(y), ddy


_gradients.defvjp(_gradients_forward, _gradients_backward)
