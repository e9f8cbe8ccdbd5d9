"""``tf.layers``: layers as functions on a graph, and as classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.compat.graph.graph import GraphKeys, get_default_graph
from maeum.compat.graph.types import TensorShape
from maeum.compat.layers.building import activated, channels, layer_scope, penalize, weight
from maeum.compat.ops import arrays, convolutions, maths, nn
from maeum.compat.ops.initializers import ones_initializer, zeros_initializer
from maeum.compat.ops.recording import op
from maeum.compat.ops.variables import assign
from maeum.ops import random as numbers
from maeum.ops.windows import per_axis

__all__ = [
    "AveragePooling2D", "BatchNormalization", "Conv1D", "Conv2D", "Conv2DTranspose", "Dense",
    "Dropout", "Flatten", "MaxPooling2D", "average_pooling1d", "average_pooling2d",
    "batch_normalization", "conv1d", "conv2d", "conv2d_transpose", "dense", "dropout", "flatten",
    "max_pooling1d", "max_pooling2d",
]  # fmt: skip


def dense(
    inputs: Any, units: int, activation: Any = None, use_bias: bool = True,
    kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
    kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
    name: str | None = None, reuse: Any = None,
) -> Any:  # fmt: skip
    """``activation(x W + b)``; the shape is ``(..., n) -> (..., units)``."""
    units = int(units)
    with layer_scope(name, "dense", reuse):
        n = channels(inputs)
        kernel = weight("kernel", [n, units], kernel_initializer, kernel_regularizer, trainable,
                        kernel_constraint)  # fmt: skip
        x = maths.matmul(inputs, kernel)
        if use_bias:
            x = nn.bias_add(x, weight("bias", [units], bias_initializer, bias_regularizer,
                                      trainable, bias_constraint))  # fmt: skip
        found = activated(x, activation)
    penalize(found, activity_regularizer)
    return found


def _convolution(axes: int, convolve: Callable) -> Callable:
    def conv(
        inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer, kernel_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
        name: str | None = None, reuse: Any = None,
    ) -> Any:  # fmt: skip
        first = data_format == "channels_first"
        size = per_axis(kernel_size, axes, "kernel_size")
        steps = per_axis(strides, axes, "strides")
        with layer_scope(name, f"conv{axes}d", reuse):
            n = channels(inputs, 1 if first else -1)
            kernel = weight("kernel", [*size, n, filters], kernel_initializer, kernel_regularizer,
                            trainable, kernel_constraint)  # fmt: skip
            apart = per_axis(dilation_rate, axes, "dilation_rate")
            x = convolve(inputs, kernel, steps, padding, data_format, apart)
            if use_bias:
                bias = weight("bias", [filters], bias_initializer, bias_regularizer, trainable,
                              bias_constraint)  # fmt: skip
                x = nn.bias_add(x, bias, data_format)
            found = activated(x, activation)
        penalize(found, activity_regularizer)
        return found

    conv.__name__ = conv.__qualname__ = f"conv{axes}d"
    conv.__doc__ = "Slide kernels over the inputs, and apply an activation."
    return conv


conv1d = _convolution(1, convolutions._conv1d)
conv2d = _convolution(2, convolutions._conv2d)


def conv2d_transpose(
    inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
    data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
    kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
    kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
    name: str | None = None, reuse: Any = None,
) -> Any:  # fmt: skip
    """Slide kernels over images so that these grow."""
    from maeum import ops

    size, steps = (per_axis(n, 2, "size") for n in (kernel_size, strides))
    with layer_scope(name, "conv2d_transpose", reuse):
        kernel = weight("kernel", [*size, filters, channels(inputs)], kernel_initializer,
                        kernel_regularizer, trainable, kernel_constraint)  # fmt: skip
        transposed = op("conv2d_transpose", arrays=2)(
            lambda x, kernel: ops.conv_transpose(jnp.asarray(x), jnp.asarray(kernel), steps,
                                                 padding.lower(), data_format=data_format)
        )  # fmt: skip
        x = transposed(inputs, kernel)
        if use_bias:
            x = nn.bias_add(x, weight("bias", [filters], bias_initializer, bias_regularizer,
                                      trainable, bias_constraint))  # fmt: skip
        found = activated(x, activation)
    penalize(found, activity_regularizer)
    return found


def _pooling(axes: int, kind: str, compute: Callable) -> Callable:
    def pool(
        inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
        data_format: str = "channels_last", name: str | None = None,
    ) -> Any:  # fmt: skip
        size = per_axis(pool_size, axes, "pool_size")
        steps = size if strides is None else per_axis(strides, axes, "strides")
        return compute(inputs, size, steps, padding, data_format, name=name)

    pool.__name__ = pool.__qualname__ = f"{kind}_pooling{axes}d"
    pool.__doc__ = f"The {kind} of each window."
    return pool


max_pooling1d = _pooling(1, "max", convolutions.max_pool1d)
max_pooling2d = _pooling(2, "max", convolutions.max_pool)
average_pooling1d = _pooling(1, "average", convolutions.avg_pool1d)
average_pooling2d = _pooling(2, "average", convolutions.avg_pool)


def flatten(inputs: Any, name: str | None = None, data_format: Any = None) -> Any:
    """One row for each sample."""
    shape = TensorShape(inputs.shape)
    rest = None if shape.unknown else TensorShape(tuple(shape)[1:]).num_elements()
    size = -1 if rest is None else rest
    first = arrays.shape(inputs)[0] if rest is None else -1
    return arrays.reshape(inputs, [first, size], name=name or "flatten")


@op("dropout_layer", random=True)
def _dropped(key: Any, x: Any, rate: Any, noise_shape: Any, training: Any, seed: Any,
             name: Any = None) -> Any:  # fmt: skip
    x = jnp.asarray(x)
    shape = x.shape if noise_shape is None else tuple(
        own if n is None else n for n, own in zip(noise_shape, x.shape)
    )  # fmt: skip
    kept = numbers.uniform(key, shape) >= rate
    return jnp.where(training, jnp.where(kept, x / (1 - rate), 0), x).astype(x.dtype)


def dropout(
    inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None,
    training: Any = False, name: str | None = None,
) -> Any:  # fmt: skip
    """In training, entries set to 0 with a probability, the others scaled up."""
    if training is False:
        return arrays_identity(inputs, name)
    return _dropped(inputs, rate, noise_shape, training, seed, name=name or "dropout")


def arrays_identity(inputs: Any, name: str | None) -> Any:
    """Return the inputs as they are."""
    from maeum.compat.ops.convert import identity

    return identity(inputs, name=name)


@op("FusedBatchNorm", arrays=5, wrap=list)
def _normalized(
    x: Any, scale: Any, offset: Any, mean: Any, variance: Any, training: Any, epsilon: float,
    axis: int, name: Any = None,
) -> Any:  # fmt: skip
    x = jnp.asarray(x)
    axes = tuple(a for a in range(x.ndim) if a != axis % x.ndim)
    along = [1] * x.ndim
    along[axis] = -1
    if training is False:
        now_mean, now_variance = jnp.asarray(mean), jnp.asarray(variance)
        used = now_mean, now_variance
    else:
        now_mean, now_variance = jnp.mean(x, axes), jnp.var(x, axes)
        used = (now_mean, now_variance) if training is True else (
            jnp.where(training, now_mean, mean), jnp.where(training, now_variance, variance)
        )  # fmt: skip
    factor = jax.lax.rsqrt(used[1] + epsilon)
    factor = factor if scale is None else factor * scale
    y = (x - used[0].reshape(along)) * factor.reshape(along)
    y = y if offset is None else y + jnp.asarray(offset).reshape(along)
    return [y, now_mean, now_variance]


def batch_normalization(
    inputs: Any, axis: int = -1, momentum: float = 0.99, epsilon: float = 1e-3,
    center: bool = True, scale: bool = True, beta_initializer: Any = zeros_initializer,
    gamma_initializer: Any = ones_initializer, moving_mean_initializer: Any = zeros_initializer,
    moving_variance_initializer: Any = ones_initializer, beta_regularizer: Any = None,
    gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None,
    training: Any = False, trainable: bool = True, name: str | None = None, reuse: Any = None,
    renorm: bool = False, fused: Any = None, updates_collections: Any = GraphKeys.UPDATE_OPS,
    default_name: str = "batch_normalization",
) -> Any:  # fmt: skip
    """Normalized by the means and variances of the batch in training, else by their averages.

    What keeps the averages is added to the collection of updates, which has to run in training.
    """
    with layer_scope(name, default_name, reuse):
        n = [channels(inputs, axis)]
        gamma = weight("gamma", n, gamma_initializer, gamma_regularizer, trainable,
                       gamma_constraint) if scale else None  # fmt: skip
        beta = weight("beta", n, beta_initializer, beta_regularizer, trainable,
                      beta_constraint) if center else None  # fmt: skip
        mean = weight("moving_mean", n, moving_mean_initializer, trainable=False)
        variance = weight("moving_variance", n, moving_variance_initializer, trainable=False)
        y, now_mean, now_variance = _normalized(
            inputs, gamma, beta, mean, variance, training, epsilon, axis
        )
        if training is not False:
            graph = get_default_graph()
            for average, now in ((mean, now_mean), (variance, now_variance)):
                new = _averaged(average, now, training, momentum)
                update = assign(average, new, name="AssignMovingAvg")
                if updates_collections:
                    graph.add_to_collection(updates_collections, update)
                else:
                    with graph.control_dependencies([update]):
                        y = arrays_identity(y, None)
    return y


@op("MovingAverage", arrays=2)
def _averaged(average: Any, now: Any, training: Any, momentum: float, name: Any = None) -> Any:
    new = average * momentum + now * (1 - momentum)
    return new if training is True else jnp.where(training, new, average)


class _Layer:
    """A layer as an object: its variables are made at its first call, and used again then."""

    function: Callable
    default = ""

    def __init__(self, *args: Any, name: str | None = None, **options: Any):
        self._args, self._options, self._name = args, options, name
        self._scope: Any = None

    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Apply the layer."""
        given = {**self._options, **options}
        function = type(self).function
        if not self.default:
            return function(inputs, *self._args, **given)
        again = self._scope is not None
        with layer_scope(self._scope if again else self._name, self.default) as scope:
            self._scope = scope
        return function(inputs, *self._args, name=scope, reuse=again or None, **given)

    apply = __call__

    @property
    def variables(self) -> list:
        """The variables of the layer."""
        return [] if self._scope is None else self._scope.global_variables()

    weights = variables

    @property
    def trainable_variables(self) -> list:
        """The variables that optimizers change."""
        return [] if self._scope is None else self._scope.trainable_variables()

    trainable_weights = trainable_variables
    kernel = property(lambda self: self.variables[0])
    bias = property(lambda self: self.variables[1])


def _layer_class(name: str, function: Callable, default: str = "") -> type:
    made = type(name, (_Layer,), {"function": staticmethod(function), "default": default})
    made.__doc__, made.__module__ = function.__doc__, __name__
    return made


Dense = _layer_class("Dense", dense, "dense")
Conv1D = _layer_class("Conv1D", conv1d, "conv1d")
Conv2D = _layer_class("Conv2D", conv2d, "conv2d")
Conv2DTranspose = _layer_class("Conv2DTranspose", conv2d_transpose, "conv2d_transpose")
BatchNormalization = _layer_class("BatchNormalization", batch_normalization, "batch_normalization")
MaxPooling2D = _layer_class("MaxPooling2D", max_pooling2d)
AveragePooling2D = _layer_class("AveragePooling2D", average_pooling2d)
Flatten = _layer_class("Flatten", flatten)
Dropout = _layer_class("Dropout", dropout)
