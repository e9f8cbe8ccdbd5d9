"""Inception-v3 (Szegedy et al., 2015): large kernels taken apart into small and flat ones."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
)
from maeum.models import Model

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]


@network("inception_v3", size=299, least=75, published="inception_v3")
def InceptionV3(frame: Frame) -> Model:
    """Make Inception-v3 as Keras has it, without the auxiliary classifier: 23,851,784 parameters.

    Images of 299x299x3 unless given, at least 75x75. Source: "Rethinking the Inception
    architecture for computer vision", arXiv:1512.00567.

    Example:
        >>> InceptionV3(include_top=False, input_shape=(75, 75, 3)).output_shape
        (None, 1, 1, 2048)
    """
    x = stem(frame.image)
    for i, pooled in enumerate((32, 64, 64)):
        x = _square(x, pooled, f"mixed{i}")
    x = _halve(x, "mixed3")
    for i, filters in enumerate((128, 160, 160, 192), 4):
        x = _flat(x, filters, f"mixed{i}")
    x = _halve_flat(x, "mixed8")
    for i in range(2):
        x = _wide(x, f"mixed9_{i}", f"mixed{9 + i}")
    return frame.model(x)


def stem(x: Any) -> Any:
    """Reduce images to an eighth of their rows and columns, in 192 maps."""
    x = conv(x, 32, 3, strides=2, padding="valid")
    x = conv(x, 32, 3, padding="valid")
    x = conv(x, 64, 3)
    x = MaxPooling2D(3, strides=2)(x)
    x = conv(x, 80, 1, padding="valid")
    x = conv(x, 192, 3, padding="valid")
    return MaxPooling2D(3, strides=2)(x)


def conv(
    x: Any,
    filters: int,
    size: Any,
    strides: int = 1,
    padding: str = "same",
    name: str | None = None,
) -> Any:
    """Convolve, normalize and activate; the layers after a named convolution are named after it."""
    x = Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, name=name)(x)
    x = BatchNormalization(scale=False, name=name and f"{name}_bn")(x)
    return Activation("relu", name=name and f"{name}_ac")(x)


def pool_conv(x: Any, filters: int) -> Any:
    """Average over 3x3 positions, and convolve with 1x1."""
    return conv(AveragePooling2D(3, strides=1, padding="same")(x), filters, 1)


def _double(x: Any, **last: Any) -> Any:
    """Two 3x3 convolutions in place of a 5x5 one; ``last`` tells about the second."""
    return conv(conv(conv(x, 64, 1), 96, 3), 96, 3, **last)


def _square(x: Any, pooled: int, name: str) -> Any:
    """The block of the paper's figure 5, for the largest grid."""
    five = conv(conv(x, 48, 1), 64, 5)
    branches = [conv(x, 64, 1), five, _double(x), pool_conv(x, pooled)]
    return Concatenate(name=name)(branches)


def _halve(x: Any, name: str) -> Any:
    """The block of figure 10: convolutions and pooling of stride 2 side by side."""
    three = conv(x, 384, 3, strides=2, padding="valid")
    double = _double(x, strides=2, padding="valid")
    return Concatenate(name=name)([three, double, MaxPooling2D(3, strides=2)(x)])


def _flat(x: Any, filters: int, name: str) -> Any:
    """The block of figure 6: 1x7 and 7x1 kernels in place of 7x7."""
    seven = conv(conv(conv(x, filters, 1), filters, (1, 7)), 192, (7, 1))
    double = conv(conv(conv(x, filters, 1), filters, (7, 1)), filters, (1, 7))
    double = conv(conv(double, filters, (7, 1)), 192, (1, 7))
    branches = [conv(x, 192, 1), seven, double, pool_conv(x, 192)]
    return Concatenate(name=name)(branches)


def _halve_flat(x: Any, name: str) -> Any:
    """As `_halve`, with flat kernels."""
    three = conv(conv(x, 192, 1), 320, 3, strides=2, padding="valid")
    seven = conv(conv(conv(x, 192, 1), 192, (1, 7)), 192, (7, 1))
    seven = conv(seven, 192, 3, strides=2, padding="valid")
    return Concatenate(name=name)([three, seven, MaxPooling2D(3, strides=2)(x)])


def _wide(x: Any, inner: str, name: str) -> Any:
    """The block of figure 7: 1x3 and 3x1 kernels side by side, for the smallest grid."""
    three = conv(x, 384, 1)
    three = Concatenate(name=inner)([conv(three, 384, (1, 3)), conv(three, 384, (3, 1))])
    double = conv(conv(x, 448, 1), 384, 3)
    double = Concatenate()([conv(double, 384, (1, 3)), conv(double, 384, (3, 1))])
    branches = [conv(x, 320, 1), three, double, pool_conv(x, 192)]
    return Concatenate(name=name)(branches)
