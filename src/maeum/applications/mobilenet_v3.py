"""MobileNet v3 (Howard et al., 2019): found by a search, with weighted channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maeum.applications.blocks import eights, pads
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import raw_pixels as preprocess_input
from maeum.applications.mobilenet import scaled
from maeum.core.checks import check_choice
from maeum.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Multiply,
    ReLU,
    Rescaling,
    ZeroPadding2D,
)
from maeum.models import Model

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]

# Filters, expansion, kernel and stride of each block, whether it weights its channels, and whether
# it is smooth (hard swish in place of ReLU): the paper's tables 1 and 2.
_LARGE = (
    (16, 1, 3, 1, False, False),
    (24, 4, 3, 2, False, False),
    (24, 3, 3, 1, False, False),
    (40, 3, 5, 2, True, False),
    (40, 3, 5, 1, True, False),
    (40, 3, 5, 1, True, False),
    (80, 6, 3, 2, False, True),
    (80, 2.5, 3, 1, False, True),
    (80, 2.3, 3, 1, False, True),
    (80, 2.3, 3, 1, False, True),
    (112, 6, 3, 1, True, True),
    (112, 6, 3, 1, True, True),
    (160, 6, 5, 2, True, True),
    (160, 6, 5, 1, True, True),
    (160, 6, 5, 1, True, True),
)
_SMALL = (
    (16, 1, 3, 2, True, False),
    (24, 72 / 16, 3, 2, False, False),
    (24, 88 / 24, 3, 1, False, False),
    (40, 4, 5, 2, True, True),
    (40, 6, 5, 1, True, True),
    (40, 6, 5, 1, True, True),
    (48, 3, 5, 1, True, True),
    (48, 3, 5, 1, True, True),
    (96, 6, 5, 2, True, True),
    (96, 6, 5, 1, True, True),
    (96, 6, 5, 1, True, True),
)
_ORDER = (
    "input_shape alpha minimalistic include_top weights input_tensor classes pooling dropout_rate "
    "classifier_activation include_preprocessing name"
)


def _published(size: str) -> Callable[[Mapping[str, Any]], str]:
    """Return the function that tells where Keras has the weights for given arguments."""

    def address(arguments: Mapping[str, Any]) -> str:
        minimalistic, alpha = arguments["minimalistic"], arguments["alpha"]
        check_choice(alpha, (1.0,) if minimalistic else (0.75, 1.0), "alpha for weights='imagenet'")
        kind = f"{size}_minimalistic" if minimalistic else size
        return f"mobilenet_v3/weights_mobilenet_v3_{kind}_224_{float(alpha)}_float{{_no_top_v2}}.h5"

    return address


@network("MobileNetV3Small", size=None, published=_published("small"), order=_ORDER)
def MobileNetV3Small(
    frame: Frame,
    alpha: float = 1.0,
    minimalistic: bool = False,
    dropout_rate: float = 0.2,
    include_preprocessing: bool = True,
) -> Model:
    """Make the small MobileNet v3 as Keras has it: 2,554,968 parameters.

    Images of any size, at least 32x32, unless it is given. Source: "Searching for MobileNetV3",
    arXiv:1905.02244.

    Args:
        alpha: the factor of the width of every layer (weights of ImageNet: 0.75 or 1); numbers of
            filters are rounded to multiples of 8.
        minimalistic: without weighted channels, hard swish and kernels of 5x5: less accurate, and
            faster on some devices (weights of ImageNet: with alpha 1).
        dropout_rate: the fraction of features that is dropped before the classifier.
        include_preprocessing: whether the network itself scales pixels from 0 to 255, to -1 ... 1.

    Example:
        >>> MobileNetV3Small(include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 576)
    """
    blocks = _SMALL
    return _mobilenet(frame, blocks, 1024, alpha, minimalistic, dropout_rate, include_preprocessing)


@network("MobileNetV3Large", size=None, published=_published("large"), order=_ORDER)
def MobileNetV3Large(
    frame: Frame,
    alpha: float = 1.0,
    minimalistic: bool = False,
    dropout_rate: float = 0.2,
    include_preprocessing: bool = True,
) -> Model:
    """Make the large MobileNet v3: as `MobileNetV3Small` with more blocks, 5,507,432 parameters."""
    blocks = _LARGE
    return _mobilenet(frame, blocks, 1280, alpha, minimalistic, dropout_rate, include_preprocessing)


def _mobilenet(
    frame: Frame,
    blocks: Sequence[tuple[int, float, int, int, bool, bool]],
    features: int,
    alpha: float,
    minimalistic: bool,
    dropout_rate: float,
    include_preprocessing: bool,
) -> Model:
    """Make a network of ``blocks`` that ends in so many ``features``."""
    scaled(16, alpha)  # checks it
    x = frame.image
    if include_preprocessing:
        x = Rescaling(1 / 127.5, offset=-1.0)(x)
    smooth = not minimalistic
    x = Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _activation(_bn(x, "conv_bn"), smooth)
    for number, (filters, expansion, size, strides, weighted, hard) in enumerate(blocks):
        x = _block(
            x,
            eights(scaled(filters, alpha)),
            expansion,
            3 if minimalistic else size,
            strides,
            weighted and not minimalistic,
            hard and smooth,
            f"expanded_conv_{number}_" if number else "expanded_conv_",
        )
    x = _conv(x, eights(6 * x.shape[-1]), "conv_1", use_bias=False)
    x = _activation(_bn(x, "conv_1_bn"), smooth)

    def top(x: Any) -> Any:
        x = GlobalAveragePooling2D(keepdims=True)(x)
        x = _activation(
            _conv(x, eights(features * alpha) if alpha > 1 else features, "conv_2"), smooth
        )
        if dropout_rate > 0:
            x = Dropout(dropout_rate)(x)
        x = Flatten()(_conv(x, frame.classes, "logits"))
        return Activation(frame.classifier_activation, name="predictions")(x)

    return frame.model(x, top)


def _activation(x: Any, smooth: bool) -> Any:
    return Activation("hard_swish")(x) if smooth else ReLU()(x)


def _bn(x: Any, name: str) -> Any:
    return BatchNormalization(epsilon=1e-3, momentum=0.999, name=name)(x)


def _conv(x: Any, filters: int, name: str, **options: Any) -> Any:
    return Conv2D(filters, 1, padding="same", name=name, **options)(x)


def _block(
    x: Any,
    filters: int,
    expansion: float,
    size: int,
    strides: int,
    weighted: bool,
    smooth: bool,
    name: str,
) -> Any:
    """Expand (but in the first block), convolve each channel, and reduce; add the input if it fits.

    Args:
        weighted: whether the channels are weighted before they are reduced.
        smooth: whether the activations are.
        name: what the names of its layers begin with.
    """
    before, channels = x, x.shape[-1]
    wide = eights(channels * expansion)
    if name != "expanded_conv_":
        x = _conv(x, wide, f"{name}expand", use_bias=False)
        x = _activation(_bn(x, f"{name}expand_bn"), smooth)
    if strides == 2:
        x = ZeroPadding2D(pads(x, size), name=f"{name}depthwise_pad")(x)
    padding = "same" if strides == 1 else "valid"
    x = DepthwiseConv2D(size, strides, padding, use_bias=False, name=f"{name}depthwise")(x)
    x = _activation(_bn(x, f"{name}depthwise_bn"), smooth)
    if weighted:
        x = _squeeze_excite(x, eights(wide / 4), f"{name}squeeze_excite_")
    x = _bn(_conv(x, filters, f"{name}project", use_bias=False), f"{name}project_bn")
    if strides == 1 and channels == filters:
        x = Add(name=f"{name}add")([before, x])
    return x


def _squeeze_excite(x: Any, squeezed: int, name: str) -> Any:
    """Multiply each channel by a weight that depends on the means of all."""
    weights = GlobalAveragePooling2D(keepdims=True, name=f"{name}avg_pool")(x)
    weights = ReLU(name=f"{name}relu")(_conv(weights, squeezed, f"{name}conv"))
    weights = _conv(weights, x.shape[-1], f"{name}conv_1")
    weights = ReLU(6.0)(weights + 3.0) * (1 / 6)
    return Multiply(name=f"{name}mul")([x, weights])
