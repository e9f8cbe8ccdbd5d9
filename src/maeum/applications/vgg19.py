"""VGG-19 (Simonyan & Zisserman, 2014): VGG-16 with three more convolutions."""

from __future__ import annotations

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.vgg16 import vgg
from maeum.models import Model

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]


@network("vgg19", fixed=True, published="vgg19")
def VGG19(frame: Frame) -> Model:
    """Make VGG-19: 16 convolutions, 3 dense layers, 143,667,240 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "Very deep convolutional networks
    for large-scale image recognition", arXiv:1409.1556, configuration E.

    Example:
        >>> VGG19().count_params()
        143667240
    """
    return vgg(frame, (2, 2, 4, 4, 4))
