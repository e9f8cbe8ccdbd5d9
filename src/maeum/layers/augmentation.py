"""Layers that change images at random while training: their base, flips and crops.

Each image of a batch gets a change of its own, which is a function of (seed, step, layer).
Outside of training they do nothing, so that one model serves both; ``layer(x, training=True)``
shows what they do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.core.randomness import check_seed, fold
from maeum.core.scope import Scope, current_scope
from maeum.core.seed_generator import draw_seed
from maeum.layers.checks import argument, number, whole_number
from maeum.layers.image_layer import ImageLayer
from maeum.ops import boxes as box_ops
from maeum.ops import random
from maeum.ops.images import batch_shape, crop_windows

Range = float | Sequence[float]

_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")


class Augmentation(ImageLayer):
    """Base of the layers that change images at random while training.

    A layer writes ``augment(x, key)`` for a batch with the channels last, and draws from the key
    with `maeum.ops.random`: numbers of shape ``(batch,)``, so that each image has its own. If
    boxes and masks come with the images, it writes what it draws and what it does with it apart:
    see `ImageLayer`. It names the arguments that are ranges in ``ranges``, and gets their ends from
    `ends`.

    Args:
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        bounding_box_format: that of the boxes that come with the images, such as ``"xyxy"``.

    Example:
        >>> import numpy as np
        >>> class Dimmed(Augmentation):
        ...     def augment(self, x, key):
        ...         return x * random.uniform(key, (len(x), 1, 1, 1))
        >>> Dimmed()(np.ones((4, 8, 8, 3)), training=True).shape
        (4, 8, 8, 3)
    """

    # The arguments that are ranges, with the numbers that they lie between.
    ranges: Mapping[str, tuple[float, float]] = {}

    def __init__(self, seed: int | None = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.seed = None if seed is None else check_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return what is drawn for images, or for a dict that has them; see `ImageLayer`."""
        known = super().get_random_transformation(data, training, seed)
        if not training or self._written == "transform":  # which draws itself
            return known
        shape, key = batch_shape(known["input_shape"], self.data_format), self._key(seed)
        drawn = {"key": key} if self._written == "augment" else self.draw_transformation(key, shape)
        return {**drawn, **known}

    def _key(self, seed: Any) -> Any:
        if seed is not None:
            return draw_seed(seed)
        with Scope(training=None) if current_scope() is None else contextlib.nullcontext():
            return self.random_key(self.seed)

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
        return per_image(draw(key, "chosen", count, (0.0, 1.0)) < often)


class BaseImagePreprocessingLayer(Augmentation):
    """`Augmentation` with the arguments of Keras's base, for layers written as there.

    Args:
        factor: a number ``f`` for the range from ``-f`` to ``f``, or a pair ``(lowest, highest)``,
            within the class's ``_FACTOR_BOUNDS``; ``self.factor`` is always a pair.
        bounding_box_format: that of the boxes that come with the images, such as ``"xyxy"``.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Example:
        >>> import numpy as np
        >>> class Dimmed(BaseImagePreprocessingLayer):
        ...     def get_random_transformation(self, data, training=True, seed=None):
        ...         return 0.5 if training else 1.0
        ...     def transform_images(self, images, transformation, training=True):
        ...         return images * transformation
        >>> Dimmed()(np.ones((1, 1, 2, 1)), training=True).ravel().tolist()
        [0.5, 0.5]
    """

    _FACTOR_BOUNDS: tuple[float, float] = (-1, 1)

    def __init__(
        self,
        factor: Range | None = None,
        bounding_box_format: str | None = None,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, bounding_box_format=bounding_box_format, **kwargs)
        self.factor = interval(factor or 0.0, argument("factor", self), *self._FACTOR_BOUNDS)


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


