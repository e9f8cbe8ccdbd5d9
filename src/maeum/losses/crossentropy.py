"""Cross-entropies: how surprised the predicted probabilities are by the labels.

A prediction that came out of `activations.sigmoid` or `activations.softmax` brings its logits
along, and the loss is computed from those: it neither overflows nor loses its gradient. Other
probabilities are clipped to ``[1e-7, 1 - 1e-7]``, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.checks import check_fraction
from maeum.core.errors import ShapeError
from maeum.core.hints import hint_of
from maeum.core.masks import with_mask
from maeum.core.settings import epsilon
from maeum.losses.loss import FunctionLoss, LossFunctionWrapper
from maeum.ops.alignment import align, as_array, class_numbers, is_sparse


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """``-y log(p) - (1 - y) log(1 - p)``, its mean along ``axis``.

    Args:
        y_true: labels between 0 and 1, shape ``(..., n)``.
        y_pred: probabilities, or logits, of the same shape.
        from_logits: whether the predictions are logits.
        label_smoothing: how far labels are moved from 0 and 1 towards one half.
        axis: the axis of the mean.

    >>> round(float(binary_crossentropy([0.0, 1.0], [0.5, 0.5])), 6)
    0.693147
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(
        binary_values(smooth(y_true, label_smoothing, 2), y_pred, from_logits), axis=axis
    )


def binary_values(y_true: jax.Array, y_pred: jax.Array, from_logits: bool) -> jax.Array:
    """Return the binary cross-entropy of each value, from its logits if they are known."""
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            "A binary cross-entropy compares targets and predictions value by value; their shapes "
            "are {y_true} and {y_pred}. Give the last layer as many units as y has columns.",
            y_true=y_true.shape,
            y_pred=y_pred.shape,
        )
    logits = y_pred if from_logits else hint_of(y_pred, "sigmoid_logits")
    if logits is not None:
        return ops.sigmoid_cross_entropy(y_true, logits)
    p = jnp.clip(y_pred, epsilon(), 1 - epsilon())
    return -y_true * jnp.log(p) - (1 - y_true) * jnp.log(1 - p)


def smooth(y_true: jax.Array, amount: float, classes: int) -> jax.Array:
    """Return labels of which the fraction ``amount`` is spread evenly over the classes."""
    if isinstance(amount, (int, float)) and not amount:
        return y_true
    return y_true * (1 - amount) + amount / classes


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> jax.Array:
    """``-sum(y log(p))`` along ``axis``.

    Args:
        y_true: one-hot rows, or probabilities, of shape ``(..., classes)``.
        y_pred: probabilities (scaled to sum 1), or logits, of the same shape.
        from_logits: whether the predictions are logits.
        label_smoothing: how much of each row is spread evenly over the classes.
        axis: the axis of the classes.

    Raises:
        ShapeError: if the two shapes differ.

    >>> round(float(categorical_crossentropy([0.0, 1.0], [0.5, 0.5])), 6)
    0.693147
    """
    y_true, y_pred = align(y_true, y_pred)
    check_classes(y_true, y_pred, axis)
    y_true = smooth(y_true, label_smoothing, y_true.shape[-1])
    logits = softmax_logits(y_pred, from_logits, axis)
    if logits is not None:
        return ops.softmax_cross_entropy(y_true, logits, axis)
    return -jnp.sum(y_true * jnp.log(probabilities(y_pred, axis)), axis=axis)


def softmax_logits(y_pred: jax.Array, from_logits: bool, axis: int) -> jax.Array | None:
    """Return the logits of predictions along ``axis``, None if only probabilities are known."""
    if from_logits:
        return y_pred
    return hint_of(y_pred, "softmax_logits") if axis in (-1, y_pred.ndim - 1) else None


def probabilities(y_pred: jax.Array, axis: int) -> jax.Array:
    """Return the predictions scaled to sum 1 and clipped away from 0 and 1."""
    total = jnp.sum(y_pred, axis=axis, keepdims=True)
    return jnp.clip(y_pred / total, epsilon(), 1 - epsilon())


