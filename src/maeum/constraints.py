"""Constraints: how weights are corrected after each step of the optimizer.

Example:
    >>> import numpy as np
    >>> get("non_neg")(np.array([-1.0, 2.0], "float32")).tolist()
    [0.0, 2.0]
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.config import Configurable
from maeum.core.messages import N_
from maeum.core.settings import epsilon

Axis = int | list[int] | tuple[int, ...]


class Constraint(Configurable):
    """Base of the constraints: a function of a weight that returns an allowed one."""

    def __call__(self, w: Any) -> jax.Array:
        """Return the allowed weight: by default the weight itself."""
        return jnp.asarray(w)


class NonNeg(Constraint):
    """Negative entries become zero."""

    def __call__(self, w: Any) -> jax.Array:
        """Return ``max(w, 0)``."""
        return jnp.maximum(jnp.asarray(w), 0)


class _Norm(Constraint):
    """Scales ``w`` so that its norm along ``axis`` becomes ``desired(norm)``."""

    axis: Axis

    def desired(self, norms: jax.Array) -> Any:
        """Return the norms to reach."""
        raise NotImplementedError

    def __call__(self, w: Any) -> jax.Array:
        """Return ``w``, scaled."""
        w = jnp.asarray(w)
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        norms = jnp.sqrt(jnp.sum(jnp.square(w), axis, keepdims=True))
        return w * (self.desired(norms) / (epsilon() + norms))


class MaxNorm(_Norm):
    """Norms along ``axis`` of at most ``max_value`` (Srivastava et al., 2014).

    Args:
        max_value: the largest norm.
        axis: along which the norm is taken: 0 for a dense kernel, ``[0, 1, 2]`` for a kernel of
            a two-dimensional convolution.
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0):
        self.max_value, self.axis = max_value, axis

    def desired(self, norms: jax.Array) -> Any:
        """Return the norms, cut at the top."""
        return jnp.clip(norms, 0, self.max_value)


class UnitNorm(_Norm):
    """Norms along ``axis`` of 1."""

    def __init__(self, axis: Axis = 0):
        self.axis = axis

    def desired(self, norms: jax.Array) -> Any:
        """Return 1."""
        return 1.0


class MinMaxNorm(_Norm):
    """Norms along ``axis`` that are drawn into ``[min_value, max_value]``.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: the fraction of the distance that is corrected at each step; 1 is all of it.
        axis: along which the norm is taken.
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axis = 0,
    ):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def desired(self, norms: jax.Array) -> Any:
        """Return norms that are nearer to the interval."""
        inside = jnp.clip(norms, self.min_value, self.max_value)
        return self.rate * inside + (1 - self.rate) * norms


_CLASSES = registry.public_classes(globals(), Constraint)
_family = registry.Family(N_("constraint"), registry.named("constraints", _CLASSES))
max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm
maxnorm, nonneg, unitnorm = max_norm, non_neg, unit_norm
serialize, deserialize = _family.keras_functions()


def get(identifier: Any) -> Any:
    """Return the constraint that a name, a class, a config, a function or None stands for.

    Raises:
        UnknownNameError: for a name that no constraint has; the message names the nearest.
    """
    return _family.get(identifier)
