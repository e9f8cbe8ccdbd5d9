"""Layers that change the colors of images while training: hue, saturation, gray, inverted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw, interval, per_image
from maeum.layers.augmentation_values import RandomBrightness, RandomContrast, check_value_range
from maeum.layers.checks import argument
from maeum.layers.checks import rate as check_rate
from maeum.ops.colors import hsv_to_rgb, rgb_to_hsv


class ColorChange(Augmentation):
    """Base of the layers that change all colors of an image by one drawn number.

    A layer writes ``change(x, factor)``, with one factor for each image, and names it in
    ``drawn``.

    Args:
        factor: the range that the number is drawn from.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.
    """

    ranges = {"factor": (0, 1)}
    moves = False
    drawn = "factor"

    def __init__(
        self,
        factor: Range,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.value_range = check_value_range(value_range, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the factors, ``(batch, 1, 1, 1)``."""
        factor = per_image(draw(key, "factor", shape[0], self.ends("factor")))
        return {self.drawn: self.sign(key, shape[0]) * factor}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Change ``x`` by the factors."""
        factor = per_image(transformation[self.drawn]).astype(x.dtype)
        return self.change(x, factor).astype(x.dtype)

    def sign(self, key: jax.Array, count: int) -> Any:
        """Return what the factors are multiplied by."""
        return 1

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Return the changed images."""
        raise NotImplementedError


class _Strength(ColorChange):
    """Base of the layers whose factor begins at 0, though Keras's ranges begin below."""

    def ends(self, name: str) -> tuple[float, float]:
        """Return the ends of the range, 0 for what lies below."""
        low, high = interval(getattr(self, name), argument(name, self), -1, 1)
        return max(low, 0.0), max(high, 0.0)


class RandomHue(ColorChange):
    """Turn the hue of images forwards or backwards.

    Args:
        factor: how far, as a fraction of half a turn: 0.2 for up to 0.2, or a pair ``(lowest,
            highest)`` between 0 and 1.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images with three channels.

    Example:
        >>> import numpy as np
        >>> red = np.array([[[1.0, 0.0, 0.0]]])
        >>> RandomHue((1, 1), value_range=(0, 1))(red).round(4).tolist()
        [[[0.0, 1.0, 1.0]]]
    """

    def sign(self, key: jax.Array, count: int) -> Any:
        """Return the directions."""
        forwards = draw(key, "direction", count, (0.0, 1.0)) < 0.5
        return jnp.where(forwards, 0.5, -0.5)[:, None, None, None]

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Turn the hue."""
        low, high = self.value_range
        hsv = rgb_to_hsv((x - low) / (high - low))
        hue = (hsv[..., :1] + factor) % 1
        rgb = hsv_to_rgb(jnp.concatenate([hue, hsv[..., 1:]], -1))
        return jnp.clip(rgb, 0, 1) * (high - low) + low


class RandomSaturation(_Strength):
    """Make the colors of images stronger or weaker.

    The saturation is multiplied by ``factor / (1 - factor)``, and stays between 0 and 1.

    Args:
        factor: 0 for gray images, 0.5 for no change, 1 for full colors: a number ``f`` for one
            drawn between 0 and ``f``, or a pair ``(lowest, highest)`` between 0 and 1 (0 for what
            is below).
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images with three channels.

    Example:
        >>> import numpy as np
        >>> RandomSaturation((0, 0))(np.array([[[200.0, 100.0, 0.0]]])).tolist()
        [[[200.0, 200.0, 200.0]]]
    """

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Multiply the saturation."""
        hsv = rgb_to_hsv(x)
        saturation = hsv[..., 1:2] * (factor / (1 - factor + 1e-7))
        return hsv_to_rgb(
            jnp.concatenate([hsv[..., :1], jnp.clip(saturation, 0, 1), hsv[..., 2:]], -1)
        )


class RandomColorDegeneration(_Strength):
    """Move the colors of images towards gray.

    Args:
        factor: how far, 1 for gray images: a number ``f`` for one drawn between 0 and ``f``, or a
            pair ``(lowest, highest)`` between 0 and 1.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images with three channels, or one.
    """

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Blend the images with gray ones."""
        return jnp.clip(x + factor * (ops.image.rgb_to_grayscale(x) - x), *self.value_range)


class RandomGrayscale(Augmentation):
    """Turn some images gray; their three channels stay, all equal.

    Args:
        factor: the fraction of the images that are changed.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1.
        ShapeError: for inputs that are not images with three channels, or one.

    Example:
        >>> import numpy as np
        >>> RandomGrayscale(1.0)(np.array([[[100.0, 0.0, 0.0]]])).round(2).tolist()
        [[[29.889999389648438, 29.889999389648438, 29.889999389648438]]]
    """

    moves = False

    def __init__(
        self,
        factor: float = 0.5,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = check_rate(factor, "factor", self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed, ``(batch,)``."""
        return {"apply_grayscale": draw(key, "chosen", shape[0], (0.0, 1.0)) < self.factor}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Turn some of ``x`` gray."""
        chosen = per_image(transformation["apply_grayscale"])
        return jnp.where(chosen, ops.image.rgb_to_grayscale(x), x)


class RandomColorJitter(Augmentation):
    """Change brightness, contrast, saturation and hue of images, in this order.

    Args:
        value_range: the lowest and the highest value of a pixel.
        brightness_factor: that of `RandomBrightness`; None for no change.
        contrast_factor: that of `RandomContrast`; None for no change.
        saturation_factor: that of `RandomSaturation`; None for no change.
        hue_factor: that of `RandomHue`; None for no change.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside its range, or an invalid value range.
        ShapeError: for inputs that are not images with three channels.
    """

    moves = False

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: Range | None = None,
        contrast_factor: Range | None = None,
        saturation_factor: Range | None = None,
        hue_factor: Range | None = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.value_range = check_value_range(value_range, self)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        self.parts()  # or an error for a factor outside its range

    def parts(self) -> list[Augmentation]:
        """Return the layers that change what is to change."""
        factors = {
            RandomBrightness: self.brightness_factor,
            RandomContrast: self.contrast_factor,
            RandomSaturation: self.saturation_factor,
            RandomHue: self.hue_factor,
        }
        wanted = {cls: factor for cls, factor in factors.items() if factor is not None}
        return [cls(factor, value_range=self.value_range) for cls, factor in wanted.items()]

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw what each part draws, by the name of its class."""
        names = {type(layer).__name__: layer for layer in self.parts()}
        return {
            name: layer.draw_transformation(fold(key, name), shape) for name, layer in names.items()
        }

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Change the colors of ``x``."""
        for layer in self.parts():
            x = layer.apply(x, transformation[type(layer).__name__])
        return x
