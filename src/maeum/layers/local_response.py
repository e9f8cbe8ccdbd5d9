"""Local response normalization, which the networks of 2012 to 2014 have."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError
from maeum.core.graph import op
from maeum.layers.checks import number, positive, whole_number
from maeum.layers.layer import Layer


@op
def local_response_normalization(
    x: Any, size: int = 5, bias: float = 2.0, alpha: float = 1e-4, beta: float = 0.75
) -> jax.Array:
    """Return ``x / (bias + alpha * s) ** beta``, where ``s`` sums the squares of near channels.

    The ``size`` channels around each count as near (fewer at the ends); channels are the last axis.

    Example:
        >>> ones = jnp.ones((1, 3))
        >>> local_response_normalization(ones, 3, bias=2.0, alpha=1.0, beta=1.0).tolist()
        [[0.25, 0.20000000298023224, 0.25]]
    """
    x = jnp.asarray(x)
    reach = size // 2
    squares = jnp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(reach, reach)])
    near = sum(squares[..., i : i + x.shape[-1]] for i in range(size))
    return x / (bias + alpha * near) ** beta


class LocalResponseNormalization(Layer):
    """Let large responses damp those of the neighbouring channels at the same place.

    Shapes: any with the channels last; the output has the input's shape. No parameters. Source:
    Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012,
    section 3.3, whose constants are the defaults.

    Args:
        size: over how many channels the squares are summed (the paper's n), an odd number.
        bias: what is added to the sum (k).
        alpha: the weight of the sum.
        beta: the power.

    Raises:
        ConfigError: for an even size, or constants that are not numbers.
    """

    input_rank = 2

    def __init__(
        self,
        size: int = 5,
        bias: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.size = whole_number(size, "size", 1, self)
        if self.size % 2 == 0:
            raise ConfigError("The size of {own} is odd, so that it has a middle; got {size!r}.",
                              own=type(self).__name__, size=size)  # fmt: skip
        self.bias = positive(bias, "bias", self)
        self.alpha = number(alpha, "alpha", 0, self)
        self.beta = number(beta, "beta", of=self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `local_response_normalization`."""
        return local_response_normalization(x, self.size, self.bias, self.alpha, self.beta)
