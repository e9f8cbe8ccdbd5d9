"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.checks import fixed_size, whole_number
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer


@declares_weights("kernel", "bias", after="use_bias")
class Dense(Layer):
    """Fully connected layer: ``activation(x @ kernel + bias)``.

    Shapes: ``(..., n) -> (..., units)``.

    Args:
        units: the size of the output.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the initial values of the kernel ``(n, units)`` and
            the bias ``(units,)``.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties on the kernel, the
            bias and the output.
        kernel_constraint, bias_constraint: what the kernel and the bias must satisfy after each
            step.

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
    fixed_by_build = frozenset({"units", "use_bias"})
    activation = ActivationAttribute()

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = whole_number(units, "units", 1, self)
        self.activation = activation
        self.use_bias = use_bias

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        size = fixed_size(input_shape, -1, self)
        self.kernel = self.add_weight("kernel", (size, self.units))
        self.bias = self.add_weight("bias", (self.units,)) if self.use_bias else None

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(x @ kernel + bias)``."""
        return self.activation(ops.dense(x, self.kernel, self.bias))
