"""Cross-entropies from logits: exact for any size of logit, gradients included."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import along_axis, each_entry
from maeum.ops.arrays import floating
from maeum.ops.lookup import indices


@op(mask=each_entry)
def sigmoid_cross_entropy(labels: Any, logits: Any) -> jax.Array:
    """``-labels log(p) - (1 - labels) log(1 - p)`` for ``p = sigmoid(logits)``, entry by entry.

    >>> sigmoid_cross_entropy([1.0, 0.0], [1000.0, 1000.0]).tolist()
    [0.0, 1000.0]
    """
    logits = floating(logits)
    labels = jnp.asarray(labels).astype(logits.dtype)
    # Written with `where` and not with maximum and abs, whose derivatives at 0 are a matter of
    # taste: on either side, and at 0, the derivative is sigmoid(logits) - labels.
    above = logits > 0
    positive, minus_size = jnp.where(above, logits, 0), jnp.where(above, -logits, logits)
    return positive - logits * labels + jnp.log1p(jnp.exp(minus_size))


@op(mask=along_axis)
def softmax_cross_entropy(labels: Any, logits: Any, axis: int = -1) -> jax.Array:
    """``-sum(labels log(p))`` for ``p = softmax(logits)`` along ``axis``, which disappears.

    >>> softmax_cross_entropy([0.0, 1.0], [1000.0, 0.0]).tolist()
    1000.0
    """
    logits = floating(logits)
    labels = jnp.asarray(labels).astype(logits.dtype)
    return -jnp.sum(labels * jax.nn.log_softmax(logits, axis), axis)


@op(mask=along_axis)
def sparse_softmax_cross_entropy(labels: Any, logits: Any, axis: int = -1) -> jax.Array:
    """`softmax_cross_entropy` for classes given by their index.

    ``labels`` have the shape of ``logits`` without ``axis``. A label outside the classes gives
    NaN.

    >>> sparse_softmax_cross_entropy([1, 2], [[1000.0, 0.0], [0.0, 0.0]]).tolist()
    [1000.0, nan]
    """
    logits = floating(logits)
    classes = logits.shape[axis]
    labels = jnp.expand_dims(indices(labels), axis)
    # Comparing with every class costs less than a gather whose gradient is a scatter.
    shape = [classes if a == axis % logits.ndim else 1 for a in range(logits.ndim)]
    chosen = jnp.arange(classes).reshape(shape) == labels
    log_p = jnp.sum(jnp.where(chosen, jax.nn.log_softmax(logits, axis), 0), axis)
    known = (labels >= 0) & (labels < classes)
    return jnp.where(known.squeeze(axis), -log_p, jnp.nan)
