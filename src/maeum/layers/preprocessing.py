"""Layers that resize images and rescale values; see also `preprocessing_statistics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from maeum import config, ops
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers.checks import argument, check_data_format, number, title, whole_number
from maeum.layers.layer import Layer
from maeum.ops.images import INTERPOLATIONS, channels_last_batch


class ImageLayer(Layer):
    """Base of the layers that take images and return images.

    A layer writes ``transform(x, training)`` for a batch with the channels last. It may be called
    on one image, on a batch, or on a dict ``{"images": ..., "labels": ...}``, whose labels come
    back as they were. Whole numbers become numbers of the layer's dtype.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    weightless = True
    keys: tuple[str, ...] = ("images", "labels")  # what a dict of inputs may have

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)

    def build(self, input_shape: Any) -> None:
        """Check that the inputs are images."""
        shape = input_shape
        if isinstance(input_shape, Mapping):
            self._check_keys(input_shape)
            shape = input_shape["images"]
        if len(shape) not in (3, 4) or (len(shape) == 3 and shape[0] is None):
            raise ShapeError("{layer} takes images with 3 axes, or 4 with the batch in front; got "
                             "shape {shape}. Grayscale images need an axis for their one channel, "
                             "too: Input((28, 28, 1)) and x[..., None].", layer=title(self),
                             shape=tuple(shape))  # fmt: skip

    def call(self, inputs: Any, training: bool = True) -> Any:
        """Transform the images; called by hand, as in training."""
        if not isinstance(inputs, Mapping):
            return self._change_images(inputs, lambda x: self.transform(x, training))
        self._check_keys(inputs)
        images = self._change_images(inputs["images"], lambda x: self.transform(x, training))
        return {**inputs, "images": images}

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        if not isinstance(input_shape, Mapping):
            return super().compute_output_shape(input_shape)
        images = super().compute_output_shape(input_shape["images"])
        return {**input_shape, "images": images}

    def transform(self, x: jax.Array, training: bool) -> jax.Array:
        """Return what becomes of the batch ``x``."""
        raise NotImplementedError

    def _change_images(self, images: Any, change: Callable[[jax.Array], jax.Array]) -> jax.Array:
        x, undo = channels_last_batch(images, self.data_format)
        return undo(change(x.astype(self.dtype)))

    def _check_keys(self, inputs: Mapping) -> None:
        if "images" not in inputs or not set(inputs) <= set(self.keys):
            raise DataError("{layer} takes images, or a dict with {known}; got a dict with {keys}.",
                            layer=title(self), known=list(self.keys),
                            keys=sorted(map(str, inputs)))  # fmt: skip


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
    """

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

    def transform(self, x: jax.Array, training: bool) -> jax.Array:
        """Resize ``x``."""
        return ops.image.resize(
            *(x, (self.height, self.width), self.interpolation, self.antialias),
            *(self.crop_to_aspect_ratio, self.pad_to_aspect_ratio),
            *(self.fill_mode, self.fill_value),
        )


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

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.height = whole_number(height, "height", 1, self)
        self.width = whole_number(width, "width", 1, self)

    def transform(self, x: jax.Array, training: bool) -> jax.Array:
        """Crop the center of ``x``."""
        top, left = (x.shape[1] - self.height) // 2, (x.shape[2] - self.width) // 2
        if min(top, left) < 0:
            size = (self.height, self.width)
            return ops.image.resize(x, size, crop_to_aspect_ratio=True)
        return x[:, top : top + self.height, left : left + self.width]


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
