"""Transposed convolutions, which make images larger."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.layers.checks import whole_number
from maeum.layers.convolution import Convolution
from maeum.layers.declared_weights import declares_weights
from maeum.layers.spatial import check_dilation, with_defaults
from maeum.ops.convolution import check_output_padding


@declares_weights("kernel", "bias", after="use_bias")
class _ConvTranspose(Convolution):
    """Base of the transposed convolutions, with Keras's arguments in Keras's order."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
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
        self.filters = whole_number(filters, "filters", 1, self)
        self.output_padding = check_output_padding(output_padding, self.strides)
        check_dilation(self)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        channels = self.channels_of(input_shape)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, self.filters, channels))
        self.add_bias(self.filters)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(conv_transpose(x, kernel) + bias)``."""
        more = {"output_padding": self.output_padding, "bias": self.bias, **self.window}
        return self.activation(ops.conv_transpose(x, self.kernel, **more))


class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution of a sequence, which reverses the shapes of a `Conv1D`.

    Shapes: ``(batch, steps, C) -> (batch, new_steps, filters)``, where ``new_steps`` is ``steps *
    strides`` for ``padding="same"`` and ``(steps - 1) * strides + max(kernel_size, strides)`` for
    ``"valid"``, unless ``output_padding`` is given (see `maeum.ops.conv_transpose`).

    Args:
        filters: the channels of the output.
        kernel_size: the size of the kernel.
        strides: how many steps of the output there are for each of the input.
        padding: ``"valid"`` or ``"same"``.
        output_padding: how many steps are added behind, less than the strides.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the distance between neighbouring entries of the kernel; above 1 only where
            the strides are 1.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the initial values of the kernel
            ``(kernel_size, filters, C)`` and the bias ``(filters,)``.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties on the kernel, the
            bias and the output.
        kernel_constraint, bias_constraint: what the kernel and the bias must satisfy after each
            step.

    Raises:
        ConfigError: for invalid sizes, or an output padding that is not below the strides.
        ShapeError: if the channels are unknown, or nothing would come out.

    Example:
        >>> import numpy as np
        >>> Conv1DTranspose(4, 3, strides=2, padding="same")(np.ones((2, 5, 3), "float32")).shape
        (2, 10, 4)
    """

    rank = 1


@with_defaults(strides=(1, 1), dilation_rate=(1, 1))
class Conv2DTranspose(_ConvTranspose):
    """Transposed convolution of an image, with the arguments of `Conv1DTranspose`.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, filters)``.

    Example:
        >>> import numpy as np
        >>> Conv2DTranspose(3, 4, 2, padding="same")(np.ones((2, 7, 7, 8), "float32")).shape
        (2, 14, 14, 3)
    """

    rank = 2


@with_defaults(*("output_padding", "data_format"), strides=(1, 1, 1), dilation_rate=(1, 1, 1))
class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution of a volume, with the arguments of `Conv1DTranspose`.

    Shapes: ``(batch, a, b, c, C) -> (batch, new_a, new_b, new_c, filters)``.
    """

    rank = 3


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
