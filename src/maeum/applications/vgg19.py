"""VGG-19 (Simonyan & Zisserman, 2014): VGG-16 with three more convolutions."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, described, published_name
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.vgg16 import vgg
from maeum.models import Model

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]


@described
def VGG19(
    include_top: bool = True,
    weights: Any = None,
    input_tensor: Any = None,
    input_shape: tuple | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "vgg19",
) -> Model:
    """Make VGG-19: 16 convolutions, 3 dense layers, 143,667,240 parameters.

    Pictures of 224x224x3 unless given, at least 32x32. Source: "Very deep convolutional networks
    for large-scale image recognition", arXiv:1409.1556, configuration E.

    Example:
        >>> VGG19().count_params()
        143667240
    """
    frame = Frame(
        *(include_top, weights, input_tensor, input_shape),
        *(pooling, classes, classifier_activation, name),
        size=224,
        least=32,
        fixed=True,
        published=published_name("vgg19", "vgg19"),
    )
    return vgg(frame, (2, 2, 4, 4, 4))
