"""Numbers by how far they get through the bins of their features, in plain JAX; any floating dtype.

See `maeum.layers.PiecewiseLinearEmbedding`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Boundaries = Sequence[Sequence[float]]  # of each feature


class Bins(NamedTuple):
    """The bins of all features, one behind the other: arrays of the shape ``(bins,)``.

    Attributes:
        feature: the number of the feature.
        low: where a bin begins.
        width: how wide it is.
        least, most: between what its outputs lie.
    """

    feature: np.ndarray
    low: np.ndarray
    width: np.ndarray
    least: np.ndarray
    most: np.ndarray

    @classmethod
    def of(cls, boundaries: Boundaries) -> Bins:
        """Return the bins between boundaries."""
        feature = np.repeat(np.arange(len(boundaries)), [len(ends) - 1 for ends in boundaries])
        first = np.diff(feature, prepend=-1) > 0
        last = np.diff(feature, append=len(boundaries)) > 0
        numbers = (
            np.concatenate([ends[:-1] for ends in boundaries]),
            np.concatenate([np.diff(ends) for ends in boundaries]),
            np.where(first, -np.inf, 0),
            np.where(last, np.inf, 1),
        )
        return cls(feature.astype(np.int32), *(each.astype(np.float32) for each in numbers))


def pieces(x: jax.Array, boundaries: Boundaries) -> jax.Array:
    """Return how far each number gets through each bin of its feature."""
    _, low, width, least, most = Bins.of(boundaries)
    return jnp.clip((_repeated(x, boundaries) - low) / width, least, most)


def _repeated(x: Any, boundaries: Boundaries) -> jax.Array:
    """Return each feature once for each of its bins.

    Neighbours with as many bins are repeated together: on CPUs that is twenty times as fast as to
    gather the features.
    """
    parts, begin = [], 0
    for count, same in itertools.groupby(len(ends) - 1 for ends in boundaries):
        end = begin + len([*same])
        part = jnp.broadcast_to(x[..., begin:end, None], (*x.shape[:-1], end - begin, count))
        parts.append(part.reshape(*x.shape[:-1], -1))
        begin = end
    return parts[0] if len(parts) == 1 else jnp.concatenate(parts, axis=-1)
