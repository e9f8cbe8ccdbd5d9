"""Regularizers: a penalty on weights or activations, added to the loss.

Example:
    >>> import numpy as np
    >>> round(float(get("l2")(np.array([1.0, 3.0]))), 6)  # 0.01 * (1 + 9)
    0.1
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_choice, check_number
from maeum.core.config import Configurable
from maeum.core.errors import ShapeError, not_implemented
from maeum.core.messages import N_
from maeum.core.settings import epsilon


class Regularizer(Configurable):
    """Base of the regularizers: a function of an array whose result is one number."""

    def __call__(self, x: Any) -> jax.Array:
        """Return the penalty on ``x``."""
        raise not_implemented(self, "__call__(x)")


class L1L2(Regularizer):
    """``l1 * sum(|x|) + l2 * sum(x**2)``."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0):
        self.l1, self.l2 = _factor("l1", l1, 0.0), _factor("l2", l2, 0.0)

    def __call__(self, x: Any) -> jax.Array:
        """Return the penalty on ``x``."""
        x = jnp.asarray(x)
        penalty = jnp.zeros((), x.dtype)
        if self.l1:
            penalty += self.l1 * jnp.sum(jnp.abs(x))
        if self.l2:
            penalty += self.l2 * jnp.sum(jnp.square(x))
        return penalty


class L1(L1L2):
    """``l1 * sum(|x|)``, which makes weights exactly zero (Tibshirani, 1996)."""

    def __init__(self, l1: float = 0.01):
        super().__init__(l1=_factor("l1", l1, 0.01))


class L2(L1L2):
    """``l2 * sum(x**2)``, which keeps weights small."""

    def __init__(self, l2: float = 0.01):
        super().__init__(l2=_factor("l2", l2, 0.01))


class OrthogonalRegularizer(Regularizer):
    """``factor`` times the mean absolute cosine between the rows (or columns) of a matrix."""

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        self.factor = _factor("factor", factor, 0.01)
        self.mode = check_choice(mode, ("rows", "columns"), "mode")

    def __call__(self, x: Any) -> jax.Array:
        """Return the penalty on the matrix ``x``; raise `ShapeError` if it is not one."""
        x = jnp.asarray(x)
        if x.ndim != 2:
            raise ShapeError(
                "OrthogonalRegularizer is for matrices; got an array of shape {shape}.",
                shape=x.shape,
            )
        x = x if self.mode == "rows" else x.T
        # The floor is inside the root, where a zero row would make its gradient NaN.
        x = x / jnp.sqrt(jnp.maximum(jnp.sum(jnp.square(x), 1, keepdims=True), epsilon() ** 2))
        count = len(x)
        cosines = jnp.abs(x @ x.T) * (1 - jnp.eye(count, dtype=x.dtype))
        return self.factor * jnp.sum(cosines) / max(1, count * (count - 1))


def _factor(name: str, value: float | None, default: float) -> float:
    return default if value is None else check_number(float(value), name)


_CLASSES = registry.public_classes(globals(), Regularizer)
_family = registry.Family(
    N_("regularizer"), registry.named("regularizers", _CLASSES) | {"l1_l2": L1L2}
)
l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
serialize, deserialize = _family.keras_functions()


def get(identifier: Any) -> Any:
    """Return the regularizer that a name, a class, a config, a function or None stands for.

    Raises:
        UnknownNameError: for a name that no regularizer has; the message names the nearest.
    """
    return _family.get(identifier)
