"""Focal cross-entropies: samples that are already right count less (Lin et al., 2017)."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.hints import hint_of
from maeum.losses.crossentropy import (
    binary_values,
    check_classes,
    probabilities,
    smooth,
    softmax_logits,
)
from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import align


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """``(1 - p_t)**gamma`` times the binary cross-entropy; ``p_t`` is the label's probability.

    Args:
        y_true: labels between 0 and 1, shape ``(..., n)``.
        y_pred: probabilities, or logits, of the same shape.
        apply_class_balancing: weigh label 1 with ``alpha`` and label 0 with ``1 - alpha``.
        alpha: the weight of label 1.
        gamma: how little the easy samples count.
        from_logits: whether the predictions are logits.
        label_smoothing: how far labels are moved from 0 and 1 towards one half.
        axis: the axis of the mean.

    >>> round(float(binary_focal_crossentropy([1.0], [0.5])), 6)
    0.173287
    """
    y_true, y_pred = align(y_true, y_pred)
    y_true = smooth(y_true, label_smoothing, 2)
    logits = y_pred if from_logits else hint_of(y_pred, "sigmoid_logits")
    if logits is None:
        p, not_p = y_pred, 1 - y_pred
    else:
        p, not_p = jax.nn.sigmoid(logits), jax.nn.sigmoid(-logits)
    values = binary_values(y_true, y_pred, from_logits)
    values = _power(y_true * not_p + (1 - y_true) * p, gamma) * values
    if apply_class_balancing:
        values = values * (y_true * alpha + (1 - y_true) * (1 - alpha))
    return jnp.mean(values, axis=axis)


def _power(x: jax.Array, gamma: float) -> jax.Array:
    """``x**gamma`` whose slope is finite at 0, also for ``gamma`` below 1."""
    return jnp.power(jnp.maximum(x, jnp.finfo(x.dtype).tiny), gamma)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """``-sum(alpha (1 - p)**gamma y log(p))`` along ``axis``.

    Args:
        y_true: one-hot rows, shape ``(..., classes)``.
        y_pred: probabilities (scaled to sum 1), or logits, of the same shape.
        alpha: one weight, or one for each class.
        gamma: how little the easy samples count.
        from_logits: whether the predictions are logits.
        label_smoothing: how much of each row is spread evenly over the classes.
        axis: the axis of the classes.

    >>> round(float(categorical_focal_crossentropy([0.0, 1.0], [0.5, 0.5])), 6)
    0.043322
    """
    y_true, y_pred = align(y_true, y_pred)
    check_classes(y_true, y_pred, axis)
    y_true = smooth(y_true, label_smoothing, y_true.shape[-1])
    logits = softmax_logits(y_pred, from_logits, axis)
    if logits is None:
        p = probabilities(y_pred, axis)
        log_p = jnp.log(p)
    else:
        log_p = jax.nn.log_softmax(logits, axis)
        p = jnp.exp(log_p)
    weights = jnp.asarray(alpha, p.dtype) * _power(1 - p, gamma)
    return -jnp.sum(weights * y_true * log_p, axis=axis)


class BinaryFocalCrossentropy(FunctionLoss, of=binary_focal_crossentropy):
    """The mean of `binary_focal_crossentropy`, whose arguments it takes."""


class CategoricalFocalCrossentropy(FunctionLoss, of=categorical_focal_crossentropy):
    """The mean of `categorical_focal_crossentropy`, whose arguments it takes."""
