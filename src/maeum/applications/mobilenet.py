"""MobileNet (Howard et al., 2017): a depthwise and a pointwise convolution in place of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.core.checks import check_choice, is_number
from maeum.core.errors import ConfigError
from maeum.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    GlobalAveragePooling2D,
    ReLU,
    Reshape,
    ZeroPadding2D,
)
from maeum.layers.checks import whole_number
from maeum.models import Model

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]


def _published(arguments: Mapping[str, Any]) -> str:
    """Return where Keras has the weights for given arguments."""
    names = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}
    width = names[check_choice(arguments["alpha"], names, "alpha for weights='imagenet'")]
    multiplier = arguments["depth_multiplier"]
    check_choice(multiplier, (1,), "depth_multiplier for weights='imagenet'")
    side = published_side(arguments, (128, 160, 192, 224))
    return f"mobilenet/mobilenet_{width}_{side}_tf{{_no_top}}.h5"


@network(
    None,
    published=_published,
    order="input_shape alpha depth_multiplier dropout include_top weights input_tensor pooling "
    "classes classifier_activation name",
)
def MobileNet(
    frame: Frame, alpha: float = 1.0, depth_multiplier: int = 1, dropout: float = 1e-3
) -> Model:
    """Make MobileNet as Keras has it: 4,253,864 parameters.

    Images of 224x224x3 unless given, at least 32x32. The weights of ImageNet are there for
    images of 128, 160, 192 and 224 rows and columns; those of 224 serve any other size.
    Source: "MobileNets: efficient convolutional neural networks for mobile vision applications",
    arXiv:1704.04861.

    Args:
        alpha: the factor of the width of every layer (weights of ImageNet: 0.25, 0.5, 0.75 or 1).
        depth_multiplier: the depthwise outputs for each input channel (weights of ImageNet: 1).
        dropout: the fraction of features that is dropped before the classifier.

    Example:
        >>> MobileNet(alpha=0.25, include_top=False, input_shape=(32, 32, 3)).count_params()
        218544
    """
    multiplier = whole_number(depth_multiplier, "depth_multiplier of MobileNet", 1)
    first = scaled(32, alpha)
    frame.name = frame.name or f"mobilenet_{alpha:0.2f}_{frame.image.shape[1]}"

    x = Conv2D(first, 3, strides=2, padding="same", use_bias=False, name="conv1")(frame.image)
    x = _bn_relu6(x, "conv1")
    widths = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    for block, filters in enumerate(widths, 1):
        strides = 2 if block in (2, 4, 6, 12) else 1
        x = _block(x, scaled(filters, alpha), multiplier, strides, block)

    def top(x: Any) -> Any:
        x = GlobalAveragePooling2D(keepdims=True)(x)
        x = Dropout(dropout, name="dropout")(x)
        x = Conv2D(frame.classes, 1, padding="same", name="conv_preds")(x)
        x = Reshape((frame.classes,), name="reshape_2")(x)
        return Activation(frame.classifier_activation, name="predictions")(x)

    return frame.model(x, top)


def _bn_relu6(x: Any, name: str) -> Any:
    x = BatchNormalization(name=f"{name}_bn")(x)
    return ReLU(6.0, name=f"{name}_relu")(x)


def _block(x: Any, filters: int, multiplier: int, strides: int, number: int) -> Any:
    """Convolve each channel by itself, then mix the channels."""
    if strides > 1:
        x = ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
    x = depthwise(x, strides, f"conv_dw_{number}", multiplier)
    x = _bn_relu6(x, f"conv_dw_{number}")
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{number}")(x)
    return _bn_relu6(x, f"conv_pw_{number}")


def depthwise(x: Any, strides: int, name: str, multiplier: int = 1) -> Any:
    """Return a depthwise convolution of 3x3; what a stride needs was padded before."""
    padding = "same" if strides == 1 else "valid"
    return DepthwiseConv2D(3, strides, padding, multiplier, use_bias=False, name=name)(x)


def scaled(filters: int, alpha: float) -> int:
    """Return how many filters a layer has in a network that is ``alpha`` times as wide."""
    if not is_number(alpha) or not 1 <= filters * float(alpha) < math.inf:
        raise ConfigError("The width alpha is a number such as 0.25 or 1.0 that leaves every layer "
                          "a filter; got {alpha!r} for a layer of {filters}.", alpha=alpha,
                          filters=filters)  # fmt: skip
    return int(filters * float(alpha))


def published_side(arguments: Mapping[str, Any], sides: Sequence[int]) -> int:
    """Return the rows of the square images that Keras's weights for given arguments are made for.

    Those for 224 rows serve any size that is not among ``sides``.
    """
    shape, tensor = arguments["input_shape"], arguments["input_tensor"]
    sizes = shape if shape is not None else getattr(tensor, "shape", (None,))[1:]
    rows, columns = (*sizes, None, None)[:2]
    return rows if rows == columns and rows in sides else 224
