"""Accuracies: how often the predicted class is the right one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.metrics.reduction import FunctionMetric
from maeum.ops.alignment import align, class_numbers


def accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where a prediction equals its target, else 0.

    >>> accuracy([1, 2, 3], [1, 2, 4]).tolist()
    [1.0, 1.0, 0.0]
    """
    return _matches(*align(y_true, y_pred))


def _matches(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.equal(a, b).astype(jnp.float32)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> jax.Array:
    """1 where a prediction lies on the label's side of ``threshold``, else 0.

    >>> binary_accuracy([1, 0, 1], [0.9, 0.6, 0.51]).tolist()
    [1.0, 0.0, 1.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    return _matches(y_true, (y_pred > threshold).astype(y_true.dtype))


def categorical_accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where the largest prediction is at the largest target, else 0.

    Shapes: ``(..., classes), (..., classes) -> (...)``.

    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    return _matches(jnp.argmax(y_true, axis=-1), jnp.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> jax.Array:
    """1 where the largest prediction is at the class number, else 0.

    Shapes: ``(...) or (..., 1), (..., classes) -> (...)``.

    >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.3, 0.7]]).tolist()
    [1.0, 0.0]
    """
    labels, y_pred = class_numbers(y_true, y_pred)
    return _matches(labels, jnp.argmax(y_pred, axis=-1))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> jax.Array:
    """1 where the right class is among the ``k`` largest predictions, else 0.

    Shapes: ``(..., classes), (..., classes) -> (...)``.

    >>> top_k_categorical_accuracy([[1, 0, 0]], [[0.3, 0.6, 0.1]], k=2).tolist()
    [1.0]
    """
    y_true, y_pred = align(y_true, y_pred)
    return _in_top_k(jnp.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> jax.Array:
    """1 where the class number is among the ``k`` largest predictions, else 0.

    Args:
        y_true: class numbers, ``(...)`` or ``(..., 1)``.
        y_pred: scores ``(..., classes)``, or class numbers from the best on.
        k: how many predictions count.
        from_sorted_ids: whether the predictions are class numbers in order.

    >>> sparse_top_k_categorical_accuracy([0], [[0.3, 0.6, 0.1]], k=2).tolist()
    [1.0]
    """
    labels, y_pred = class_numbers(y_true, y_pred)
    if from_sorted_ids:
        return jnp.any(labels[..., None] == y_pred[..., :k], axis=-1).astype(jnp.float32)
    return _in_top_k(labels, y_pred, k)


def _in_top_k(labels: jax.Array, scores: jax.Array, k: int) -> jax.Array:
    """1 where fewer than ``k`` scores are larger than the label's own (a number), else 0."""
    own = jnp.take_along_axis(scores, labels[..., None], axis=-1)
    best = (jnp.sum(scores > own, axis=-1) < k) & ~jnp.isnan(own[..., 0])
    return best.astype(jnp.float32)


class Accuracy(FunctionMetric, of=accuracy):
    """How often predictions equal targets.

    In ``compile(metrics=["accuracy"])`` the word stands for the binary, categorical or sparse
    form, whichever fits the model's output.

    >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """


class BinaryAccuracy(FunctionMetric, of=binary_accuracy):
    """How often predictions lie on the label's side of ``threshold``.

    >>> float(BinaryAccuracy()([[1], [0], [1], [1]], [[0.9], [0.6], [0.7], [0.8]]))
    0.75
    """


class CategoricalAccuracy(FunctionMetric, of=categorical_accuracy):
    """How often the largest prediction is at the 1 of a one-hot row."""


class SparseCategoricalAccuracy(FunctionMetric, of=sparse_categorical_accuracy):
    """How often the largest prediction is at the class number."""


class TopKCategoricalAccuracy(FunctionMetric, of=top_k_categorical_accuracy, first=("k",)):
    """How often the right class is among the ``k`` largest predictions, for one-hot rows."""


class SparseTopKCategoricalAccuracy(
    FunctionMetric, of=sparse_top_k_categorical_accuracy, first=("k",)
):
    """How often the right class is among the ``k`` largest predictions, for class numbers."""
