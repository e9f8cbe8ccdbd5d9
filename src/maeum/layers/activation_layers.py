"""Activations as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import activations, ops
from maeum.core.errors import ShapeError
from maeum.layers import checks
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer


class Activation(Layer):
    """Apply an activation function: ``Activation("relu")``.

    Args:
        activation: a name or a function.

    Raises:
        UnknownNameError: for a name that no activation has.
    """

    supports_masking = True
    weightless = True
    activation = ActivationAttribute()

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``activation(x)``."""
        return self.activation(x)


class ReLU(Layer):
    """``x`` above ``threshold`` (at most ``max_value``), ``slope * (x - threshold)`` below.

    Args:
        max_value: the largest output; None for no limit.
        negative_slope: the slope below the threshold.
        threshold: where the slope changes.

    Raises:
        ConfigError: for a negative argument.
    """

    supports_masking = True
    weightless = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.max_value = (
            None if max_value is None else checks.number(max_value, "max_value", 0, self)
        )
        self.negative_slope = checks.number(negative_slope, "negative_slope", 0, self)
        self.threshold = checks.number(threshold, "threshold", 0, self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.activations.relu`."""
        return activations.relu(x, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """``x`` if positive, else ``negative_slope * x`` (Maas et al., 2013).

    Args:
        negative_slope: the slope below 0.
        alpha: the older name of ``negative_slope``.

    Raises:
        ConfigError: for a negative slope.
    """

    supports_masking = True
    weightless = True
    undescribed = frozenset({"alpha"})

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        slope = negative_slope if alpha is None else alpha
        self.negative_slope = checks.number(slope, "negative_slope", 0, self)
        self._arguments["negative_slope"] = slope

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.activations.leaky_relu`."""
        return activations.leaky_relu(x, self.negative_slope)


@declares_weights("alpha", after="self", activity_regularizer=False)
class PReLU(Layer):
    """``x`` if positive, else ``alpha * x``, where ``alpha`` is learned (He et al., 2015).

    Args:
        alpha_initializer: the initial value of ``alpha``, of the shape of one input.
        alpha_regularizer: a penalty on ``alpha``.
        alpha_constraint: what ``alpha`` must satisfy after each step.
        shared_axes: the axes (counted from 1, after the batch) along which ``alpha`` is the same.

    Raises:
        ShapeError: if the size of an axis that is not shared is unknown.
    """

    supports_masking = True
    input_rank = 2

    fixed_by_build = frozenset({"shared_axes"})

    def __init__(self, shared_axes: int | Sequence[int] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        axes = (shared_axes,) if isinstance(shared_axes, int) else tuple(shared_axes or ())
        self.shared_axes = tuple(checks.whole_number(a, "shared_axes", 1, self) for a in axes)

    def build(self, input_shape: Any) -> None:
        """Make alpha."""
        for axis in self.shared_axes:
            checks.axis_of(axis, len(input_shape), self)
        own = [a for a in range(1, len(input_shape)) if a not in self.shared_axes]
        self.input_axes = {a: checks.known_size(input_shape, a, self) for a in own}
        shape = [self.input_axes.get(a, 1) for a in range(1, len(input_shape))]
        self.alpha = self.add_weight("alpha", shape)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute ``relu(x) - alpha * relu(-x)``."""
        return ops.relu(x) - self.alpha * ops.relu(-x)


class ELU(Layer):
    """``x`` if positive, else ``alpha * (exp(x) - 1)`` (Clevert et al., 2015).

    Args:
        alpha: minus the limit for large negative ``x``.
    """

    supports_masking = True
    weightless = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = checks.number(alpha, "alpha", of=self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.activations.elu`."""
        return activations.elu(x, self.alpha)


class Softmax(Layer):
    """Probabilities ``exp(x) / sum(exp(x))``; masked entries get 0.

    Args:
        axis: the axis, or axes, along which they sum to 1.

    Call arguments:
        inputs: an array.
        mask: bools of the inputs' shape, or one that broadcasts to it; entries where it is False
            do not count.
    """

    supports_masking = True
    weightless = True
    masks_entries = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checks.axes(axis, self)

    def call(self, x: jax.Array, mask: Any = None) -> jax.Array:
        """Compute the softmax of ``x``."""
        for axis in (self.axis,) if isinstance(self.axis, int) else self.axis:
            checks.axis_of(axis, x.ndim, self)
        if mask is None:
            return activations.softmax(x, self.axis)
        mask = jnp.asarray(mask)
        try:
            keep = jnp.broadcast_to(mask if mask.dtype == bool else mask > 0.5, x.shape)
        except ValueError:
            raise ShapeError("{layer} takes a mask that broadcasts to its input of shape {shape}; "
                             "got mask {given}.", layer=checks.title(self), shape=x.shape,
                             given=mask.shape) from None  # fmt: skip
        lowest = jnp.finfo(x.dtype).min / 2
        return jnp.where(keep, activations.softmax(jnp.where(keep, x, lowest), self.axis), 0)


class Maxout(Layer):
    """The largest of each group of neighbouring features (Goodfellow et al., 2013).

    After ``Dense(units * k)`` it makes a unit of ``k`` linear pieces.
    Shapes: ``(..., num_units * k) -> (..., num_units)``.

    Args:
        num_units: how many groups there are.
        axis: the axis of the features.

    Raises:
        ConfigError: if the size of the axis is not a multiple of ``num_units``.
    """

    def __init__(self, num_units: int, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.num_units = checks.whole_number(num_units, "num_units", 1, self)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that the features fall into groups."""
        size = checks.fixed_size(input_shape, self.axis, self)
        checks.check_divisor(self.num_units, size, "num_units", self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute the maximum of each group."""
        return ops.maxout(x, self.num_units, self.axis)
