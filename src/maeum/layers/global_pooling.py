"""Global pooling: one number for each channel, whatever the size of the input."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.core.errors import ShapeError
from maeum.layers.checks import title
from maeum.layers.spatial import Spatial


class GlobalPooling(Spatial):
    """Base of the layers that make one number of each channel.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        keepdims: whether the spatial axes stay, with size 1.
    """

    weightless = True

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.keepdims = bool(keepdims)

    def check_shape(self, shape: Any) -> None:
        """Check that there is something to pool, too."""
        super().check_shape(shape)
        if 0 in [shape[axis] for axis in self.spatial_axes]:
            raise ShapeError("{layer} has nothing to pool in inputs of shape {shape}.",
                             layer=title(self), shape=tuple(shape))  # fmt: skip


class _GlobalMax(GlobalPooling):
    """Base of global max pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Return the maximum of each channel."""
        return ops.max(x, axis=self.spatial_axes, keepdims=self.keepdims)


class _GlobalAverage(GlobalPooling):
    """Base of global average pooling."""

    def call(self, x: jax.Array) -> jax.Array:
        """Return the mean of each channel."""
        return ops.mean(x, axis=self.spatial_axes, keepdims=self.keepdims)


class GlobalMaxPooling1D(_GlobalMax):
    """The maximum of each feature over all steps.

    Shapes: ``(batch, steps, C) -> (batch, C)``, or ``(batch, 1, C)`` with ``keepdims``.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        keepdims: whether the spatial axes stay, with size 1.
    """

    rank = 1


class GlobalMaxPooling2D(_GlobalMax):
    """The maximum of each channel of an image.

    Shapes: ``(batch, rows, columns, C) -> (batch, C)``, or ``(batch, 1, 1, C)`` with ``keepdims``.
    The arguments are those of `GlobalMaxPooling1D`.
    """

    rank = 2


class GlobalMaxPooling3D(_GlobalMax):
    """The maximum of each channel of a volume, as `GlobalMaxPooling1D` does of steps."""

    rank = 3


class GlobalAveragePooling1D(_GlobalAverage):
    """The mean of each feature over the steps that are not masked.

    Shapes: ``(batch, steps, C) -> (batch, C)``, or ``(batch, 1, C)`` with ``keepdims``. The mean
    over no step at all is 0.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        keepdims: whether the spatial axes stay, with size 1.
    """

    rank = 1
    supports_masking = True

    def call(self, x: jax.Array, mask: Any = None) -> jax.Array:
        """Return the mean of each feature over the steps whose ``mask`` is True."""
        if mask is None:
            return super().call(x)
        counted = ops.expand_dims(ops.cast(mask, "bool"), self.channel_axis)
        axes, keepdims = self.spatial_axes, self.keepdims
        total = ops.sum(ops.where(counted, x, 0), axis=axes, keepdims=keepdims)
        return ops.divide_no_nan(
            total, ops.sum(ops.cast(counted, x.dtype), axis=axes, keepdims=keepdims)
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: there are no steps any more."""
        return None


class GlobalAveragePooling2D(_GlobalAverage):
    """The mean of each channel of an image.

    Shapes: ``(batch, rows, columns, C) -> (batch, C)``, or ``(batch, 1, 1, C)`` with ``keepdims``.
    The arguments are those of `GlobalAveragePooling1D`; masks are not known here.

    Example:
        >>> import numpy as np
        >>> GlobalAveragePooling2D()(np.ones((2, 7, 7, 8), "float32")).shape
        (2, 8)
    """

    rank = 2


class GlobalAveragePooling3D(_GlobalAverage):
    """The mean of each channel of a volume, as `GlobalAveragePooling2D` does of an image."""

    rank = 3


GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
