"""Batch normalization in training through the native kernels (`maeum.native`); float32.

The backward pass is one call, too: two passes over the inputs and the gradient. Where a ReLU was
closed is computed again from the inputs, which costs less than reading the outputs. Derivatives of
the backward pass itself take the plain formulas.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels.derivatives import differentiated_by
from maeum.ops.kernels.normalization import gradients

Array = Any


def batch_normalize(
    x: Array, gamma: Any, beta: Any, epsilon: float, relu: bool = False
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Give each channel mean 0 and variance 1 over all other axes, then scale and shift.

    Shapes: ``x`` is (..., C); gamma and beta are (C,) or None.

    Returns:
        ``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, through a ReLU if asked for, and
        the mean and the (population) variance of each channel. Without rows, these are NaN.

    Source: Ioffe & Szegedy, 2015.
    """
    return _normalize(x, gamma, beta, epsilon, relu)[:3]


def _attributes(epsilon: float, relu: bool) -> dict[str, Any]:
    return {"epsilon": np.float32(epsilon), "relu": np.bool_(relu)}


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _normalize(x: Array, gamma: Any, beta: Any, epsilon: float, relu: bool) -> tuple:
    """Return what `batch_normalize` does, and what is left of the mean when it is rounded."""
    channels, attributes = native.float32(x.shape[-1]), _attributes(epsilon, relu)
    outputs = (native.float32(*x.shape), channels, channels, channels)
    return native.call("MaeumBatchNormalization", outputs, x, gamma, beta, **attributes)


def _forward(x: Any, gamma: Any, beta: Any, epsilon: float, relu: bool) -> tuple:
    x, gamma, beta = (None if value is None else value.value for value in (x, gamma, beta))
    y, mean, variance, rest = _normalize(x, gamma, beta, epsilon, relu)
    return (y, mean, variance, rest), (x, mean, variance, rest, gamma, beta)


def _backward(epsilon: float, relu: bool, saved: tuple, directions: tuple) -> tuple:
    x, *_, gamma, beta = saved
    dy, dmean, dvariance = (
        None if isinstance(d, jax.custom_derivatives.SymbolicZero) else d for d in directions[:3]
    )
    if dy is None:
        if dmean is None and dvariance is None:
            return None, None, None
        dy = jnp.zeros_like(x)
    dx, dgamma, dbeta = _gradients(saved, dy, dmean, dvariance, epsilon, relu)
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


_normalize.defvjp(_forward, _backward, symbolic_zeros=True)


@differentiated_by(gradients, static=2)
def _gradients(
    saved: tuple, dy: Array, dmean: Any, dvariance: Any, epsilon: float, relu: bool
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the gradients for x, gamma and beta."""
    channels, attributes = native.float32(saved[0].shape[-1]), _attributes(epsilon, relu)
    outputs = (native.float32(*saved[0].shape), channels, channels)
    inputs = (*saved, dy, dmean, dvariance)
    return native.call("MaeumBatchNormalizationGradient", outputs, *inputs, **attributes)
