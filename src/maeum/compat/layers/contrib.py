"""``tf.contrib.layers`` and ``tf.contrib.framework``: layers with an activation by default."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from maeum.compat.graph.graph import GraphKeys, get_default_graph
from maeum.compat.layers import layers
from maeum.compat.layers.building import activated, channels, layer_scope, weight
from maeum.compat.ops import convolutions, maths, nn
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.initializers import (
    contrib_variance_scaling_initializer,
    xavier_initializer,
    zeros_initializer,
)
from maeum.ops.windows import per_axis

__all__ = [
    "add_arg_scope",
    "apply_regularization",
    "arg_scope",
    "avg_pool2d",
    "batch_norm",
    "conv2d",
    "convolution2d",
    "dropout",
    "flatten",
    "fully_connected",
    "l1_l2_regularizer",
    "l1_regularizer",
    "l2_regularizer",
    "linear",
    "max_pool2d",
    "one_hot_encoding",
    "optimize_loss",
    "relu",
    "sum_regularizer",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]  # fmt: skip

variance_scaling_initializer = contrib_variance_scaling_initializer
xavier_initializer_conv2d = xavier_initializer
_defaults: ContextVar[dict[Any, dict[str, Any]]] = ContextVar("arg_scopes")


def add_arg_scope(function: Callable) -> Callable:
    """Let `arg_scope` change the defaults of a function."""

    @functools.wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        return function(*args, **{**_defaults.get({}).get(called, {}), **options})

    return called


@contextlib.contextmanager
def arg_scope(functions: Any, **defaults: Any) -> Iterator[dict]:
    """Change the defaults of functions inside the block."""
    known = dict(_defaults.get({}))
    if isinstance(functions, dict):
        known |= functions
    else:
        for each in functions:
            known[each] = {**known.get(each, {}), **defaults}
    token = _defaults.set(known)
    try:
        yield known
    finally:
        _defaults.reset(token)


def _finished(
    x: Any, outputs: int, normalizer_fn: Any, normalizer_params: Any, biases_initializer: Any,
    biases_regularizer: Any, trainable: bool, activation_fn: Any,
) -> Any:  # fmt: skip
    if normalizer_fn is not None:
        x = normalizer_fn(x, **(normalizer_params or {}))
    elif biases_initializer is not None:
        x = nn.bias_add(x, weight("biases", [outputs], biases_initializer, biases_regularizer,
                                  trainable))  # fmt: skip
    return activated(x, activation_fn)


@add_arg_scope
def fully_connected(
    inputs: Any, num_outputs: int, activation_fn: Any = nn.relu, normalizer_fn: Any = None,
    normalizer_params: Any = None, weights_initializer: Any = None,
    weights_regularizer: Any = None, biases_initializer: Any = zeros_initializer,
    biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None,
    outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """``activation(x W + b)``, a ReLU by default."""
    with layer_scope(scope, "fully_connected", reuse):
        kernel = weight("weights", [channels(inputs), num_outputs],
                        weights_initializer or xavier_initializer(), weights_regularizer,
                        trainable)  # fmt: skip
        x = maths.matmul(inputs, kernel)
        return _finished(x, num_outputs, normalizer_fn, normalizer_params, biases_initializer,
                         biases_regularizer, trainable, activation_fn)  # fmt: skip


linear = functools.partial(fully_connected, activation_fn=None)
relu = functools.partial(fully_connected, activation_fn=nn.relu)


@add_arg_scope
def conv2d(
    inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
    data_format: Any = None, rate: Any = 1, activation_fn: Any = nn.relu,
    normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = None,
    weights_regularizer: Any = None, biases_initializer: Any = zeros_initializer,
    biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None,
    outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """Slide kernels over images, with a ReLU by default."""
    with layer_scope(scope, "Conv", reuse):
        size = per_axis(kernel_size, 2, "kernel_size")
        kernel = weight("weights", [*size, channels(inputs), num_outputs],
                        weights_initializer or xavier_initializer(), weights_regularizer,
                        trainable)  # fmt: skip
        steps, apart = per_axis(stride, 2, "stride"), per_axis(rate, 2, "rate")
        x = convolutions._conv2d(inputs, kernel, steps, padding, data_format, apart)
        return _finished(x, num_outputs, normalizer_fn, normalizer_params, biases_initializer,
                         biases_regularizer, trainable, activation_fn)  # fmt: skip


convolution2d = conv2d


@add_arg_scope
def max_pool2d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID",
               data_format: Any = None, outputs_collections: Any = None,
               scope: Any = None) -> Any:  # fmt: skip
    """The largest of each window."""
    return layers.max_pooling2d(inputs, kernel_size, stride, padding)


@add_arg_scope
def avg_pool2d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID",
               data_format: Any = None, outputs_collections: Any = None,
               scope: Any = None) -> Any:  # fmt: skip
    """The mean of each window."""
    return layers.average_pooling2d(inputs, kernel_size, stride, padding)


def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """One row for each sample."""
    return layers.flatten(inputs, "Flatten")


@add_arg_scope
def dropout(inputs: Any, keep_prob: Any = 0.5, noise_shape: Any = None, is_training: Any = True,
            outputs_collections: Any = None, scope: Any = None,
            seed: Any = None) -> Any:  # fmt: skip
    """In training, entries set to 0 with a probability of ``1 - keep_prob``."""
    return layers.dropout(inputs, 1 - keep_prob, noise_shape, seed, is_training)


@add_arg_scope
def batch_norm(
    inputs: Any, decay: float = 0.999, center: bool = True, scale: bool = False,
    epsilon: float = 0.001, activation_fn: Any = None, param_initializers: Any = None,
    param_regularizers: Any = None, updates_collections: Any = GraphKeys.UPDATE_OPS,
    is_training: Any = True, reuse: Any = None, variables_collections: Any = None,
    outputs_collections: Any = None, trainable: bool = True, batch_weights: Any = None,
    fused: Any = None, data_format: Any = "NHWC", zero_debias_moving_mean: bool = False,
    scope: Any = None,
) -> Any:  # fmt: skip
    """Normalized by the batch in training, else by averages."""
    found = layers.batch_normalization(
        inputs, -1, decay, epsilon, center, scale, training=is_training, trainable=trainable,
        name=scope, reuse=reuse, updates_collections=updates_collections, default_name="BatchNorm",
    )  # fmt: skip
    return activated(found, activation_fn)


def l2_regularizer(scale: float, scope: Any = None) -> Callable:
    """Return what adds ``scale * sum(w ** 2) / 2`` to the losses."""
    return lambda w: maths.multiply(nn.l2_loss(w), scale, name="l2_regularizer") if scale else None


def l1_regularizer(scale: float, scope: Any = None) -> Callable:
    """Return what adds ``scale * sum(|w|)`` to the losses."""
    return lambda w: maths.multiply(maths.reduce_sum(maths.abs(w)), scale) if scale else None


def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: Any = None) -> Callable:
    """Return what adds both to the losses."""
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)])


def sum_regularizer(regularizer_list: Any, scope: Any = None) -> Callable:
    """Return what adds all of several regularizers."""

    def total(w: Any) -> Any:
        found = [one for one in (each(w) for each in regularizer_list if each) if one is not None]
        return maths.add_n(found) if found else None

    return total


def apply_regularization(regularizer: Callable, weights_list: Any = None) -> Any:
    """Return what a regularizer says of several weights, together."""
    graph = get_default_graph()
    weights = weights_list or graph.get_collection(GraphKeys.WEIGHTS)
    total = maths.add_n([regularizer(w) for w in weights])
    graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
    return total


def one_hot_encoding(labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0,
                     outputs_collections: Any = None, scope: Any = None) -> Any:  # fmt: skip
    """A row for each label, with a 1 at its place."""
    from maeum.compat.ops.places import one_hot

    return one_hot(labels, num_classes, on_value, off_value)


def optimize_loss(
    loss: Any, global_step: Any, learning_rate: Any, optimizer: Any, clip_gradients: Any = None,
    learning_rate_decay_fn: Any = None, variables: Any = None, name: Any = None, **others: Any,
) -> Any:  # fmt: skip
    """Return an operation that makes a step with an optimizer, or one of its name."""
    check_others("optimize_loss", others)
    from maeum.compat.ops.convert import identity
    from maeum.compat.ops.groups import control_dependencies
    from maeum.compat.train import optimizers

    if learning_rate_decay_fn is not None:
        learning_rate = learning_rate_decay_fn(learning_rate, global_step)
    made = getattr(optimizers, f"{optimizer}Optimizer") if isinstance(optimizer, str) else optimizer
    made = made if isinstance(made, optimizers.Optimizer) else made(learning_rate)
    pairs = made.compute_gradients(loss, variables)
    if clip_gradients is not None:
        grads, _norm = maths.clip_by_global_norm([g for g, _v in pairs], clip_gradients)
        pairs = list(zip(grads, [v for _g, v in pairs]))
    with control_dependencies([made.apply_gradients(pairs, global_step)]):
        return identity(loss)
