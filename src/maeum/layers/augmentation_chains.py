"""Layers that apply several augmentations, drawn for each image: RandAugment and AugMix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.randomness import fold, key_words
from maeum.layers.augmentation import (
    Augmentation,
    RandomRotation,
    RandomTranslation,
    Range,
)
from maeum.layers.augmentation_colors import RandomColorDegeneration
from maeum.layers.augmentation_tones import (
    AutoContrast,
    Equalization,
    RandomPosterization,
    RandomSharpness,
    Solarization,
)
from maeum.layers.augmentation_values import RandomBrightness, RandomContrast, check_value_range
from maeum.layers.augmentation_warps import RandomShear
from maeum.layers.checks import argument, positive, whole_number
from maeum.ops import random
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

    def choices(self) -> list[Any]:
        """Return the augmentations, as layers of today's strength."""
        ends, values, way = self.ends("factor"), self.value_range, self.interpolation
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

    def each(self, x: Any, key: jax.Array, change: Callable[..., jax.Array]) -> jax.Array:
        """Return ``change(image, its key)`` of each image, one after the other.

        So that only what was drawn for an image is computed.
        """
        count = len(jax.tree.leaves(x)[0])
        words = [random.bits(fold(key, name), (count,)) for name in ("first", "second")]
        return jax.lax.map(lambda one: change(*one), (x, jnp.stack(words, -1)))


def applied(layers: Sequence[Any], image: jax.Array, key: jax.Array) -> jax.Array:
    """Return an image with one of the layers applied to it, or with none where that is None."""

    def branch(layer: Any) -> Callable[..., jax.Array]:
        if layer is None:
            return lambda image, key: image
        return lambda image, key: layer.augment(image[None], fold(key, "what"))[0]

    which = random.uniform(fold(key, "which"), (1,), high=len(layers))[0].astype(int)
    which = jnp.minimum(which, len(layers) - 1)
    return jax.lax.switch(which, [branch(layer) for layer in layers], image, key)


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

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Apply what is drawn to each of ``x``."""
        layers = self.choices()

        def change(image: jax.Array, key: jax.Array) -> jax.Array:
            for number in range(self.num_ops):
                image = applied(layers, image, fold(key, f"op {number}"))
            return image

        return self.each(x, key, change)


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

    def augment(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Blend ``x`` with chains."""
        layers = [*self.choices()[: 11 if self.all_ops else 7], None]
        seed = jax.random.wrap_key_data(jnp.stack(key_words(fold(key, "chains"))))
        shape = jnp.full(self.num_chains, self.alpha)
        parts = jax.random.dirichlet(seed, shape, (len(x),)).astype(x.dtype)

        def mixed(both: tuple, key: jax.Array) -> jax.Array:
            image, weights = both
            total = jnp.zeros_like(image)
            for chain in range(self.num_chains):
                one = image
                for depth in range(self.chain_depth):
                    one = applied(layers, one, fold(key, f"{chain} {depth}"))
                total += weights[chain] * one
            return total

        made = self.each((x, parts), key, mixed)
        own = symmetric_beta(fold(key, "own"), len(x), self.alpha)
        return jnp.clip(blend(x, made, own), *self.value_range)
