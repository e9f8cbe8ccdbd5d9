"""Layers that apply several augmentations, drawn for each image: RandAugment and AugMix."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.randomness import at_step, fold, key_words
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

    @property
    def strength(self) -> Strength:
        """What the augmentations have in common."""
        return Strength(self.ends("factor"), self.value_range, self.interpolation)


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


def chained(layers: Sequence[Any], image: jax.Array, key: jax.Array, count: int) -> jax.Array:
    """Return an image after ``count`` layers drawn from some; None stands for no change.

    Only what was drawn is computed.
    """

    def branch(layer: Any) -> Callable[..., jax.Array]:
        if layer is None:
            return lambda image, key: image
        return lambda image, key: layer.augment(image[None], key)[0].astype(image.dtype)

    branches = [branch(layer) for layer in layers]

    def step(number: Any, image: jax.Array) -> jax.Array:
        own = at_step(key, number)
        which = random.uniform(fold(own, "which"), (1,), high=len(layers))[0].astype(int)
        which = jnp.minimum(which, len(layers) - 1)
        return jax.lax.switch(which, branches, image, fold(own, "what"))

    return jax.lax.fori_loop(0, count, step, image)


def image_keys(key: jax.Array, count: int) -> jax.Array:
    """Return a key for each image: ``(count, 2)``."""
    return jnp.stack([random.bits(fold(key, name), (count,)) for name in ("one", "two")], -1)


# Compiled once for all calls by hand: tracing eleven augmentations takes a second.
@functools.partial(jax.jit, static_argnames=("strength", "count"))
def _rand_augmented(x: jax.Array, key: jax.Array, strength: Strength, count: int) -> jax.Array:
    layers = choices(strength)
    each = x, image_keys(key, len(x))
    return jax.lax.map(lambda one: chained(layers, one[0], one[1], count), each)


@functools.partial(jax.jit, static_argnames=("strength", "chains", "depth", "alpha", "colors"))
def _mixed(
    x: jax.Array, key: jax.Array, strength: Strength, chains: int, depth: int, alpha: float,
    colors: bool,
) -> jax.Array:  # fmt: skip
    layers = [*choices(strength)[: 11 if colors else 7], None]
    seed = jax.random.wrap_key_data(jnp.stack(key_words(fold(key, "chains"))))
    parts = jax.random.dirichlet(seed, jnp.full(chains, alpha), (len(x),)).astype(x.dtype)

    def blended(one: tuple) -> jax.Array:
        image, weights, own = one

        def add(number: Any, total: jax.Array) -> jax.Array:
            return total + weights[number] * chained(layers, image, at_step(own, number), depth)

        return jax.lax.fori_loop(0, chains, add, jnp.zeros_like(image))

    made = jax.lax.map(blended, (x, parts, image_keys(key, len(x))))
    return blend(x, made, symmetric_beta(fold(key, "own"), len(x), alpha))


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
        return _rand_augmented(x, jnp.asarray(key), self.strength, self.num_ops)


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
        options = self.num_chains, self.chain_depth, self.alpha, self.all_ops
        return jnp.clip(_mixed(x, jnp.asarray(key), self.strength, *options), *self.value_range)
