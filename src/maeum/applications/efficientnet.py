"""EfficientNet (Tan & Le, 2019): depth, width and image size that grow together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from maeum.applications.blocks import eights, pads
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import raw_pixels as preprocess_input
from maeum.initializers import VarianceScaling
from maeum.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    Multiply,
    Normalization,
    Rescaling,
    Reshape,
    ZeroPadding2D,
)
from maeum.models import Model
from maeum.ops.pixels import RGB_DEVIATIONS

__all__ = [
    *(f"EfficientNetB{i}" for i in range(8)),
    "decode_predictions",
    "preprocess_input",
]

# Kernel, blocks, filters, expansion and stride of the first block, by stage (the paper's table 1).
_STAGES = (
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
_FILE = "/keras-applications/{name}{_notop}.h5"


@network("efficientnetb0", size=224, published=_FILE)
def EfficientNetB0(frame: Frame) -> Model:
    """Make EfficientNet-B0 as Keras has it: 5,330,571 parameters.

    Images of 224x224x3 unless given, at least 32x32, with pixels from 0 to 255: the network itself
    scales them. With ``weights="imagenet"`` it scales them as those weights need it, by one more
    layer. Source: "EfficientNet: rethinking model scaling for convolutional neural networks",
    arXiv:1905.11946.

    Example:
        >>> EfficientNetB0(include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 1280)
    """
    return _efficientnet(frame, 1.0, 1.0, 0.2)


@network("efficientnetb1", size=240, published=_FILE)
def EfficientNetB1(frame: Frame) -> Model:
    """Make EfficientNet-B1: as `EfficientNetB0`, for 240x240 pixels, 7,856,239 parameters."""
    return _efficientnet(frame, 1.0, 1.1, 0.2)


@network("efficientnetb2", size=260, published=_FILE)
def EfficientNetB2(frame: Frame) -> Model:
    """Make EfficientNet-B2: as `EfficientNetB0`, for 260x260 pixels, 9,177,569 parameters."""
    return _efficientnet(frame, 1.1, 1.2, 0.3)


@network("efficientnetb3", size=300, published=_FILE)
def EfficientNetB3(frame: Frame) -> Model:
    """Make EfficientNet-B3: as `EfficientNetB0`, for 300x300 pixels, 12,320,535 parameters."""
    return _efficientnet(frame, 1.2, 1.4, 0.3)


@network("efficientnetb4", size=380, published=_FILE)
def EfficientNetB4(frame: Frame) -> Model:
    """Make EfficientNet-B4: as `EfficientNetB0`, for 380x380 pixels, 19,466,823 parameters."""
    return _efficientnet(frame, 1.4, 1.8, 0.4)


@network("efficientnetb5", size=456, published=_FILE)
def EfficientNetB5(frame: Frame) -> Model:
    """Make EfficientNet-B5: as `EfficientNetB0`, for 456x456 pixels, 30,562,527 parameters."""
    return _efficientnet(frame, 1.6, 2.2, 0.4)


@network("efficientnetb6", size=528, published=_FILE)
def EfficientNetB6(frame: Frame) -> Model:
    """Make EfficientNet-B6: as `EfficientNetB0`, for 528x528 pixels, 43,265,143 parameters."""
    return _efficientnet(frame, 1.8, 2.6, 0.5)


@network("efficientnetb7", size=600, published=_FILE)
def EfficientNetB7(frame: Frame) -> Model:
    """Make EfficientNet-B7: as `EfficientNetB0`, for 600x600 pixels, 66,658,687 parameters."""
    return _efficientnet(frame, 2.0, 3.1, 0.5)


def _efficientnet(frame: Frame, width: float, depth: float, dropout: float) -> Model:
    """Make a network that is ``width`` times as wide and ``depth`` times as deep as B0."""
    x = Rescaling(1 / 255)(frame.image)
    x = Normalization()(x)
    if frame.weights == "imagenet":
        # Their training divided by the variance, where the layer divides by its root.
        x = Rescaling([1 / math.sqrt(deviation) for deviation in RGB_DEVIATIONS])(x)
    x = ZeroPadding2D(pads(x), name="stem_conv_pad")(x)
    x = conv(x, eights(32 * width), 3, "stem_conv", strides=2, padding="valid")
    x = bn(x, "stem_bn", "stem_activation")
    depths = [math.ceil(depth * stage[1]) for stage in _STAGES]
    rates = drop_rates(sum(depths))
    for stage, (size, _, filters, expansion, first_strides) in enumerate(_STAGES, 1):
        for i in range(depths[stage - 1]):
            strides = first_strides if i == 0 else 1
            name = f"block{stage}{chr(97 + i)}_"
            x = inverted_residual(
                x, eights(filters * width), size, strides, expansion, name, next(rates)
            )
    return end(frame, x, eights(1280 * width), dropout)


def drop_rates(blocks: int) -> Iterator[float]:
    """Return the rate at which each block in turn is dropped: from 0 to 0.2 after ``blocks``."""
    return (0.2 * block / blocks for block in itertools.count())


def kernel_initializer() -> VarianceScaling:
    """Return how the kernels of the convolutions begin."""
    return VarianceScaling(2.0, "fan_out", "truncated_normal")


def conv(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    """Convolve, without a bias unless ``options`` say otherwise."""
    options = {"padding": "same", "use_bias": False, **options}
    initializer = kernel_initializer()
    return Conv2D(filters, size, kernel_initializer=initializer, name=name, **options)(x)


def bn(x: Any, name: str, activation: str | None = None, momentum: float = 0.99) -> Any:
    """Normalize, and activate by a layer called ``activation``."""
    x = BatchNormalization(momentum=momentum, name=name)(x)
    return x if activation is None else Activation("swish", name=activation)(x)


def inverted_residual(
    x: Any,
    filters: int,
    size: int,
    strides: int,
    expansion: int,
    name: str,
    drop_rate: float,
    version: int = 1,
) -> Any:
    """Expand, convolve each channel, weight the channels, and reduce; add the input if it fits.

    Version 2 has moving averages of momentum 0.9, and no layers of their own for padding.
    """
    before, channels = x, x.shape[-1]
    momentum = 0.99 if version == 1 else 0.9
    if expansion != 1:
        x = conv(x, expansion * channels, 1, f"{name}expand_conv")
        x = bn(x, f"{name}expand_bn", f"{name}expand_activation", momentum)
    padded = strides == 2 and version == 1
    if padded:
        x = ZeroPadding2D(pads(x, size), name=f"{name}dwconv_pad")(x)
    x = DepthwiseConv2D(
        size,
        strides=strides,
        padding="valid" if padded else "same",
        use_bias=False,
        depthwise_initializer=kernel_initializer(),
        name=f"{name}dwconv" if version == 1 else f"{name}dwconv2",
    )(x)
    x = bn(x, f"{name}bn", f"{name}activation", momentum)
    x = _squeeze_excite(x, max(1, channels // 4), name)
    x = conv(x, filters, 1, f"{name}project_conv")
    x = bn(x, f"{name}project_bn", momentum=momentum)
    return shortcut(x, before, strides, drop_rate, name)


def _squeeze_excite(x: Any, squeezed: int, name: str) -> Any:
    """Multiply each channel by a weight that depends on the means of all (Hu et al., 2017)."""
    channels = x.shape[-1]
    means = GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    means = Reshape((1, 1, channels), name=f"{name}se_reshape")(means)
    biased = {"use_bias": True}
    weights = conv(means, squeezed, 1, f"{name}se_reduce", activation="swish", **biased)
    weights = conv(weights, channels, 1, f"{name}se_expand", activation="sigmoid", **biased)
    return Multiply(name=f"{name}se_excite")([x, weights])


def shortcut(x: Any, before: Any, strides: int, drop_rate: float, name: str) -> Any:
    """Add the input of a block where shapes allow it; the block is dropped now and then."""
    if strides != 1 or x.shape[-1] != before.shape[-1]:
        return x
    if drop_rate > 0:
        x = Dropout(drop_rate, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return Add(name=f"{name}add")([x, before])


def end(frame: Frame, x: Any, features: int, dropout: float, momentum: float = 0.99) -> Model:
    """Return the model that ends in so many ``features`` and a classifier of them."""
    x = bn(conv(x, features, 1, "top_conv"), "top_bn", "top_activation", momentum)

    def top(x: Any) -> Any:
        x = GlobalAveragePooling2D(name="avg_pool")(x)
        x = Dropout(dropout, name="top_dropout")(x)
        initializer = VarianceScaling(1 / 3, "fan_out", "uniform")
        return frame.classifier(x, kernel_initializer=initializer)

    return frame.model(x, top)
