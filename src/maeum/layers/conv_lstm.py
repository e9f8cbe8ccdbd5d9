"""Long short-term memory over images: convolutions in place of the products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

from maeum import ops
from maeum.layers.checks import known_size
from maeum.layers.convolution import Convolution
from maeum.layers.declared_weights import declares_weights
from maeum.layers.lstm import LSTMCell
from maeum.layers.recurrent import LOOP_ARGUMENTS, RNN, makes_cell
from maeum.layers.spatial import check_dilation


@declares_weights(
    *("kernel", "recurrent", "bias"),
    after=("use_bias", "unit_forget_bias"),
    activity_regularizer=False,
)
class ConvLSTMCell(Convolution, LSTMCell):
    """One step of the ConvLSTM layers, with their arguments and the number of spatial axes."""

    size = "filters"

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        unit_forget_bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        self.rank = rank
        kwargs |= {"recurrent_activation": recurrent_activation, "seed": seed}
        kwargs |= {"unit_forget_bias": unit_forget_bias, "units": filters}
        kwargs |= {"dropout": dropout, "recurrent_dropout": recurrent_dropout}
        super().__init__(
            *(kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias),
            **kwargs,
        )
        self.filters = self.units
        check_dilation(self)

    def build(self, input_shape: Any) -> None:
        """Make the kernels and the bias."""
        super().build(input_shape)
        sizes = [known_size(input_shape, axis, self) for axis in range(1, self.rank + 2)]
        channels, columns = input_shape[self.channel_axis], 4 * self.filters
        self.input_axes = dict(enumerate(sizes, 1))
        kernel = (*self.kernel_size, channels, columns)
        self.make_weights(kernel, (*self.kernel_size, self.filters, columns), (columns,))
        gates = jax.eval_shape(
            lambda x, kernel: self._convolved(x, kernel, None),
            jax.ShapeDtypeStruct((1, *sizes), self.dtype),
            jax.ShapeDtypeStruct(kernel, self.dtype),
        )
        shape = list(gates.shape)
        shape[self.channel_axis] = self.filters
        self.state_size = [tuple(shape[1:])] * 2

    def sequence_op(self) -> None:
        """Return None: no op knows these kernels."""

    def _convolved(self, x: jax.Array, kernel: Any, bias: Any) -> jax.Array:
        return ops.conv(x, kernel, **self.window, bias=bias)

    def project(self, x: jax.Array) -> jax.Array:
        """Return the inputs, of one step or of all, convolved with the kernel."""
        if x.ndim == self.rank + 2:
            return self._convolved(x, self.kernel, self.bias)
        rows = self._convolved(x.reshape(-1, *x.shape[2:]), self.kernel, self.bias)
        return rows.reshape(*x.shape[:2], *rows.shape[1:])

    def recur(self, h: jax.Array, noise: Any) -> jax.Array:
        """Return the state convolved with the recurrent kernel; its size stays."""
        h = h if noise is None else h * noise
        return ops.conv(h, self.recurrent_kernel, 1, "same", self.data_format)


@makes_cell(ConvLSTMCell, "seed", *LOOP_ARGUMENTS[:-1], rank=True)
class _ConvLSTM(RNN):
    """Base of the ConvLSTM layers, with Keras's arguments in Keras's order."""

    rank = 2

    if TYPE_CHECKING:  # the first of the arguments, for editors, which do not run `makes_cell`

        def __init__(
            self,
            filters: int,
            kernel_size: Any,
            strides: Any = 1,
            padding: str = "valid",
            **arguments: Any,
        ): ...


class ConvLSTM1D(_ConvLSTM):
    """Long short-term memory over sequences of signals, with `ConvLSTM2D`'s arguments.

    Shapes: ``(batch, steps, length, C)``, or channels before the length.
    """

    rank = 1
    step_rank = 3


class ConvLSTM2D(_ConvLSTM):
    """Long short-term memory over sequences of images, such as videos (Shi et al., 2015).

    As `LSTM`, with images for inputs and states, and convolutions in place of the products.

    Shapes: ``(batch, steps, rows, columns, C) -> (batch, new_rows, new_columns, filters)``, with
    ``return_sequences`` an axis of the steps after the batch. With ``return_state`` a tuple: the
    output, ``h`` and ``c``. Masks and initial states: see `RNN`.

    Args:
        filters: the channels of the output and of both states.
        kernel_size: the size of both kernels, one number or one for each spatial axis.
        strides: how far the kernel of the inputs moves.
        padding: ``"valid"`` or ``"same"``, for the inputs; that of the states is ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        dilation_rate: the dilation of the kernel of the inputs.
        activation, recurrent_activation, use_bias: see `LSTM`.
        kernel_initializer: the initial value of the kernel ``(*kernel_size, C, 4 filters)``.
        recurrent_initializer: that of the recurrent kernel, ``(*kernel_size, filters,
            4 filters)``.
        bias_initializer, unit_forget_bias: see `LSTM`.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: what the weights must satisfy.
        dropout, recurrent_dropout, seed: see `LSTM`.
        return_sequences, return_state, go_backwards, stateful: see `RNN`.

    Raises:
        ConfigError: for invalid arguments, or strides and dilation both above 1.
        ShapeError: for inputs of other axes, or of unknown size.

    Example:
        >>> import numpy as np
        >>> videos = np.ones((2, 5, 8, 8, 3), "float32")
        >>> ConvLSTM2D(4, 3)(videos).shape
        (2, 6, 6, 4)
    """

    rank = 2
    step_rank = 4


class ConvLSTM3D(_ConvLSTM):
    """Long short-term memory over sequences of volumes, with `ConvLSTM2D`'s arguments.

    Shapes: ``(batch, steps, a, b, c, C)``, or channels before the volume.
    """

    rank = 3
    step_rank = 5
