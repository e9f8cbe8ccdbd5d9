"""Layers that make images, sequences and volumes larger by integer factors."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.core.checks import check_choice
from maeum.layers.checks import argument
from maeum.layers.spatial import Spatial, with_defaults
from maeum.ops.images import INTERPOLATIONS, resize
from maeum.ops.windows import per_axis


class _UpSampling(Spatial):
    """Base of the layers that repeat each entry along the spatial axes."""

    for_one_axis = ("size",)

    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.size = per_axis(size, self.rank, argument("size", self))

    def call(self, x: jax.Array) -> jax.Array:
        """Repeat the entries of ``x``."""
        for axis, factor in zip(self.spatial_axes, self.size):
            x = ops.repeat(x, factor, axis)
        return x


class UpSampling1D(_UpSampling):
    """Repeat each step: ``(batch, steps, C) -> (batch, steps * size, C)``.

    Args:
        size: how often.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid size.
    """

    rank = 1


@with_defaults(size=(2, 2))
class UpSampling2D(_UpSampling):
    """Make images larger by integer factors.

    Shapes: ``(batch, rows, columns, C) -> (batch, rows * size[0], columns * size[1], C)``.

    Args:
        size: the factor, one number or one for rows and one for columns.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        interpolation: ``"nearest"`` (pixels are repeated), ``"bilinear"``, ``"bicubic"``,
            ``"lanczos3"`` or ``"lanczos5"``.

    Raises:
        ConfigError: for invalid sizes or an unknown interpolation.

    Example:
        >>> import numpy as np
        >>> x = np.array([[1.0, 2.0]], "float32").reshape(1, 1, 2, 1)
        >>> UpSampling2D((1, 2))(x).ravel().tolist()
        [1.0, 1.0, 2.0, 2.0]
    """

    rank = 2

    def __init__(
        self,
        size: Any = 2,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ):
        super().__init__(size, data_format, **kwargs)
        name = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = check_choice(name, INTERPOLATIONS, argument("interpolation", self))

    def call(self, x: jax.Array) -> jax.Array:
        """Make ``x`` larger."""
        if self.interpolation == "nearest":
            return super().call(x)
        size = [x.shape[axis] * n for axis, n in zip(self.spatial_axes, self.size)]
        return resize(x, size, self.interpolation, data_format=self.data_format)


@with_defaults(size=(2, 2, 2))
class UpSampling3D(_UpSampling):
    """Repeat each entry of a volume along its three axes.

    Args:
        size: how often, one number or one for each axis.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for invalid sizes.
    """

    rank = 3
