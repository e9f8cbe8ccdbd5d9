"""Layers that bend images while training: in perspective, or as if on rubber."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.randomness import fold
from maeum.core.seed_generator import draw_seed
from maeum.layers.augmentation import Augmentation, Range, draw, per_image
from maeum.layers.augmentation_values import check_value_range
from maeum.layers.checks import argument, number
from maeum.layers.checks import rate as check_rate
from maeum.ops import boxes as box_ops
from maeum.ops import random
from maeum.ops.filters import gaussian_blur
from maeum.ops.images import AFFINE_INTERPOLATIONS, FILL_MODES
from maeum.ops.warping import displaced, homography, perspective_transform


class RandomPerspective(Augmentation):
    """Show some images as if they stood at an angle: their corners move.

    Args:
        factor: the fraction of the images that are changed: a number ``f`` for one drawn between 0
            and ``f``, or a pair ``(lowest, highest)``; between 0 and 1. (1, 1) changes all of them.
        scale: how far the corners move at most, as a fraction of twice their distance from the
            upper left one.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_value: what shows outside the image.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor or scale outside 0 to 1, or an unknown interpolation.
        ShapeError: for inputs that are not images.
    """

    ranges = {"factor": (0, 1)}

    def __init__(
        self,
        factor: Range = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.scale = check_rate(scale, "scale", self)
        what = argument("interpolation", self)
        self.interpolation = check_choice(interpolation, AFFINE_INTERPOLATIONS, what)
        self.fill_value = number(fill_value, "fill_value", of=self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed, ``(batch,)``, and where their corners come to."""
        batch, rows, columns = shape[:3]
        right, down = columns - 1.0, rows - 1.0
        corners = jnp.array([[0.0, 0.0], [right, 0.0], [0.0, down], [right, down]])
        half = self.scale / 2
        moved = random.uniform(fold(key, "corners"), (batch, 4, 2), low=-half, high=half)
        start = jnp.broadcast_to(corners, (batch, 4, 2))
        return {
            "apply_perspective": self.chosen(key, batch).reshape(-1),
            "start_points": start,
            "end_points": start * (1 + moved),
        }

    def apply(
        self, x: jax.Array, transformation: Any, interpolation: str | None = None
    ) -> jax.Array:
        """Move the corners of some of ``x``."""
        points = (transformation[name] for name in ("start_points", "end_points"))
        bent = perspective_transform(
            x, *points, interpolation or self.interpolation, self.fill_value
        )
        return jnp.where(per_image(transformation["apply_perspective"]), bent, x)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Move the corners of masks."""
        return self.apply(x, transformation, "nearest")

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Move the corners of boxes."""
        start, end = (
            jnp.asarray(transformation[name], jnp.float32)
            for name in ("start_points", "end_points")
        )
        bent = box_ops.moved(boxes, homography(start, end))
        return jnp.where(per_image(transformation["apply_perspective"], 3), bent, boxes)


class RandomElasticTransform(Augmentation):
    """Bend some images as if they were printed on rubber (Simard et al., 2003).

    Args:
        factor: the fraction of the images that are changed, as in `RandomPerspective`.
        scale: how strongly: a number ``s`` for one drawn between 0 and ``s``, or a pair ``(lowest,
            highest)`` between 0 and 1.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: what shows outside the image, as in `RandomRotation`, or ``"mirror"``.
        fill_value: what ``"constant"`` fills in.
        value_range: the lowest and the highest value of a pixel.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor or scale outside 0 to 1, or an unknown fill mode or
            interpolation.
        ShapeError: for inputs that are not images.
    """

    ranges = {"factor": (0, 1), "scale": (0, 1)}

    def __init__(
        self,
        factor: Range = 1.0,
        scale: Range = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor, self.scale = factor, scale
        what = argument("interpolation", self)
        self.interpolation = check_choice(interpolation, AFFINE_INTERPOLATIONS, what)
        self.fill_mode = check_choice(fill_mode, FILL_MODES, argument("fill_mode", self))
        self.fill_value = number(fill_value, "fill_value", of=self)
        self.value_range = check_value_range(value_range, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw which images are changed and how strongly, ``(batch,)``; the rest is a seed."""
        return {
            "apply_transform": self.chosen(key, shape[0]).reshape(-1),
            "distortion_factor": draw(key, "scale", shape[0], self.ends("scale")),
            "seed": key,
        }

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Bend some of ``x``."""
        if self.ends("scale")[1] == 0:
            return x
        return jnp.clip(self._bent(x, transformation, self.interpolation), *self.value_range)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Bend masks likewise."""
        bends = self.ends("scale")[1] > 0
        return self._bent(x, transformation, "nearest") if bends else x

    def _bent(self, x: jax.Array, transformation: Any, interpolation: str) -> jax.Array:
        batch, rows, columns = x.shape[:3]
        key = draw_seed(transformation["seed"])
        scale = jnp.broadcast_to(transformation["distortion_factor"], (batch,))
        alpha = 0.1 * max(rows, columns) * scale
        spread = 0.05 * min(rows, columns) * scale + 1e-6
        # The kernel of a compiled program has one size: that of the widest curve.
        size = int(6 * 0.05 * min(rows, columns) * self.ends("scale")[1]) | 1

        def shifts(name: str) -> jax.Array:
            noise = random.normal(fold(key, name), (batch, rows, columns, 1))
            blur = jax.vmap(lambda n, s: gaussian_blur(n * s, (size, size), jnp.stack([s, s])))
            return blur(noise, spread)[..., 0] * alpha[:, None, None]

        modes = interpolation, self.fill_mode, self.fill_value
        bent = displaced(x, shifts("down"), shifts("right"), *modes)
        return jnp.where(per_image(transformation["apply_transform"]), bent, x)
