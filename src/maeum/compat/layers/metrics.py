"""``tf.metrics``: values over many batches, and what brings them up to date."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from maeum.compat.graph.graph import GraphKeys, get_default_graph
from maeum.compat.ops import arrays, maths
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.recording import op
from maeum.compat.ops.variables import GraphVariable, assign_add

__all__ = ["accuracy", "mean", "mean_absolute_error", "mean_squared_error", "precision", "recall"]


def _ratio(name: str, top: Any, bottom: Any) -> tuple[Any, Any]:
    """Return the ratio of two sums over all batches, and what adds a batch to them."""
    with get_default_graph().name_scope(name):
        total, count = (
            GraphVariable(0.0, False, [GraphKeys.LOCAL_VARIABLES], name=part)
            for part in ("total", "count")
        )
        value = maths.divide_no_nan(total, count, name="value")
        added = assign_add(total, top), assign_add(count, bottom)
        return value, maths.divide_no_nan(*added, name="update_op")


@op("weighted_sums", arrays=2, wrap=list)
def _sums(values: Any, weights: Any, name: Any = None) -> list:
    values = jnp.asarray(values, jnp.float32)
    weights = jnp.broadcast_to(1.0 if weights is None else weights, values.shape)
    return [jnp.sum(values * weights), jnp.sum(weights)]


def mean(values: Any, weights: Any = None, metrics_collections: Any = None,
         updates_collections: Any = None, name: str | None = None) -> tuple[Any, Any]:  # fmt: skip
    """The mean of all values."""
    return _ratio(name or "mean", *_sums(values, weights))


def accuracy(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
             updates_collections: Any = None,
             name: str | None = None) -> tuple[Any, Any]:  # fmt: skip
    """The fraction of predictions that are the labels."""
    right = maths.equal(arrays.cast(predictions, labels.dtype), labels)
    return mean(arrays.cast(right, "float32"), weights, name=name or "accuracy")


def mean_squared_error(labels: Any, predictions: Any, weights: Any = None,
                       name: str | None = None, **others: Any) -> tuple[Any, Any]:  # fmt: skip
    """The mean of the squared differences."""
    check_others("mean_squared_error", others)
    return mean(maths.squared_difference(labels, predictions), weights,
                name=name or "mean_squared_error")  # fmt: skip


def mean_absolute_error(labels: Any, predictions: Any, weights: Any = None,
                        name: str | None = None, **others: Any) -> tuple[Any, Any]:  # fmt: skip
    """The mean of the differences' sizes."""
    check_others("mean_absolute_error", others)
    difference = maths.abs(maths.subtract(labels, predictions))
    return mean(difference, weights, name=name or "mean_absolute_error")


def precision(labels: Any, predictions: Any, weights: Any = None, name: str | None = None,
              **others: Any) -> tuple[Any, Any]:  # fmt: skip
    """Of what is predicted, the fraction that is so."""
    check_others("precision", others)
    yes, told = arrays.cast(labels, "bool"), arrays.cast(predictions, "bool")
    both = arrays.cast(maths.logical_and(yes, told), "float32")
    return _ratio(name or "precision", _sums(both, weights)[0],
                  _sums(arrays.cast(told, "float32"), weights)[0])  # fmt: skip


def recall(labels: Any, predictions: Any, weights: Any = None, name: str | None = None,
           **others: Any) -> tuple[Any, Any]:  # fmt: skip
    """Of what is so, the fraction that is predicted."""
    check_others("recall", others)
    yes, told = arrays.cast(labels, "bool"), arrays.cast(predictions, "bool")
    both = arrays.cast(maths.logical_and(yes, told), "float32")
    return _ratio(name or "recall", _sums(both, weights)[0],
                  _sums(arrays.cast(yes, "float32"), weights)[0])  # fmt: skip
