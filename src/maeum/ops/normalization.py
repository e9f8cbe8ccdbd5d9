"""Moments, and the normalizations built from them.

Statistics are computed in float32 at least, whatever the dtype of the inputs; the result has the
inputs' dtype again.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError
from maeum.core.graph import op
from maeum.core.masks import along_axis, each_entry, each_row
from maeum.core.messages import _
from maeum.ops.arrays import floating, wide
from maeum.ops.kernels import choice as kernels

Axes = int | Sequence[int]
EPSILON = 1e-7


def _tuple(axes: Axes) -> tuple[int, ...]:
    return (axes,) if isinstance(axes, int) else tuple(axes)


@op(mask=along_axis)
def moments(
    x: Any, axes: Axes, keepdims: bool = False, synchronized: bool = False, *, mask: Any = None
) -> tuple[jax.Array, jax.Array]:
    """Return the mean and the (biased) variance of ``x`` over ``axes``, in the dtype of ``x``.

    Args:
        x: an array.
        axes: an axis or several.
        keepdims: whether the axes stay, with size 1.
        synchronized: whether the moments are those of all devices. There is one program for all
            of them here, so they always are.
        mask: bools that broadcast against ``x``; entries where it is False do not count. Both
            moments are 0 where nothing counts.
    """
    mean, variance = wide_moments(x, axes, keepdims, mask)
    x = floating(x)
    if x.dtype == mean.dtype:
        return mean, variance
    largest = jnp.finfo(x.dtype).max
    mean, variance = (jnp.clip(n, -largest, largest) for n in (mean, variance))
    return mean.astype(x.dtype), variance.astype(x.dtype)


def wide_moments(
    x: Any, axes: Axes, keepdims: bool = False, mask: Any = None
) -> tuple[jax.Array, jax.Array]:
    """Return `moments` in float32 at least."""
    x, axes = wide(x), _tuple(axes)
    if mask is None:
        return jnp.mean(x, axes, keepdims=keepdims), jnp.var(x, axes, keepdims=keepdims)
    mask = jnp.broadcast_to(mask, x.shape)
    count = jnp.maximum(jnp.sum(mask, axes, keepdims=True), 1)
    mean = jnp.sum(jnp.where(mask, x, 0), axes, keepdims=True) / count
    variance = jnp.sum(jnp.where(mask, x - mean, 0) ** 2, axes, keepdims=True) / count
    if not keepdims:
        mean, variance = mean.squeeze(axes), variance.squeeze(axes)
    return mean, variance


def _normalize(
    x: jax.Array, mean: jax.Array, variance: jax.Array, gamma: Any, beta: Any, epsilon: float
) -> jax.Array:
    """``(x - mean) / sqrt(variance + epsilon) * gamma + beta``, all broadcast against ``x``.

    The mean is subtracted first: far from 0 there would be nothing left of the digits otherwise.
    """
    factor = jax.lax.rsqrt(wide(variance) + epsilon)
    if gamma is not None:
        factor = factor * wide(gamma)
    outputs = (wide(x) - wide(mean)) * factor
    if beta is not None:
        outputs = outputs + wide(beta)
    return outputs.astype(x.dtype)


def _along(value: Any, axes: tuple[int, ...], x: jax.Array) -> Any:
    """Reshape one value for each index of ``axes`` so that it broadcasts against ``x``."""
    if value is None or jnp.ndim(value) == x.ndim:
        return value
    kept = {axis % x.ndim for axis in axes}
    return jnp.reshape(value, [n if a in kept else 1 for a, n in enumerate(x.shape)])


@op(mask=each_entry)
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int = -1,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> jax.Array:
    """``(x - mean) / sqrt(variance + epsilon) * scale + offset`` (Ioffe & Szegedy, 2015).

    ``mean``, ``variance``, ``offset`` and ``scale`` have one entry for each index of ``axis``.
    """
    x = floating(x)
    mean, variance, scale, offset = (
        _along(value, (axis,), x) for value in (mean, variance, scale, offset)
    )
    return _normalize(x, mean, variance, scale, offset, epsilon)


@op
def normalize_batch(
    x: Any, gamma: Any = None, beta: Any = None, epsilon: float = 1e-3, relu: bool = False
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Batch normalization as in training: by the moments of ``x`` itself, in one go.

    Shapes: ``x`` is (..., C); gamma and beta are (C,) or None.

    Returns:
        `batch_normalization` with the mean and variance of each channel over all other axes,
        through a ReLU if asked for; that mean and that variance.

    Source: Ioffe & Szegedy, 2015.
    """
    x = floating(x)
    gamma, beta = (None if value is None else wide(value) for value in (gamma, beta))
    y, mean, variance = kernels.batch_normalize(wide(x), gamma, beta, epsilon, relu)
    return y.astype(x.dtype), mean, variance


