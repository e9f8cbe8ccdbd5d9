"""Layers that change what the pixels hold while training: light, contrast, holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw, interval
from maeum.layers.checks import number
from maeum.ops import random
from maeum.ops.images import adjust_contrast
from maeum.ops.mixing import draw_boxes


def _value_range(value: Any, layer: Any) -> tuple[float, float]:
    """Return the least and the greatest value of a pixel, or raise `ConfigError`."""
    what = f"value_range of {type(layer).__name__}"
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ConfigError(f"The {what} is a pair such as (0, 255); got {value!r}.")
    low, high = sorted(number(end, what) for end in value)
    if low == high:
        raise ConfigError(f"The {what} holds a single value: {value!r}. Give two, as (0, 255).")
    return low, high


@registry.builtin
class RandomContrast(Augmentation):
    """Move the pixels away from the mean of their channel, or towards it.

    ``(x - mean) * factor + mean``, with the mean of each picture, cut off at the value range.

    Args:
        factor: how much: 0.2 for factors from 0.8 to 1.2, or a pair ``(lower, upper)`` for
            ``1 - lower`` to ``1 + upper``; between 0 and 1.
        value_range: the least and the greatest value of a pixel.
        seed: a whole number that sets this layer's draws apart.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1, or a value range that is none.
        ShapeError: for inputs that are no pictures.
    """

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
        _ = self.factors  # or an error that says what is wrong
        self.value_range = _value_range(value_range, self)

    @property
    def factors(self) -> tuple[float, float]:
        """The least and the greatest factor."""
        factor = self.factor
        pair = factor if isinstance(factor, (tuple, list)) else (factor, factor)
        lower, upper = interval(pair, "factor of RandomContrast", 0, 1)
        return 1 - lower, 1 + upper

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Change the contrast of ``x``."""
        factor = draw(key, "factor", len(x), self.factors)[:, None, None, None].astype(x.dtype)
        return ops.clip(adjust_contrast(x, factor), *self.value_range)


@registry.builtin
class RandomBrightness(Augmentation):
    """Make pictures lighter or darker: add a number to all of their pixels.

    Args:
        factor: how much, as a part of the value range: 0.2 for -0.2 to 0.2, or a pair ``(least,
            most)`` between -1 and 1.
        value_range: the least and the greatest value of a pixel; what goes beyond is cut off.
        seed: a whole number that sets this layer's draws apart.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside -1 to 1, or a value range that is none.
        ShapeError: for inputs that are no pictures.

    Example:
        >>> import numpy as np
        >>> layer = RandomBrightness((0.5, 0.5), value_range=(0, 1))
        >>> layer(np.array([[[0.25], [0.75]]]), training=True)[0, :, 0].tolist()
        [0.75, 1.0]
    """

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
        _ = self.shares  # or an error that says what is wrong
        self.value_range = _value_range(value_range, self)

    @property
    def shares(self) -> tuple[float, float]:
        """The least and the greatest part of the value range."""
        return interval(self.factor, "factor of RandomBrightness", -1, 1)

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Change the brightness of ``x``."""
        low, high = self.value_range
        more = draw(key, "more", len(x), self.shares) * (high - low)
        return ops.clip(x + more[:, None, None, None].astype(x.dtype), low, high)


@registry.builtin
class RandomErasing(Augmentation):
    """Cover a box of some pictures (Zhong et al., 2020; "cutout", DeVries & Taylor, 2017).

    Args:
        factor: the share of the pictures that are changed: a number ``f`` for one drawn between 0
            and ``f``, or a pair ``(least, most)``; between 0 and 1. (1, 1) changes all of them.
        scale: the size of the box as a share of the picture's area, a number ``s`` for 0 to
            ``s`` or a pair. Its height and width are drawn on their own, each the root of such a
            share.
        fill_value: what covers the box: a number, or one for each channel; None for noise.
        value_range: the least and the greatest value of a pixel.
        seed: a whole number that sets this layer's draws apart.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor or scale outside 0 to 1, or a value range that is none.
        ShapeError: for inputs that are no pictures, or have other channels than ``fill_value``.

    Example:
        >>> import numpy as np
        >>> x = np.ones((1, 3, 3, 1))
        >>> Cutout((1, 1), scale=(1, 1), fill_value=0)(x, training=True).sum().tolist()
        0.0
    """

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
        _ = self.chance  # or an error that says what is wrong
        self.scale = interval(scale, "scale of RandomErasing", 0, 1)
        self.value_range = _value_range(value_range, self)
        several = isinstance(fill_value, (tuple, list))
        for value in fill_value if several else [fill_value]:
            if value is not None:
                number(value, "fill_value of RandomErasing")
        self.fill_value = fill_value

    @property
    def chance(self) -> float:
        """The fraction of the images that are changed."""
        # What is drawn between two ends, and then compared with a number between 0 and 1, is
        # passed as often as their middle.
        return sum(interval(self.factor, "factor of RandomErasing", 0, 1)) / 2

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Cover boxes of ``x``."""
        batch, rows, columns, _ = x.shape
        ends = interval(self.scale, "scale of RandomErasing", 0, 1)
        height, width = (jnp.sqrt(draw(key, s, batch, ends)) for s in ("height", "width"))
        boxes = draw_boxes(key, height, width, rows, columns)
        chosen = draw(key, "chosen", batch, (0.0, 1.0)) < self.chance
        covered = boxes.mask(rows, columns) & chosen[:, None, None, None]
        return jnp.where(covered, self._cover(x, key), x)

    def _cover(self, x: jax.Array, key: jax.Array) -> jax.Array:
        low, high = self.value_range
        if self.fill_value is None:
            noise = random.normal(fold(key, "noise"), x.shape, x.dtype) * high
            return jnp.clip(noise, low, high)
        value = jnp.asarray(self.fill_value, x.dtype)
        if value.ndim and value.size != x.shape[-1]:
            raise ShapeError(
                f"fill_value of RandomErasing has {value.size} numbers, and the pictures "
                f"{x.shape[-1]} channels. Give one number, or one for each channel."
            )
        return jnp.clip(value, low, high)


Cutout = RandomErasing
