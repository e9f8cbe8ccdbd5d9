"""Usual pairs of encoders and decoders that mirror each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.layers import (
    Activation,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    Input,
    Reshape,
)
from maeum.models.model import Model
from maeum.models.sequential import Sequential

Parts = tuple[Model, Model]


def dense_parts(
    input_shape: int | Sequence[int],
    units: Sequence[int],
    numbers: int,
    activation: Any,
    end: Any,
    classes: int | None = None,
) -> Parts:
    """Return fully connected parts.

    Args:
        input_shape: the shape of a row.
        units: those of the encoder's layers; the last one is the code.
        numbers: how many numbers the encoder gives for each of the code.
        activation: that of the layers between.
        end: that of the outputs.
        classes: the number of classes, whose labels both parts get as a second input, one-hot;
            None for no labels.
    """
    shape = _sizes(input_shape)
    *hidden, code = [check_whole(count, "units") for count in units]
    ends: list[Any] = [Dense(math.prod(shape), activation=end)]
    if len(shape) > 1:  # the activation comes last: a loss computes with what it was given
        ends = [Dense(math.prod(shape)), Reshape(shape), Activation(end)]
    encoder = [
        Input(shape),
        *([Flatten()] if len(shape) > 1 else []),
        *(Dense(count, activation=activation) for count in hidden),
        Dense(numbers * code),
    ]
    decoder = [
        Input((code,)),
        *(Dense(count, activation=activation) for count in reversed(hidden)),
        *ends,
    ]
    return _part(encoder, classes, "encoder"), _part(decoder, classes, "decoder")


def convolutional_parts(
    input_shape: Sequence[int],
    filters: Sequence[int],
    code: int,
    numbers: int,
    activation: Any,
    end: Any,
    classes: int | None = None,
) -> Parts:
    """Return parts of convolutions, each of which halves (or doubles) both sides of an image.

    Args:
        input_shape: ``(rows, columns, channels)``.
        filters: those of the encoder's convolutions.
        code: the numbers of the code.
        numbers, activation, end, classes: see `dense_parts`.

    Raises:
        ConfigError: for a shape that cannot be halved so often.
    """
    shape = _sizes(input_shape)
    counts = [check_whole(count, "filters") for count in filters]
    factor = 2 ** len(counts)
    if len(shape) != 3 or shape[0] % factor or shape[1] % factor:
        raise ConfigError("Each of the {n} convolutions halves the image, so its shape is (rows, "
                          "columns, channels) with rows and columns that can be divided by "
                          "{factor}; got {shape}.", n=len(counts), factor=factor,
                          shape=shape)  # fmt: skip
    size = check_whole(code, "code")
    small = (shape[0] // factor, shape[1] // factor, counts[-1] if counts else shape[2])
    encoder = [
        Input(shape),
        *(Conv2D(count, 3, 2, "same", activation=activation) for count in counts),
        Flatten(),
        Dense(numbers * size),
    ]
    decoder = [
        Input((size,)),
        Dense(math.prod(small), activation=activation),
        Reshape(small),
        *(
            Conv2DTranspose(count, 3, 2, "same", activation=activation)
            for count in reversed(counts)
        ),
        Conv2D(shape[2], 3, 1, "same", activation=end),
    ]
    return _part(encoder, classes, "encoder"), _part(decoder, classes, "decoder")


def _part(layers: Sequence[Any], classes: int | None, name: str) -> Model:
    """Return layers as a model; where there are classes, labels join the first flat numbers."""
    if classes is None:
        return Sequential(layers, name=name)
    first, *rest = layers
    label = Input((classes,))
    h, joined = first, False
    for layer in [None, *rest]:
        h = h if layer is None else layer(h)
        if not joined and len(h.shape) == 2:
            h, joined = Concatenate()([h, label]), True
    return Model([first, label], h, name=name)


def _sizes(shape: int | Sequence[int]) -> tuple[int, ...]:
    sized = (shape,) if isinstance(shape, int) else shape
    return tuple(check_whole(size, "input_shape") for size in sized)
