"""Layers that mix each picture of a batch with another one, and their labels likewise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.randomness import fold
from maeum.layers.augmentation import Augmentation, Range, draw, interval
from maeum.layers.checks import number
from maeum.ops.mixing import blend, draw_boxes, permutation, symmetric_beta


class Mixing(Augmentation):
    """Base of the layers that mix pictures and their labels.

    They take and return ``{"images": x, "labels": y}``, where ``y`` is one-hot, or soft: a share
    for each class. In a training, give them to ``compile(augment=...)``, which hands them both.

    A layer writes ``mix(x, partners, key)``, which returns the mixed pictures and how much of
    each picture's own label remains: ``(batch,)``.
    """

    mixes_labels = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Mix pictures and labels if ``training``."""
        own = type(self).__name__
        if not isinstance(inputs, Mapping) or "labels" not in inputs:
            raise DataError(
                f"The layer {self.name!r} ({own}) mixes pictures and their labels: give it a dict "
                f'with "images" and "labels", or say compile(augment={own}()).'
            )
        self._check_keys(inputs)
        if not training:
            return {**inputs, "images": self._pictures(inputs["images"], lambda x: x)}
        if inputs["images"].ndim != 4:
            raise ShapeError(
                f"The layer {self.name!r} ({own}) mixes the pictures of a batch; got one of shape "
                f"{inputs['images'].shape}."
            )
        labels = self._check_labels(inputs["labels"], len(inputs["images"]))
        key = self.drawing_key()
        order = permutation(fold(key, "partners"), len(labels))
        remains: list[jax.Array] = []

        def change(x: jax.Array) -> jax.Array:
            mixed, share = self.mix(x, x[order], key)
            remains.append(share)
            return mixed

        images = self._pictures(inputs["images"], change)
        return {"images": images, "labels": blend(labels, labels[order], remains[0])}

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return ``input_shape``: everything keeps its shape."""
        return input_shape

    def _check_labels(self, labels: Any, rows: int) -> jax.Array:
        labels = jnp.asarray(labels)
        if labels.ndim == 0 or len(labels) != rows:
            raise ShapeError(
                f"There are {rows} pictures, and labels of shape {labels.shape}; each picture "
                "needs its label."
            )
        if jnp.issubdtype(labels.dtype, jnp.floating):
            return labels
        if labels.ndim == 1 or labels.shape[-1] == 1:
            raise DataError(
                f"{type(self).__name__} cannot mix class numbers: half a 2 and half a 4 is no 3. "
                "Give one-hot labels, maeum.utils.to_categorical(y), with the loss "
                "'categorical_crossentropy' (or floats, where there are only 0 and 1)."
            )
        return labels.astype(self.dtype)

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return the mixed pictures, and the share of each that is its own."""
        raise NotImplementedError


@registry.builtin
class MixUp(Mixing):
    """Lay another picture of the batch over each, see-through (Zhang et al., 2018).

    ``w * x + (1 - w) * partner`` for pictures and labels, with ``w`` from Beta(alpha, alpha).

    Args:
        alpha: above 0; the greater, the nearer the weights are to a half.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
        seed: a whole number that sets this layer's draws apart.

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
        self.alpha = number(alpha, "alpha of MixUp", 0)
        if not 0 < self.alpha < float("inf"):
            raise ConfigError(f"The alpha of MixUp is a number above 0; got {alpha!r}.")

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Lay the partners over ``x``."""
        weight = symmetric_beta(fold(key, "weight"), len(x), self.alpha)
        return blend(x, partners, weight), weight


@registry.builtin
class CutMix(Mixing):
    """Paste a box of another picture of the batch into each (Yun et al., 2019).

    The labels are mixed by the share of the pixels.

    Args:
        factor: the alpha of the distribution Beta(alpha, alpha) of that share: a number ``f`` for
            one drawn between 0 and ``f`` for each batch, or a pair ``(least, most)``; between 0
            and 1.
        seed: a whole number that sets this layer's draws apart.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1.
        DataError: for inputs without labels, or with class numbers as labels.
    """

    def __init__(
        self,
        factor: Range = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        _ = self.alphas  # or an error that says what is wrong

    @property
    def alphas(self) -> tuple[float, float]:
        """The least and the greatest alpha."""
        return interval(self.factor, "factor of CutMix", 0, 1)

    def mix(self, x: jax.Array, partners: jax.Array, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Paste boxes of the partners into ``x``."""
        batch, rows, columns, _ = x.shape
        alpha = draw(key, "alpha", 1, self.alphas) + 1e-6  # above 0, as the distribution needs
        side = jnp.sqrt(1 - symmetric_beta(fold(key, "share"), batch, alpha))
        boxes = draw_boxes(key, side, side, rows, columns)
        return jnp.where(boxes.mask(rows, columns), partners, x), 1 - boxes.fraction(rows, columns)
