"""Embeddings of numbers: each feature as several, of which a network learns more easily.

Gorishniy, Rubachev & Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning"
(2022). A single number enters a network by a straight line; thresholds, bumps and cycles of it
have to be put together from many units. Beside cosines or pieces of it, they are one step away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import initializers
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers.checks import fixed_size, known_size, number, title, whole_number
from maeum.layers.layer import Layer
from maeum.ops.kernels import choice


class PeriodicEmbedding(Layer):
    """Each number beside cosines of it, whose frequencies and phases are learnt.

    ``[x, cos(2 pi (f x + p))]`` for each feature, with ``frequencies`` pairs of ``f`` and ``p``
    of its own. Shapes: ``(..., n) -> (..., n * (1 + frequencies))``; numbers are expected to be
    scaled.

    Args:
        frequencies: the cosines of each feature.
        scale: the standard deviation of the initial frequencies; the larger, the finer what is
            told apart, and the sooner it overfits.

    Raises:
        ConfigError: for no frequencies, or a scale that is not above 0.
        ShapeError: if the number of features is unknown.

    Example:
        >>> import numpy as np
        >>> PeriodicEmbedding(4)(np.ones((2, 3), "float32")).shape
        (2, 15)
    """

    input_rank = 2
    fixed_by_build = frozenset({"frequencies", "scale"})

    def __init__(self, frequencies: int = 4, scale: float = 0.1, **kwargs: Any):
        super().__init__(**kwargs)
        self.frequencies = whole_number(frequencies, "frequencies", 1, self)
        self.scale = number(scale, "scale", 1e-12, self)

    def build(self, input_shape: Any) -> None:
        """Make the frequencies and phases."""
        shape = fixed_size(input_shape, -1, self), self.frequencies
        normal, uniform = initializers.RandomNormal, initializers.RandomUniform
        self.frequency = self.add_weight("frequency", shape, normal(stddev=self.scale))
        self.phase = self.add_weight("phase", shape, uniform(-0.5, 0.5))

    def call(self, x: jax.Array) -> jax.Array:
        """Compute the cosines."""
        waves = jnp.cos(2 * jnp.pi * (x[..., None] * self.frequency.value + self.phase.value))
        both = jnp.concatenate([x[..., None], waves], axis=-1)
        return both.reshape(*x.shape[:-1], -1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs."""
        return (*input_shape[:-1], known_size(input_shape, -1, self) * (1 + self.frequencies))


