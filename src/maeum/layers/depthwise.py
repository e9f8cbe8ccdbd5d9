"""Convolutions that treat each channel by itself, and mix the channels afterwards or not."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.layers.checks import whole_number
from maeum.layers.convolution import Convolution
from maeum.layers.declared_weights import declares_weights
from maeum.layers.spatial import with_defaults


@declares_weights("depthwise", "bias", after="use_bias")
class _Depthwise(Convolution):
    """Base of the depthwise convolutions, with Keras's arguments in Keras's order."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(
            *(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias),
            **kwargs,
        )
        self.depth_multiplier = whole_number(depth_multiplier, "depth_multiplier", 1, self)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        channels = self.channels_of(input_shape)
        self.check_window(input_shape, self.kernel_size, self.dilation_rate)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_weight("kernel", shape, declared="depthwise")
        self.add_bias(channels * self.depth_multiplier)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(depthwise_conv(x, kernel) + bias)``."""
        return self.convolved(ops.depthwise_conv, x, self.kernel)


class DepthwiseConv1D(_Depthwise):
    """Convolution of each channel of a sequence by itself.

    Shapes: ``(batch, steps, C) -> (batch, new_steps, C * depth_multiplier)``; the outputs of a
    channel stand together.

    Args:
        kernel_size: the size of the kernel.
        strides: how far the kernel moves from one output to the next.
        padding: ``"valid"`` or ``"same"``.
        depth_multiplier: how many outputs each channel has.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance between neighbouring entries of the kernel.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        depthwise_initializer, bias_initializer: the initial values of the kernel
            ``(kernel_size, C, depth_multiplier)`` and the bias.
        depthwise_regularizer, bias_regularizer, activity_regularizer: penalties on the kernel, the
            bias and the output.
        depthwise_constraint, bias_constraint: what the kernel and the bias must satisfy after each
            step.

    Raises:
        ConfigError: for invalid sizes.
        ShapeError: if the channels are unknown, or the kernel is larger than the input.

    Example:
        >>> import numpy as np
        >>> DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 6)
    """

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class DepthwiseConv2D(_Depthwise):
    """Convolution of each channel of an image by itself, with `DepthwiseConv1D`'s arguments.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, C * depth_multiplier)``.

    Example:
        >>> import numpy as np
        >>> DepthwiseConv2D(3, 2, "same")(np.ones((2, 28, 28, 8), "float32")).shape
        (2, 14, 14, 8)
    """

    rank = 2


@declares_weights("depthwise", "pointwise", "bias", after="use_bias")
class _Separable(Convolution):
    """Base of the separable convolutions, with Keras's arguments in Keras's order."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(
            *(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias),
            **kwargs,
        )
        self.filters = whole_number(filters, "filters", 1, self)
        self.depth_multiplier = whole_number(depth_multiplier, "depth_multiplier", 1, self)

    def build(self, input_shape: Any) -> None:
        """Make both kernels and the bias."""
        channels = self.channels_of(input_shape)
        self.check_window(input_shape, self.kernel_size, self.dilation_rate)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier)
        )
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", (*(1,) * self.rank, between, self.filters)
        )
        self.add_bias(self.filters)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(separable_conv(x, kernels) + bias)``."""
        return self.convolved(ops.separable_conv, x, self.depthwise_kernel, self.pointwise_kernel)


class SeparableConv1D(_Separable):
    """Convolution of each channel of a sequence by itself, then of the channels (Chollet, 2017).

    Shapes: ``(batch, steps, C) -> (batch, new_steps, filters)``. It needs ``C * depth_multiplier *
    (kernel_size + filters)`` parameters where `Conv1D` needs ``C * kernel_size * filters``.

    Args:
        filters: the channels of the output.
        kernel_size: the size of the depthwise kernel.
        strides: how far it moves from one output to the next.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance between neighbouring entries of the kernel.
        depth_multiplier: how many outputs the depthwise part has for each channel.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: the initial values of the
            depthwise kernel, the pointwise kernel and the bias.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer:
            penalties on the depthwise kernel, the pointwise kernel, the bias and the output.
        depthwise_constraint, pointwise_constraint, bias_constraint: what the depthwise kernel, the
            pointwise kernel and the bias must satisfy after each step.

    Raises:
        ConfigError: for invalid sizes.
        ShapeError: if the channels are unknown, or the kernel is larger than the input.

    Example:
        >>> import numpy as np
        >>> SeparableConv1D(4, 3)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 4)
    """

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class SeparableConv2D(_Separable):
    """Convolution of each channel of an image by itself, then of the channels.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, filters)``. The arguments
    are those of `SeparableConv1D`.

    Example:
        >>> import numpy as np
        >>> SeparableConv2D(16, 3, padding="same")(np.ones((2, 28, 28, 8), "float32")).shape
        (2, 28, 28, 16)
    """

    rank = 2


SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
