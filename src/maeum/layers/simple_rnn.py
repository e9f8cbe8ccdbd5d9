"""The simple recurrent network."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax

from maeum import activations, ops
from maeum.layers.recurrent import LOOP_ARGUMENTS, RNN, makes_cell
from maeum.layers.recurrent_cells import RecurrentCell, States


class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`, with its arguments; for `RNN` and for loops of your own.

    Shapes: inputs ``(batch, n)`` and states ``[h]`` of ``(batch, units)``; it returns ``h, [h]``.
    """

    def sequence_op(self) -> Callable[..., Any] | None:
        """Return `maeum.ops.simple_rnn` if it computes this activation."""
        known = {activations.tanh: "tanh", activations.relu: "relu"}.get(self.activation)
        return functools.partial(ops.simple_rnn, activation=known) if known else None

    def advance(self, z: jax.Array, states: States, noise: Any) -> tuple[jax.Array, States]:
        """Take one step."""
        h = self.activation(z + self.recur(states[0], noise))
        return h, [h]


@makes_cell(SimpleRNNCell, *LOOP_ARGUMENTS, "seed")
class SimpleRNN(RNN):
    """The simple recurrent network: ``h = activation(x W + h U + b)`` at each step (Elman, 1990).

    The output is ``h``, and so is the state. Parameters: ``units (n + units + 1)``.

    Shapes, masks and initial states: see `RNN`.

    Args:
        units: the size of the output and of the state.
        activation: a name or a function; tanh and relu are the fastest.
        use_bias: whether a bias is added.
        kernel_initializer, recurrent_initializer, bias_initializer: the initial values of W
            ``(n, units)``, U ``(units, units)`` and b ``(units,)``.
        kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer: penalties
            on W, U, b and the output.
        kernel_constraint, recurrent_constraint, bias_constraint: what W, U and b must satisfy after
            each step.
        dropout: the fraction of the inputs that is dropped while training, the same in all steps.
        recurrent_dropout: the share of ``h`` that is dropped on its way into the product, the
            same in all steps (Gal & Ghahramani, 2016).
        return_sequences, return_state, go_backwards, stateful, unroll: see `RNN`.
        seed: the layer's own random seed, a whole number.
        implementation: accepted as in older code.

    Raises:
        ConfigError: for ``units`` that is not a whole number above 0, or fractions outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 3), "float32")
        >>> SimpleRNN(4)(x).shape, SimpleRNN(4, return_sequences=True)(x).shape
        ((2, 4), (2, 5, 4))
    """

    step_rank = 2

    if TYPE_CHECKING:  # the first of the arguments, for editors, which do not run `makes_cell`

        def __init__(
            self, units: int, activation: Any = "tanh", use_bias: bool = True, **arguments: Any
        ): ...
