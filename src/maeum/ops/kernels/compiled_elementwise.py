"""Steps of optimizers, what dropout keeps, pieces of numbers: through the native kernels.

A step of Adam is one call and one pass over memory. Of its formulas XLA makes three loops for each
weight instead, all of which have to be compiled; derivatives of a step take the plain formulas. And
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


def adam(
    weights: Sequence[Array], gradients: Sequence[Array], means: Sequence[Array],
    squares: Sequence[Array], numbers: Sequence[Sequence[Any]],
) -> tuple[list, list, list]:  # fmt: skip
    """Return weights and the means of their gradients and of the squares after a step of Adam.

    ``m <- m + a (g - m)``, ``v <- v + b (g**2 - v)``, ``w <- w - c w - rate m / (sqrt(v) + e)``.

    Args:
        weights, gradients, means, squares: of each weight the arrays, all of one shape.
        numbers: of each weight ``rate``, ``e``, ``a``, ``b`` and ``c``, which may be traced.
    """
    flat = [jnp.asarray(number, jnp.float32) for each in numbers for number in each]
    table = jnp.stack(flat).reshape(len(weights), -1)
    return _adam(list(weights), list(gradients), list(means), list(squares), table)


def _plain_adam(
    weights: list, gradients: list, means: list, squares: list, numbers: Array
) -> tuple[list, list, list]:
    new: tuple[list, list, list] = ([], [], [])
    for w, g, m, v, own in zip(weights, gradients, means, squares, numbers):
        rate, epsilon, a, b, c = own
        m, v = m + (g - m) * a, v + (g * g - v) * b
        w = w - w * c - rate * m / (jnp.sqrt(v) + epsilon)
        for found, value in zip(new, (w, m, v)):
            found.append(value)
    return new


@differentiated_by(_plain_adam, static=0)
def _adam(
    weights: list, gradients: list, means: list, squares: list, numbers: Array
) -> tuple[list, list, list]:
    count = len(weights)
    outputs = tuple(native.float32(*array.shape) for array in [*weights, *means, *squares])
    inputs = [numbers, *weights, *gradients, *means, *squares]
    # A result lies one place behind its weight, and one more group of arrays behind its means.
    places = {1 + n + (count if n >= count else 0): n for n in range(3 * count)}
    made = native.call("MaeumAdam", outputs, *inputs, in_place=places, batches=True)
    return [*made[:count]], [*made[count : 2 * count]], [*made[2 * count :]]


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
