"""The gated recurrent unit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum import activations, ops
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.declared_weights import declares_weights
from maeum.layers.recurrent import LOOP_ARGUMENTS, GatedRNN, makes_cell
from maeum.layers.recurrent_cells import RecurrentCell, States


@declares_weights("kernel", "recurrent", "bias", after="use_bias", activity_regularizer=False)
class GRUCell(RecurrentCell):
    """One step of `GRU`, with its arguments; for `RNN` and for loops of your own.

    Shapes: inputs ``(batch, n)`` and states ``[h]`` of ``(batch, units)``; it returns ``h, [h]``.
    """

    gates = 3
    recurrent_activation = ActivationAttribute()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ):
        kwargs |= {"dropout": dropout, "recurrent_dropout": recurrent_dropout, "seed": seed}
        super().__init__(units, activation, use_bias, **kwargs)
        self.recurrent_activation = recurrent_activation
        self.reset_after = bool(reset_after)

    def bias_shape(self, columns: int) -> tuple[int, ...]:
        """Return the shape of the bias: one for the inputs and one for the state."""
        return (2, columns) if self.reset_after else (columns,)

    def project(self, x: jax.Array) -> jax.Array:
        """Return ``x @ kernel + bias``."""
        bias = self.bias
        return ops.dense(x, self.kernel, bias[0] if bias is not None and self.reset_after else bias)

    def sequence_op(self) -> Callable[..., Any] | None:
        """Return `maeum.ops.gru` if it computes these activations."""
        known = activations.tanh, activations.sigmoid
        own = (self.activation, self.recurrent_activation) == known
        return functools.partial(ops.gru, reset_after=self.reset_after) if own else None

    def advance(self, z: jax.Array, states: States, noise: Any) -> tuple[jax.Array, States]:
        """Take one step."""
        h = states[0]
        seen = h if noise is None else h * noise
        both = 2 * self.units
        if self.reset_after:
            u = ops.matmul(seen, self.recurrent_kernel)
            u = u if self.bias is None else u + self.bias[1]
        else:
            u = ops.matmul(seen, self.recurrent_kernel[:, :both])
        update, reset = jnp.split(self.recurrent_activation(z[:, :both] + u[:, :both]), 2, axis=-1)
        if self.reset_after:
            inner = reset * u[:, both:]
        else:
            inner = ops.matmul(reset * seen, self.recurrent_kernel[:, both:])
        h = update * h + (1 - update) * self.activation(z[:, both:] + inner)
        return h, [h]


@makes_cell(GRUCell, "seed", *LOOP_ARGUMENTS, "reset_after", "use_cudnn")
class GRU(GatedRNN):
    """Gated recurrent unit: a mean of the old state and a new one, weighted by a gate.

    At each step, with the columns of W, U and the biases b and d in three blocks z, r and g::

        z = sigmoid(x W_z + b_z + h U_z + d_z)    r = sigmoid(x W_r + b_r + h U_r + d_r)
        g = tanh(x W_g + b_g + r (h U_g + d_g))   h = z h + (1 - z) g

    Without ``reset_after``, ``g = tanh(x W_g + b_g + (r h) U_g)``, and there is no d. The output
    is ``h``, and so is the state (Cho et al., 2014). Parameters: ``3 units (n + units + 2)``, or
    ``3 units (n + units + 1)`` without ``reset_after``.

    Shapes, masks and initial states: see `RNN`.

    Args:
        units: the size of the output and of the state.
        activation: the activation written as tanh above.
        recurrent_activation: the one written as sigmoid above. Activations other than these two are
            computed step by step, which is slower.
        use_bias: whether biases are added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial values of W
            ``(n, 3 units)``, U ``(units, 3 units)`` and the biases ``(2, 3 units)``, or
            ``(3 units,)`` without ``reset_after``.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties
            on W, U, the biases and the output.
        kernel_constraint, recurrent_constraint, bias_constraint: what W, U and the biases must
            satisfy after each step.
        dropout: the fraction of the inputs that is dropped while training, the same in all steps.
        recurrent_dropout: the share of ``h`` that is dropped on its way into the product, the
            same in all steps and for all gates (Gal & Ghahramani, 2016).
        seed: the layer's own random seed, a whole number.
        return_sequences, return_state, go_backwards, stateful, unroll: see `RNN`.
        reset_after: whether r comes after the product, as with cuDNN, or before it.
        use_cudnn, implementation: accepted as Keras's; what is fastest is chosen by itself.

    Raises:
        ConfigError: for ``units`` that is not a whole number above 0, or fractions outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 3), "float32")
        >>> GRU(4)(x).shape, GRU(4, return_sequences=True)(x).shape
        ((2, 4), (2, 5, 4))
    """


CuDNNGRU = GRU  # older code
