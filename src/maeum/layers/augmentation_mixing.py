"""Layers that mix each image of a batch with another one, and their labels likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw
from maeum.layers.checks import positive, title
from maeum.layers.image_layer import blendable
from maeum.ops.mixing import blend, draw_boxes, permutation, symmetric_beta


class Mixing(Augmentation):
    """Base of the layers that mix images and their labels.

    They take and return ``{"images": x, "labels": y}``, where ``y`` is one-hot, or soft: a fraction
    for each class. In a training, give them to ``compile(augment=...)``, which hands them both.

    A layer draws ``"permutation_order"``, the partner of each image, and ``"mix_weight"``, how
    much of each image's own label remains.
    """

    mixes_labels = True
    batch_of_one = ("images",)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return the partners of the images of a batch, and how they are mixed."""
        shape = jnp.shape(data["images"] if isinstance(data, Mapping) else data)
        if training and len(shape) == 3:
            raise ShapeError("{layer} mixes the images of a batch; got one image of shape {shape}.",
                             layer=title(self), shape=shape)  # fmt: skip
        return super().get_random_transformation(data, training, seed)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the partners, ``(batch,)``."""
        return {"permutation_order": permutation(fold(key, "partners"), shape[0])}

    def transform_labels(
        self, labels: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Mix labels as their images are mixed."""
        if not self._acts(transformation, training):
            return labels
        order = jnp.asarray(transformation["permutation_order"])
        labels = jnp.asarray(labels)
        if labels.ndim == 0 or len(labels) != len(order):
            raise ShapeError("There are {rows} images, but labels of shape {shape}; each image "
                             "needs its label.", rows=len(order), shape=labels.shape)  # fmt: skip
        labels = blendable(labels, self)
        return blend(labels, labels[order], jnp.asarray(transformation["mix_weight"]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return ``input_shape``: images and labels keep their shapes."""
        if isinstance(input_shape, Mapping) and "bounding_boxes" in input_shape:
            return super().compute_output_shape(input_shape)
        return input_shape


class MixUp(Mixing):
    """Blend each image with another one of the batch (Zhang et al., 2018).

    ``w * x + (1 - w) * partner`` for images and labels, with ``w`` from Beta(alpha, alpha).

    Args:
        alpha: above 0; the greater, the nearer the weights are to 0.5.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for an alpha that is not above 0.
        DataError: for inputs without labels, or with class numbers as labels.

    Example:
        >>> import numpy as np
        >>> batch = {"images": np.zeros((4, 2, 2, 1)), "labels": np.eye(4)}
        >>> mixed = MixUp()(batch, training=True)
        >>> mixed["labels"].sum(-1).round(4).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

    blends = True

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.alpha = positive(alpha, "alpha", self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the partners and the weights, ``(batch,)``."""
        weight = symmetric_beta(fold(key, "weight"), shape[0], self.alpha)
        return {**super().draw_transformation(key, shape), "mix_weight": weight}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Blend ``x`` with the partners."""
        order = jnp.asarray(transformation["permutation_order"])
        return blend(x, x[order], jnp.asarray(transformation["mix_weight"]))

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Give each image its own boxes and those of its partner: twice as many."""
        if not self._moves(transformation, training, "bounding_boxes"):
            return bounding_boxes
        order = jnp.asarray(transformation["permutation_order"])
        both = {key: jnp.asarray(bounding_boxes[key]) for key in ("boxes", "labels")}
        both = {key: jnp.concatenate([x, x[order]], min(1, x.ndim - 1)) for key, x in both.items()}
        return {**bounding_boxes, **both}


class CutMix(Mixing):
    """Paste a box of another image of the batch into each (Yun et al., 2019).

    The labels are mixed by the fraction of the pixels.

    Args:
        factor: the alpha of the distribution Beta(alpha, alpha) of that fraction: a number ``f``
            for one drawn between 0 and ``f`` for each batch, or a pair ``(lowest, highest)``;
            between 0 and 1.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1.
        DataError: for inputs without labels, or with class numbers as labels.
    """

    ranges = {"factor": (0, 1)}

    def __init__(
        self,
        factor: Range = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the partners, the boxes as masks of pixels, and what fraction stays."""
        batch, rows, columns = shape[:3]
        # Above 0, as the distribution needs.
        alpha = draw(key, "alpha", 1, self.ends("factor")) + 1e-6
        side = jnp.sqrt(1 - symmetric_beta(fold(key, "share"), batch, alpha))
        boxes = draw_boxes(key, side, side, rows, columns)
        return {
            **super().draw_transformation(key, shape),
            "batch_masks": boxes.mask(rows, columns),
            "mix_weight": 1 - boxes.fraction(rows, columns),
        }

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Paste boxes of the partners into ``x``."""
        order = jnp.asarray(transformation["permutation_order"])
        return jnp.where(transformation["batch_masks"], x[order], x)
