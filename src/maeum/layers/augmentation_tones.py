"""Layers that change how bright, sharp or clear images are: pixel by pixel, or by histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError
from maeum.layers.augmentation import Augmentation, Range, draw, per_image
from maeum.layers.augmentation_colors import ColorChange
from maeum.layers.augmentation_values import check_value_range
from maeum.layers.checks import argument, number, whole_number
from maeum.layers.image_layer import ImageLayer
from maeum.ops.filters import gaussian_blur
from maeum.ops.tones import equalize, equalize_tiles, stretch
from maeum.ops.windows import per_axis


def in_bytes(x: jax.Array, value_range: Sequence[float], change: Any) -> jax.Array:
    """Return what ``change`` makes of values from 0 to 255, in the range that they came in."""
    low, high = value_range
    if (low, high) == (0, 255):
        return change(x).astype(x.dtype)
    factor = (high - low) / 255
    return (change((x - low) / factor) * factor + low).astype(x.dtype)


class RandomInvert(Augmentation):
    """Invert the values of some images: ``highest - x``.

    Args:
        factor: the fraction of the images that are changed: a number ``f`` for one drawn between 0
            and ``f``, or a pair ``(lowest, highest)``; between 0 and 1. (1, 1) changes all of them.
        value_range: the lowest and the highest value of a pixel.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images.
    """

    ranges = {"factor": (0, 1)}
    moves = False

    def __init__(
        self,
        factor: Range = 1.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.value_range = check_value_range(value_range, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed, ``(batch,)``."""
        return {"apply_inversion": self.chosen(key, shape[0]).reshape(-1)}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Invert some of ``x``."""
        chosen = per_image(transformation["apply_inversion"])
        return jnp.where(chosen, self.value_range[1] - x, x)


class RandomPosterization(ColorChange):
    """Keep the first bits of the values of images only, so that few colors are left.

    Args:
        factor: how many bits of 8: a whole number ``n`` for one drawn from 1 to ``n - 1`` (1 for
            1), or a pair ``(lowest, highest)`` between 1 and 8, of which the highest is not drawn
            unless it is the lowest, too.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 1 to 8, or an invalid value range.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> RandomPosterization((1, 1))(np.array([[[100.0], [200.0]]])).ravel().tolist()
        [0.0, 128.0]
    """

    ranges = {"factor": (1, 8)}
    drawn = "shift_factor"

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Cut off the last bits."""
        step = jnp.exp2(8 - jnp.floor(factor))

        def cut(x: jax.Array) -> jax.Array:
            return jnp.floor(jnp.floor(jnp.clip(x, 0, 255)) / step) * step

        return in_bytes(x, self.value_range, cut)


