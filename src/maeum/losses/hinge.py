"""Margin losses: a prediction should lie on the label's side of 0, and far enough from it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import align


def hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean(max(1 - y_true y_pred, 0))`` along the last axis.

    Args:
        y_true: labels -1 and 1; labels 0 and 1 are understood.
        y_pred: scores of the same shape.

    >>> float(hinge([-1.0, 1.0], [0.5, 2.0]))
    0.75
    """
    return jnp.mean(_short_of_margin(y_true, y_pred), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean(max(1 - y_true y_pred, 0)**2)`` along the last axis; labels as in `hinge`.

    >>> float(squared_hinge([-1.0, 1.0], [1.0, 2.0]))
    2.0
    """
    return jnp.mean(jnp.square(_short_of_margin(y_true, y_pred)), axis=-1)


def _short_of_margin(y_true: Any, y_pred: Any) -> jax.Array:
    y_true, y_pred = align(y_true, y_pred)
    zero_or_one = jnp.all((y_true == 0) | (y_true == 1))
    signs = jnp.where(zero_or_one, 2 * y_true - 1, y_true)
    return jnp.maximum(1 - signs * y_pred, 0)


def categorical_hinge(y_true: Any, y_pred: Any) -> jax.Array:
    """``max(neg - pos + 1, 0)``: the best wrong class against the right one.

    Args:
        y_true: one-hot rows, shape ``(..., classes)``.
        y_pred: scores of the same shape.

    >>> float(categorical_hinge([0.0, 1.0], [0.75, 0.5]))
    1.25
    """
    y_true, y_pred = align(y_true, y_pred)
    right = jnp.sum(y_true * y_pred, axis=-1)
    wrong = jnp.max((1 - y_true) * y_pred, axis=-1)
    return jnp.maximum(wrong - right + 1, 0)


class Hinge(FunctionLoss, of=hinge):
    """The mean of `hinge`."""


class SquaredHinge(FunctionLoss, of=squared_hinge):
    """The mean of `squared_hinge`."""


class CategoricalHinge(FunctionLoss, of=categorical_hinge):
    """The mean of `categorical_hinge`."""
