"""Layers that apply several augmentations, drawn for each image: RandAugment and AugMix."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.randomness import at_step, fold, key_words
from maeum.layers.augmentation import Augmentation, Range
from maeum.layers.augmentation_affine import RandomRotation, RandomShear, RandomTranslation
from maeum.layers.augmentation_colors import RandomColorDegeneration
from maeum.layers.augmentation_tones import (
    AutoContrast,
    Equalization,
    RandomPosterization,
    RandomSharpness,
    Solarization,
)
from maeum.layers.augmentation_values import RandomBrightness, RandomContrast, check_value_range
from maeum.layers.checks import argument, positive, whole_number
from maeum.ops import random
from maeum.ops.boxes import area, clip_to_image_size
from maeum.ops.images import AFFINE_INTERPOLATIONS
from maeum.ops.mixing import blend, symmetric_beta


class Chained(Augmentation):
    """Base of the layers that draw from a set of augmentations of one strength.

    Args:
        factor: the strength: a number ``f`` for the range from 0 to ``f``, or a pair ``(lowest,
            highest)`` between 0 and 1.
        value_range: the lowest and the highest value of a pixel.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.
    """

    ranges = {"factor": (0, 1)}

    def __init__(
        self,
        factor: Range,
        value_range: Sequence[float],
        interpolation: str,
        seed: int | None,
        data_format: str | None,
        **kwargs: Any,
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor = factor
        self.value_range = check_value_range(value_range, self)
        what = argument("interpolation", self)
        self.interpolation = check_choice(interpolation, AFFINE_INTERPOLATIONS, what)

    @property
    def strength(self) -> Strength:
        """What the augmentations have in common."""
        return Strength(self.ends("factor"), self.value_range, self.interpolation)


_MIXTURES = ("chain_mixing_weights", "weight_sample", "keys")


class Strength(NamedTuple):
    """What the augmentations of a chain have in common; it can be hashed."""

    factor: tuple[float, float]
    value_range: tuple[float, float]
    interpolation: str


def choices(strength: Strength) -> list[Any]:
    """Return the augmentations, those that change colors last."""
    ends, values, way = strength
    return [
        RandomShear(ends, ends, way),
        RandomTranslation(ends, ends, interpolation=way),
        RandomRotation(ends, interpolation=way),
        RandomPosterization(max(1, int(8 * ends[1])), values),
        Solarization(ends, ends, values),
        AutoContrast(values),
        Equalization(values),
        RandomBrightness(ends, values),
        RandomColorDegeneration(ends, values),
        RandomContrast(ends, values),
        RandomSharpness(ends, values),
    ]


Change = Callable[[Any, jax.Array], Any]


def image_change(layer: Any) -> Change:
    """Return what a layer does with one image and a key; None stands for no change."""
    if layer is None:
        return lambda image, key: image
    return lambda image, key: layer.augment(image[None], key)[0].astype(image.dtype)


def mask_change(layer: Any) -> Change:
    """Return what a layer does with the mask of that image."""
    if layer is None or not layer.moves:
        return image_change(None)

    def change(mask: jax.Array, key: jax.Array) -> jax.Array:
        drawn = layer.draw_transformation(key, (1, *mask.shape))
        return layer.apply_to_masks(mask[None], drawn)[0]

    return change


def box_change(layer: Any, height: int, width: int) -> Change:
    """Return what a layer does with the boxes of that image; what is outside becomes zeros."""
    if layer is None or not layer.moves:
        return image_change(None)

    def change(boxes: jax.Array, key: jax.Array) -> jax.Array:
        drawn = layer.draw_transformation(key, (1, height, width, 3))
        moved = layer.apply_to_boxes(boxes[None], drawn, height, width)[0]
        moved = clip_to_image_size({"boxes": moved}, height, width)["boxes"]
        return jnp.where(area(moved)[:, None] > 0, moved, 0)  # a point, which stays one

    return change


def chained(changes: Sequence[Change], value: Any, key: jax.Array, count: int) -> Any:
    """Return an image, its mask or its boxes after ``count`` changes drawn from some.

    Only what was drawn is computed.
    """

    def step(number: Any, value: Any) -> Any:
        own = at_step(key, number)
        which = random.uniform(fold(own, "which"), (1,), high=len(changes))[0].astype(int)
        which = jnp.minimum(which, len(changes) - 1)
        return jax.lax.switch(which, changes, value, fold(own, "what"))

    return jax.lax.fori_loop(0, count, step, value)


def image_keys(key: jax.Array, count: int) -> jax.Array:
    """Return a key for each image: ``(count, 2)``."""
    return jnp.stack([random.bits(fold(key, name), (count,)) for name in ("one", "two")], -1)


def _changes(layers: Sequence[Any], what: str, size: tuple[int, int] | None) -> list[Change]:
    """Return the changes of ``"images"``, ``"masks"``, or boxes in images of a size."""
    if size is not None:
        return [box_change(layer, *size) for layer in layers]
    return [{"images": image_change, "masks": mask_change}[what](layer) for layer in layers]


# Compiled once for all calls by hand: tracing eleven augmentations takes a second.
@functools.partial(jax.jit, static_argnames=("strength", "count", "what", "size"))
def _rand_augmented(
    x: jax.Array, keys: jax.Array, strength: Strength, count: int, what: str = "images",
    size: tuple[int, int] | None = None,
) -> jax.Array:  # fmt: skip
    changes = _changes(choices(strength), what, size)
    return jax.lax.map(lambda one: chained(changes, one[0], one[1], count), (x, keys))


@functools.partial(jax.jit, static_argnames=("count", "chains", "alpha"))
def _drawn_mixtures(key: jax.Array, count: int, chains: int, alpha: float) -> dict[str, jax.Array]:
    seed = jax.random.wrap_key_data(jnp.stack(key_words(fold(key, "chains"))))
    return {
        "chain_mixing_weights": jax.random.dirichlet(seed, jnp.full(chains, alpha), (count,)),
        "weight_sample": symmetric_beta(fold(key, "own"), count, alpha),
        "keys": image_keys(key, count),
    }


@functools.partial(jax.jit, static_argnames=("strength", "chains", "depth", "colors", "what"))
def _mixed(
    x: jax.Array, drawn: dict[str, jax.Array], strength: Strength, chains: int, depth: int,
    colors: bool, what: str = "images",
) -> jax.Array:  # fmt: skip
    changes = _changes([*choices(strength)[: 11 if colors else 7], None], what, None)
    parts = drawn["chain_mixing_weights"].astype(x.dtype)

    def blended(one: tuple) -> jax.Array:
        image, weights, own = one

        def add(number: Any, total: jax.Array) -> jax.Array:
            return total + weights[number] * chained(changes, image, at_step(own, number), depth)

        return jax.lax.fori_loop(0, chains, add, jnp.zeros_like(image))

    made = jax.lax.map(blended, (x, parts, drawn["keys"]))
    return blend(x, made, drawn["weight_sample"])


class RandAugment(Chained):
    """Apply ``num_ops`` augmentations to each image, drawn from eleven (Cubuk et al., 2020).

    They are `RandomShear`, `RandomTranslation`, `RandomRotation`, `RandomBrightness`,
    `RandomColorDegeneration`, `RandomContrast`, `RandomSharpness`, `RandomPosterization`,
    `Solarization`, `AutoContrast` and `Equalization`.

    Args:
        value_range: the lowest and the highest value of a pixel.
        num_ops: how many are applied to each image.
        factor: their strength: a number ``f`` for the range from 0 to ``f``, or a pair ``(lowest,
            highest)`` between 0 and 1.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1, or an invalid value range.
        ShapeError: for inputs that are not images with three channels, or one.
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: Range = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(factor, value_range, interpolation, seed, data_format, **kwargs)
        self.num_ops = whole_number(num_ops, "num_ops", 0, self)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw a key for each image, ``(batch, 2)``, which says what is applied to it and how."""
        return {"keys": image_keys(jnp.asarray(key), shape[0])}

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Apply what is drawn to each of ``x``."""
        return _rand_augmented(x, transformation["keys"], self.strength, self.num_ops)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Apply what moves pixels to masks."""
        return _rand_augmented(x, transformation["keys"], self.strength, self.num_ops, "masks")

    def apply_to_boxes(
        self, boxes: jax.Array, transformation: Any, height: int, width: int
    ) -> jax.Array:
        """Apply what moves pixels to boxes."""
        how = self.strength, self.num_ops, "boxes", (int(height), int(width))
        return _rand_augmented(boxes, transformation["keys"], *how)


class AugMix(Chained):
    """Blend each image with chains of augmentations of it (Hendrycks et al., 2020).

    Args:
        value_range: the lowest and the highest value of a pixel.
        num_chains: the number of chains.
        chain_depth: how many augmentations, or none, each chain applies one after the other.
        factor: their strength: a number ``f`` for the range from 0 to ``f``, or a pair ``(lowest,
            highest)`` between 0 and 1.
        alpha: above 0; the weights of the chains are Dirichlet(alpha), that of the image itself
            Beta(alpha, alpha).
        all_ops: whether brightness, color degeneration, contrast and sharpness are among them.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: the layer's own random seed, a whole number.
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``.

    Raises:
        ConfigError: for a factor outside 0 to 1, an alpha that is not above 0, or an invalid value
            range.
        ShapeError: for inputs that are not images with three channels, or one.
    """

    blends = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Range = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(factor, value_range, interpolation, seed, data_format, **kwargs)
        self.num_chains = whole_number(num_chains, "num_chains", 1, self)
        self.chain_depth = whole_number(chain_depth, "chain_depth", 0, self)
        self.alpha = positive(alpha, "alpha", self)
        self.all_ops = bool(all_ops)

    def draw_transformation(self, key: jax.Array, shape: Sequence[int]) -> dict[str, Any]:
        """Draw the weights of the chains and of the images, and a key for each image."""
        return _drawn_mixtures(jnp.asarray(key), shape[0], self.num_chains, self.alpha)

    def apply(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Blend ``x`` with chains."""
        return jnp.clip(self._mixed(x, transformation, "images"), *self.value_range)

    def _mixed(self, x: jax.Array, transformation: Any, what: str) -> jax.Array:
        drawn = {name: jnp.asarray(transformation[name]) for name in _MIXTURES}
        options = self.num_chains, self.chain_depth, self.all_ops, what
        return _mixed(x, drawn, self.strength, *options)

    def apply_to_masks(self, x: jax.Array, transformation: Any) -> jax.Array:
        """Blend masks with chains of those steps that move pixels."""
        return self._mixed(x, transformation, "masks")

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the boxes as they are: each image is a part of what it is blended to."""
        return bounding_boxes
