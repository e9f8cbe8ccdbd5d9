"""Convolutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from maeum import activations, ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.checks import fixed_size, title, whole_number
from maeum.layers.declared_weights import declares_weights
from maeum.layers.spatial import Spatial, check_dilation, with_defaults
from maeum.ops.windows import check_padding, per_axis


class Convolution(Spatial):
    """Base of all convolutions: how the kernel moves, the bias, and the activation.

    Args:
        kernel_size: the size of the kernel along each spatial axis, one number or one for each.
        strides: how far the kernel moves.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance between neighbouring entries of the kernel.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
    """

    fixed_by_build = frozenset(
        {"filters", "kernel_size", "data_format", "groups", "depth_multiplier", "use_bias"}
    )
    paddings: tuple[str, ...] = ("valid", "same")
    activation = ActivationAttribute()

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(data_format, **kwargs)
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size")
        self.strides = per_axis(strides, self.rank, "strides")
        self.padding = check_padding(padding, self.paddings)
        self.dilation_rate = per_axis(dilation_rate, self.rank, "dilation_rate")
        self.activation = activation
        self.use_bias = use_bias

    @property
    def window(self) -> dict[str, Any]:
        """How the kernel moves, as arguments of `maeum.ops`."""
        return {
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
        }

    def channels_of(self, input_shape: Any) -> int:
        """Return the channels of inputs of ``input_shape``, which all later inputs must have."""
        super().build(input_shape)
        channels = fixed_size(input_shape, self.channel_axis, self)
        if channels == 0:
            raise ShapeError("{layer} got inputs without channels: {shape}.", layer=title(self),
                             shape=input_shape)  # fmt: skip
        return channels

    def convolved(self, convolve: Callable[..., jax.Array], x: Any, *kernels: Any) -> jax.Array:
        """Return ``activation(convolve(x, *kernels) + bias)``; ``convolve`` does a plain ReLU."""
        relu = self.activation is activations.relu
        y = convolve(x, *kernels, **self.window, bias=self.bias, relu=relu)
        return y if relu else self.activation(y)

    def add_bias(self, size: int) -> None:
        """Make the bias, if there is to be one."""
        self.bias = self.add_weight("bias", (size,)) if self.use_bias else None


@declares_weights("kernel", "bias", after="use_bias")
class _Conv(Convolution):
    """Base of the plain convolutions, with Keras's arguments in Keras's order."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(
            *(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias),
            **kwargs,
        )
        self.filters = whole_number(filters, "filters", 1, self)
        self.groups = whole_number(groups, "groups", 1, self)
        if self.filters % self.groups:
            raise ConfigError("The groups of {layer} have to divide its filters; got "
                              "groups={groups} and filters={filters}.", layer=type(self).__name__,
                              groups=groups, filters=filters)  # fmt: skip
        check_dilation(self)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        channels = self.channels_of(input_shape)
        if channels % self.groups:
            raise ShapeError("{layer} has {groups} groups, which do not divide the {channels} "
                             "channels of its input of shape {shape}.", layer=title(self),
                             groups=self.groups, channels=channels,
                             shape=tuple(input_shape))  # fmt: skip
        self.check_window(input_shape, self.kernel_size, self.dilation_rate)
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight("kernel", shape)
        self.add_bias(self.filters)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(conv(x, kernel) + bias)``."""
        return self.convolved(ops.conv, x, self.kernel)


class Conv1D(_Conv):
    """Convolution over the steps of a sequence: ``activation(conv(x, kernel) + bias)``.

    Shapes: ``(batch, steps, C) -> (batch, new_steps, filters)``; parameters: ``C / groups *
    kernel_size * filters``, and ``filters`` of the bias.

    Args:
        filters: the channels of the output.
        kernel_size: the size of the kernel.
        strides: how far the kernel moves from one output to the next.
        padding: ``"valid"`` (none), ``"same"`` (as many outputs as strides fit into the input) or
            ``"causal"`` (an output sees no later step).
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance between neighbouring entries of the kernel; above 1 only where
            the strides are 1.
        groups: into how many groups channels and filters are divided, each seeing only its own.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the initial values of the kernel
            ``(kernel_size, C / groups, filters)`` and the bias ``(filters,)``.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties on the kernel, the
            bias and the output.
        kernel_constraint, bias_constraint: what the kernel and the bias must satisfy after each
            step.

    Raises:
        ConfigError: for invalid sizes, or groups that do not divide the filters.
        ShapeError: if the channels are unknown or the groups do not divide them, or if the kernel
            is larger than the input.

    Example:
        >>> import numpy as np
        >>> Conv1D(4, 3, padding="causal")(np.ones((2, 10, 3), "float32")).shape
        (2, 10, 4)
    """

    rank = 1
    paddings = ("valid", "same", "causal")


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2D(_Conv):
    """Convolution over the rows and columns of an image.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, filters)``; a kernel of
    size ``K`` by ``K`` has ``C K^2 filters`` parameters, and ``filters`` of the bias.

    The arguments are those of `Conv1D`, with one number or two for ``kernel_size``, ``strides``
    and ``dilation_rate``, and without ``"causal"``.

    Example:
        >>> import numpy as np
        >>> layer = Conv2D(32, 3, activation="relu")
        >>> layer(np.ones((2, 28, 28, 1), "float32")).shape, layer.count_params()
        ((2, 26, 26, 32), 320)
    """

    rank = 2


@with_defaults(strides=(1, 1, 1), dilation_rate=(1, 1, 1))
class Conv3D(_Conv):
    """Convolution over a volume, or over the frames of a video.

    Shapes: ``(batch, a, b, c, C) -> (batch, new_a, new_b, new_c, filters)``.

    The arguments are those of `Conv2D`, with one number or three.

    Example:
        >>> import numpy as np
        >>> Conv3D(4, 3, padding="same")(np.ones((1, 8, 8, 8, 2), "float32")).shape
        (1, 8, 8, 8, 4)
    """

    rank = 3


Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
