"""Layers that bend images while training: sheared, in perspective, as if on rubber."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, _Affine, draw
from maeum.layers.augmentation_values import check_value_range
from maeum.layers.checks import argument, number
from maeum.layers.checks import rate as check_rate
from maeum.ops import random
from maeum.ops.filters import gaussian_blur
from maeum.ops.images import AFFINE_INTERPOLATIONS, FILL_MODES
from maeum.ops.warping import displaced, perspective_transform


class RandomShear(_Affine):
    """Shear images: move each row, or each column, further than the one before.

    Args:
        x_factor: how many columns further, for each row: 0.2 for -0.2 to 0.2, or a pair ``(lowest,
            highest)`` between 0 and 1, to either side.
        y_factor: how many rows further, for each column.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: what shows outside the image, as in `RandomRotation`.
        fill_value: what ``"constant"`` fills in.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an unknown fill mode or interpolation.
        ShapeError: for inputs that are not images.
    """

    ranges = {"x_factor": (0, 1), "y_factor": (0, 1)}

    def __init__(
        self,
        x_factor: Range = 0.0,
        y_factor: Range = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.x_factor, self.y_factor = x_factor, y_factor

    def draw_transform(self, key: jax.Array, shape: Sequence[int]) -> tuple:
        """Return shears, both to the same side."""
        side = jnp.where(draw(key, "side", shape[0], (0.0, 1.0)) < 0.5, 1, -1)
        x, y = (
            side * draw(key, name, shape[0], self.ends(name)) for name in ("x_factor", "y_factor")
        )
        return 1.0, x, 0.0, y, 1.0, 0.0


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

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Move the corners of some of ``x``."""
        batch, rows, columns = x.shape[:3]
        right, down = columns - 1.0, rows - 1.0
        corners = jnp.array([[0.0, 0.0], [right, 0.0], [0.0, down], [right, down]])
        half = self.scale / 2
        moved = random.uniform(fold(key, "corners"), (batch, 4, 2), low=-half, high=half)
        start = jnp.broadcast_to(corners, (batch, 4, 2))
        bent = perspective_transform(
            x, start, start * (1 + moved), self.interpolation, self.fill_value
        )
        return jnp.where(self.chosen(key, batch), bent, x)


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

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Bend some of ``x``."""
        batch, rows, columns = x.shape[:3]
        strongest = self.ends("scale")[1]
        if strongest == 0:
            return x
        scale = draw(key, "scale", batch, self.ends("scale"))
        alpha = 0.1 * max(rows, columns) * scale
        spread = 0.05 * min(rows, columns) * scale + 1e-6
        # The kernel of a compiled program has one size: that of the widest curve.
        size = int(6 * 0.05 * min(rows, columns) * strongest) | 1

        def shifts(name: str) -> jax.Array:
            noise = random.normal(fold(key, name), (batch, rows, columns, 1))
            blur = jax.vmap(lambda n, s: gaussian_blur(n * s, (size, size), jnp.stack([s, s])))
            return blur(noise, spread)[..., 0] * alpha[:, None, None]

        modes = self.interpolation, self.fill_mode, self.fill_value
        bent = displaced(x, shifts("down"), shifts("right"), *modes)
        return jnp.clip(jnp.where(self.chosen(key, batch), bent, x), *self.value_range)