def per_image(numbers: Any, rank: int = 4) -> jax.Array:
    """Return one number for each image as an array of ``rank`` axes: ``(batch, 1, 1, ...)``."""
    return jnp.asarray(numbers).reshape(-1, *[1] * (rank - 1))


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

    Example:
        >>> import numpy as np
        >>> boxes = {"boxes": np.array([[[0.0, 10.0, 20.0, 40.0]]]), "labels": np.array([[1]])}
        >>> data = {"images": np.ones((1, 50, 60, 3)), "bounding_boxes": boxes}
        >>> layer = RandomFlip("horizontal", bounding_box_format="xyxy")
        >>> flip = {"flips": np.array([True]), "input_shape": (1, 50, 60, 3)}
        >>> layer.transform_bounding_boxes(boxes, flip)["boxes"].tolist()
        [[[40.0, 10.0, 60.0, 40.0]]]
        >>> sorted(layer(data))
        ['bounding_boxes', 'images']
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

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are flipped, ``(batch, 1, 1, 1)``; with two ways, for each way."""
        ways = [way for way in ("horizontal", "vertical") if way in self.mode]
        names = ("flips", "vertical_flips")
        flips = [draw(key, way, shape[0], (0.0, 1.0)) < 0.5 for way in ways]
        return {name: per_image(flipped) for name, flipped in zip(names, flips)}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Flip some of ``x``."""
        across, down = self._flips(transformation)
        if across is not None:
            x = jnp.where(per_image(across), jnp.flip(x, 2), x)
        if down is not None:
            # Rows are picked here: the mirror image of a mirror image would not be fused, and on
            # a CPU take thirty times as long.
            rows = jnp.arange(x.shape[1])
            order = jnp.where(per_image(down, 2), rows[::-1], rows)
            x = jax.vmap(lambda image, i: image.at[i].get(mode="promise_in_bounds"))(x, order)
        return x

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Flip boxes."""
        for flipped, size, first in zip(self._flips(transformation), (width, height), (0, 1)):
            if flipped is not None:
                ends = boxes.at[..., first].set(size - boxes[..., first + 2])
                ends = ends.at[..., first + 2].set(size - boxes[..., first])
                boxes = jnp.where(per_image(flipped, 3), ends, boxes)
        return boxes

    def _flips(self, transformation: Any) -> tuple[Any, Any]:
        """Return which images are flipped horizontally, and which vertically; None for no flip."""
        flips = transformation["flips"]
        down = transformation.get("vertical_flips", flips)
        return (flips if "horizontal" in self.mode else None,
                down if "vertical" in self.mode else None)  # fmt: skip


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

    always = True

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

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return where windows begin; nothing is drawn where they do not fit."""
        images = data["images"] if isinstance(data, Mapping) else data
        size = batch_shape(jnp.shape(images), self.data_format)[1:3]
        fits = size[0] >= self.height and size[1] >= self.width
        return super().get_random_transformation(data, training and fits, seed)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the first row and the first column of each window."""
        places = (0.0, shape[1] - self.height + 1.0), (0.0, shape[2] - self.width + 1.0)
        top, left = (
            draw(key, name, shape[0], ends).astype(int)
            for name, ends in zip(("top", "left"), places)
        )
        return {"h_start": top, "w_start": left}

    def apply(
        self, x: jax.Array, transformation: Any, interpolation: str = "bilinear"
    ) -> jax.Array:
        """Crop windows of ``x``, or the middle."""
        if "h_start" in transformation:
            top, left = transformation["h_start"], transformation["w_start"]
            return crop_windows(x, top, left, self.height, self.width)
        size = (self.height, self.width)
        return ops.image.resize(x, size, interpolation, crop_to_aspect_ratio=True)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Crop windows of masks."""
        return self.apply(x, transformation, "nearest")

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Return boxes as they are in the windows."""
        if "h_start" in transformation:
            top, left = (per_image(transformation[name], 2) for name in ("h_start", "w_start"))
            return box_ops.crop(boxes, top, left, self.height, self.width)
        return box_ops.middle_resized(boxes, (height, width), (self.height, self.width))

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and the width of a window."""
        return self.height, self.width
