"""Convolutions and pooling of ``tf.nn``, by Maeum's own kernels."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum import ops
from maeum.compat.ops.arrays import sizes
from maeum.compat.ops.recording import exported, op
from maeum.core.errors import ConfigError


def _steps(given: Any, axes: int, data_format: Any) -> Any:
    """Return the numbers of the spatial axes, of what is given for these or for all axes."""
    if given is None:
        return 1
    found = sizes(given)
    if len(found) == axes + 2:
        return found[2:] if _first(data_format) else found[1:-1]
    return found[0] if len(found) == 1 else found


def _first(data_format: Any) -> bool:
    return data_format is not None and str(data_format).upper().startswith(("NC", "CHANNELS_F"))


def _format(data_format: Any) -> str:
    return "channels_first" if _first(data_format) else "channels_last"


def _padding(padding: Any) -> Any:
    if isinstance(padding, str):
        return padding.lower()
    return [tuple(pair) for pair in np.asarray(padding)[1:-1]]


def _convolution(name: str, axes: int) -> Any:
    @op(name, arrays=2)
    def convolution(
        input: Any, filter: Any, strides: Any, padding: Any, data_format: Any, dilations: Any,
        name: Any = None,
    ) -> Any:  # fmt: skip
        return ops.conv(
            jnp.asarray(input), jnp.asarray(filter), _steps(strides, axes, data_format),
            _padding(padding), _format(data_format), _steps(dilations, axes, data_format),
        )  # fmt: skip

    return convolution


_conv1d, _conv2d, _conv3d = (_convolution(f"Conv{n}D", n) for n in (1, 2, 3))


def conv1d(
    value: Any = None, filters: Any = None, stride: Any = None, padding: Any = None,
    use_cudnn_on_gpu: Any = None, data_format: Any = None, name: str | None = None,
    input: Any = None, dilations: Any = None,
) -> Any:  # fmt: skip
    """Slide a kernel over sequences."""
    value = input if value is None else value
    return _conv1d(value, filters, stride, padding, data_format, dilations, name=name)


def conv2d(
    input: Any, filter: Any = None, strides: Any = None, padding: Any = None,
    use_cudnn_on_gpu: bool = True, data_format: Any = "NHWC", dilations: Any = None,
    name: str | None = None, filters: Any = None,
) -> Any:  # fmt: skip
    """Slide a kernel over images."""
    kernel = filters if filter is None else filter
    if isinstance(use_cudnn_on_gpu, str):  # the order of TensorFlow 2
        data_format = use_cudnn_on_gpu
    return _conv2d(input, kernel, strides, padding, data_format, dilations, name=name)


def conv3d(
    input: Any, filter: Any = None, strides: Any = None, padding: Any = None,
    data_format: Any = "NDHWC", dilations: Any = None, name: str | None = None,
    filters: Any = None,
) -> Any:  # fmt: skip
    """Slide a kernel over volumes."""
    kernel = filters if filter is None else filter
    return _conv3d(input, kernel, strides, padding, data_format, dilations, name=name)


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: Any = None) -> Any:
    """Slide a kernel whose entries are some places apart."""
    return _conv2d(value, filters, 1, padding, None, [rate, rate], name=name)


@op("DepthwiseConv2dNative", arrays=2)
def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, rate: Any = None, name: Any = None,
    data_format: Any = None, dilations: Any = None,
) -> Any:  # fmt: skip
    """Slide kernels over each channel by itself."""
    apart = dilations if rate is None else rate
    return ops.depthwise_conv(
        jnp.asarray(input), jnp.asarray(filter), _steps(strides, 2, data_format),
        _padding(padding), _format(data_format), _steps(apart, 2, data_format),
    )  # fmt: skip


@op("separable_conv2d", arrays=3)
def separable_conv2d(
    input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any,
    rate: Any = None, name: Any = None, data_format: Any = None,
) -> Any:  # fmt: skip
    """Slide kernels over each channel by itself, then mix the channels."""
    return ops.separable_conv(
        jnp.asarray(input), jnp.asarray(depthwise_filter), jnp.asarray(pointwise_filter),
        _steps(strides, 2, data_format), _padding(padding), _format(data_format),
        _steps(rate, 2, data_format),
    )  # fmt: skip


@op("Conv2DTranspose", arrays=2, static=("output_shape",))
def conv2d_transpose(
    value: Any, filter: Any, output_shape: Any, strides: Any, padding: Any = "SAME",
    data_format: Any = "NHWC", name: Any = None,
) -> Any:  # fmt: skip
    """The transpose (the gradient) of `conv2d`, whose result has a shape that is given."""
    import jax

    shape = sizes(output_shape)
    value, kernel = jnp.asarray(value), jnp.asarray(filter)
    steps = _steps(strides, 2, data_format)

    def forward(x: Any) -> Any:
        return ops.conv(x, kernel, steps, _padding(padding), _format(data_format))

    like = jax.ShapeDtypeStruct(shape, value.dtype)
    if jax.eval_shape(forward, like).shape != value.shape:
        raise ConfigError("conv2d_transpose() does not make {shape} of a value of shape {given} "
                          "with these strides.", shape=shape, given=value.shape)  # fmt: skip
    return jax.vjp(forward, jnp.zeros(shape, value.dtype))[1](value)[0]


def _pooling(kind: str, name: str, axes: int, compute: Any) -> Any:
    @op(name)
    def pool(
        value: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, name: Any = None
    ) -> Any:
        return compute(
            jnp.asarray(value), _steps(ksize, axes, data_format),
            _steps(strides, axes, data_format), _padding(padding), _format(data_format),
        )  # fmt: skip

    def called(
        value: Any = None, ksize: Any = None, strides: Any = None, padding: Any = "VALID",
        data_format: Any = None, name: str | None = None, input: Any = None,
    ) -> Any:  # fmt: skip
        value = input if value is None else value
        return pool(value, ksize, strides, padding, data_format, name=name)

    called.__name__, called.__doc__ = kind, f"The {kind.split('_')[0]} of each window."
    return called


max_pool = _pooling("max_pool", "MaxPool", 2, ops.max_pool)
max_pool2d = max_pool
avg_pool = _pooling("avg_pool", "AvgPool", 2, ops.average_pool)
avg_pool2d = avg_pool
max_pool1d = _pooling("max_pool1d", "MaxPool1D", 1, ops.max_pool)
avg_pool1d = _pooling("avg_pool1d", "AvgPool1D", 1, ops.average_pool)
max_pool3d = _pooling("max_pool3d", "MaxPool3D", 3, ops.max_pool)
avg_pool3d = _pooling("avg_pool3d", "AvgPool3D", 3, ops.average_pool)

__all__ = exported(globals())
