"""VGG-16 (Simonyan & Zisserman, 2014): small kernels, deep network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.layers import Conv2D, Dense, Flatten, MaxPooling2D
from maeum.models import Model

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]


@network("vgg16", fixed=True, published="vgg16")
def VGG16(frame: Frame) -> Model:
    """Make VGG-16: 13 convolutions, 3 dense layers, 138,357,544 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "Very deep convolutional networks
    for large-scale image recognition", arXiv:1409.1556, configuration D.

    Example:
        >>> VGG16().count_params()
        138357544
        >>> VGG16(include_top=False, input_shape=(64, 64, 3)).output_shape
        (None, 2, 2, 512)
    """
    return vgg(frame, (2, 2, 3, 3, 3))


def vgg(frame: Frame, depths: Sequence[int]) -> Model:
    """Make a VGG network of five blocks with ``depths`` convolutions."""
    x = frame.image
    for block, (depth, filters) in enumerate(zip(depths, (64, 128, 256, 512, 512)), 1):
        for i in range(1, depth + 1):
            name = f"block{block}_conv{i}"
            x = Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = MaxPooling2D(2, name=f"block{block}_pool")(x)

    def top(x: Any) -> Any:
        x = Flatten(name="flatten")(x)
        x = Dense(4096, activation="relu", name="fc1")(x)
        x = Dense(4096, activation="relu", name="fc2")(x)
        return frame.classifier(x)

    return frame.model(x, top)
