"""Residual networks (He et al., 2015): blocks that learn what to add to their input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)
from maeum.models import Model

__all__ = [
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "ResNet101",
    "ResNet152",
    "decode_predictions",
    "preprocess_input",
]


# For the networks that Keras does not have: no bias before a normalization, and moving averages
# that adapt quickly enough for small data sets.
PLAIN = {"use_bias": False, "momentum": 0.9}


@network("resnet18")
def ResNet18(frame: Frame) -> Model:
    """Make ResNet-18 of the paper: 8 blocks of two 3x3 convolutions, 11,689,512 parameters.

    Only trainable parameters are counted. Images of 224x224x3 unless given, at least 32x32. The
    convolutions have no bias, since a
    normalization follows each, whose moving averages have momentum 0.9. Keras has no such network.
    Source: "Deep residual learning for image recognition", arXiv:1512.03385, table 1 (shortcuts
    of option B).

    Example:
        >>> sum(w.size for w in ResNet18().trainable_weights)
        11689512
    """
    return _resnet(frame, basic_block, (2, 2, 2, 2))


@network("resnet34")
def ResNet34(frame: Frame) -> Model:
    """Make ResNet-34 of the paper: 16 blocks of two 3x3 convolutions, 21,797,672 parameters.

    As `ResNet18` otherwise.
    """
    return _resnet(frame, basic_block, (3, 4, 6, 3))


@network("resnet50", published="resnet")
def ResNet50(frame: Frame) -> Model:
    """Make ResNet-50 as Keras has it: 16 bottleneck blocks, 25,636,712 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "Deep residual learning for image
    recognition", arXiv:1512.03385.

    Example:
        >>> ResNet50(include_top=False, pooling="avg").output_shape
        (None, 2048)
    """
    return _resnet(frame, _bottleneck, (3, 4, 6, 3))


@network("resnet101", published="resnet")
def ResNet101(frame: Frame) -> Model:
    """Make ResNet-101: as `ResNet50` with 33 blocks, 44,707,176 parameters."""
    return _resnet(frame, _bottleneck, (3, 4, 23, 3))


@network("resnet152", published="resnet")
def ResNet152(frame: Frame) -> Model:
    """Make ResNet-152: as `ResNet50` with 50 blocks, 60,419,944 parameters."""
    return _resnet(frame, _bottleneck, (3, 8, 36, 3))


def _resnet(frame: Frame, block: Callable[..., Any], depths: Sequence[int]) -> Model:
    """Make a network of four stages with ``depths`` blocks; each stage but the first halves."""
    x = ZeroPadding2D(3, name="conv1_pad")(frame.image)
    x = conv_bn(x, 64, 7, "conv1", strides=2, **({} if block is _bottleneck else PLAIN))
    x = Activation("relu", name="conv1_relu")(x)
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, (depth, filters) in enumerate(zip(depths, (64, 128, 256, 512)), 2):
        for i in range(1, depth + 1):
            strides = 2 if stage > 2 and i == 1 else 1
            x = block(x, filters, strides, i == 1, f"conv{stage}_block{i}")
    return frame.model(x)


def conv_bn(
    x: Any, filters: int, size: int, name: str, momentum: float = 0.99, **options: Any
) -> Any:
    """Convolve and normalize."""
    x = Conv2D(filters, size, name=f"{name}_conv", **options)(x)
    return BatchNormalization(momentum=momentum, epsilon=1.001e-5, name=f"{name}_bn")(x)


def _bottleneck(x: Any, filters: int, strides: int, first: bool, name: str) -> Any:
    """Reduce with 1x1, convolve with 3x3, expand with 1x1, and add the input.

    The first convolution has the stride, as in the paper; the first block of a stage has a
    convolution in its shortcut.
    """
    shortcut = conv_bn(x, 4 * filters, 1, f"{name}_0", strides=strides) if first else x
    x = conv_bn(x, filters, 1, f"{name}_1", strides=strides)
    x = Activation("relu", name=f"{name}_1_relu")(x)
    x = conv_bn(x, filters, 3, f"{name}_2", padding="same")
    x = Activation("relu", name=f"{name}_2_relu")(x)
    x = conv_bn(x, 4 * filters, 1, f"{name}_3")
    x = Add(name=f"{name}_add")([shortcut, x])
    return Activation("relu", name=f"{name}_out")(x)


def basic_block(x: Any, filters: int, strides: int, first: bool, name: str) -> Any:
    """Two 3x3 convolutions, and add the input; a shortcut that halves has a convolution."""
    shortcut = x
    if strides > 1:
        shortcut = conv_bn(x, filters, 1, f"{name}_0", strides=strides, **PLAIN)
        # The paper pads both sides alike; "same" with a stride would pad behind only.
        x = ZeroPadding2D(1, name=f"{name}_1_pad")(x)
    padding = "valid" if strides > 1 else "same"
    x = conv_bn(x, filters, 3, f"{name}_1", strides=strides, padding=padding, **PLAIN)
    x = Activation("relu", name=f"{name}_1_relu")(x)
    x = conv_bn(x, filters, 3, f"{name}_2", padding="same", **PLAIN)
    x = Add(name=f"{name}_add")([shortcut, x])
    return Activation("relu", name=f"{name}_out")(x)
