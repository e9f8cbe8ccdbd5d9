"""``tf.nn``: activations, losses, dropout, normalization, what is near the top."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.ops.arrays import axis_of, sizes
from maeum.compat.ops.recording import exported, line, op
from maeum.layers.local_response import local_response_normalization
from maeum.ops import random as numbers

# ---- activations -----------------------------------------------------------------------------


def _one(name: str, function: Any, doc: str) -> Any:
    return line(name, lambda x: function(jnp.asarray(x)), "features, name=None", doc, entries=True)


relu = _one("Relu", ops.relu, "max(x, 0).")
relu6 = _one("Relu6", ops.relu6, "min(max(x, 0), 6).")
elu = _one("Elu", ops.elu, "x, or exp(x) - 1 below 0.")
selu = _one("Selu", ops.selu, "Scaled ELU (Klambauer et al., 2017).")
swish = _one("swish", ops.silu, "x sigmoid(x).")
gelu = line(
    "gelu",
    lambda x, approximate: ops.gelu(x, approximate),
    "features, approximate=False, name=None",
    "x times the normal distribution's function.",
)
crelu = line("CRelu", lambda x: jnp.concatenate([ops.relu(x), ops.relu(-x)], -1),
             "features, name=None", "ReLU of x and of -x, side by side.")  # fmt: skip
leaky_relu = line("LeakyRelu", lambda x, alpha: jnp.where(jnp.asarray(x) > 0, x, alpha * x),
                  "features, alpha=0.2, name=None", "x, or a fraction of it below 0.")  # fmt: skip
silu = swish


@op("Softmax")
def softmax(logits: Any, axis: Any = None, name: Any = None, dim: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along an axis, the last one by default."""
    axis = dim if axis is None else axis
    return ops.softmax(jnp.asarray(logits), -1 if axis is None else axis)


@op("LogSoftmax")
def log_softmax(logits: Any, axis: Any = None, name: Any = None, dim: Any = None) -> Any:
    """The logarithm of `softmax`."""
    axis = dim if axis is None else axis
    return ops.log_softmax(jnp.asarray(logits), -1 if axis is None else axis)


@op("BiasAdd", arrays=2)
def bias_add(value: Any, bias: Any, data_format: Any = None, name: Any = None) -> Any:
    """A bias for each channel added."""
    value, bias = jnp.asarray(value), jnp.asarray(bias)
    if data_format in ("NCHW", "channels_first"):
        bias = bias.reshape(-1, *(1,) * (value.ndim - 2))
    return value + bias


@op("xw_plus_b", arrays=3)
def xw_plus_b(x: Any, weights: Any, biases: Any, name: Any = None) -> Any:
    """x W + b."""
    return ops.matmul(jnp.asarray(x), jnp.asarray(weights)) + biases


@op("relu_layer", arrays=3)
def relu_layer(x: Any, weights: Any, biases: Any, name: Any = None) -> Any:
    """relu(x W + b)."""
    return ops.relu(ops.matmul(jnp.asarray(x), jnp.asarray(weights)) + biases)


# ---- losses ----------------------------------------------------------------------------------


def _named(sentinel: Any, function: str, labels: Any, logits: Any) -> None:
    if sentinel is not None or labels is None or logits is None:
        raise InvalidArgumentError(
            "Call {name}(labels=..., logits=...) with both arguments by their names.", name=function
        )


@op("SoftmaxCrossEntropyWithLogits", arrays=2)
def _softmax_loss(labels: Any, logits: Any, axis: Any, name: Any = None) -> Any:
    return ops.softmax_cross_entropy(labels, logits, axis)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1,
    name: str | None = None, axis: Any = None,
) -> Any:  # fmt: skip
    """``-sum(labels log(softmax(logits)))`` for each row; labels are constants."""
    from maeum.compat.ops.maths import stop_gradient

    _named(_sentinel, "softmax_cross_entropy_with_logits", labels, logits)
    axis = dim if axis is None else axis
    return _softmax_loss(stop_gradient(labels), logits, axis, name=name)


def softmax_cross_entropy_with_logits_v2(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, axis: Any = None,
    name: str | None = None, dim: Any = None,
) -> Any:  # fmt: skip
    """``-sum(labels log(softmax(logits)))`` for each row; gradients reach labels, too."""
    _named(_sentinel, "softmax_cross_entropy_with_logits_v2", labels, logits)
    axis = dim if axis is None else axis
    return _softmax_loss(labels, logits, -1 if axis is None else axis, name=name)


@op("SparseSoftmaxCrossEntropyWithLogits", arrays=2)
def _sparse_loss(labels: Any, logits: Any, name: Any = None) -> Any:
    return ops.sparse_softmax_cross_entropy(labels, logits)


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """`softmax_cross_entropy_with_logits` for the numbers of classes."""
    _named(_sentinel, "sparse_softmax_cross_entropy_with_logits", labels, logits)
    return _sparse_loss(labels, logits, name=name)


