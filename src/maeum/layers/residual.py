"""What residual blocks do with the branch that they add to their input."""

from __future__ import annotations

from typing import Any

import jax

from maeum import initializers, ops
from maeum.core.errors import ShapeError
from maeum.layers.checks import known_size, number, title, whole_number
from maeum.layers.checks import rate as check_rate
from maeum.layers.dropout import RandomNoise
from maeum.layers.layer import Layer
from maeum.layers.merging import Merge


class LayerScale(Layer):
    """Multiply each feature by a weight that begins small: ``x * gamma``.

    So a deep residual network begins near the identity. Shapes: any with the features last; the
    output has the input's shape. Source: Touvron et al., "Going deeper with image transformers",
    arXiv:2103.17239.

    Args:
        init_values: the initial value of the weights.
        projection_dim: how many features the input has.

    Raises:
        ShapeError: for another number of features.

    Example:
        >>> import numpy as np
        >>> LayerScale(0.5, 3)(np.ones((1, 3), "float32")).tolist()
        [[0.5, 0.5, 0.5]]
    """

    supports_masking = True

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.init_values = number(init_values, "init_values", of=self)
        self.projection_dim = whole_number(projection_dim, "projection_dim", 1, self)

    def build(self, input_shape: Any) -> None:
        """Make the weights."""
        features = known_size(input_shape, -1, self)
        if features != self.projection_dim:
            raise ShapeError("{layer} is made for {expected} features; got {features}.",
                             layer=title(self), expected=self.projection_dim,
                             features=features)  # fmt: skip
        initial = initializers.Constant(self.init_values)
        self.gamma = self.add_weight("gamma", (self.projection_dim,), initial)

    def call(self, x: jax.Array) -> jax.Array:
        """Scale ``x``."""
        return x * self.gamma.value


class StochasticDepth(RandomNoise):
    """Drop whole samples while training, and scale the others up; nothing otherwise.

    In front of the addition of a residual block this drops the block, for some of the samples.
    Source: Huang et al., "Deep networks with stochastic depth", arXiv:1603.09382.

    Args:
        drop_path_rate: the fraction of the samples that is dropped, between 0 and 1.
        seed: the layer's own random seed, a whole number.
    """

    strength = "drop_path_rate"

    def __init__(self, drop_path_rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed=seed, **kwargs)
        self.drop_path_rate = check_rate(drop_path_rate, "drop_path_rate", self)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Drop samples of ``x``."""
        return ops.dropout(x, self.drop_path_rate, key, (None, *(1,) * (x.ndim - 1)))


class CustomScaleLayer(Merge):
    """Add the second input, ``scale`` times, to the first.

    Source: Szegedy et al., arXiv:1602.07261, section 3.3: large residuals, scaled down, do not
    disturb a training at its beginning.

    Args:
        scale: the factor.

    Example:
        >>> import numpy as np
        >>> CustomScaleLayer(0.5)([np.ones((1, 2), "float32"), np.ones((1, 2), "float32")]).tolist()
        [[1.5, 1.5]]
    """

    def __init__(self, scale: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = number(scale, "scale", of=self)

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs whose shapes fit."""
        super().build(self._two_shapes(input_shape))

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Add the second input, scaled."""
        return inputs[0] + inputs[1] * self.scale
