"""Densely connected networks (Huang et al., 2016): every layer sees all maps before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.applications.blocks import bn_relu
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import torch_pixels as preprocess_input
from maeum.layers import (
    AveragePooling2D,
    Concatenate,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)
from maeum.models import Model

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]


@network("densenet121", published="densenet")
def DenseNet121(frame: Frame) -> Model:
    """Make DenseNet-121 as Keras has it: 8,062,504 parameters.

    Images of 224x224x3 unless given, at least 32x32. Each layer adds 32 feature maps, and each
    transition keeps half of them. Source: "Densely connected convolutional networks",
    arXiv:1608.06993.

    Example:
        >>> DenseNet121(include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 1024)
    """
    return _densenet(frame, (6, 12, 24, 16))


@network("densenet169", published="densenet")
def DenseNet169(frame: Frame) -> Model:
    """Make DenseNet-169: as `DenseNet121` with more layers, 14,307,880 parameters."""
    return _densenet(frame, (6, 12, 32, 32))


@network("densenet201", published="densenet")
def DenseNet201(frame: Frame) -> Model:
    """Make DenseNet-201: as `DenseNet121` with more layers, 20,242,984 parameters."""
    return _densenet(frame, (6, 12, 48, 32))


def _densenet(frame: Frame, depths: Sequence[int], growth: int = 32) -> Model:
    """Make a network of four dense blocks with ``depths`` layers, each adding ``growth`` maps."""
    x = ZeroPadding2D(3)(frame.image)
    x = Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = bn_relu(x, "conv1_")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for i in range(1, depth + 1):
            x = _layer(x, growth, f"conv{stage}_block{i}")
        if stage <= len(depths):
            x = _transition(x, f"pool{stage}")
    return frame.model(bn_relu(x, ""))


def _layer(x: Any, growth: int, name: str) -> Any:
    """Add ``growth`` feature maps to those in ``x``."""
    y = bn_relu(x, f"{name}_0_")
    y = Conv2D(4 * growth, 1, use_bias=False, name=f"{name}_1_conv")(y)
    y = bn_relu(y, f"{name}_1_")
    y = Conv2D(growth, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(y)
    return Concatenate(name=f"{name}_concat")([x, y])


def _transition(x: Any, name: str) -> Any:
    """Halve the feature maps, in number and in rows and columns."""
    x = bn_relu(x, f"{name}_")
    x = Conv2D(x.shape[-1] // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return AveragePooling2D(2, name=f"{name}_pool")(x)
