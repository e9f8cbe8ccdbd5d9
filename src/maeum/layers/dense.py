"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import jax

from maeum import activations, constraints, initializers, ops, regularizers
from maeum.core import registry
from maeum.layers.checks import known_size, whole_number
from maeum.layers.layer import Layer


@registry.builtin
class Dense(Layer):
    """Fully connected layer: ``activation(x @ kernel + bias)``.

    Shapes: ``(..., n) -> (..., units)``.

    Args:
        units: the size of the output.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        kernel_initializer: the first value of the kernel, of shape ``(n, units)``.
        bias_initializer: the first value of the bias, of shape ``(units,)``.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: what the kernel must satisfy after each step.
        bias_constraint: what the bias must satisfy after each step.

    Raises:
        ConfigError: if ``units`` is not a whole number above 0.
        ShapeError: if the size of the last axis of the input is unknown.

    Example:
        >>> import numpy as np
        >>> Dense(4, activation="relu")(np.ones((2, 3), "float32")).shape
        (2, 4)
    """

    supports_masking = True
    input_rank = 2

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = whole_number(units, "units of Dense", least=1)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        size = known_size(input_shape, -1, self)
        self.input_axes = {-1: size}
        self.kernel = self.add_weight(
            "kernel",
            (size, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = (
            self.add_weight(
                "bias",
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
            if self.use_bias
            else None
        )

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(x @ kernel + bias)``."""
        return self.activation(ops.dense(x, self.kernel, self.bias))
