"""A penalty on activations that are not rare enough."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_fraction, check_number
from maeum.core.errors import ShapeError
from maeum.core.settings import epsilon
from maeum.regularizers import Regularizer


@registry.builtin
class KLSparsity(Regularizer):
    """Penalty on sigmoid units whose mean activation is not the ``target``.

    ``factor * sum_j KL(target || mean_j)``, where ``mean_j`` is the mean of unit ``j`` over the
    batch, and over the places of an image: the penalty of sparse autoencoders (Ng, "Sparse
    autoencoder", CS294A, 2011). It is an activity regularizer: a layer divides the penalties of
    these by the number of rows, so that what is returned is multiplied by it.

    Args:
        target: how active each unit is to be on average, above 0 and below 1.
        factor: how much the penalty counts.

    Raises:
        ConfigError: for other numbers.

    Example:
        >>> import numpy as np
        >>> round(float(KLSparsity(0.05, factor=1.0)(np.full((4, 2), 0.05, "float32"))), 6)
        0.0
    """

    def __init__(self, target: float = 0.05, factor: float = 0.1):
        self.target = check_fraction(target, "target", zero=False)
        self.factor = check_number(factor, "factor")

    def __call__(self, x: Any) -> jax.Array:
        """Return the penalty on activations of shape ``(rows, ..., units)``, times the rows."""
        x = jnp.asarray(x)
        if x.ndim < 2:
            raise ShapeError("KLSparsity is for activations of shape (rows, ..., units); got an "
                             "array of shape {shape}.", shape=x.shape)  # fmt: skip
        mean = jnp.mean(x, axis=tuple(range(x.ndim - 1)))
        mean = jnp.clip(mean, epsilon(), 1 - epsilon())
        p = self.target
        divergence = p * jnp.log(p / mean) + (1 - p) * jnp.log((1 - p) / (1 - mean))
        return self.factor * jnp.sum(divergence) * x.shape[0]