class RandomSharpness(ColorChange):
    """Blur or sharpen images: ``x + (1 - 2 * factor) * (smoothed - x)``.

    Args:
        factor: 0 for smoothed images, 0.5 for no change, 1 for sharp ones: a number ``f`` for one
            drawn between 0 and ``f``, or a pair ``(lowest, highest)`` between 0 and 1.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images.
    """

    drawn = "sharpness_factor"

    def change(self, x: jax.Array, factor: jax.Array) -> jax.Array:
        """Move ``x`` away from its smoothed images, or towards them."""
        around = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        rows, columns = x.shape[1:3]
        parts = [around[:, i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
        smoothed = (sum(parts) + 4 * x) / 13
        return jnp.clip(x + (1 - 2 * factor) * (smoothed - x), *self.value_range)


class RandomGaussianBlur(Augmentation):
    """Blur some images with a bell curve.

    Args:
        factor: the fraction of the images that are changed, as in `RandomInvert`.
        kernel_size: the size of the kernel, an odd number or a pair (width, height) of such.
        sigma: the standard deviation of the curve: a number ``s`` for one drawn between 0 and
            ``s``, or a pair ``(lowest, highest)`` between 0 and 1; one for each direction.
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor or sigma outside 0 to 1, an even kernel, or an invalid value
            range.
        ShapeError: for inputs that are not images.
    """

    ranges = {"factor": (0, 1), "sigma": (0, 1)}
    moves = False

    def __init__(
        self,
        factor: Range = 1.0,
        kernel_size: int | Sequence[int] = 3,
        sigma: Range = 1.0,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor, self.sigma = factor, sigma
        self.kernel_size = per_axis(kernel_size, 2, argument("kernel_size", self))
        if any(size % 2 == 0 for size in self.kernel_size):
            raise ConfigError("The {argument} is odd, so that there is a middle; got {size!r}.",
                              argument=argument("kernel_size", self),
                              size=kernel_size)  # fmt: skip
        self.value_range = check_value_range(value_range, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed, ``(batch,)``, and the curve's widths, ``(batch, 2)``."""
        ends, count = self.ends("sigma"), shape[0]
        sigma = [draw(key, f"sigma {i}", count, ends) + 1e-6 for i in range(2)]
        chosen = self.chosen(key, count).reshape(-1)
        return {"blur_factor": jnp.stack(sigma, -1), "should_apply_blur": chosen}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Blur some of ``x``."""
        sigma = jnp.broadcast_to(transformation["blur_factor"], (len(x), 2))
        blurred = jax.vmap(lambda image, s: gaussian_blur(image, self.kernel_size, s))(x, sigma)
        chosen = per_image(transformation["should_apply_blur"])
        return jnp.clip(jnp.where(chosen, blurred, x), *self.value_range)


class Solarization(Augmentation):
    """Make images brighter, and invert what is at or above a threshold then.

    Args:
        addition_factor: what is added, as a fraction of the value range: a number ``f`` for one
            drawn between 0 and ``f``, or a pair ``(lowest, highest)`` between 0 and 1.
        threshold_factor: the threshold, in the same form.
        value_range: the lowest and the highest value of a pixel.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> layer = Solarization(threshold_factor=(0.5, 0.5))
        >>> layer(np.array([[[100.0], [200.0]]])).ravel().tolist()
        [100.0, 55.0]
    """

    ranges = {"addition_factor": (0, 1), "threshold_factor": (0, 1)}
    moves = False

    def __init__(
        self,
        addition_factor: Range = 0.0,
        threshold_factor: Range = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, **kwargs)
        self.addition_factor, self.threshold_factor = addition_factor, threshold_factor
        self.value_range = check_value_range(value_range, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw what is added and the thresholds, of 255: ``(batch, 1, 1, 1)``."""
        names = {"additions": "addition_factor", "thresholds": "threshold_factor"}
        return {
            drawn: per_image(draw(key, name, shape[0], self.ends(name)) * 255)
            for drawn, name in names.items()
        }

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Solarize ``x``."""
        addition, threshold = (
            per_image(transformation[name]).astype(x.dtype) for name in ("additions", "thresholds")
        )

        def solarized(x: jax.Array) -> jax.Array:
            brighter = jnp.clip(x + addition, 0, 255)
            return jnp.where(brighter < threshold, brighter, 255 - brighter)

        return in_bytes(x, self.value_range, solarized)


# ---- histograms: nothing is drawn ----------------------------------------------------------------


class HistogramChange(ImageLayer):
    """Base of the layers that change each image by what values it has.

    A layer writes ``change(x)`` for values from 0 to 255.

    Args:
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    moves = False
    always = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format, **kwargs)
        self.value_range = check_value_range(value_range, self)

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Change ``x``."""
        return in_bytes(x, self.value_range, self.change)

    def change(self, x: jax.Array) -> jax.Array:
        """Return the changed images."""
        raise NotImplementedError


class AutoContrast(HistogramChange):
    """Stretch the values of each channel of an image over the whole range.

    Args:
        value_range: the lowest and the highest value of a pixel.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid value range.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> AutoContrast()(np.array([[[50.0], [100.0], [150.0]]])).ravel().tolist()
        [0.0, 127.5, 255.0]
    """

    def change(self, x: jax.Array) -> jax.Array:
        """Stretch the values."""
        low, high = (end((1, 2), keepdims=True) for end in (x.min, x.max))
        return jnp.clip(stretch(x, low, high), 0, 255)


class Equalization(HistogramChange):
    """Spread the values of each channel of an image evenly, while training.

    Each value becomes the fraction of the pixels that are not brighter.

    Args:
        value_range: the lowest and the highest value of a pixel.
        bins: the number of bins of the histogram.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid value range or number of bins.
        ShapeError: for inputs that are not images.
    """

    always = False

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, data_format, **kwargs)
        self.bins = whole_number(bins, "bins", 1, self)

    def change(self, x: jax.Array) -> jax.Array:
        """Spread the values."""
        return equalize(x, self.bins)


class ContrastLimitedAdaptiveHistogramEqualization(HistogramChange):
    """Spread the values of each part of an image, with limited contrast (Zuiderveld, 1994).

    Args:
        value_range: the lowest and the highest value of a pixel.
        clip_limit: how much contrast there may be: the most that a histogram may have of one value,
            in units of an even histogram; 0 for no limit.
        tile_grid_size: how many tiles there are, from top to bottom and from left to right.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for an invalid value range or number of tiles.
        ShapeError: for inputs that are not images.
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Sequence[int] = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, data_format, **kwargs)
        self.clip_limit = number(clip_limit, "clip_limit", of=self)
        self.tile_grid_size = per_axis(tile_grid_size, 2, argument("tile_grid_size", self))

    def change(self, x: jax.Array) -> jax.Array:
        """Spread the values of each tile."""
        down, right = self.tile_grid_size
        return equalize_tiles(x, (down, right), self.clip_limit)
