"""Layers that mix each image of a batch with another one, and their labels likewise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import DataError, ShapeError
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw
from maeum.layers.checks import positive, title
from maeum.ops.mixing import blend, draw_boxes, permutation, symmetric_beta


class Mixing(Augmentation):
    """Base of the layers that mix images and their labels.

    They take and return ``{"images": x, "labels": y}``, where ``y`` is one-hot, or soft: a fraction
    for each class. In a training, give them to ``compile(augment=...)``, which hands them both.

    A layer writes ``mix(x, partners, key)``, which returns the mixed images and how much of
    each image's own label remains: ``(batch,)``.
    """

    mixes_labels = True

    def call(self, inputs: Any, training: bool = True) -> Any:
        """Mix images, and their labels if they are there, if ``training``."""
        if not isinstance(inputs, Mapping):
            return self.call({"images": inputs}, training)["images"]
        self._check_keys(inputs)
        if not training:
            return {**inputs, "images": self._change_images(inputs["images"], lambda x: x)}
        if inputs["images"].ndim != 4:
            raise ShapeError("{layer} mixes the images of a batch; got one image of shape {shape}.",
                             layer=title(self), shape=inputs["images"].shape)  # fmt: skip
        rows = len(inputs["images"])
        key = self.random_key(self.seed)
        order = permutation(fold(key, "partners"), rows)
        remains: list[jax.Array] = []

        def change(x: jax.Array) -> jax.Array:
            mixed, fraction = self.mix(x, x[order], key)
            remains.append(fraction)
            return mixed

        mixed = {"images": self._change_images(inputs["images"], change)}
        if "labels" in inputs:
            labels = self._check_labels(inputs["labels"], rows)
            mixed["labels"] = blend(labels, labels[order], remains[0])
        return {**inputs, **mixed}

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return ``input_shape``: everything keeps its shape."""
        return input_shape

    def _check_labels(self, labels: Any, rows: int) -> jax.Array:
        labels = jnp.asarray(labels)
        if labels.ndim == 0 or len(labels) != rows:
            raise ShapeError("There are {rows} images, but labels of shape {shape}; each image "
                             "needs its label.", rows=rows, shape=labels.shape)  # fmt: skip
        if jnp.issubdtype(labels.dtype, jnp.floating):
            return labels
        if labels.ndim == 1 or labels.shape[-1] == 1:
            raise DataError("{layer} cannot mix class numbers: half a 2 and half a 4 is not a 3. "
                            "Give one-hot labels, maeum.utils.to_categorical(y), with the loss "
                            "'categorical_crossentropy' (or floats, where there are only 0 and 1).",
                            layer=type(self).__name__)  # fmt: skip
        return labels.astype(self.dtype)

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return the mixed images, and the fraction of each that is its own."""
        raise NotImplementedError


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

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.alpha = positive(alpha, "alpha", self)

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Blend ``x`` with the partners."""
        weight = symmetric_beta(fold(key, "weight"), len(x), self.alpha)
        return blend(x, partners, weight), weight


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

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Paste boxes of the partners into ``x``."""
        batch, rows, columns = x.shape[:3]
        # Above 0, as the distribution needs.
        alpha = draw(key, "alpha", 1, self.ends("factor")) + 1e-6
        side = jnp.sqrt(1 - symmetric_beta(fold(key, "share"), batch, alpha))
        boxes = draw_boxes(key, side, side, rows, columns)
        return jnp.where(boxes.mask(rows, columns), partners, x), 1 - boxes.fraction(rows, columns)
