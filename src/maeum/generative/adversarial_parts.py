"""Usual pairs of generators and discriminators for images of 16 to 128 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.layers import (
    Activation,
    Add,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dot,
    Flatten,
    Input,
    LeakyReLU,
    Reshape,
)
from maeum.models.model import Model


def image_parts(
    image_shape: Sequence[int],
    latent_size: int,
    filters: Sequence[int],
    hidden: int,
    classes: int | None,
    end: Any,
) -> tuple[Model, Model]:
    """Return a generator and a discriminator of convolutions that mirror each other.

    Neither normalizes: the penalties keep the slopes small, and each image stands by itself.

    Args:
        image_shape: ``(rows, columns, channels)``.
        latent_size: the numbers of a latent code.
        filters: those of the generator's stages, from the smallest images to the largest; each
            stage doubles both sides.
        hidden: the units of the dense layers.
        classes: the number of classes; None without labels.
        end: the activation of the images.

    Raises:
        ConfigError: for a shape that cannot be halved so often.
    """
    shape = tuple(check_whole(size, "image_shape") for size in image_shape)
    counts = [check_whole(count, "filters") for count in filters]
    factor = 2 ** len(counts)
    if len(shape) != 3 or not counts or shape[0] % factor or shape[1] % factor:
        raise ConfigError("Each of the {n} stages doubles the image, so its shape is (rows, "
                          "columns, channels) with rows and columns that can be divided by "
                          "{factor}; got {shape}.", n=len(counts), factor=factor,
                          shape=shape)  # fmt: skip
    small = (shape[0] // factor, shape[1] // factor, counts[0])
    return (
        _generator(small, latent_size, counts, hidden, classes, shape[-1], end),
        _discriminator(shape, counts, hidden, classes),
    )


def _generator(
    small: tuple[int, ...],
    latent_size: int,
    counts: Sequence[int],
    hidden: int,
    classes: int | None,
    channels: int,
    end: Any,
) -> Model:
    code = Input((latent_size,))
    label = None if classes is None else Input((classes,))
    h = code if label is None else Concatenate()([code, label])
    h = LeakyReLU(0.2)(Dense(hidden)(h))
    h = Reshape(small)(LeakyReLU(0.2)(Dense(math.prod(small))(h)))
    for count in counts[1:]:
        h = LeakyReLU(0.2)(Conv2DTranspose(count, 4, 2, "same")(h))
    h = Conv2DTranspose(channels, 4, 2, "same")(h)
    inputs = code if label is None else [code, label]
    return Model(inputs, Activation(end)(h), name="generator")


def _discriminator(
    shape: tuple[int, ...], counts: Sequence[int], hidden: int, classes: int | None
) -> Model:
    image = Input(shape)
    h = image
    for count in reversed(counts):
        h = LeakyReLU(0.2)(Conv2D(count, 4, 2, "same")(h))
    h = LeakyReLU(0.2)(Dense(hidden)(Flatten()(h)))
    logit = Dense(1)(h)
    if classes is None:
        return Model(image, logit, name="discriminator")
    # Miyato and Koyama (2018): how well the features fit the label is a product of both.
    label = Input((classes,))
    fit = Dot(-1)([h, Dense(hidden, use_bias=False)(label)])
    return Model([image, label], Add()([logit, fit]), name="discriminator")


def usual_filters(image_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the filters of as many stages as bring an image below 8 pixels, at most five."""
    (rows, columns), stages = image_shape[:2], 0
    while min(rows, columns) >= 8 and rows % 2 == columns % 2 == 0 and stages < 5:
        rows, columns, stages = rows // 2, columns // 2, stages + 1
    return (64, 32, 32, 16, 16)[: max(1, stages)]
