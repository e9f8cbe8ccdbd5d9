"""Pooling: one number for each window, or for each channel."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.layers.spatial import Spatial, with_defaults
from maeum.ops.windows import check_padding, per_axis


class Pooling(Spatial):
    """Base of the layers that make one number of each window.

    Args:
        pool_size: the size of the window, one number or one for each spatial axis.
        strides: how far it moves; its own size by default.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    weightless = True

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format, name=name, **kwargs)
        self.pool_size = per_axis(pool_size, self.rank, "pool_size")
        steps = self.pool_size if strides is None else strides
        self.strides = per_axis(steps, self.rank, "strides")
        self._arguments["strides"] = self.strides  # whatever pool_size is later
        self.padding = check_padding(padding)

    def build(self, input_shape: Any) -> None:
        """Check that the window fits into the input."""
        super().build(input_shape)
        self.check_window(input_shape, self.pool_size)

    def pool(self, function: Any, x: jax.Array) -> jax.Array:
        """Apply a pooling of `maeum.ops`."""
        return function(x, self.pool_size, self.strides, self.padding, self.data_format)


class _MaxPooling(Pooling):
    """Base of max pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.ops.max_pool`."""
        return self.pool(ops.max_pool, x)


class _AveragePooling(Pooling):
    """Base of average pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.ops.average_pool`."""
        return self.pool(ops.average_pool, x)


class MaxPooling1D(_MaxPooling):
    """The maximum of each window of steps.

    Shapes: ``(batch, steps, C) -> (batch, new_steps, C)``.

    Args:
        pool_size: the size of the window.
        strides: how far it moves; its own size by default.
        padding: ``"valid"`` or ``"same"``; padding is never the maximum.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for invalid sizes or an unknown padding.
        ShapeError: if the window is larger than the input.
    """

    rank = 1


@with_defaults(pool_size=(2, 2))
class MaxPooling2D(_MaxPooling):
    """The maximum of each window of an image, with the arguments of `MaxPooling1D`.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, C)``.

    Example:
        >>> import numpy as np
        >>> MaxPooling2D()(np.ones((2, 28, 28, 8), "float32")).shape
        (2, 14, 14, 8)
    """

    rank = 2


@with_defaults(pool_size=(2, 2, 2))
class MaxPooling3D(_MaxPooling):
    """The maximum of each window of a volume, with the arguments of `MaxPooling1D`."""

    rank = 3


class AveragePooling1D(_AveragePooling):
    """The mean of each window of steps.

    Shapes: ``(batch, steps, C) -> (batch, new_steps, C)``.

    Args:
        pool_size: the size of the window.
        strides: how far it moves; its own size by default.
        padding: ``"valid"`` or ``"same"``; padding does not count in the mean.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for invalid sizes or an unknown padding.
        ShapeError: if the window is larger than the input.
    """

    rank = 1


class AveragePooling2D(_AveragePooling):
    """The mean of each window of an image, with the arguments of `AveragePooling1D`.

    Shapes: ``(batch, rows, columns, C) -> (batch, new_rows, new_columns, C)``.
    """

    rank = 2


class AveragePooling3D(_AveragePooling):
    """The mean of each window of a volume, with the arguments of `AveragePooling1D`."""

    rank = 3


class AdaptivePooling(Spatial):
    """Base of the layers that make outputs of a given size, whatever the size of the input.

    Args:
        output_size: one number, or one for each spatial axis.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.output_size = per_axis(output_size, self.rank, "output_size")


class _AdaptiveMax(AdaptivePooling):
    """Base of adaptive max pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.ops.adaptive_max_pool`."""
        return ops.adaptive_max_pool(x, self.output_size, self.data_format)


class _AdaptiveAverage(AdaptivePooling):
    """Base of adaptive average pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Compute `maeum.ops.adaptive_average_pool`."""
        return ops.adaptive_average_pool(x, self.output_size, self.data_format)


class AdaptiveMaxPooling1D(_AdaptiveMax):
    """The maximum of each of ``output_size`` bins of steps.

    Shapes: ``(batch, steps, C) -> (batch, output_size, C)``, for any number of steps. The bins are
    those of `maeum.ops.adaptive_max_pool`.

    Args:
        output_size: the number of bins.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid size.
    """

    rank = 1


class AdaptiveMaxPooling2D(_AdaptiveMax):
    """The maximum of each bin of an image, with `AdaptiveMaxPooling1D`'s arguments.

    Example:
        >>> import numpy as np
        >>> AdaptiveMaxPooling2D((2, 3))(np.ones((1, 17, 31, 8), "float32")).shape
        (1, 2, 3, 8)
    """

    rank = 2


class AdaptiveMaxPooling3D(_AdaptiveMax):
    """The maximum of each bin of a volume, with `AdaptiveMaxPooling1D`'s arguments."""

    rank = 3


class AdaptiveAveragePooling1D(_AdaptiveAverage):
    """The mean of each of ``output_size`` bins of steps.

    Shapes: ``(batch, steps, C) -> (batch, output_size, C)``, for any number of steps. The bins are
    those of `maeum.ops.adaptive_max_pool`.

    Args:
        output_size: the number of bins.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid size.
    """

    rank = 1


class AdaptiveAveragePooling2D(_AdaptiveAverage):
    """The mean of each bin of an image, with the arguments of `AdaptiveAveragePooling1D`."""

    rank = 2


class AdaptiveAveragePooling3D(_AdaptiveAverage):
    """The mean of each bin of a volume, with the arguments of `AdaptiveAveragePooling1D`."""

    rank = 3


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
