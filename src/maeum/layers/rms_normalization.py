"""Normalization by the root of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.layers import checks
from maeum.layers.layer import Layer


class RMSNormalization(Layer):
    """Divide each sample by the root of the mean of its squares (Zhang & Sennrich, 2019).

    ``x * rsqrt(mean(x ** 2) + epsilon) * scale``, with one learned ``scale`` for each feature.

    Args:
        axis: the axis of the features, or several axes.
        epsilon: a small number added to the mean.

    Raises:
        ShapeError: if an axis is out of range or its size unknown.

    Example:
        >>> import numpy as np
        >>> np.asarray(RMSNormalization(epsilon=0)(np.array([[1.0, 7.0]]))).round(2).tolist()
        [[0.20000000298023224, 1.399999976158142]]
    """

    fixed_by_build = frozenset({"axis"})

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checks.axes(axis, self)
        self.epsilon = checks.number(epsilon, "epsilon", 0, self)

    def build(self, input_shape: Any) -> None:
        """Make the scale."""
        rank = len(input_shape)
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        kept = sorted(checks.axis_of(axis, rank, self) for axis in axes)
        self.input_axes = {axis: checks.known_size(input_shape, axis, self) for axis in kept}
        self.scale = self.add_weight("scale", tuple(self.input_axes.values()), "ones")

    def call(self, x: jax.Array) -> jax.Array:
        """Normalize ``x``."""
        axes = tuple(self.input_axes)
        scale = self.scale.value.reshape([self.input_axes.get(a, 1) for a in range(x.ndim)])
        wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
        mean = jnp.mean(wide * wide, axes, keepdims=True)
        return (wide * jax.lax.rsqrt(mean + self.epsilon) * scale).astype(x.dtype)
