"""Bringing targets, predictions and weights to shapes that fit together, as Keras does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.hints import hint_of, with_hints
from maeum.core.masks import mask_of, with_mask
from maeum.core.variable import Variable

LOGITS = ("sigmoid_logits", "softmax_logits")


def as_array(x: Any, dtype: Any = None) -> jax.Array:
    """Return ``x`` as an array (of ``dtype``, if given) that keeps its mask and its logits."""
    if isinstance(x, Variable):
        x = x.value
    return _carry(x, lambda a: jnp.asarray(a, dtype))


def _carry(x: Any, change: Callable[[Any], jax.Array]) -> jax.Array:
    """Apply ``change`` to an array and to the logits it came from."""
    changed = change(x)
    if changed is x:
        return x
    logits = {name: hint_of(x, name) for name in LOGITS}
    hints = {name: change(array) for name, array in logits.items() if array is not None}
    return with_hints(with_mask(changed, mask_of(x)), **hints)


def same_rank(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Bring two arrays whose ranks differ by one to the same rank, if the last axis allows it.

    The last axis of the higher one is dropped when its size is 1; next to an array of rank 1 it
    stays, and the other array gets it.

    >>> [x.shape for x in same_rank(jnp.zeros(4), jnp.zeros((4, 1)))]
    [(4, 1), (4, 1)]
    >>> [x.shape for x in same_rank(jnp.zeros((4, 3, 1)), jnp.zeros((4, 3)))]
    [(4, 3), (4, 3)]
    """
    if b.ndim > a.ndim:
        b, a = same_rank(b, a)
        return a, b
    if a.ndim != b.ndim + 1 or a.shape[-1] != 1:
        return a, b
    if b.ndim == 1:
        return a, _carry(b, lambda x: x[:, None])
    return _carry(a, lambda x: x[..., 0]), b


def as_column(x: Any) -> jax.Array:
    """Return one number for each row as a column; other shapes stay.

    >>> as_column([1.0, 2.0]).shape
    (2, 1)
    """
    x = as_array(x)
    return _carry(x, lambda a: a[:, None]) if x.ndim == 1 else x


def align(y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Return targets and predictions as arrays of one dtype and rank that can be compared.

    Raises:
        ShapeError: if their shapes cannot fit together.
    """
    y_pred = as_array(y_pred)
    if not jnp.issubdtype(y_pred.dtype, jnp.floating):
        y_pred = as_array(y_pred, jnp.float32)
    y_true, y_pred = same_rank(as_array(y_true, y_pred.dtype), y_pred)
    check_fit(y_true, y_pred)
    return y_true, y_pred


def check_fit(y_true: Any, y_pred: Any) -> None:
    """Raise `ShapeError` unless the two have one rank and every size is equal or 1."""
    fits = len(y_true.shape) == len(y_pred.shape) and all(
        n == m or 1 in (n, m) for n, m in zip(y_true.shape, y_pred.shape)
    )
    if not fits:
        raise ShapeError(
            "The targets have shape {y_true} and the predictions {y_pred}; they must have the "
            "same shape. Compare the last layer's units with the columns of y (class numbers "
            "belong to a sparse categorical loss).",
            y_true=tuple(y_true.shape),
            y_pred=tuple(y_pred.shape),
        )


def is_sparse(y_true_shape: Any, y_pred_shape: Any) -> bool:
    """Whether targets of this shape are class numbers for predictions of that shape.

    >>> is_sparse((8,), (8, 3)), is_sparse((8, 1), (8, 3)), is_sparse((8, 3), (8, 3))
    (True, True, False)
    """
    if len(y_true_shape) < len(y_pred_shape):
        return y_pred_shape[-1] != 1
    return y_true_shape[-1] == 1 and y_pred_shape[-1] != 1


def class_numbers(y_true: Any, y_pred: Any, axis: int = -1) -> tuple[jax.Array, jax.Array]:
    """Return class numbers of the shape that predictions have without the classes' ``axis``.

    Raises:
        ShapeError: if the shapes do not fit.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    axis %= y_pred.ndim
    labels = y_true
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        labels = jnp.squeeze(y_true, axis)
    expected = y_pred.shape[:axis] + y_pred.shape[axis + 1 :]
    if labels.shape != expected:
        raise ShapeError(
            "The targets have shape {y_true} and the predictions {y_pred}; class numbers of shape "
            "{expected} were expected. One-hot targets belong to the categorical form of the loss "
            "or metric.",
            y_true=y_true.shape,
            y_pred=y_pred.shape,
            expected=expected,
        )
    return labels.astype(jnp.int32), y_pred


def fit_weights(values: jax.Array, weights: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Bring weights to the rank of the values: one weight for each row counts for all of it.

    Raises:
        ShapeError: if the weights cannot be spread over the values.
    """
    values, weights = same_rank(values, weights)
    spread = weights
    if 0 < weights.ndim < values.ndim:
        spread = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
    fits = spread.ndim <= values.ndim and all(
        n == m or m == 1 for n, m in zip(values.shape, spread.shape)
    )
    if not fits:
        raise ShapeError(
            "Sample weights of shape {weights} do not fit values of shape {values}: give one "
            "weight for each row, or one for each value.",
            weights=weights.shape,
            values=values.shape,
        )
    return values, spread