@op(mask=along_axis)
def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: Axes = -1,
    epsilon: float | None = None,
    *,
    rms_scaling: bool = False,
) -> jax.Array:
    """Give each sample mean 0 and variance 1 along ``axis``, then scale and shift (Ba, 2016).

    ``gamma`` and ``beta`` have the shape of ``x`` along ``axis`` (in the axes' order in ``x``).
    ``epsilon`` is added to the variance, 1e-7 by default. With ``rms_scaling`` the mean is not
    subtracted, and there is no beta.
    """
    x, axes = floating(x), _tuple(axis)
    epsilon = EPSILON if epsilon is None else epsilon
    if rms_scaling:
        warnings.warn(
            _("rms_scaling is Keras's older name for ops.rms_normalization."), stacklevel=3
        )
        variance = wide_moments(x, axes, keepdims=True)[1]
        return _normalize(x, jnp.zeros(()), variance, _along(gamma, axes, x), None, epsilon)
    if axes in ((-1,), (x.ndim - 1,)) and all(
        value is None or jnp.shape(value) == x.shape[-1:] for value in (gamma, beta)
    ):
        scale, shift = (None if value is None else wide(value) for value in (gamma, beta))
        return kernels.layer_normalize(wide(x), scale, shift, epsilon).astype(x.dtype)
    mean, variance = wide_moments(x, axes, keepdims=True)
    return _normalize(x, mean, variance, _along(gamma, axes, x), _along(beta, axes, x), epsilon)


@op(mask=each_row("x"))
def group_normalization(
    x: Any,
    groups: int,
    gamma: Any = None,
    beta: Any = None,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> jax.Array:
    """Normalize each sample over all axes, within groups of features (Wu & He, 2018).

    The size of ``axis`` must be a multiple of ``groups``; ``gamma`` and ``beta`` have one entry
    for each index of ``axis``.
    """
    x = floating(x)
    axis %= x.ndim
    grouped = x.reshape(*x.shape[:axis], groups, -1, *x.shape[axis + 1 :])
    others = [a for a in range(1, grouped.ndim) if a != axis]
    mean, variance = wide_moments(grouped, others, keepdims=True)
    normal = _normalize(grouped, mean, variance, None, None, epsilon).reshape(x.shape)
    if gamma is not None:
        normal = normal * _along(gamma, (axis,), x)
    if beta is not None:
        normal = normal + _along(beta, (axis,), x)
    return normal.astype(x.dtype)


@op(mask=along_axis)
def rms_normalization(
    x: Any, scale: Any = None, axis: Axes = -1, epsilon: float | None = None
) -> jax.Array:
    """``x / sqrt(mean(x^2) + epsilon) * scale`` along ``axis`` (Zhang & Sennrich, 2019).

    ``scale`` broadcasts against ``x``; ``epsilon`` is 1e-7 by default.
    """
    x = jnp.atleast_1d(floating(x))
    squares = jnp.mean(jnp.square(wide(x)), _tuple(axis), keepdims=True)
    made = wide(x) * jax.lax.rsqrt(squares + (EPSILON if epsilon is None else epsilon))
    return (made if scale is None else made * wide(scale)).astype(x.dtype)


@op(mask=along_axis)
def normalize(
    x: Any, axis: Axes | None = -1, order: int = 2, epsilon: float | None = None
) -> jax.Array:
    """``x`` divided by its norm along ``axis``, or by ``epsilon`` if that is larger.

    Args:
        x: an array.
        axis: an axis or several; None for all.
        order: the norm's order p, as in ``sum(|x|^p)^(1/p)``: a whole number from 1 on.
        epsilon: 1e-7 by default.

    Raises:
        ConfigError: for another order.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]]).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    if not isinstance(order, int) or order < 1:
        raise ConfigError("The order of a norm is a whole number from 1 on; got {o!r}.", o=order)
    x = jnp.atleast_1d(floating(x))
    axes = tuple(range(x.ndim)) if axis is None else _tuple(axis)
    epsilon = EPSILON if epsilon is None else epsilon
    if order == 2:
        squares = jnp.sum(jnp.square(wide(x)), axes, keepdims=True)
        return (wide(x) * jax.lax.rsqrt(jnp.maximum(squares, epsilon**2))).astype(x.dtype)
    along = axes[0] if len(axes) == 1 else None if axis is None else axes
    return x / jnp.maximum(jnp.linalg.norm(x, order, along, keepdims=True), epsilon)
