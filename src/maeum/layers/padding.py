"""Layers that pad images with zeros, or crop their edges."""

from __future__ import annotations

from typing import Any

import jax

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.checks import argument, title
from maeum.layers.spatial import Spatial, with_defaults
from maeum.ops.windows import per_axis


def _pairs(value: Any, rank: int, what: str) -> tuple[tuple[int, int], ...]:
    """Return how many places before and behind, for each spatial axis.

    For one axis two numbers are such a pair; for several axes, each number is one for both ends.
    """
    several = isinstance(value, (tuple, list))
    if several and rank == 1 and not isinstance(value[0], (tuple, list)):
        value = [value]
    if several and len(value) != rank:
        raise ConfigError("The {argument} is a whole number, or {rank} numbers or pairs of "
                          "numbers, one for each spatial axis; got {value!r}.", argument=what,
                          rank=rank, value=value)  # fmt: skip
    each = value if several else [value] * rank
    pairs = (per_axis(entry, 2, what, least=0) for entry in each)
    return tuple((before, behind) for before, behind in pairs)


class _ZeroPadding(Spatial):
    """Base of zero padding."""

    for_one_axis = ("padding",)

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.padding = _pairs(padding, self.rank, argument("padding", self))

    def call(self, x: jax.Array) -> jax.Array:
        """Add zeros around ``x``."""
        return ops.pad(x, self.around(self.padding, (0, 0)))


class ZeroPadding1D(_ZeroPadding):
    """Add steps of zeros before and behind: ``(batch, steps, C) -> (batch, more_steps, C)``.

    Args:
        padding: how many at both ends, or ``(before, behind)``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for anything but whole numbers of at least 0.
    """

    rank = 1


@with_defaults(padding=(1, 1))
class ZeroPadding2D(_ZeroPadding):
    """Add rows and columns of zeros around images.

    Shapes: ``(batch, rows, columns, C) -> (batch, more_rows, more_columns, C)``.

    Args:
        padding: how many on every side; or ``(rows, columns)``; or ``((above, below), (left,
            right))``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for anything but whole numbers of at least 0.

    Example:
        >>> import numpy as np
        >>> ZeroPadding2D(((1, 0), (2, 2)))(np.ones((1, 5, 5, 3), "float32")).shape
        (1, 6, 9, 3)
    """

    rank = 2


@with_defaults(padding=((1, 1), (1, 1), (1, 1)))
class ZeroPadding3D(_ZeroPadding):
    """Add zeros around volumes, with the arguments of `ZeroPadding2D` for three axes."""

    rank = 3


class _Cropping(Spatial):
    """Base of cropping."""

    for_one_axis = ("cropping",)

    def __init__(self, cropping: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.cropping = _pairs(cropping, self.rank, argument("cropping", self))

    def check_shape(self, shape: Any) -> None:
        """Check that something is left, too."""
        super().check_shape(shape)
        for axis, cut in zip(self.spatial_axes, self.cropping):
            if shape[axis] is not None and shape[axis] <= sum(cut):
                raise ShapeError("{layer} crops {n} entries off axis {axis} of an input of shape "
                                 "{shape}; nothing would be left.", layer=title(self), n=sum(cut),
                                 axis=axis, shape=tuple(shape))  # fmt: skip

    def call(self, x: jax.Array) -> jax.Array:
        """Crop the edges of ``x``."""
        cuts = [slice(before, -behind or None) for before, behind in self.cropping]
        return x[self.around(cuts, slice(None))]


@with_defaults(cropping=(1, 1))
class Cropping1D(_Cropping):
    """Crop steps at both ends: ``(batch, steps, C) -> (batch, fewer_steps, C)``.

    Args:
        cropping: how many at both ends, or ``(before, behind)``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for anything but whole numbers of at least 0.
        ShapeError: if nothing would be left.
    """

    rank = 1


@with_defaults(cropping=((0, 0), (0, 0)))
class Cropping2D(_Cropping):
    """Crop rows and columns of images.

    Shapes: ``(batch, rows, columns, C) -> (batch, fewer_rows, fewer_columns, C)``.

    Args:
        cropping: how many on every side; or ``(rows, columns)``; or ``((above, below), (left,
            right))``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for anything but whole numbers of at least 0.
        ShapeError: if nothing would be left.

    Example:
        >>> import numpy as np
        >>> Cropping2D(((1, 0), (2, 2)))(np.ones((1, 6, 9, 3), "float32")).shape
        (1, 5, 5, 3)
    """

    rank = 2


@with_defaults(cropping=((1, 1), (1, 1), (1, 1)))
class Cropping3D(_Cropping):
    """Crop the edges of volumes, with the arguments of `Cropping2D` for three axes.

    By default one entry is cropped on every side, as in Keras.
    """

    rank = 3
