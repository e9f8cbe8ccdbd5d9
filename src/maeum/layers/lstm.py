"""Long short-term memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum import activations, initializers, ops
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.declared_weights import declares_weights
from maeum.layers.recurrent import LOOP_ARGUMENTS, GatedRNN, makes_cell
from maeum.layers.recurrent_cells import ForgetBias, RecurrentCell, States


@declares_weights(
    *("kernel", "recurrent", "bias"),
    after=("use_bias", "unit_forget_bias"),
    activity_regularizer=False,
)
class LSTMCell(RecurrentCell):
    """One step of `LSTM`, with its arguments; for `RNN` and for loops of your own.

    Shapes: inputs ``(batch, n)`` and states ``[h, c]`` of ``(batch, units)``; it returns
    ``h, [h, c]``.
    """

    gates = 4
    channel_axis: Any = -1
    peepholes: Any = None
    recurrent_activation = ActivationAttribute()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        unit_forget_bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        peepholes: bool = False,
        **kwargs: Any,
    ):
        kwargs |= {"dropout": dropout, "recurrent_dropout": recurrent_dropout, "seed": seed}
        super().__init__(units, activation, use_bias, **kwargs)
        self.recurrent_activation = recurrent_activation
        self.unit_forget_bias = unit_forget_bias
        self.with_peepholes = bool(peepholes)
        self.state_size = [self.units, self.units]

    def initial_bias(self) -> Any:
        """Return the initializer of the bias: 1 for the forget gate."""
        if not self.unit_forget_bias:
            return self.bias_initializer
        made = ForgetBias(self.bias_initializer)
        if isinstance(self.bias_initializer, initializers.Initializer):
            return made
        # A function of the user's: without a configuration, nothing else is taken for the same.
        return lambda shape, dtype, key: made(shape, dtype, key)

    def build(self, input_shape: Any) -> None:
        """Make the kernels, the bias and the peepholes."""
        super().build(input_shape)
        if self.with_peepholes:
            self.peepholes = self.add_weight("peepholes", (3, self.units), "zeros")

    def sequence_op(self) -> Callable[..., Any] | None:
        """Return `maeum.ops.lstm` if it computes these activations."""
        known = activations.tanh, activations.sigmoid
        own = (self.activation, self.recurrent_activation) == known
        return functools.partial(ops.lstm, peepholes=self.peepholes) if own else None

    def advance(self, z: jax.Array, states: States, noise: Any) -> tuple[jax.Array, States]:
        """Take one step."""
        h, c = states
        i, f, g, o = jnp.split(z + self.recur(h, noise), 4, axis=self.channel_axis)
        see = None if self.peepholes is None else self.peepholes.value
        if see is not None:
            i, f = i + see[0] * c, f + see[1] * c
        c = self.recurrent_activation(f) * c + self.recurrent_activation(i) * self.activation(g)
        o = o if see is None else o + see[2] * c
        h = self.recurrent_activation(o) * self.activation(c)
        return h, [h, c]


@makes_cell(LSTMCell, "seed", *LOOP_ARGUMENTS, "use_cudnn", "peepholes")
class LSTM(GatedRNN):
    """Long short-term memory: gates decide what the memory takes in, forgets and shows.

    At each step, with ``z = x W + h U + b`` in four blocks i, f, g, o::

        c = sigmoid(z_f) c + sigmoid(z_i) tanh(z_g)        h = sigmoid(z_o) tanh(c)

    (Hochreiter & Schmidhuber, 1997; forget gates: Gers et al., 2000.) The output is ``h``, the
    states are ``h`` and ``c``. Parameters: ``4 units (n + units + 1)``.

    Shapes, masks and initial states: see `RNN`.

    Args:
        units: the size of the output and of both states.
        activation: the activation written as tanh above.
        recurrent_activation: the one written as sigmoid above. Activations other than these two are
            computed step by step, which is slower.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial values of W
            ``(n, 4 units)``, U ``(units, 4 units)`` and b ``(4 units,)``.
        unit_forget_bias: whether the bias of the forget gate starts at 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties
            on W, U, b and the output.
        kernel_constraint, recurrent_constraint, bias_constraint: what W, U and b must satisfy after
            each step.
        dropout: the fraction of the inputs that is dropped while training, the same in all steps.
        recurrent_dropout: the share of ``h`` that is dropped on its way into the product, the
            same in all steps and for all gates (Gal & Ghahramani, 2016).
        seed: the layer's own random seed, a whole number.
        return_sequences, return_state, go_backwards, stateful, unroll: see `RNN`.
        use_cudnn, implementation: accepted as Keras's; what is fastest is chosen by itself.
        peepholes: whether the gates see the memory, through weights ``(3, units)`` that begin
            with 0: i and f see the old ``c``, o the new one (Gers & Schmidhuber, 2000).

    Raises:
        ConfigError: for ``units`` that is not a whole number above 0, or fractions outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 3), "float32")
        >>> LSTM(4)(x).shape, LSTM(4, return_sequences=True)(x).shape
        ((2, 4), (2, 5, 4))
        >>> output, h, c = LSTM(4, return_state=True)(x)
        >>> bool((output == h).all()), c.shape
        (True, (2, 4))
    """


CuDNNLSTM = LSTM  # older code
