"""Layers whose weights are learnt at rates of their own, as networks for tables have them.

Adam changes each weight by about the learning rate, however large it is. A factor between a weight
and what is done with it is therefore a rate of learning: what `NTKDense` divides, `FeatureScale`
and `ParametricActivation` multiply. So one learning rate suits them all.

Source: Holzmüller, Grinsztajn & Steinwart, "Better by default: Strong pre-tuned MLPs and boosted
trees on tabular data" (2024); Jacot, Gabriel & Hongler, "Neural tangent kernel" (2018).
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers, ops
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.checks import fixed_size, number
from maeum.layers.dense import Dense
from maeum.layers.layer import Layer
from maeum.ops.kernels import choice


class NTKDense(Dense):
    """A `Dense` layer in the neural tangent kernel's parametrization.

    ``activation(x @ kernel / sqrt(n) + bias_rate * bias)``, where the kernel begins as standard
    normal numbers: the same function as `Dense` with LeCun's initial values, and learnt at the same
    rate however many inputs there are. With an ``input_rate``, ``x * (1 + input_rate * scale)``
    takes the place of ``x``: in front of a network, it learns which features matter. Shapes:
    ``(..., n) -> (..., units)``.

    Args:
        units: the size of the output.
        activation: a name or a function; none by default.
        use_bias: whether a bias is added.
        bias_rate: how much faster than the kernel the bias is learnt.
        input_rate: how much faster than the kernel factors of the inputs are learnt; 0 for none.
        kernel_initializer: the initial values of the kernel; standard normal numbers by default.
        kwargs: the other initializers, regularizers and constraints of `Dense`.

    Raises:
        ConfigError: if ``units`` is not a whole number above 0.
        ShapeError: if the size of the last axis of the input is unknown.

    Example:
        >>> import numpy as np
        >>> layer = NTKDense(1, kernel_initializer="ones")
        >>> layer(np.ones((1, 4), "float32")).tolist()
        [[2.0]]
    """

    fixed_by_build = Dense.fixed_by_build | {"input_rate"}

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        bias_rate: float = 0.1,
        kernel_initializer: Any = None,
        input_rate: float = 0.0,
        **kwargs: Any,
    ):
        if kernel_initializer is None:
            kernel_initializer = initializers.RandomNormal(stddev=1.0)
        kwargs["kernel_initializer"] = kernel_initializer
        super().__init__(units, activation, use_bias, **kwargs)
        self.bias_rate = number(bias_rate, "bias_rate", 0, self)
        self.input_rate = number(input_rate, "input_rate", 0, self)

    def build(self, input_shape: Any) -> None:
        """Make the kernel, the bias, and the factors of the inputs."""
        super().build(input_shape)
        self.input_scale = None
        if self.input_rate:
            size = fixed_size(input_shape, -1, self)
            self.input_scale = self.add_weight("input_scale", (size,), "zeros")

    def call(self, x: jax.Array) -> jax.Array:
        """Compute the outputs."""
        # What belongs to the inputs is multiplied with their weights, which are fewer numbers.
        factor: Any = 1 / math.sqrt(x.shape[-1])
        if self.input_scale is not None:
            factor = factor * (1 + self.input_rate * self.input_scale.value[:, None])
        z = ops.dense(x, jnp.asarray(self.kernel) * factor)
        if self.bias is not None:
            z = z + self.bias_rate * self.bias.value
        return self.activation(z)


class FeatureScale(Layer):
    """Multiply each feature by a factor that is learnt: ``x * (1 + rate * scale)``.

    In front of a network it learns which features matter; in front of an `NTKDense`, that layer's
    ``input_rate`` does so in less time. Shapes: any with the features last; the
    output has the input's shape.

    Args:
        rate: how much faster than other weights the factors are learnt.

    Raises:
        ShapeError: if the number of features is unknown.

    Example:
        >>> import numpy as np
        >>> FeatureScale()(np.array([[1.0, 2.0]], "float32")).tolist()
        [[1.0, 2.0]]
    """

    supports_masking = True

    def __init__(self, rate: float = 6.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = number(rate, "rate", 0, self)

    def build(self, input_shape: Any) -> None:
        """Make the factors."""
        self.scale = self.add_weight("scale", (fixed_size(input_shape, -1, self),), "zeros")

    def call(self, x: jax.Array) -> jax.Array:
        """Scale ``x``."""
        return x * (1 + self.rate * self.scale.value)


class ParametricActivation(Layer):
    """An activation of which each feature learns how much it takes: ``x + a * (f(x) - x)``.

    ``a`` begins as 1, which is ``f`` alone; 0 is none. Shapes: any with the features last; the
    output has the input's shape.

    Args:
        activation: the name of ``f``, or a function.
        rate: how much slower than other weights ``a`` is learnt.

    Raises:
        UnknownNameError: for a name that no activation has.
        ShapeError: if the number of features is unknown.

    Example:
        >>> import numpy as np
        >>> ParametricActivation("relu")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[0.0, 2.0]]
    """

    supports_masking = True
    activation = ActivationAttribute()

    def __init__(self, activation: Any = "silu", rate: float = 0.1, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activation
        self.rate = number(rate, "rate", 0, self)

    def build(self, input_shape: Any) -> None:
        """Make the share of the activation."""
        self.amount = self.add_weight("amount", (fixed_size(input_shape, -1, self),), "zeros")

    def call(self, x: jax.Array) -> jax.Array:
        """Apply the activation."""
        amount = 1 + self.rate * self.amount.value
        if self.activation is ops.silu:
            return choice.partly_silu(x, amount)
        return x + amount * (self.activation(x) - x)
