"""Residual networks, version 2 (He et al., 2016): normalized before each convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.applications.blocks import bn_relu
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.applications.resnet import conv_bn
from maeum.layers import Activation, Add, Conv2D, MaxPooling2D, ZeroPadding2D
from maeum.models import Model

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]


@network("resnet50v2", published="resnet")
def ResNet50V2(frame: Frame) -> Model:
    """Make ResNet-50 v2 as Keras has it: 16 bottleneck blocks, 25,613,800 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "Identity mappings in deep residual
    networks", arXiv:1603.05027.

    Example:
        >>> ResNet50V2(include_top=False, pooling="avg").output_shape
        (None, 2048)
    """
    return _resnet(frame, (3, 4, 6, 3))


@network("resnet101v2", published="resnet")
def ResNet101V2(frame: Frame) -> Model:
    """Make ResNet-101 v2: as `ResNet50V2` with 33 blocks, 44,675,560 parameters."""
    return _resnet(frame, (3, 4, 23, 3))


@network("resnet152v2", published="resnet")
def ResNet152V2(frame: Frame) -> Model:
    """Make ResNet-152 v2: as `ResNet50V2` with 50 blocks, 60,380,648 parameters."""
    return _resnet(frame, (3, 8, 36, 3))


def _resnet(frame: Frame, depths: Sequence[int]) -> Model:
    """Make a network of four stages with ``depths`` blocks; each but the last ends by halving."""
    x = ZeroPadding2D(3, name="conv1_pad")(frame.image)
    x = Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, (depth, filters) in enumerate(zip(depths, (64, 128, 256, 512)), 2):
        for i in range(1, depth + 1):
            strides = 2 if i == depth and stage <= len(depths) else 1
            x = _bottleneck(x, filters, strides, i == 1, f"conv{stage}_block{i}")
    return frame.model(bn_relu(x, "post_"))


def _bottleneck(x: Any, filters: int, strides: int, first: bool, name: str) -> Any:
    """Normalize, reduce with 1x1, convolve with 3x3, expand with 1x1, and add the input.

    The input is added as it is, but in the first block of a stage, which widens it.
    """
    before = bn_relu(x, f"{name}_preact_")
    if first:
        shortcut = Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(before)
    else:
        shortcut = MaxPooling2D(1, strides=strides)(x) if strides > 1 else x
    x = conv_bn(before, filters, 1, f"{name}_1", use_bias=False)
    x = Activation("relu", name=f"{name}_1_relu")(x)
    x = ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = conv_bn(x, filters, 3, f"{name}_2", strides=strides, use_bias=False)
    x = Activation("relu", name=f"{name}_2_relu")(x)
    x = Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return Add(name=f"{name}_out")([shortcut, x])
