"""The one place where the way to compute a convolution or a pooling is chosen.

On a GPU: ``jax.lax`` (cuDNN). On a CPU: the native kernels if they were compiled, else matrix
products and slices in plain JAX; ``jax.lax`` never, because it is many times slower there inside a
compiled loop, and its gradients select and scatter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import native
from maeum.ops.kernels import (
    compiled,
    compiled_normalization,
    compiled_pooling,
    matmul,
    normalization,
    reference,
    slices,
)
from maeum.ops.windows import Window

# The kernels count the places of one sample with 32 bits.
_LARGEST_SAMPLE = 2**30


def _fits(*arrays: jax.Array) -> bool:
    """Tell whether the native kernels can be called on these arrays."""
    return native.status().present and all(
        array.dtype in (jnp.float32, jnp.bfloat16, jnp.float16)
        and math.prod(array.shape) > 0
        and math.prod(array.shape[1:]) < _LARGEST_SAMPLE
        for array in arrays
    )


def _on_cpu() -> bool:
    """Tell whether the program will run on a CPU: on the default device, if one was chosen."""
    device = jax.config.jax_default_device  # type: ignore[attr-defined]
    return (getattr(device, "platform", device) or jax.default_backend()) == "cpu"


def _way(*arrays: Any) -> Any:
    """Return the module that computes fastest on these arrays."""
    if not _on_cpu():
        return reference
    return compiled if _fits(*arrays) else matmul


def convolve(
    x: jax.Array, kernel: jax.Array, bias: Any, window: Window, relu: bool = False
) -> jax.Array:
    """Return ``conv(x, kernel) + bias``, through a ReLU if asked for."""
    sizes = window.output_sizes(x.shape[1:-1])
    way = _way(x, kernel)
    if way is compiled and math.prod(sizes) * kernel.shape[-1] >= _LARGEST_SAMPLE:
        way = matmul
    if kernel.size == 0:  # a sum over no channels
        y = jnp.zeros((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)
        return y if bias is None else y + bias
    if way is compiled:
        pixels, weights, shift = _single(x, kernel, bias)
        return compiled.convolve(pixels, weights, shift, window, relu).astype(x.dtype)
    y = way.convolve(x, kernel, window)
    y = y if bias is None else y + bias
    return jax.nn.relu(y) if relu else y


def convolve_transposed(
    x: jax.Array, kernel: jax.Array, bias: Any, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the transposed convolution of ``x``, whose output has the spatial ``sizes``.

    The kernel is (..., output channels / groups, input channels), as that of the convolution
    which it transposes.
    """
    sizes = tuple(sizes)
    outputs = math.prod(sizes) * kernel.shape[-2] * window.groups
    way = _way(x, kernel) if 0 < outputs < _LARGEST_SAMPLE else matmul
    if way is compiled:
        y = compiled.convolve_transposed(*_single(x, kernel, bias), window, sizes)
        return y.astype(x.dtype)
    y = way.convolve_transposed(x, kernel, window, sizes)
    return y if bias is None else y + bias


def _single(*arrays: Any) -> tuple:
    """Return the arrays in single precision, in which the native kernels compute."""
    return tuple(None if a is None else a.astype(jnp.float32) for a in arrays)


def max_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the greatest entry of each window."""
    if _way(x) is compiled:
        return compiled_pooling.max_pool(*_single(x), window).astype(x.dtype)
    return (slices if _on_cpu() else reference).max_pool(x, window)


def sum_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the sum of each window."""
    if _way(x) is compiled:
        return compiled_pooling.sum_pool(*_single(x), window).astype(x.dtype)
    return (slices if _on_cpu() else reference).sum_pool(x, window)


def batch_normalize(
    x: jax.Array, gamma: Any, beta: Any, epsilon: float, relu: bool = False
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return ``x`` normalized by its own moments, through a ReLU if asked for, and the moments."""
    native_too = x.dtype == jnp.float32 and _way(x) is compiled
    way = compiled_normalization if native_too else normalization
    return way.batch_normalize(x, gamma, beta, epsilon, relu)
