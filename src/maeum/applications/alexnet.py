"""AlexNet (Krizhevsky et al., 2012): the network that won ImageNet on two graphics cards."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.layers import Conv2D, Dense, Dropout, Flatten, LocalResponseNormalization, MaxPooling2D
from maeum.models import Model

__all__ = ["AlexNet", "decode_predictions", "preprocess_input"]


@network("alexnet", size=227, least=67, fixed=True)
def AlexNet(frame: Frame, groups: int = 2) -> Model:
    """Make AlexNet: 5 convolutions, 3 dense layers, 60,965,224 parameters.

    Images of 227x227x3 unless given, at least 67x67. (The paper says 224, but its 55x55 maps
    follow from 227.) Source: "ImageNet classification with deep convolutional neural networks",
    2012.

    Args:
        groups: 2 as in the paper, where the second, fourth and fifth convolution see only the
            half of the maps that is on their own graphics card; 1 for whole convolutions, with
            62,378,344 parameters.

    Example:
        >>> AlexNet().count_params()
        60965224
        >>> AlexNet(groups=1).count_params()
        62378344
    """
    x = Conv2D(96, 11, strides=4, activation="relu", name="conv1")(frame.image)
    x = LocalResponseNormalization(name="norm1")(x)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    x = _conv(x, 256, 5, "conv2", groups)
    x = LocalResponseNormalization(name="norm2")(x)
    x = MaxPooling2D(3, strides=2, name="pool2")(x)
    x = _conv(x, 384, 3, "conv3")
    x = _conv(x, 384, 3, "conv4", groups)
    x = _conv(x, 256, 3, "conv5", groups)
    x = MaxPooling2D(3, strides=2, name="pool5")(x)

    def top(x: Any) -> Any:
        x = Flatten(name="flatten")(x)
        for i in (6, 7):
            x = Dense(4096, activation="relu", name=f"fc{i}")(x)
            x = Dropout(0.5, name=f"dropout{i}")(x)
        return frame.classifier(x)

    return frame.model(x, top)


def _conv(x: Any, filters: int, size: int, name: str, groups: int = 1) -> Any:
    return Conv2D(filters, size, padding="same", groups=groups, activation="relu", name=name)(x)