class PiecewiseLinearEmbedding(Layer):
    """Each number by how far it gets through the bins of its feature.

    A bin from ``a`` to ``b`` gives ``(x - a) / (b - a)``, at least 0 and at most 1; the first has
    no least and the last no most, so that numbers outside go on in a straight line. What follows
    it, such as a `Dense` layer, learns a piecewise linear function of each feature. Shapes:
    ``(..., n) -> (..., bins)``, the bins of all features.

    Args:
        bin_boundaries: for each feature the boundaries of its bins in ascending order, from the
            first to the last: one bin fewer than boundaries.
        num_bins: the most bins that `adapt` makes of a feature, with about as many numbers each.

    Raises:
        ConfigError: unless one of both is given; for boundaries that do not ascend.
        ShapeError: for another number of features.

    Example:
        >>> import numpy as np
        >>> layer = PiecewiseLinearEmbedding([[0.0, 1.0, 3.0]])
        >>> layer(np.array([[0.5], [2.0], [5.0]], "float32")).tolist()
        [[0.5, 0.0], [1.0, 0.5], [1.0, 2.0]]
    """

    weightless = True

    def __init__(
        self,
        bin_boundaries: Sequence[Sequence[float]] | None = None,
        num_bins: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if bin_boundaries is None and num_bins is None:
            raise ConfigError("{layer} takes bin_boundaries, or num_bins (and then adapt).",
                              layer=title(self))  # fmt: skip
        self.num_bins = None if num_bins is None else whole_number(num_bins, "num_bins", 1, self)
        self.bin_boundaries = None
        if bin_boundaries is not None:
            self.bin_boundaries = [self._ascending(each) for each in bin_boundaries]

    def _ascending(self, boundaries: Any) -> list[float]:
        ends = np.asarray(boundaries, np.float64)
        if ends.ndim != 1 or len(ends) < 2 or not (np.diff(ends) > 0).all():
            raise ConfigError("{layer} takes for each feature two boundaries or more, each larger "
                              "than the one before; got {boundaries!r}.", layer=title(self),
                              boundaries=boundaries)  # fmt: skip
        return ends.tolist()

    def adapt(self, data: Any) -> None:
        """Take quantiles of ``data``, ``(rows, n)``, for the boundaries.

        A feature that is the same everywhere has one bin around it.

        Raises:
            ConfigError: without ``num_bins``.
            DataError: for data without rows, or with NaN.
        """
        if self.num_bins is None:
            raise ConfigError("{layer} was given its bin_boundaries; give num_bins instead to "
                              "adapt it to data.", layer=title(self))  # fmt: skip
        rows = np.asarray(data, np.float64)
        if rows.ndim != 2 or not len(rows) or not np.isfinite(rows).all():
            raise DataError("PiecewiseLinearEmbedding.adapt takes rows of finite numbers; got the "
                            "shape {shape}, or NaN among them.", shape=rows.shape)  # fmt: skip
        fractions = np.linspace(0, 1, self.num_bins + 1)
        # In float32, in which they are compared, neighbours must differ.
        found = [np.unique(np.quantile(x, fractions).astype(np.float32)) for x in rows.T]
        self.bin_boundaries = [
            (x if len(x) > 1 else np.array([x[0] - 0.5, x[0] + 0.5])).tolist() for x in found
        ]

    def build(self, input_shape: Any) -> None:
        """Note how many features there are."""
        fixed_size(input_shape, -1, self)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute how far each number gets through each bin."""
        return choice.pieces(x, self._bins(x.shape))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs."""
        return (*input_shape[:-1], sum(len(ends) - 1 for ends in self._bins(input_shape)))

    def _bins(self, shape: Any) -> list[list[float]]:
        if self.bin_boundaries is None:
            raise ConfigError("{layer} has no boundaries yet. Call adapt(data), or give it "
                              "bin_boundaries.", layer=title(self))  # fmt: skip
        size = known_size(shape, -1, self)
        if size != len(self.bin_boundaries):
            raise ShapeError("{layer} has boundaries of {n:,} features, and its input has "
                             "{size:,}.", layer=title(self), n=len(self.bin_boundaries),
                             size=size)  # fmt: skip
        return self.bin_boundaries


class ValueEmbedding(Layer):
    """A vector of its own for each value of a number: of what is a name rather than a quantity.

    The number of a person, an article or a place tells little by its size. Shapes:
    ``(..., n) -> (..., output_dim * m)``, where ``m`` features have values. A value that is not
    among those has the vector 0.

    Args:
        values: for each feature its values in ascending order; none where it has no vectors.
        output_dim: the size of a vector.
        embeddings_initializer: the initial vectors.

    Raises:
        ConfigError: for values that do not ascend, or none at all.
        ShapeError: for another number of features.

    Example:
        >>> import numpy as np
        >>> layer = ValueEmbedding([[3.0, 7.0], []], 2, embeddings_initializer="ones")
        >>> layer(np.array([[7.0, 1.0], [4.0, 1.0]], "float32")).tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """

    input_rank = 2
    fixed_by_build = frozenset({"values", "output_dim"})

    def __init__(
        self,
        values: Sequence[Sequence[float]],
        output_dim: int = 8,
        embeddings_initializer: Any = "uniform",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        given = [np.asarray(each, np.float64) for each in values]
        ascend = all(x.ndim == 1 and (np.diff(x.astype(np.float32)) > 0).all() for x in given)
        self.values = [each.tolist() for each in given] if ascend else []
        if not any(self.values):
            raise ConfigError("{layer} takes for each feature values in ascending order, and for "
                              "one at least some; got {values!r}.", layer=title(self),
                              values=values)  # fmt: skip
        self.output_dim = whole_number(output_dim, "output_dim", 1, self)
        self.embeddings_initializer = initializers.get(embeddings_initializer)

    def build(self, input_shape: Any) -> None:
        """Make the vectors."""
        size = fixed_size(input_shape, -1, self)
        if size != len(self.values):
            raise ShapeError("{layer} has values of {n:,} features, and its input has {size:,}.",
                             layer=title(self), n=len(self.values), size=size)  # fmt: skip
        rows = sum(map(len, self.values))
        self.embeddings = self.add_weight(
            "embeddings", (rows, self.output_dim), self.embeddings_initializer
        )

    def call(self, x: jax.Array) -> jax.Array:
        """Look up the vectors."""
        parts, first = [], 0
        for feature, values in enumerate(self.values):
            if not values:
                continue
            known = np.asarray(values, np.float32)
            place = jnp.clip(jnp.searchsorted(known, x[..., feature]), 0, len(known) - 1)
            same = jnp.asarray(known)[place] == x[..., feature]
            vectors = jnp.take(self.embeddings.value, first + place, axis=0)
            parts.append(jnp.where(same[..., None], vectors, 0))
            first += len(known)
        return jnp.concatenate(parts, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs."""
        return (*input_shape[:-1], sum(map(bool, self.values)) * self.output_dim)
