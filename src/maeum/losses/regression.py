"""Losses for numbers: the distance between a prediction and its target.

Each function takes targets and predictions of shape ``(..., n)`` and returns ``(...)``.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.settings import epsilon
from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import align


def mean_squared_error(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean((y_true - y_pred)**2)`` along the last axis.

    >>> float(mean_squared_error([81.0, 93.0, 91.0, 97.0], [82.0, 88.0, 94.0, 100.0]))
    11.0
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(jnp.square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean(|y_true - y_pred|)`` along the last axis.

    >>> float(mean_absolute_error([1.0, 2.0], [1.0, 4.0]))
    1.0
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(jnp.abs(y_true - y_pred), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> jax.Array:
    """``100 mean(|y_true - y_pred| / |y_true|)`` along the last axis; targets of 0 count as 1e-7.

    >>> float(mean_absolute_percentage_error([10.0, 20.0], [9.0, 20.0]))
    5.0
    """
    y_true, y_pred = align(y_true, y_pred)
    return 100 * jnp.mean(
        jnp.abs(y_true - y_pred) / jnp.maximum(jnp.abs(y_true), epsilon()), axis=-1
    )


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean((log(y_true + 1) - log(y_pred + 1))**2)``; numbers below 0 count as 1e-7.

    >>> float(mean_squared_logarithmic_error([3.0, 0.0], [3.0, 0.0]))
    0.0
    """
    y_true, y_pred = align(y_true, y_pred)
    logs = [jnp.log(jnp.maximum(y, epsilon()) + 1) for y in (y_true, y_pred)]
    return jnp.mean(jnp.square(logs[0] - logs[1]), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> jax.Array:
    """Half the squared error up to ``delta``, linear beyond (Huber, 1964).

    >>> [float(huber([0.0], [e])) for e in (1.0, 3.0)]
    [0.5, 2.5]
    """
    y_true, y_pred = align(y_true, y_pred)
    error = jnp.abs(y_pred - y_true)
    near = 0.5 * jnp.square(error)
    return jnp.mean(jnp.where(error <= delta, near, delta * error - 0.5 * delta**2), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean(log(cosh(y_pred - y_true)))``, computed so that it does not overflow.

    >>> float(log_cosh([0.0], [0.0]))
    0.0
    """
    y_true, y_pred = align(y_true, y_pred)
    error = y_pred - y_true
    return jnp.mean(error + jax.nn.softplus(-2 * error) - jnp.log(2.0), axis=-1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """Minus the cosine of the angle between the vectors along ``axis``: -1 is the best.

    >>> [float(cosine_similarity([0.0, 1.0], v)) for v in ([0.0, 2.0], [0.0, -1.0])]
    [-1.0, 1.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    return -jnp.sum(unit(y_true, axis) * unit(y_pred, axis), axis=axis)


def unit(x: jax.Array, axis: int = -1) -> jax.Array:
    """Return ``x`` scaled to length 1 along ``axis``; vectors shorter than 1e-6 stay shorter."""
    return x * jax.lax.rsqrt(jnp.maximum(jnp.sum(x * x, axis, keepdims=True), 1e-12))


class MeanSquaredError(FunctionLoss, of=mean_squared_error):
    """The mean of `mean_squared_error`.

    >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
    5.0
    """


class MeanAbsoluteError(FunctionLoss, of=mean_absolute_error):
    """The mean of `mean_absolute_error`."""


class MeanAbsolutePercentageError(FunctionLoss, of=mean_absolute_percentage_error):
    """The mean of `mean_absolute_percentage_error`."""


class MeanSquaredLogarithmicError(FunctionLoss, of=mean_squared_logarithmic_error):
    """The mean of `mean_squared_logarithmic_error`."""


class Huber(FunctionLoss, of=huber, name="huber_loss"):
    """The mean of `huber`.

    Args:
        delta: where the loss turns from quadratic to linear.
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.
    """


class LogCosh(FunctionLoss, of=log_cosh):
    """The mean of `log_cosh`."""


class CosineSimilarity(FunctionLoss, of=cosine_similarity):
    """The mean of `cosine_similarity` (minus the cosine, so that less is better).

    Args:
        axis: the axis along which the vectors lie.
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.
    """
