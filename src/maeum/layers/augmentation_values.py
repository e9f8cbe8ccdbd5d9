"""Layers that change the values of pixels while training: brightness, contrast, erasing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw, interval, per_image
from maeum.layers.checks import argument, number
from maeum.ops import random
from maeum.ops.images import adjust_contrast
from maeum.ops.mixing import draw_boxes


def check_value_range(value: Any, layer: Any) -> tuple[float, float]:
    """Return the lowest and the highest value of a pixel, or raise `ConfigError`."""
    what = argument("value_range", layer)
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    low, high = sorted(number(end, what) for end in value) if pair else (0, 0)
    if low == high:
        raise ConfigError("The {argument} is a pair of different numbers, such as (0, 255); got "
                          "{value!r}.", argument=what, value=value)  # fmt: skip
    return low, high


class _PixelChange(Augmentation):
    """Base of the layers that change all pixels of an image by one drawn number."""

    moves = False

    def __init__(
        self,
        factor: Range,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.value_range = check_value_range(value_range, self)


class RandomContrast(_PixelChange):
    """Increase or decrease the contrast: move pixels away from their channel's mean or towards it.

    ``(x - mean) * factor + mean``, with the mean of each image, cut off at the value range.

    Args:
        factor: how much: 0.2 for factors from 0.8 to 1.2, or a pair ``(lower, upper)`` for
            ``1 - lower`` to ``1 + upper``; between 0 and 1.
        value_range: the lowest and the highest value of a pixel.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images.
    """

    ranges = {"factor": (0, 1)}

    def ends(self, name: str) -> tuple[float, float]:
        """Return the lowest and the highest factor."""
        factor = self.factor
        pair = factor if isinstance(factor, (tuple, list)) else (factor, factor)
        lower, upper = interval(pair, argument(name, self), *self.ranges[name])
        return 1 - lower, 1 + upper

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the factors, ``(batch, 1, 1, 1)``."""
        return {"contrast_factor": per_image(draw(key, "factor", shape[0], self.ends("factor")))}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Change the contrast of ``x``."""
        factor = per_image(transformation["contrast_factor"]).astype(x.dtype)
        return ops.clip(adjust_contrast(x, factor), *self.value_range)


class RandomBrightness(_PixelChange):
    """Make images brighter or darker: add a number to all of their pixels.

    Args:
        factor: how much, as a fraction of the value range: 0.2 for -0.2 to 0.2, or a pair
            ``(lowest, highest)`` between -1 and 1.
        value_range: the lowest and the highest value of a pixel; what goes beyond is cut off.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside -1 to 1, or an invalid value range.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> layer = RandomBrightness((0.5, 0.5), value_range=(0, 1))
        >>> layer(np.array([[[0.25], [0.75]]]), training=True)[0, :, 0].tolist()
        [0.75, 1.0]
    """

    ranges = {"factor": (-1, 1)}

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw what is added, ``(batch, 1, 1, 1)``."""
        low, high = self.value_range
        more = draw(key, "more", shape[0], self.ends("factor")) * (high - low)
        return {"rgb_delta": per_image(more)}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Change the brightness of ``x``."""
        more = per_image(transformation["rgb_delta"]).astype(x.dtype)
        return ops.clip(x + more, *self.value_range)


class RandomErasing(Augmentation):
    """Erase a box of some images (Zhong et al., 2020; "cutout", DeVries & Taylor, 2017).

    Args:
        factor: the fraction of the images that are changed: a number ``f`` for one drawn between 0
            and ``f``, or a pair ``(lowest, highest)``; between 0 and 1. (1, 1) changes all of them.
        scale: the size of the box as a fraction of the image's area, a number ``s`` for 0 to
            ``s`` or a pair. Its height and width are drawn independently, each the root of such a
            fraction.
        fill_value: what covers the box: a number, or one for each channel; None for noise.
        value_range: the lowest and the highest value of a pixel.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor or scale outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images, or have other channels than ``fill_value``.

    Example:
        >>> import numpy as np
        >>> x = np.ones((1, 3, 3, 1))
        >>> Cutout((1, 1), scale=(1, 1), fill_value=0)(x, training=True).sum().tolist()
        0.0
    """

    ranges = {"factor": (0, 1), "scale": (0, 1)}
    moves = False
    batch_of_one = ("images",)

    def __init__(
        self,
        factor: Range = 1.0,
        scale: Range = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.scale = scale
        self.value_range = check_value_range(value_range, self)
        several = isinstance(fill_value, (tuple, list))
        for value in fill_value if several else [fill_value]:
            if value is not None:
                number(value, "fill_value", of=self)
        self.fill_value = fill_value

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed, the boxes as masks of pixels, and what covers them."""
        batch, rows, columns = shape[:3]
        ends = self.ends("scale")
        height, width = (jnp.sqrt(draw(key, s, batch, ends)) for s in ("height", "width"))
        boxes = draw_boxes(key, height, width, rows, columns)
        return {
            "apply_erasing": self.chosen(key, batch).reshape(-1),
            "batch_masks": boxes.mask(rows, columns),
            "fill_value": self._cover(key, shape),
        }

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Erase boxes of ``x``."""
        covered = jnp.asarray(transformation["batch_masks"])
        covered &= per_image(transformation["apply_erasing"])
        return jnp.where(covered, jnp.asarray(transformation["fill_value"], x.dtype), x)

    def _cover(self, key: jax.Array, shape: Sequence[int]) -> jax.Array:
        low, high = self.value_range
        if self.fill_value is None:
            noise = random.normal(fold(key, "noise"), tuple(shape), self.dtype) * high
            return jnp.clip(noise, low, high)
        value = jnp.asarray(self.fill_value, self.dtype)
        if value.ndim and value.size != shape[-1]:
            raise ShapeError("fill_value of RandomErasing has {size} numbers, and the images "
                             "{channels} channels. Give one number, or one for each channel.",
                             size=value.size, channels=shape[-1])  # fmt: skip
        return jnp.clip(value, low, high)


Cutout = RandomErasing
