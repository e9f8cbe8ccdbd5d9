"""A wrapper that keeps the largest singular value of a kernel at 1."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers
from maeum.core.errors import ConfigError
from maeum.layers.checks import title, whole_number
from maeum.layers.time_distributed import Wrapper


class SpectralNormalization(Wrapper):
    """Divide the kernel of a layer by its largest singular value in training.

    The value is estimated by power iterations that go on from step to step (Miyato et al., 2018).

    Args:
        layer: a layer with a ``kernel`` or with ``embeddings``.
        power_iterations: how many iterations there are in each step.

    Raises:
        ConfigError: for a layer without either, or fewer than one iteration.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import Dense
        >>> layer = SpectralNormalization(Dense(3), power_iterations=20)
        >>> y = layer(np.ones((2, 4), "float32"), training=True)
        >>> round(float(np.linalg.norm(layer.layer.kernel.numpy(), 2)), 2)
        1.0
    """

    fixed_by_build = frozenset({"power_iterations"})

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.power_iterations = whole_number(power_iterations, "power_iterations", 1, self)

    def build(self, input_shape: Any) -> None:
        """Build the layer inside, and make the vector that the iterations go on from."""
        super().build(input_shape)
        self.input_axes = {-1: input_shape[-1]}
        kernel = self._kernel()
        self.vector_u = self.add_weight(
            "vector_u", (1, kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02),
            trainable=False, dtype=kernel.dtype,
        )  # fmt: skip

    def _kernel(self) -> Any:
        for name in ("kernel", "embeddings"):
            if getattr(self.layer, name, None) is not None:
                return getattr(self.layer, name)
        raise ConfigError("{layer} needs a layer with a kernel or with embeddings; "
                          "{inner} has neither.", layer=title(self),
                          inner=title(self.layer))  # fmt: skip

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Normalize the kernel if ``training``, and run the layer."""
        if training:
            self._normalize(self._kernel())
        return self.layer(inputs)

    def _normalize(self, kernel: Any) -> None:
        weights = kernel.value.reshape(-1, kernel.shape[-1])
        u, v = self.vector_u.value, jnp.zeros((1, weights.shape[0]), weights.dtype)
        for _ in range(self.power_iterations):
            v = _unit(u @ weights.T)
            u = _unit(v @ weights)
        u, v = jax.lax.stop_gradient((u, v))
        sigma = jnp.squeeze(v @ weights @ u.T)
        zero = jnp.all(weights == 0)
        divided = kernel.value / jnp.where(zero, 1, sigma)
        self.vector_u.assign(jnp.where(zero, self.vector_u.value, u))
        kernel.assign(divided)


def _unit(x: jax.Array) -> jax.Array:
    """Return a vector of length 1; a vector of zeros stays what it is."""
    return x * jax.lax.rsqrt(jnp.maximum(jnp.sum(x * x), 1e-12))
