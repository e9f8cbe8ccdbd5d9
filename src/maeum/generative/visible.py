"""The visible units of a Boltzmann machine: how they answer the hidden ones, and what they cost."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.ops import random


class BinaryUnits:
    """Units that are 0 or 1; the data may be probabilities, too."""

    def means(self, inputs: jax.Array) -> jax.Array:
        """Return the probabilities of 1, for what the units get."""
        return jax.nn.sigmoid(inputs)

    def draw(self, key: Any, means: jax.Array) -> jax.Array:
        """Return states drawn with these probabilities."""
        return (random.uniform(key, means.shape) < means).astype(means.dtype)

    def energy(self, states: jax.Array, bias: jax.Array) -> jax.Array:
        """Return what the states cost by themselves, for each row: ``-v . a``."""
        return -(states @ bias)


class GaussianUnits(BinaryUnits):
    """Units of any value, with variance 1 around what the hidden ones say."""

    def means(self, inputs: jax.Array) -> jax.Array:
        """Return what the units get, which are their means."""
        return inputs

    def draw(self, key: Any, means: jax.Array) -> jax.Array:
        """Return states drawn around the means."""
        return means + random.normal(key, means.shape, means.dtype)

    def energy(self, states: jax.Array, bias: jax.Array) -> jax.Array:
        """Return what the states cost by themselves, for each row: ``|v - a|^2 / 2``."""
        return 0.5 * jnp.sum(jnp.square(states - bias), -1)


UNITS = {"binary": BinaryUnits(), "gaussian": GaussianUnits()}
