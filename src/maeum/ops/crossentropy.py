"""Cross-entropies from logits: exact for any size of logit, gradients included."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.masks import along_axis, each_entry
from maeum.ops.arrays import floating, indices


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


# ---- under Keras's names -------------------------------------------------------------------------

EPSILON = 1e-7


@op(mask=each_entry)
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> jax.Array:
    """``-target log(p) - (1 - target) log(1 - p)``, entry by entry.

    Args:
        target: numbers between 0 and 1.
        output: the probabilities p, which are kept 1e-7 away from 0 and 1, or their logits.
        from_logits: whether they are logits.

    Raises:
        ShapeError: if the shapes differ.
    """
    target, output = _operands(target, output)
    if from_logits:
        return sigmoid_cross_entropy(target, output)
    p = jnp.clip(output, EPSILON, 1 - EPSILON)
    return -target * jnp.log(p) - (1 - target) * jnp.log(1 - p)


@op(mask=along_axis)
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> jax.Array:
    """``-sum(target log(p))`` along ``axis``, which disappears.

    Args:
        target: one-hot rows, or distributions.
        output: probabilities, divided by their sum and kept 1e-7 away from 0 and 1, or logits.
        from_logits: whether they are logits.
        axis: the axis of the classes.

    Raises:
        ShapeError: if the shapes differ.
    """
    target, output = _operands(target, output)
    if from_logits:
        return softmax_cross_entropy(target, output, axis)
    return -jnp.sum(target * _log(output, axis), axis)


@op(mask=along_axis)
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> jax.Array:
    """`categorical_crossentropy` for class numbers, which may have a last axis of size 1.

    A class that is none of the outputs' has the loss 0.

    Raises:
        ShapeError: unless the targets have the shape of the outputs without the classes.
    """
    target, output = indices(target), floating(output)
    if target.ndim == output.ndim and target.shape[-1:] == (1,):
        target = target.squeeze(-1)
    axis = axis % output.ndim if output.ndim else axis
    if output.ndim < 1 or target.shape != output.shape[:axis] + output.shape[axis + 1 :]:
        raise ShapeError(
            "Class numbers have the shape of the outputs without the axis of the classes; got "
            "targets of shape {target} and outputs of shape {output}.",
            target=target.shape,
            output=output.shape,
        )
    log_p = jax.nn.log_softmax(output, axis) if from_logits else _log(output, axis)
    rows = jax.nn.one_hot(target, output.shape[axis], axis=axis, dtype=log_p.dtype)
    return -jnp.sum(rows * log_p, axis)


def _log(output: jax.Array, axis: int) -> jax.Array:
    p = output / jnp.sum(output, axis, keepdims=True)
    return jnp.log(jnp.clip(p, EPSILON, 1 - EPSILON))


def _operands(target: Any, output: Any) -> tuple[jax.Array, jax.Array]:
    target, output = floating(target), floating(output)
    if target.shape != output.shape or target.ndim < 1:
        raise ShapeError(
            "Targets and outputs have one shape; got {target} and {output}.",
            target=target.shape,
            output=output.shape,
        )
    return target, output
