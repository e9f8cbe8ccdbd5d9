"""Steps of optimizers, what dropout keeps, pieces of numbers: through the native kernels.

A step of Adam is one call for each weight and one pass over memory. Of its formulas XLA makes three
loops instead, all of which have to be compiled; derivatives of a step take the plain formulas. And
random numbers XLA draws anew in every loop that uses them. Of pieces of numbers it makes a loop for
each feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import native
from maeum.ops.kernels.derivatives import differentiated_by
from maeum.ops.kernels.pieces import Bins, Boundaries
from maeum.ops.kernels.pieces import pieces as plain_pieces

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
    places = {2: 1, 3: 2}  # XLA copies weights twice that a loop changes in place
    return native.call("MaeumAdam", outputs, w, g, m, v, numbers, in_place=places, batches=True)


def keep(key: Array, threshold: Array, shape: tuple[int, ...]) -> jax.Array:
    """Return where ``random.bits(key, shape) >= threshold``; both are uint32."""
    outputs = jax.ShapeDtypeStruct(shape, jnp.bool_)
    return native.call("MaeumKeep", outputs, key, threshold, batches=True)


def pieces(x: Array, boundaries: Boundaries) -> jax.Array:
    """Return what `maeum.ops.kernels.pieces.pieces` does."""

    def plain(x: Array) -> jax.Array:
        return plain_pieces(x, boundaries)

    @differentiated_by(plain, static=0)
    def run(x: Array) -> jax.Array:
        bins = Bins.of(boundaries)
        outputs = native.float32(*x.shape[:-1], len(bins.low))
        return native.call("MaeumPieces", outputs, x, *bins, batches=True)

    return run(x)
