"""Layers that move all pixels along straight lines while training: rotate, zoom, shift, shear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.checks import check_choice
from maeum.layers.augmentation import Augmentation, Range, draw
from maeum.layers.checks import argument, number
from maeum.ops import boxes as box_ops
from maeum.ops.images import AFFINE_INTERPOLATIONS

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class _Affine(Augmentation):
    """Base of the layers that take each pixel from another place; see `ops.affine_transform`.

    A layer writes ``draw_transformation(key, shape)``, and ``matrix(transformation, height,
    width)``: the six numbers for each image.
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

    def matrix(self, transformation: Any, height: int, width: int) -> Any:
        """Return a0, a1, a2, b0, b1 and b2, each ``(batch,)`` or a number; or ``(batch, 6)``."""
        raise NotImplementedError

    def _matrix(self, transformation: Any, height: int, width: int) -> jax.Array:
        numbers = self.matrix(transformation, height, width)
        if not isinstance(numbers, tuple):
            return numbers
        return jnp.stack(jnp.broadcast_arrays(*map(jnp.asarray, numbers)), axis=-1)

    def apply(
        self, x: jax.Array, transformation: Any, interpolation: str | None = None
    ) -> jax.Array:
        """Move the pixels of ``x``."""
        matrix = self._matrix(transformation, *x.shape[1:3])
        way = interpolation or self.interpolation
        return ops.image.affine_transform(x, matrix, way, self.fill_mode, self.fill_value)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Move the pixels of masks, each to the nearest place."""
        return self.apply(x, transformation, "nearest")

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Move the corners of boxes."""
        return box_ops.moved(boxes, self._matrix(transformation, height, width))


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

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw angles, in degrees, and the rotations around the center that they stand for."""
        fraction = draw(key, "angle", shape[0], self.ends("factor"))
        angle = fraction * (2 * math.pi)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        y, x = (shape[1] - 1) / 2, (shape[2] - 1) / 2
        numbers = cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y
        return {"angle": fraction * 360, "rotation_matrix": jnp.stack(numbers, axis=-1)}

    def matrix(self, transformation: Any, height: int, width: int) -> Any:
        """Return rotations around the center."""
        return transformation["rotation_matrix"]


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
    batch_of_one = ("bounding_boxes",)

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

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw how much smaller images get, ``(batch, 1)`` vertically and horizontally."""
        down = right = 1 + draw(key, "zoom 0", shape[0], self.ends("height_factor"))
        if self.width_factor is not None:
            right = 1 + draw(key, "zoom 1", shape[0], self.ends("width_factor"))
        return {"height_zoom": down[:, None], "width_zoom": right[:, None]}

    def matrix(self, transformation: Any, height: int, width: int) -> Any:
        """Return scalings about the center."""
        down, right = (
            jnp.asarray(transformation[name]).reshape(-1) for name in ("height_zoom", "width_zoom")
        )
        return right, 0.0, (width - 1) / 2 * (1 - right), 0.0, down, (height - 1) / 2 * (1 - down)


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

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw how many pixels to the right and down: ``(batch, 2)``."""
        down = draw(key, "down", shape[0], self.ends("height_factor")) * shape[1]
        right = draw(key, "right", shape[0], self.ends("width_factor")) * shape[2]
        return {"translations": jnp.stack([right, down], -1)}

    def matrix(self, transformation: Any, height: int, width: int) -> Any:
        """Return shifts."""
        shifts = jnp.asarray(transformation["translations"])
        return 1.0, 0.0, -shifts[:, 0], 0.0, 1.0, -shifts[:, 1]


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

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw how far rows and columns are moved, both to the same side: ``(batch, 2)``."""
        side = jnp.where(draw(key, "side", shape[0], (0.0, 1.0)) < 0.5, 1, -1)
        both = (draw(key, name, shape[0], self.ends(name)) for name in ("x_factor", "y_factor"))
        return {"shear_factor": jnp.stack([side * factor for factor in both], -1)}

    def matrix(self, transformation: Any, height: int, width: int) -> Any:
        """Return shears."""
        factors = jnp.asarray(transformation["shear_factor"])
        return 1.0, factors[:, 0], 0.0, factors[:, 1], 1.0, 0.0
