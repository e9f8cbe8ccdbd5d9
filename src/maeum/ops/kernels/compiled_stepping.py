"""Steps of optimizers through the native kernels (`maeum.native`); float32.

A step is one call for each weight and one pass over memory. Of its formulas XLA makes three loops
instead, all of which have to be compiled. Derivatives of a step take the plain formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from maeum import native
from maeum.ops.kernels.derivatives import differentiated_by

Array = Any


def adam(w: Array, g: Array, m: Array, v: Array, numbers: Sequence[Any]) -> tuple:
    """Return a weight and the means of its gradient and of its square after one step of Adam.

    ``m <- m + a (g - m)``, ``v <- v + b (g**2 - v)``, ``w <- w - c w - rate m / (sqrt(v) + e)``.

    Args:
        w, g, m, v: the weight, its gradient, and the means, all of one shape.
        numbers: ``rate``, ``e``, ``a``, ``b`` and ``c``, which may be traced.
    """
    return _adam(w, g, m, v, jnp.stack([jnp.asarray(n, jnp.float32) for n in numbers]))


def _plain_adam(w: Array, g: Array, m: Array, v: Array, numbers: Array) -> tuple:
    rate, epsilon, a, b, c = numbers
    m, v = m + (g - m) * a, v + (g * g - v) * b
    return w - w * c - rate * m / (jnp.sqrt(v) + epsilon), m, v


@differentiated_by(_plain_adam, static=0)
def _adam(w: Array, g: Array, m: Array, v: Array, numbers: Array) -> tuple:
    outputs = (native.float32(*w.shape),) * 3
    places = {0: 0, 2: 1, 3: 2}
    return native.call("MaeumAdam", outputs, w, g, m, v, numbers, in_place=places, batches=True)