def check_classes(y_true: jax.Array, y_pred: jax.Array, axis: int) -> None:
    """Raise `ShapeError` unless targets and predictions have as many classes."""
    if y_true.shape[axis] != y_pred.shape[axis]:
        raise ShapeError(
            "The targets have {n_true} classes (shape {y_true}) and the predictions {n_pred} "
            "(shape {y_pred}). Give one column for each class, or class numbers with the sparse "
            "form of the loss.",
            n_true=y_true.shape[axis],
            y_true=y_true.shape,
            n_pred=y_pred.shape[axis],
            y_pred=y_pred.shape,
        )


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> jax.Array:
    """``-log(p[label])``: the categorical cross-entropy of class numbers.

    Args:
        y_true: class numbers from 0, of shape ``(...)`` or ``(..., 1)``.
        y_pred: probabilities (scaled to sum 1), or logits, of shape ``(..., classes)``.
        from_logits: whether the predictions are logits.
        ignore_class: a label that does not count, such as -1 for "unknown".
        axis: the axis of the classes.

    Raises:
        ShapeError: if the two shapes do not fit.

    >>> round(float(sparse_categorical_crossentropy(1, [0.5, 0.5])), 6)
    0.693147
    """
    labels, y_pred = class_numbers(y_true, y_pred, axis)
    counted = None if ignore_class is None else labels != ignore_class
    if counted is not None:
        labels = jnp.where(counted, labels, 0)
    logits = softmax_logits(y_pred, from_logits, axis)
    if logits is not None:
        values = ops.sparse_softmax_cross_entropy(labels, logits, axis)
    else:
        classes = y_pred.shape[axis]
        one_hot = jax.nn.one_hot(labels, classes, dtype=y_pred.dtype, axis=axis)
        values = -jnp.sum(one_hot * jnp.log(probabilities(y_pred, axis)), axis=axis)
        values = jnp.where((labels >= 0) & (labels < classes), values, jnp.nan)
    if counted is None:
        return values
    return with_mask(jnp.where(counted, values, 0), counted)


def crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False) -> jax.Array:
    """The cross-entropy whose form fits the shapes, as `form_of` decides.

    >>> [round(float(crossentropy(y, [[0.5, 0.5]])[0]), 6) for y in ([1], [[0.0, 1.0]])]
    [0.693147, 0.693147]
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    form = form_of(y_true.shape, y_pred.shape)
    return form(y_true, y_pred, from_logits)


def form_of(y_true_shape: Sequence[int], y_pred_shape: Sequence[int]) -> Callable[..., jax.Array]:
    """Return the cross-entropy for an output: binary for one column, sparse for class numbers.

    >>> form_of((8,), (8, 3)).__name__
    'sparse_categorical_crossentropy'
    """
    if y_pred_shape[-1] == 1:
        return binary_crossentropy
    if is_sparse(y_true_shape, y_pred_shape):
        return sparse_categorical_crossentropy
    return categorical_crossentropy


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> jax.Array:
    """``(1 - p**q) / q`` for the probability of the right class (Zhang and Sabuncu, 2018).

    It lies between the cross-entropy (``q`` towards 0) and the absolute error (towards 1), which
    wrong labels harm less.

    Args:
        y_true: class numbers, shape ``(...)`` or ``(..., 1)``.
        y_pred: probabilities, shape ``(..., classes)``.
        q: a number between 0 and 1.

    Raises:
        ShapeError: if the two shapes do not fit.

    >>> round(float(categorical_generalized_cross_entropy(1, [0.75, 0.25], 0.5)), 6)
    1.0
    """
    labels, y_pred = class_numbers(y_true, y_pred)
    p = jnp.sum(jax.nn.one_hot(labels, y_pred.shape[-1], dtype=y_pred.dtype) * y_pred, axis=-1)
    return (1 - jnp.power(jnp.maximum(p, jnp.finfo(p.dtype).tiny), q)) / q


class BinaryCrossentropy(FunctionLoss, of=binary_crossentropy):
    """The mean of `binary_crossentropy`: for one sigmoid output, or several independent ones.

    Args:
        from_logits: whether the predictions are logits.
        label_smoothing: how far labels are moved from 0 and 1 towards one half.
        axis: the axis of the mean within a sample.
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.

    >>> round(float(BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.5]])), 6)
    0.693147
    """


class CategoricalCrossentropy(FunctionLoss, of=categorical_crossentropy):
    """The mean of `categorical_crossentropy`: for one-hot labels.

    Args:
        from_logits: whether the predictions are logits.
        label_smoothing: how much of each label is spread evenly over the classes.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.
    """


class SparseCategoricalCrossentropy(
    FunctionLoss,
    of=sparse_categorical_crossentropy,
    first=("from_logits", "ignore_class", "reduction"),
):
    """The mean of `sparse_categorical_crossentropy`: for class numbers.

    Args:
        from_logits: whether the predictions are logits.
        ignore_class: a label that does not count.
        reduction: see `Loss`.
        axis: the axis of the classes.
        name: its name.
        dtype: see `Loss`.
    """


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """The mean of `categorical_generalized_cross_entropy`: for class numbers that may be wrong.

    Args:
        q: between 0 (as the cross-entropy) and 1 (as the absolute error).
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.

    Raises:
        ConfigError: if ``q`` does not lie between 0 and 1.
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ):
        function = categorical_generalized_cross_entropy
        super().__init__(function, reduction, name, dtype, q=check_fraction(q, "q", zero=False))
