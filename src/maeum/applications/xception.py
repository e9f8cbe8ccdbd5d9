"""Xception (Chollet, 2016): depthwise separable convolutions with shortcuts."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    SeparableConv2D,
)
from maeum.models import Model

__all__ = ["Xception", "decode_predictions", "preprocess_input"]


@network("xception", size=299, least=71, published="xception")
def Xception(frame: Frame) -> Model:
    """Make Xception as Keras has it: 36 convolutions, 22,910,480 parameters.

    Images of 299x299x3 unless given, at least 71x71. Source: "Xception: deep learning with
    depthwise separable convolutions", arXiv:1610.02357.

    Example:
        >>> Xception(include_top=False, input_shape=(71, 71, 3)).output_shape
        (None, 3, 3, 2048)
    """
    x = Conv2D(32, 3, strides=2, use_bias=False, name="block1_conv1")(frame.image)
    x = BatchNormalization(name="block1_conv1_bn")(x)
    x = Activation("relu", name="block1_conv1_act")(x)
    x = Conv2D(64, 3, use_bias=False, name="block1_conv2")(x)
    x = BatchNormalization(name="block1_conv2_bn")(x)
    x = Activation("relu", name="block1_conv2_act")(x)

    # The first of these blocks begins without an activation: one stands right before it.
    x = _halve(x, 128, 128, "block2", first_activation=False)
    x = _halve(x, 256, 256, "block3")
    x = _halve(x, 728, 728, "block4")
    for block in range(5, 13):
        shortcut = x
        for i in (1, 2, 3):
            x = _activation_separable(x, 728, f"block{block}_sepconv{i}")
        x = Add()([x, shortcut])
    x = _halve(x, 728, 1024, "block13")

    for i, filters in ((1, 1536), (2, 2048)):
        x = _separable(x, filters, f"block14_sepconv{i}")
        x = Activation("relu", name=f"block14_sepconv{i}_act")(x)
    return frame.model(x)


def _separable(x: Any, filters: int, name: str) -> Any:
    x = SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return BatchNormalization(name=f"{name}_bn")(x)


def _activation_separable(x: Any, filters: int, name: str) -> Any:
    return _separable(Activation("relu", name=f"{name}_act")(x), filters, name)


def _halve(x: Any, narrow: int, wide: int, name: str, first_activation: bool = True) -> Any:
    """Two separable convolutions and a pooling of stride 2, beside a 1x1 shortcut."""
    shortcut = Conv2D(wide, 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = BatchNormalization()(shortcut)
    first = _activation_separable if first_activation else _separable
    x = first(x, narrow, f"{name}_sepconv1")
    x = _activation_separable(x, wide, f"{name}_sepconv2")
    x = MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pool")(x)
    return Add()([x, shortcut])
