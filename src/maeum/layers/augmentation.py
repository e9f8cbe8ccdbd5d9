"""Layers that change images at random while training: flip, rotate, zoom, shift, crop.

Each image of a batch gets a change of its own, which is a function of (seed, step, layer).
Outside of training they do nothing, so that one model serves both; ``layer(x, training=True)``
shows what they do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed, fold
from maeum.layers.checks import argument, number, whole_number
from maeum.layers.preprocessing import ImageLayer
from maeum.ops import random
from maeum.ops.images import AFFINE_INTERPOLATIONS, crop_windows

Range = float | Sequence[float]

_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")
_FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class Augmentation(ImageLayer):
    """Base of the layers that change images at random while training.

    A layer writes ``augment(x, key)`` for a batch with the channels last, and draws from the key
    with `maeum.ops.random`: numbers of shape ``(batch,)``, so that each image has its own. It
    names the arguments that are ranges in ``ranges``, and gets their ends from `ends`.

    Args:
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    # The arguments that are ranges, with the numbers that they lie between.
    ranges: Mapping[str, tuple[float, float]] = {}

    def __init__(self, seed: int | None = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.seed = None if seed is None else check_seed(seed)

    def transform(self, x: jax.Array, training: bool) -> jax.Array:
        """Change ``x`` if ``training``."""
        return self.augment(x, self.random_key(self.seed)) if training else x

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in self.ranges:
            self.ends(name)  # or an error that says what is wrong

    def ends(self, name: str) -> tuple[float, float]:
        """Return the lowest and the highest number of the range that an argument stands for."""
        return interval(getattr(self, name), argument(name, self), *self.ranges[name])

    def chosen(self, key: jax.Array, count: int) -> jax.Array:
        """Return which images are changed, ``(count, 1, 1, 1)``: a fraction in ``factor``'s range.

        A number drawn between two ends exceeds another, drawn between 0 and 1, as often as their
        mean does.
        """
        often = sum(self.ends("factor")) / 2
        return (draw(key, "chosen", count, (0.0, 1.0)) < often)[:, None, None, None]

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Return ``x`` with what is drawn from ``key``."""
        raise NotImplementedError


def interval(value: Any, what: str, low: float, high: float) -> tuple[float, float]:
    """Return the range that a factor stands for: ``f`` for ``-f`` to ``f``, cut off at ``low``.

    Raises:
        ConfigError: for anything but a number or a pair of numbers between ``low`` and ``high``.
    """
    try:
        ends = [value, value] if not isinstance(value, (tuple, list)) else value
        first, last = sorted(number(end, what) for end in ends)
        inside = low <= first and last <= high
    except (ConfigError, ValueError):
        inside = False
    if not inside:
        raise ConfigError("The {argument} is a number between {low:g} and {high:g}, or a pair "
                          "(lowest, highest) of such numbers; got {value!r}.", argument=what,
                          low=low, high=high, value=value)  # fmt: skip
    return (first, last) if isinstance(value, (tuple, list)) else (max(-abs(first), low), abs(last))


def draw(key: jax.Array, what: str, count: int, ends: tuple[float, float]) -> jax.Array:
    """Return a number for each image, evenly from the range."""
    return random.uniform(fold(key, what), (count,), low=ends[0], high=ends[1])


class RandomFlip(Augmentation):
    """Flip half of the images.

    Args:
        mode: ``"horizontal"`` (left and right change places), ``"vertical"``, or
            ``"horizontal_and_vertical"``, where both are drawn on their own.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for another mode.
        ShapeError: for inputs that are not images.
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.mode = check_choice(mode, _FLIPS, argument("mode", self))

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Flip some of ``x``."""
        if "horizontal" in self.mode:
            flipped = draw(key, "horizontal", len(x), (0.0, 1.0)) < 0.5
            x = jnp.where(flipped[:, None, None, None], jnp.flip(x, 2), x)
        if "vertical" in self.mode:
            flipped = draw(key, "vertical", len(x), (0.0, 1.0)) < 0.5
            # Rows are picked here: the mirror image of a mirror image would not be fused, and on
            # a CPU take thirty times as long.
            rows = jnp.arange(x.shape[1])
            order = jnp.where(flipped[:, None], rows[::-1], rows)
            x = jax.vmap(lambda image, i: image.at[i].get(mode="promise_in_bounds"))(x, order)
        return x


class _Affine(Augmentation):
    """Base of the layers that take each pixel from another place; see `ops.affine_transform`.

    A layer writes ``draw_transform(key, shape)``: the six numbers for each image.
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.fill_mode = check_choice(fill_mode, _FILL_MODES, argument("fill_mode", self))
        what = argument("interpolation", self)
        self.interpolation = check_choice(interpolation, AFFINE_INTERPOLATIONS, what)
        self.fill_value = number(fill_value, "fill_value", of=self)

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Move the pixels of ``x``."""
        transform = jnp.stack(
            jnp.broadcast_arrays(*map(jnp.asarray, self.draw_transform(key, x.shape))), axis=-1
        )
        return ops.image.affine_transform(
            x, transform, self.interpolation, self.fill_mode, self.fill_value
        )

    def draw_transform(self, key: jax.Array, shape: Sequence[int]) -> tuple:
        """Return a0, a1, a2, b0, b1 and b2, each ``(batch,)`` or a number."""
        raise NotImplementedError


class RandomRotation(_Affine):
    """Rotate images around their center.

    Args:
        factor: how far, as a fraction of a full turn: 0.1 for -36 to 36 degrees, or a pair
            ``(lowest, highest)`` between -1 and 1. Positive rotations are counterclockwise.
        fill_mode: what shows outside the image: ``"reflect"``, ``"wrap"``, ``"nearest"`` or
            ``"constant"``; see `maeum.ops.image.affine_transform`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        fill_value: what ``"constant"`` fills in.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside its range, or an unknown fill mode or interpolation.
        ShapeError: for inputs that are not images.

    Example:
        >>> import numpy as np
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
        >>> quarter = RandomRotation((0.25, 0.25), interpolation="nearest")
        >>> quarter(x, training=True)[0, :, :, 0].tolist()
        [[2.0, 4.0], [1.0, 3.0]]
    """

    ranges = {"factor": (-1, 1)}

    def __init__(
        self,
        factor: Range,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = factor

    def draw_transform(self, key: jax.Array, shape: Sequence[int]) -> tuple:
        """Return rotations around the center."""
        angle = draw(key, "angle", shape[0], self.ends("factor")) * (2 * math.pi)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        y, x = (shape[1] - 1) / 2, (shape[2] - 1) / 2
        return cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y


class RandomZoom(_Affine):
    """Zoom images in or out.

    Args:
        height_factor: how much smaller they get vertically: 0.2 for -20% (larger) to 20%
            (smaller), or a pair ``(lowest, highest)`` between -1 and 1.
        width_factor: the same horizontally; None to keep the aspect ratio.
        fill_mode: what shows outside the image, as in `RandomRotation`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        fill_value: what ``"constant"`` fills in.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside its range, or an unknown fill mode or interpolation.
        ShapeError: for inputs that are not images.
    """

    ranges = {"height_factor": (-1, 1), "width_factor": (-1, 1)}

    def __init__(
        self,
        height_factor: Range,
        width_factor: Range | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor

    def ends(self, name: str) -> tuple[float, float]:
        """Return the ends of a range; the height's where the width has none of its own."""
        both = name == "width_factor" and self.width_factor is None
        return super().ends("height_factor" if both else name)

    def draw_transform(self, key: jax.Array, shape: Sequence[int]) -> tuple:
        """Return scalings about the center."""
        down = right = 1 + draw(key, "zoom 0", shape[0], self.ends("height_factor"))
        if self.width_factor is not None:
            right = 1 + draw(key, "zoom 1", shape[0], self.ends("width_factor"))
        x, y = (shape[2] - 1) / 2 * (1 - right), (shape[1] - 1) / 2 * (1 - down)
        return right, 0.0, x, 0.0, down, y


class RandomTranslation(_Affine):
    """Shift images vertically and horizontally.

    Args:
        height_factor: how far down, as a fraction of the height: 0.1 for -10% to 10%, or a pair
            ``(lowest, highest)`` between -1 and 1.
        width_factor: how far to the right, as a fraction of the width.
        fill_mode: what shows outside the image, as in `RandomRotation`.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        fill_value: what ``"constant"`` fills in.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside its range, or an unknown fill mode or interpolation.
        ShapeError: for inputs that are not images.
    """

    ranges = {"height_factor": (-1, 1), "width_factor": (-1, 1)}

    def __init__(
        self,
        height_factor: Range,
        width_factor: Range,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor

    def draw_transform(self, key: jax.Array, shape: Sequence[int]) -> tuple:
        """Return shifts."""
        down = draw(key, "down", shape[0], self.ends("height_factor")) * shape[1]
        right = draw(key, "right", shape[0], self.ends("width_factor")) * shape[2]
        return 1.0, 0.0, -right, 0.0, 1.0, -down


class RandomCrop(Augmentation):
    """Crop a window out of images, at a random place of each.

    Outside of training, and where images are smaller than the window, the largest central part
    with its aspect ratio is cropped and resized, so that the output always has the same shape.

    Args:
        height: the rows of the window.
        width: its columns.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for sizes below 1.
        ShapeError: for inputs that are not images.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, name=name, **kwargs)
        self.height = whole_number(height, "height", 1, self)
        self.width = whole_number(width, "width", 1, self)

    def transform(self, x: jax.Array, training: bool) -> jax.Array:
        """Crop windows of ``x``."""
        if training and x.shape[1] >= self.height and x.shape[2] >= self.width:
            return self.augment(x, self.random_key(self.seed))
        return ops.image.resize(x, (self.height, self.width), crop_to_aspect_ratio=True)

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Crop windows of ``x``."""
        places = (0.0, x.shape[1] - self.height + 1.0), (0.0, x.shape[2] - self.width + 1.0)
        top, left = (
            draw(key, name, len(x), ends).astype(int) for name, ends in zip(("top", "left"), places)
        )
        return crop_windows(x, top, left, self.height, self.width)
