"""Layers that drop or add noise to their input while training, and do nothing otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from maeum import ops, regularizers
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed
from maeum.layers.checks import exact_rank, number, whole_number
from maeum.layers.checks import rate as check_rate
from maeum.layers.layer import Layer
from maeum.layers.spatial import Spatial


class RandomNoise(Layer):
    """Base of the layers that apply noise while training.

    A layer writes ``apply_noise(x, key)``, and which attribute is 0 where there is nothing to do.

    Args:
        seed: the layer's own random seed, a whole number.
    """

    supports_masking = True
    weightless = True
    strength = "rate"

    def __init__(self, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = None if seed is None else check_seed(seed)

    def call(self, x: jax.Array, training: bool = False) -> jax.Array:
        """Apply noise to ``x`` if ``training``."""
        active = training and getattr(self, self.strength) != 0
        return self.apply_noise(x, self.random_key(self.seed)) if active else x

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Return ``x`` with what is drawn from ``key``."""
        raise NotImplementedError


class _Dropping(RandomNoise):
    """Base of the layers with a ``rate``: the fraction that is dropped."""

    below_one = False  # whether a rate of 1 is an error

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed=seed, **kwargs)
        self.rate = check_rate(rate, "rate", self, self.below_one)


class Dropout(_Dropping):
    """Set a fraction ``rate`` of the inputs to 0 while training, and scale the others up.

    So the expected sum stays the same (Srivastava et al., 2014).

    Args:
        rate: the fraction, between 0 and 1.
        noise_shape: the shape of the mask: 1 along the axes whose entries drop together, None
            for the input's own size.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a rate outside 0 to 1.

    Example:
        >>> import numpy as np
        >>> Dropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    weightless = True

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, **kwargs)
        self.noise_shape = _noise_shape(noise_shape)

    def build(self, input_shape: Any) -> None:
        """Check that the noise has as many axes as the input."""
        if self.noise_shape is not None:
            exact_rank(input_shape, len(self.noise_shape), self)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Drop entries of ``x``."""
        return ops.dropout(x, self.rate, key, self.noise_shape)


class AlphaDropout(Dropout):
    """Dropout for networks with `selu`, which keeps mean 0 and variance 1.

    Dropped entries take the lower limit of ``selu`` (Klambauer et al., 2017).

    Args:
        rate: the fraction that is dropped, between 0 and 1.
        noise_shape: the shape of the mask, as in `Dropout`.
        seed: the layer's own random seed, a whole number.
    """

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Drop entries of ``x`` to the lower limit."""
        return ops.alpha_dropout(x, self.rate, key, self.noise_shape)


class GaussianDropout(_Dropping):
    """Multiply by normal noise with mean 1 and variance ``rate / (1 - rate)`` while training.

    Args:
        rate: as in `Dropout`, at least 0 and below 1.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a rate outside 0 to 1, or 1.
    """

    below_one = True

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Multiply ``x`` by noise."""
        return ops.gaussian_dropout(x, self.rate, key)


class GaussianNoise(RandomNoise):
    """Add normal noise with mean 0 while training.

    Args:
        stddev: the standard deviation of the noise, at least 0.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a negative ``stddev``.
    """

    strength = "stddev"

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed=seed, **kwargs)
        self.stddev = number(stddev, "stddev", 0, self)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Add noise to ``x``."""
        return ops.gaussian_noise(x, self.stddev, key)


class _SpatialDropout(_Dropping, Spatial):
    """Base of the layers that drop whole channels."""

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, data_format=data_format, name=name, dtype=dtype, **kwargs)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Drop channels of ``x``."""
        return ops.dropout(x, self.rate, key, self.around((1,) * self.rank, None))


class SpatialDropout1D(_SpatialDropout):
    """Drop whole features of a sequence while training; shapes ``(batch, steps, features)``.

    Args:
        rate: the fraction that is dropped, between 0 and 1.
        seed: the layer's own random seed, a whole number.
    """

    rank = 1

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, "channels_last", seed, name, dtype, **kwargs)


class SpatialDropout2D(_SpatialDropout):
    """Drop whole channels of an image while training.

    Shapes: ``(batch, rows, columns, channels)``, or channels before rows.

    Args:
        rate: the fraction that is dropped, between 0 and 1.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.
    """

    rank = 2


class SpatialDropout3D(_SpatialDropout):
    """Drop whole channels of a volume while training, with `SpatialDropout2D`'s arguments.

    Shapes: ``(batch, a, b, c, channels)``, or channels before the volume.
    """

    rank = 3


class ActivityRegularization(Layer):
    """Pass the input on, and add a penalty on it to the loss: per sample, as in Keras.

    Args:
        l1: the factor of the sum of absolute values.
        l2: the factor of the sum of squares.
    """

    supports_masking = True
    weightless = True
    undescribed = frozenset({"activity_regularizer"})  # which is made of the two

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("l1", "l2"):
            setattr(self.activity_regularizer, name, value)

    def call(self, x: jax.Array) -> jax.Array:
        """Return ``x``."""
        return x


def _noise_shape(sizes: Any) -> tuple[int | None, ...] | None:
    if sizes is None:
        return None
    if not isinstance(sizes, (list, tuple)):
        raise ConfigError("noise_shape is a tuple of sizes and Nones; got {sizes!r}.", sizes=sizes)
    return tuple(None if n is None else whole_number(n, "size in noise_shape", 1) for n in sizes)
