"""Batch normalization in training, in plain JAX, with its backward pass written by hand.

Autodiff would go back through the mean and the variance one after the other; the formula below
takes two sums over the gradient and one pass that makes the result.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

Array = Any


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def batch_normalize(
    x: Array, gamma: Any, beta: Any, epsilon: float, relu: bool = False
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Give each channel mean 0 and variance 1 over all other axes, then scale and shift.

    Shapes: ``x`` is (..., C); gamma and beta are (C,) or None.

    Returns:
        The result, through a ReLU if asked for, and the mean and the variance of each channel.
    """
    axes = tuple(range(x.ndim - 1))
    mean, variance = jnp.mean(x, axes), jnp.var(x, axes)
    factor = jax.lax.rsqrt(variance + epsilon)
    y = (x - mean) * (factor if gamma is None else factor * gamma)
    y = y if beta is None else y + beta
    return jax.nn.relu(y) if relu else y, mean, variance


def gradients(
    saved: tuple, dy: Array, dmean: Any, dvariance: Any, epsilon: float, relu: bool
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the gradients for x, gamma and beta; formulas that can be differentiated again.

    Args:
        saved: the inputs; their mean, as it was returned, and variance; what is left of the mean
            when it is rounded, or 0; gamma and beta, which may be None.
        dy: the gradient of the result.
        dmean: that of the mean, or None.
        dvariance: that of the variance, or None.
        epsilon: the small number.
        relu: whether a ReLU was behind.
    """
    x, mean, variance, rest, gamma, beta = saved
    axes = tuple(range(x.ndim - 1))
    count = x.size // max(x.shape[-1], 1)
    inverse = jax.lax.rsqrt(variance + epsilon)
    scale = inverse if gamma is None else gamma * inverse
    d = (x - mean) - rest
    if relu:
        dy = jnp.where(d * scale + (0 if beta is None else beta) > 0, dy, 0)
    total, product = dy.sum(axes), (dy * d).sum(axes)
    dx = scale * (dy - total / count - d * inverse**2 * product / count)
    if dmean is not None:
        dx += dmean / count
    if dvariance is not None:
        dx += 2 * d * dvariance / count
    return dx, product * inverse, total


def _forward(x: Array, gamma: Any, beta: Any, epsilon: float, relu: bool) -> tuple:
    y, mean, variance = batch_normalize(x, gamma, beta, epsilon, relu)
    return (y, mean, variance), (x, mean, variance, gamma, beta)


def _backward(epsilon: float, relu: bool, saved: tuple, directions: tuple) -> tuple:
    *moments, gamma, beta = saved
    dy, dmean, dvariance = directions
    saved = (*moments, 0.0, gamma, beta)
    dx, dgamma, dbeta = gradients(saved, dy, dmean, dvariance, epsilon, relu)
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


batch_normalize.defvjp(_forward, _backward)