@op("logistic_loss", arrays=2)
def _sigmoid_loss(labels: Any, logits: Any, name: Any = None) -> Any:
    return ops.sigmoid_cross_entropy(labels, logits)


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """``-z log(p) - (1 - z) log(1 - p)`` for ``p = sigmoid(logits)``, entry by entry."""
    _named(_sentinel, "sigmoid_cross_entropy_with_logits", labels, logits)
    return _sigmoid_loss(labels, logits, name=name)


@op("weighted_loss", arrays=3)
def weighted_cross_entropy_with_logits(
    targets: Any, logits: Any, pos_weight: Any, name: Any = None
) -> Any:
    """`sigmoid_cross_entropy_with_logits`, with a weight of what is positive."""
    z, x = jnp.asarray(targets), jnp.asarray(logits)
    return (1 - z) * x + (1 + (pos_weight - 1) * z) * jax.nn.softplus(-x)


@op("L2Loss")
def l2_loss(t: Any, name: Any = None) -> Any:
    """``sum(t ** 2) / 2``."""
    return jnp.sum(jnp.square(t)) / 2


@op("log_poisson_loss", arrays=2)
def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: Any = None
) -> Any:
    """``exp(c) - z c``."""
    return jnp.exp(jnp.asarray(log_input)) - jnp.asarray(log_input) * jnp.asarray(targets)


# ---- dropout and normalization ---------------------------------------------------------------


@op("dropout", random=True)
def dropout(
    key: Any, x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: Any = None,
    name: Any = None, rate: Any = None,
) -> Any:  # fmt: skip
    """Entries set to 0 with a probability of ``1 - keep_prob``, the others scaled up."""
    x = jnp.asarray(x)
    keep = 1 - rate if rate is not None else 1.0 if keep_prob is None else keep_prob
    shape = x.shape if noise_shape is None else tuple(
        own if n is None else int(n) for n, own in zip(sizes_or_none(noise_shape), x.shape)
    )  # fmt: skip
    kept = numbers.uniform(key, shape) < keep
    return jnp.where(kept, x / keep, 0).astype(x.dtype)


def sizes_or_none(shape: Any) -> list:
    """Return the sizes of a shape, of which some may be None."""
    return list(shape) if isinstance(shape, (list, tuple)) else list(sizes(shape))


@op("moments", static=("axes",), wrap=tuple)
def moments(
    x: Any, axes: Any, shift: Any = None, name: Any = None, keep_dims: Any = None,
    keepdims: Any = None,
) -> Any:  # fmt: skip
    """The means and the variances along axes."""
    x, axes, keep = jnp.asarray(x), axis_of(axes), bool(keep_dims or keepdims)
    return [jnp.mean(x, axes, keepdims=keep), jnp.var(x, axes, keepdims=keep)]


@op("batchnorm", arrays=5)
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float,
    name: Any = None,
) -> Any:  # fmt: skip
    """Normalized by a mean and a variance, then scaled and moved."""
    factor = jax.lax.rsqrt(jnp.asarray(variance) + variance_epsilon)
    factor = factor if scale is None else factor * scale
    moved = -jnp.asarray(mean) * factor
    return jnp.asarray(x) * factor + (moved if offset is None else moved + offset)


@op("LRN")
def lrn(
    input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5,
    name: Any = None,
) -> Any:  # fmt: skip
    """Large responses damp those of the channels beside them (Krizhevsky et al., 2012)."""
    return local_response_normalization(input, 2 * depth_radius + 1, bias, alpha, beta)


@op("l2_normalize", static=("axis", "dim"))
def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: Any = None, dim: Any = None
) -> Any:
    """Divided by the norm along an axis."""
    x = jnp.asarray(x)
    total = jnp.sum(jnp.square(x), axis_of(dim if axis is None else axis), keepdims=True)
    return x * jax.lax.rsqrt(jnp.maximum(total, epsilon))


# ---- places ----------------------------------------------------------------------------------

TopK = namedtuple("TopK", ("values", "indices"))


@op("TopKV2", static=("k",), wrap=lambda found: TopK(*found))
def top_k(input: Any, k: Any = 1, sorted: bool = True, name: Any = None) -> Any:
    """The largest entries of each row, and where they are."""
    return list(jax.lax.top_k(jnp.asarray(input), int(k)))


@op("InTopK", arrays=2, static=("k",))
def in_top_k(predictions: Any, targets: Any, k: Any, name: Any = None) -> Any:
    """Whether the class of each row is among the k largest predictions."""
    return ops.in_top_k(jnp.asarray(targets), jnp.asarray(predictions), int(k))


@op("embedding_lookup", arrays=2)
def embedding_lookup(
    params: Any, ids: Any, partition_strategy: str = "mod", name: Any = None,
    validate_indices: bool = True, max_norm: Any = None,
) -> Any:  # fmt: skip
    """The rows of a table at some places."""
    table = jnp.asarray(params[0] if isinstance(params, (list, tuple)) else params)
    return jnp.take(table, jnp.asarray(ids), 0, mode="clip")


zero_fraction = line("zero_fraction", lambda x: jnp.mean((x == 0).astype(jnp.float32)),
                     "value, name=None", "The fraction of zeros.")  # fmt: skip

__all__ = [*exported(globals()), "TopK", "local_response_normalization"]
