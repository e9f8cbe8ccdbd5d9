"""Positions in a sequence: learned, as sine waves, and as rotations."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers, ops
from maeum.core.errors import ShapeError
from maeum.core.scope import current_scope
from maeum.layers.checks import axis_of, fixed_size, known_size, positive, title, whole_number
from maeum.layers.layer import Layer
from maeum.ops.arrays import is_traced


def places(layer: Layer, start_index: Any, length: int, positions: Any) -> jax.Array:
    """Return the positions (..., length): given ones, or those that count from ``start_index``.

    A start for each row gives positions for each row.
    """
    if positions is not None:
        positions = jnp.asarray(positions)
        if positions.shape[-1:] != (length,):
            raise ShapeError("{layer} takes positions, one for each of the {length} steps; got "
                             "shape {shape}.", layer=title(layer), length=length,
                             shape=positions.shape)  # fmt: skip
        return positions
    start = jnp.asarray(start_index)
    return start[..., None] + jnp.arange(length, dtype=start.dtype)


class PositionEmbedding(Layer):
    """A learned vector for each position; shapes ``(..., steps, n) -> (..., steps, n)``.

    The output holds the vectors alone: add it to the embedded tokens.

    Args:
        sequence_length: the largest length that can come.
        initializer: the initial value of the table ``(sequence_length, n)``.

    Raises:
        ConfigError: if ``sequence_length`` is not a whole number above 0.
        ShapeError: for a sequence that is longer.

    Example:
        >>> import numpy as np
        >>> tokens = np.ones((2, 10, 8), "float32")
        >>> PositionEmbedding(sequence_length=16)(tokens).shape
        (2, 10, 8)
    """

    supports_masking = True
    input_rank = 2
    fixed_by_build = frozenset({"sequence_length"})

    def __init__(self, sequence_length: int, initializer: Any = "glorot_uniform", **kwargs: Any):
        super().__init__(**kwargs)
        self.sequence_length = whole_number(sequence_length, "sequence_length", 1, self)
        self.initializer = initializers.get(initializer)

    def build(self, input_shape: Any) -> None:
        """Make the table."""
        size = fixed_size(input_shape, -1, self)
        self._check_end(0, input_shape[-2] or 0)
        self.position_embeddings = self.add_weight(
            "embeddings", (self.sequence_length, size), self.initializer
        )

    def call(self, x: jax.Array, start_index: Any = 0, positions: Any = None) -> jax.Array:
        """Return the vectors of the positions.

        Args:
            x: what has positions.
            start_index: the position of the first step, or one for each row; may be traced.
            positions: the position of every step, (steps,) or (batch, steps), instead.
        """
        length, table = x.shape[-2], self.position_embeddings.value
        if positions is None and isinstance(start_index, int):
            scope = current_scope()
            if scope is not None and scope.abstract:  # any size may stand for an unknown length
                return jnp.zeros_like(x)
            self._check_end(start_index, length)
            vectors = table[start_index : start_index + length]
        else:
            at = places(self, start_index, length, positions)
            if not is_traced(at) and not bool(((at >= 0) & (at < self.sequence_length)).all()):
                raise ShapeError("{layer} has the positions 0 to {last}; got {low} to {high}.",
                                 layer=title(self), last=self.sequence_length - 1,
                                 low=int(at.min()), high=int(at.max()))  # fmt: skip
            vectors = ops.embedding(at, table)
        return jnp.broadcast_to(vectors, x.shape)

    def _check_end(self, start: int, length: int) -> None:
        if start < 0 or start + length > self.sequence_length:
            raise ShapeError("{layer} has sequence_length={sequence_length}; got {length} steps "
                             "from position {start} on. Cut the sequence, or raise "
                             "sequence_length.", layer=title(self),
                             sequence_length=self.sequence_length, length=length,
                             start=start)  # fmt: skip


class SinePositionEncoding(Layer):
    """Sine and cosine waves of many lengths as positions (Vaswani et al., 2017, section 3.5).

    Feature 2i of position p is ``sin(p / w ** (2i / n))``, feature 2i + 1 the cosine of the same.
    The output holds the waves alone: add it to the embedded tokens.

    Shapes: ``(..., steps, n) -> (..., steps, n)``.

    Args:
        max_wavelength: w, the length of the longest wave divided by 2 pi.

    Raises:
        ConfigError: for a ``max_wavelength`` that is not above 0.

    Example:
        >>> import numpy as np
        >>> SinePositionEncoding()(np.ones((1, 2, 4), "float32"))[0, 0].tolist()
        [0.0, 1.0, 0.0, 1.0]
    """

    supports_masking = True
    input_rank = 2

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_wavelength = positive(max_wavelength, "max_wavelength", self)

    def call(self, x: jax.Array, start_index: Any = 0, positions: Any = None) -> jax.Array:
        """Return the waves at the positions; the arguments are those of `PositionEmbedding`."""
        size = x.shape[-1]
        at = places(self, start_index, x.shape[-2], positions)
        angles = _angles(at, 2 * (jnp.arange(size) // 2) / max(size, 1), self.max_wavelength)
        even = jnp.arange(size) % 2 == 0
        waves = jnp.where(even, jnp.sin(angles), jnp.cos(angles))
        return jnp.broadcast_to(waves.astype(x.dtype), x.shape)


class RotaryEmbedding(Layer):
    """Rotate pairs of features by angles that grow with the position (Su et al., 2021).

    So the product of a rotated query and key depends on their distance alone. Feature i of the
    first half and feature i of the second are one pair, and turn by ``p / w ** (2i / n)`` at
    position p. Rotate the queries and keys of each head, not the tokens.

    Shapes: any with the axes below, such as (batch, steps, heads, n); the output has the same.

    Args:
        max_wavelength: w, the length of the longest wave divided by 2 pi.
        scaling_factor: what positions are divided by, to reach further than was trained.
        sequence_axis: the axis of the positions.
        feature_axis: the axis of the features, whose size is even.

    Raises:
        ConfigError: for numbers that are not above 0, or one axis for both.
        ShapeError: for an odd number of features.

    Example:
        >>> import numpy as np
        >>> RotaryEmbedding()(np.ones((1, 5, 2, 4), "float32")).shape
        (1, 5, 2, 4)
    """

    supports_masking = True
    input_rank = 2

    def __init__(
        self,
        max_wavelength: float = 10000,
        scaling_factor: float = 1.0,
        sequence_axis: int = 1,
        feature_axis: int = -1,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.max_wavelength = positive(max_wavelength, "max_wavelength", self)
        self.scaling_factor = positive(scaling_factor, "scaling_factor", self)
        self.sequence_axis = sequence_axis
        self.feature_axis = feature_axis

    def _axes(self, rank: int) -> tuple[int, ...]:
        return tuple(axis_of(a, rank, self) for a in (self.sequence_axis, self.feature_axis))

    def build(self, input_shape: Any) -> None:
        """Check the axes."""
        sequence, feature = self._axes(len(input_shape))
        size = known_size(input_shape, feature, self)
        if sequence == feature or size % 2:
            raise ShapeError("{layer} rotates pairs of features along the positions: it needs an "
                             "even number of them on an axis of their own; got shape {shape}, "
                             "positions on axis {sequence}, features on axis {feature}.",
                             layer=title(self), shape=tuple(input_shape), sequence=sequence,
                             feature=feature)  # fmt: skip

    def call(self, x: jax.Array, start_index: Any = 0, positions: Any = None) -> jax.Array:
        """Rotate ``x``; the other arguments are those of `PositionEmbedding`."""
        sequence, feature = self._axes(x.ndim)
        moved = jnp.moveaxis(x, (sequence, feature), (-2, -1))
        at = places(self, start_index, moved.shape[-2], positions) / self.scaling_factor
        half = moved.shape[-1] // 2
        angles = _angles(at, jnp.arange(half) / half, self.max_wavelength).astype(x.dtype)
        if angles.ndim == 3:  # positions for each row
            angles = angles.reshape(len(angles), *(1,) * (moved.ndim - 3), *angles.shape[1:])
        sine, cosine = jnp.sin(angles), jnp.cos(angles)
        first, second = moved[..., :half], moved[..., half:]
        rotated = jnp.concatenate(
            [first * cosine - second * sine, second * cosine + first * sine], -1
        )
        return jnp.moveaxis(rotated, (-2, -1), (sequence, feature))


def _angles(at: jax.Array, exponents: jax.Array, wavelength: float) -> jax.Array:
    """Return ``position / wavelength ** exponent`` for every position and every exponent."""
    return at[..., None].astype(jnp.float32) * wavelength**-exponents
