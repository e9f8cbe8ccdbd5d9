"""``tf.losses``: losses that are weighted, and collected in the graph."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from maeum import ops
from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import GraphKeys, get_default_graph
from maeum.compat.graph.types import TensorShape
from maeum.compat.ops import maths
from maeum.compat.ops.recording import op

__all__ = [
    "Reduction", "absolute_difference", "add_loss", "compute_weighted_loss", "cosine_distance",
    "get_losses", "get_regularization_loss", "get_regularization_losses", "get_total_loss",
    "hinge_loss", "huber_loss", "log_loss", "mean_squared_error", "sigmoid_cross_entropy",
    "softmax_cross_entropy", "sparse_softmax_cross_entropy",
]  # fmt: skip


class Reduction:
    """How the losses of the entries become one."""

    NONE, SUM, MEAN = "none", "weighted_sum", "weighted_mean"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    SUM_BY_NONZERO_WEIGHTS = SUM_OVER_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"


@op("weighted_loss", arrays=2)
def _weighted(losses: Any, weights: Any, reduction: str, name: Any = None) -> Any:
    losses, weights = jnp.asarray(losses), jnp.asarray(weights, jnp.float32)
    if weights.ndim < losses.ndim and weights.ndim:
        weights = weights.reshape(weights.shape + (1,) * (losses.ndim - weights.ndim))
    weights = jnp.broadcast_to(weights, losses.shape)
    weighted = losses * weights
    if reduction == Reduction.NONE:
        return weighted
    total = jnp.sum(weighted)
    if reduction == Reduction.SUM:
        return total
    if reduction == Reduction.MEAN:
        return total / jnp.sum(weights)
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return total / losses.size
    count = jnp.sum(weights != 0)
    return jnp.where(count == 0, 0.0, total / jnp.maximum(count, 1))


def compute_weighted_loss(
    losses: Any, weights: Any = 1.0, scope: Any = None, loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Any:  # fmt: skip
    """One number of the losses of all entries, which is added to the losses of the graph."""
    found = _weighted(losses, weights, reduction)
    if loss_collection:
        get_default_graph().add_to_collection(loss_collection, found)
    return found


def _pair(name: str, function: Any, doc: str, labels: str = "labels", outputs: str = "predictions",
          extra: str = "") -> Any:  # fmt: skip
    """Return a loss of labels and outputs; ``extra`` are its further arguments, with defaults."""
    own = [part.partition("=")[0] for part in extra.split(", ") if part]
    compute = op(name, arrays=2)(
        eval(f"lambda {', '.join(['a', 'b', *own])}: _f({', '.join(['a', 'b', *own])})",
             {"_f": function})
    )  # fmt: skip
    extra = f", {extra}" if extra else ""
    rest = "scope=None, loss_collection='losses', reduction='weighted_sum_by_nonzero_weights'"
    handed = "".join(f", {one}" for one in own)
    made = eval(
        f"lambda {labels}=None, {outputs}=None, weights=1.0{extra}, {rest}: _called("
        f"{labels}, {outputs}, weights, scope, loss_collection, reduction{handed})",
        {"_called": lambda *args: _called(name, compute, *args)},
    )
    made.__name__ = made.__qualname__ = name
    made.__doc__ = doc
    return made


def _called(name: str, compute: Any, labels: Any, outputs: Any, weights: Any, scope: Any,
            collection: Any, reduction: str, *extra: Any) -> Any:  # fmt: skip
    shapes = [TensorShape(getattr(x, "shape", None)) for x in (labels, outputs)]
    alike = name == "sparse_softmax_cross_entropy" or shapes[0].is_compatible_with(shapes[1])
    if not alike:
        raise InvalidArgumentError(
            "tf.losses.{name}() takes labels and predictions of one shape; got {a} and {b}.",
            name=name,
            a=shapes[0],
            b=shapes[1],
        )
    return compute_weighted_loss(
        compute(labels, outputs, *extra), weights, scope, collection, reduction
    )


def _smoothed(labels: Any, logits: Any, smoothing: float) -> Any:
    labels = jnp.asarray(labels, jnp.float32)
    return ops.softmax_cross_entropy(
        labels * (1 - smoothing) + smoothing / labels.shape[-1] if smoothing else labels, logits
    )


def _huber(labels: Any, predictions: Any, delta: float) -> Any:
    size = jnp.abs(jnp.asarray(predictions) - jnp.asarray(labels))
    small = jnp.minimum(size, delta)
    return 0.5 * small * small + delta * (size - small)


mean_squared_error = _pair(
    "mean_squared_error", lambda a, b: jnp.square(jnp.asarray(b) - jnp.asarray(a)),
    "The mean of the squared differences.",
)  # fmt: skip
absolute_difference = _pair(
    "absolute_difference", lambda a, b: jnp.abs(jnp.asarray(b) - jnp.asarray(a)),
    "The mean of the differences' sizes.",
)  # fmt: skip
huber_loss = _pair("huber_loss", _huber, "Squared where small, linear where large (Huber, 1964).",
                   extra="delta=1.0")  # fmt: skip
log_loss = _pair(
    "log_loss",
    lambda a, b, epsilon: -jnp.asarray(a) * jnp.log(b + epsilon)
    - (1 - jnp.asarray(a)) * jnp.log(1 - b + epsilon),
    "The cross-entropy of probabilities.", extra="epsilon=1e-7",
)  # fmt: skip
hinge_loss = _pair(
    "hinge_loss",
    lambda a, b: jnp.maximum(0, 1 - (2 * jnp.asarray(a, jnp.float32) - 1) * jnp.asarray(b)),
    "``max(0, 1 - t y)`` with t of -1 and 1.", outputs="logits",
)  # fmt: skip
softmax_cross_entropy = _pair(
    "softmax_cross_entropy", _smoothed, "The cross-entropy of one-hot labels.", "onehot_labels",
    "logits", "label_smoothing=0",
)  # fmt: skip
sparse_softmax_cross_entropy = _pair(
    "sparse_softmax_cross_entropy", ops.sparse_softmax_cross_entropy,
    "The cross-entropy of the numbers of classes.", outputs="logits",
)  # fmt: skip
sigmoid_cross_entropy = _pair(
    "sigmoid_cross_entropy", lambda a, b, smoothing: ops.sigmoid_cross_entropy(
        jnp.asarray(a) * (1 - smoothing) + 0.5 * smoothing if smoothing else a, b
    ),
    "The cross-entropy of labels that may hold together.", "multi_class_labels", "logits",
    "label_smoothing=0",
)  # fmt: skip
cosine_distance = _pair(
    "cosine_distance",
    lambda a, b, axis, dim: 1 - jnp.sum(jnp.asarray(a) * jnp.asarray(b),
                                        dim if axis is None else axis, keepdims=True),
    "1 minus the product of unit vectors.", extra="axis=None, dim=None",
)  # fmt: skip


def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Add a loss to those of the graph."""
    get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope: Any = None, loss_collection: Any = GraphKeys.LOSSES) -> list:
    """Return the losses of the graph."""
    return get_default_graph().get_collection(loss_collection, scope)


def get_regularization_losses(scope: Any = None) -> list:
    """Return what regularizers add."""
    return get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: Any = None, name: str = "total_regularization_loss") -> Any:
    """Return the sum of what regularizers add."""
    found = get_regularization_losses(scope)
    from maeum.compat.ops.convert import constant

    return maths.add_n(found, name=name) if found else constant(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss",
                   scope: Any = None) -> Any:  # fmt: skip
    """Return the sum of the losses, with what regularizers add."""
    found = get_losses(scope)
    found += get_regularization_losses(scope) if add_regularization_losses else []
    return maths.add_n(found, name=name)
