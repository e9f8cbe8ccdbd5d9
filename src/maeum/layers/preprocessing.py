"""Layers that resize images and rescale values; see also `preprocessing_statistics`."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from maeum import config, ops
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.layers.checks import argument, number, whole_number
from maeum.layers.image_layer import ImageLayer
from maeum.layers.layer import Layer
from maeum.ops import boxes as box_ops
from maeum.ops.images import INTERPOLATIONS


class Resizing(ImageLayer):
    """Resize images; shapes ``(..., h, w, channels) -> (..., height, width, ...)``.

    Args:
        height: the rows of the result.
        width: its columns.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"`` or
            ``"lanczos5"``.
        crop_to_aspect_ratio: crop the central part with the new aspect ratio first, so that
            nothing is distorted.
        pad_to_aspect_ratio: add borders instead.
        fill_mode: ``"constant"``, what the borders are made of.
        fill_value: the value of the borders.
        antialias: whether to average over all pixels that a smaller one covers.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for sizes below 1, an unknown interpolation, or both ways to keep the
            aspect ratio.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> Resizing(8, 8)(np.zeros((2, 20, 30, 3), "uint8")).shape
        (2, 8, 8, 3)
        >>> boxes = {"boxes": np.array([[10.0, 0.0, 20.0, 10.0]]), "labels": np.array([1])}
        >>> layer = Resizing(40, 60, bounding_box_format="xyxy")
        >>> out = layer({"images": np.zeros((20, 30, 3)), "bounding_boxes": boxes})
        >>> out["bounding_boxes"]["boxes"].tolist()
        [[20.0, 0.0, 40.0, 20.0]]
    """

    always = True

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format, **kwargs)
        self.height = whole_number(height, "height", 1, self)
        self.width = whole_number(width, "width", 1, self)
        self.interpolation = check_choice(interpolation, INTERPOLATIONS, "interpolation")
        self.crop_to_aspect_ratio = bool(crop_to_aspect_ratio)
        self.pad_to_aspect_ratio = bool(pad_to_aspect_ratio)
        self.fill_mode = check_choice(fill_mode, ("constant",), argument("fill_mode", self))
        self.fill_value = number(fill_value, "fill_value", of=self)
        self.antialias = bool(antialias)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ConfigError("Resizing keeps the aspect ratio with crop_to_aspect_ratio or with "
                              "pad_to_aspect_ratio; both are True. Choose one.")  # fmt: skip

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Resize ``x``."""
        return self._resized(x, self.interpolation)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Resize masks by taking the nearest pixel."""
        return self._resized(x, "nearest")

    def _resized(self, x: jax.Array, interpolation: str) -> jax.Array:
        return ops.image.resize(
            *(x, (self.height, self.width), interpolation, self.antialias),
            *(self.crop_to_aspect_ratio, self.pad_to_aspect_ratio),
            *(self.fill_mode, self.fill_value),
        )

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Resize boxes."""
        keep = "crop" if self.crop_to_aspect_ratio else "pad" if self.pad_to_aspect_ratio else None
        return box_ops.resized(boxes, (height, width), (self.height, self.width), keep)

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the new height and width."""
        return self.height, self.width


class CenterCrop(ImageLayer):
    """Crop the center of images; smaller ones are cropped to the aspect ratio and enlarged.

    Args:
        height: the rows of the result.
        width: its columns.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for sizes below 1.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> CenterCrop(1, 2)(np.arange(12.0).reshape(1, 3, 4, 1))[0, :, :, 0].tolist()
        [[5.0, 6.0]]
    """

    always = True

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.height = whole_number(height, "height", 1, self)
        self.width = whole_number(width, "width", 1, self)

    def apply(
        self, x: jax.Array, transformation: Any, interpolation: str = "bilinear"
    ) -> jax.Array:
        """Crop the center of ``x``."""
        top, left = self._start(*x.shape[1:3])
        if min(top, left) < 0:
            size = (self.height, self.width)
            return ops.image.resize(x, size, interpolation, crop_to_aspect_ratio=True)
        return x[:, top : top + self.height, left : left + self.width]

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Crop the center of masks."""
        return self.apply(x, transformation, "nearest")

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Return boxes as they are in the center."""
        top, left = self._start(height, width)
        if min(top, left) < 0:
            return box_ops.middle_resized(boxes, (height, width), (self.height, self.width))
        return box_ops.crop(boxes, top, left, self.height, self.width)

    def _start(self, height: int, width: int) -> tuple[int, int]:
        return (height - self.height) // 2, (width - self.width) // 2

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and the width of the center."""
        return self.height, self.width


class Rescaling(Layer):
    """Compute ``inputs * scale + offset``: ``Rescaling(1 / 255)`` brings pixels to 0 to 1.

    Args:
        scale: a number, or one for each channel: the last axis, or the first of images where
            ``maeum.config.image_data_format()`` is ``"channels_first"``.
        offset: the same.

    Raises:
        ConfigError: for anything but numbers.

    Example:
        >>> import numpy as np
        >>> Rescaling(1 / 127.5, offset=-1)(np.array([0, 255], "uint8")).tolist()
        [-1.0, 1.0]
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = finite_numbers(scale, "scale", self)
        self.offset = finite_numbers(offset, "offset", self)

    def call(self, x: jax.Array) -> jax.Array:
        """Rescale ``x``."""
        scale, offset = (ops.cast(n, self.dtype) for n in (self.scale, self.offset))
        if config.image_data_format() == "channels_first" and x.ndim > 3:
            scale, offset = (
                n.reshape(-1, *[1] * (x.ndim - 2)) if n.ndim == 1 else n for n in (scale, offset)
            )
        return ops.cast(x, self.dtype) * scale + offset


def finite_numbers(value: Any, name: str, of: Any) -> np.ndarray:
    """Return a number or an array of them, all finite, or raise `ConfigError`."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows that differ in length
        array = np.asarray(None)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise ConfigError("The {argument} is a number, or an array of numbers; got {value!r}.",
                          argument=argument(name, of), value=value)  # fmt: skip
    return array.astype(np.float32)
