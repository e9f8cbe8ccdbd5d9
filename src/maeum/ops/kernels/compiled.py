"""Convolutions through the native kernels (`maeum.native`), with their derivatives.

The backward pass is one call for all gradients that are wanted; where only the kernel's is (the
first layer of a network), the input's is not computed. Derivatives of the backward pass itself
take the plain formulas.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels.derivatives import with_backward
from maeum.ops.windows import Window

Array = Any


@jax.tree_util.register_static
@dataclass(frozen=True)
class _Wanted:
    """Whose gradients are wanted."""

    x: bool
    kernel: bool
    bias: bool


def _is_depthwise(kernel: Array, window: Window) -> bool:
    """Tell whether each channel makes one output by itself; that has kernels of its own."""
    return kernel.shape[-2] == 1 and window.groups == kernel.shape[-1] > 1


def _target(kernel: Array, window: Window) -> str:
    return "MaeumDepthwise" if _is_depthwise(kernel, window) else "MaeumConvolution"


def moves(window: Window) -> dict[str, Any]:
    """Return how a window moves, as attributes of the native kernels."""
    return {
        "strides": np.array(window.strides, np.int64),
        "pads": np.array([low for low, _ in window.pads], np.int64),
        "dilation": np.array(window.dilation, np.int64),
    }


def _attributes(kernel: Array, window: Window) -> dict[str, Any]:
    groups = {} if _is_depthwise(kernel, window) else {"groups": np.int64(window.groups)}
    return moves(window) | groups


def convolve(x: Array, kernel: Array, bias: Any, window: Window, relu: bool) -> jax.Array:
    """Return ``conv(x, kernel) + bias``, through a ReLU if asked for; float32."""
    if kernel.shape[-2] == 1 < window.groups < kernel.shape[-1]:
        # Several outputs of each channel: as many channels, each with one.
        x = jnp.repeat(x, kernel.shape[-1] // window.groups, axis=-1)
        window = replace(window, groups=kernel.shape[-1])
    return _convolve(x, kernel, bias, window, relu)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _convolve(x: Array, kernel: Array, bias: Any, window: Window, relu: bool) -> jax.Array:
    sizes = window.output_sizes(x.shape[1:-1])
    output = native.float32(x.shape[0], *sizes, kernel.shape[-1])
    attributes = {**_attributes(kernel, window), "relu": np.bool_(relu)}
    return native.call(_target(kernel, window), output, x, kernel, bias, **attributes)


def _convolve_forward(x: Any, kernel: Any, bias: Any, window: Window, relu: bool) -> tuple:
    biased = bias is not None and bias.perturbed
    wanted = _Wanted(x.perturbed, kernel.perturbed, biased)
    x, kernel, bias = x.value, kernel.value, None if bias is None else bias.value
    y = _convolve(x, kernel, bias, window, relu)  # itself, so that it can be differentiated again
    return y, (x, kernel, y if relu else None, wanted)


def _convolve_backward(window: Window, relu: bool, saved: tuple, dy: Any) -> tuple:
    x, kernel, y, wanted = saved
    if isinstance(dy, jax.custom_derivatives.SymbolicZero):
        return None, None, None
    if not wanted.kernel and not wanted.bias and not _is_depthwise(kernel, window):
        dz = _through_relu(dy, y)
        return convolve_transposed(dz, kernel, None, window, x.shape[1:-1]), None, None
    dx, dkernel, db = _gradients(x, kernel, y, dy, window, wanted)
    return dx if wanted.x else None, dkernel, db if wanted.bias else None


_convolve.defvjp(_convolve_forward, _convolve_backward, symbolic_zeros=True)


def _through_relu(dy: Array, y: Any) -> jax.Array:
    return dy if y is None else jnp.where(y > 0, dy, 0)


def _summed(dz: Array) -> jax.Array:
    return dz.sum(range(dz.ndim - 1))


def _gradients_backward(
    window: Window, wanted: _Wanted, saved: tuple, directions: tuple
) -> tuple[Any, ...]:
    # The gradients are the derivatives of sum(conv(x, kernel) * dz), which is linear in each of
    # the three arrays: where a direction takes the place of one, the others' stay what they are.
    x, kernel, y, dy = saved
    ddx, ddkernel, ddb = directions
    dz = _through_relu(dy, y)
    ddz = convolve(x, ddkernel, ddb if wanted.bias else None, window, False)
    to_x = convolve_transposed(dz, ddkernel, None, window, x.shape[1:-1])
    to_kernel = jnp.zeros_like(kernel)
    if wanted.x:
        ddz = ddz + convolve(ddx, kernel, None, window, False)
        _, to_kernel, _ = _gradients(ddx, kernel, None, dz, window, _Wanted(False, True, False))
    # Where the ReLU is 0 does not change with its outputs.
    return to_x, to_kernel, None if y is None else jnp.zeros_like(y), _through_relu(ddz, y)


@with_backward(_gradients_backward, static=2)
def _gradients(
    x: Array, kernel: Array, y: Any, dy: Array, window: Window, wanted: _Wanted
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the gradients of `convolve`; empty ones where they are not wanted."""
    outputs = (
        native.float32(*(x.shape if wanted.x else (0,))),
        native.float32(*kernel.shape),
        native.float32(kernel.shape[-1] if wanted.bias else 0),
    )
    target = f"{_target(kernel, window)}Gradient"
    return native.call(target, outputs, x, kernel, y, dy, **_attributes(kernel, window))


def _transposed_backward(window: Window, sizes: Sequence[int], saved: tuple, dy: Array) -> tuple:
    # What is transposed twice is the convolution itself; the kernel's gradient is that of the
    # convolution which took the output for its input.
    x, kernel, bias = saved
    dx = convolve(dy, kernel, None, window, False)
    _, dkernel, _ = _gradients(dy, kernel, None, x, window, _Wanted(False, True, False))
    return dx, dkernel, None if bias is None else _summed(dy)


@with_backward(_transposed_backward, static=2)
def convolve_transposed(
    x: Array, kernel: Array, bias: Any, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the transposed convolution of ``x``, whose output has the spatial ``sizes``."""
    output = native.float32(x.shape[0], *sizes, kernel.shape[-2] * window.groups)
    attributes = {"groups": np.int64(window.groups), "relu": np.bool_(False), **moves(window)}
    return native.call("MaeumConvolutionTransposed", output, x, kernel, bias, **attributes)
