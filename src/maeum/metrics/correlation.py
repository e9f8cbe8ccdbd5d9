"""Correlations: how well predictions and targets rise and fall together."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.settings import epsilon
from maeum.metrics.reduction import FunctionMetric
from maeum.ops.alignment import align


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """The covariance along ``axis`` over the product of the standard deviations, from -1 to 1.

    Constant targets or predictions have no correlation: NaN.

    >>> round(float(pearson_correlation([1.0, 2.0, 3.0], [2.0, 4.0, 9.0])), 6)
    0.970725
    """
    y_true, y_pred = _centered(*align(y_true, y_pred), axis)
    spread = jnp.std(y_true, axis=axis) * jnp.std(y_pred, axis=axis)
    return jnp.mean(y_true * y_pred, axis=axis) / spread


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """How close the pairs along ``axis`` lie to the diagonal, from -1 to 1 (Lin, 1989).

    Twice the covariance over the sum of the variances and the squared distance of the means.

    >>> round(float(concordance_correlation([1.0, 2.0, 3.0], [2.0, 4.0, 9.0])), 6)
    0.254545
    """
    y_true, y_pred = align(y_true, y_pred)
    apart = jnp.mean(y_true, axis=axis) - jnp.mean(y_pred, axis=axis)
    spread = jnp.var(y_true, axis=axis) + jnp.var(y_pred, axis=axis) + jnp.square(apart)
    true, pred = _centered(y_true, y_pred, axis)
    return 2 * jnp.mean(true * pred, axis=axis) / (spread + epsilon())


def _centered(y_true: jax.Array, y_pred: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    return (
        y_true - jnp.mean(y_true, axis=axis, keepdims=True),
        y_pred - jnp.mean(y_pred, axis=axis, keepdims=True),
    )


class PearsonCorrelation(FunctionMetric, of=pearson_correlation):
    """The mean of `pearson_correlation`.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        axis: along which values are correlated: -1 within each row, 0 across the rows of a batch.
    """


class ConcordanceCorrelation(FunctionMetric, of=concordance_correlation):
    """The mean of `concordance_correlation`.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        axis: along which values are compared: -1 within each row, 0 across the rows of a batch.
    """
