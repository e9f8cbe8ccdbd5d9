"""Losses of regions, for segmentation: how little two of them overlap."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.masks import mask_of
from maeum.core.settings import epsilon
from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import align

Axis = int | tuple[int, ...] | None


def dice(y_true: Any, y_pred: Any, axis: Axis = None) -> jax.Array:
    """``1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred))`` (Milletari et al., 2016).

    Args:
        y_true: 1 inside the region and 0 outside, any shape.
        y_pred: probabilities of the same shape; what their mask excludes does not count.
        axis: the axes of the sums; all by default, so that there is one number for a batch.

    >>> round(float(dice([1.0, 1.0, 0.0], [1.0, 0.0, 0.0])), 6)  # 1 - 2 / 3
    0.333333
    """
    y_true, y_pred = _counted(y_true, y_pred)
    both = jnp.sum(y_true * y_pred, axis=axis)
    return 1 - 2 * both / (jnp.sum(y_true, axis=axis) + jnp.sum(y_pred, axis=axis) + epsilon())


def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> jax.Array:
    """``1 - both / (both + alpha missed + beta false)``, sums of products (Salehi et al., 2017).

    ``both`` is the sum of ``y_true y_pred``, ``missed`` of ``y_true (1 - y_pred)`` and ``false``
    of ``(1 - y_true) y_pred``. With ``alpha=beta=0.5`` it is `dice`.

    Args:
        y_true: 1 inside the region and 0 outside, any shape.
        y_pred: probabilities of the same shape; what their mask excludes does not count.
        alpha: what the missed part weighs.
        beta: what the false part weighs.
        axis: the axes of the sums; all by default.

    >>> round(float(tversky([1.0, 1.0, 0.0], [1.0, 0.0, 0.0], alpha=1.0)), 6)  # 1 - 1 / 2
    0.5
    """
    y_true, y_pred = _counted(y_true, y_pred)
    # What is masked is 0 in both, so 1 - y counts it nowhere else.
    both = jnp.sum(y_true * y_pred, axis=axis)
    missed = jnp.sum(y_true - y_true * y_pred, axis=axis)
    false = jnp.sum(y_pred - y_true * y_pred, axis=axis)
    return 1 - both / (both + alpha * missed + beta * false + epsilon())


def _counted(y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    y_true, y_pred = align(y_true, y_pred)
    mask = mask_of(y_pred)
    if mask is None:
        return y_true, y_pred
    kept = jnp.asarray(mask, y_pred.dtype)
    kept = kept.reshape(kept.shape + (1,) * (y_pred.ndim - kept.ndim))
    return y_true * kept, y_pred * kept


class Dice(FunctionLoss, of=dice, first=("reduction", "name", "axis", "dtype")):
    """`dice`: how little two regions overlap.

    Args:
        reduction: see `Loss`.
        name: its name.
        axis: the axes of the sums, such as ``(1, 2, 3)`` for one value for each image; all by
            default.
        dtype: see `Loss`.
    """


class Tversky(
    FunctionLoss, of=tversky, first=("alpha", "beta", "reduction", "name", "axis", "dtype")
):
    """`tversky`: how little two regions overlap, with a weight for each kind of mistake.

    Args:
        alpha: what the missed part of the region weighs.
        beta: what weighs that which does not belong to it.
        reduction: see `Loss`.
        name: its name.
        axis: the axes of the sums; all by default.
        dtype: see `Loss`.
    """
