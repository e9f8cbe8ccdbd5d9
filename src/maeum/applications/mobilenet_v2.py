"""MobileNet v2 (Sandler et al., 2018): blocks that expand, convolve, and reduce again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maeum.applications.blocks import eights, pads
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.applications.mobilenet import depthwise, published_side, scaled
from maeum.core.checks import check_choice
from maeum.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    ReLU,
    ZeroPadding2D,
)
from maeum.models import Model

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

# Filters, blocks and stride of the first block, by stage (the paper's table 2).
_STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))


def _published(arguments: Mapping[str, Any]) -> str:
    """Return where Keras has the weights for given arguments."""
    widths = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
    alpha = check_choice(arguments["alpha"], widths, "alpha for weights='imagenet'")
    side = published_side(arguments, (96, 128, 160, 192, 224))
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"
    return f"mobilenet_v2/{name}_{float(alpha)}_{side}{{_no_top}}.h5"


@network(
    None,
    published=_published,
    order="input_shape alpha include_top weights input_tensor pooling classes "
    "classifier_activation name",
)
def MobileNetV2(frame: Frame, alpha: float = 1.0) -> Model:
    """Make MobileNet v2 as Keras has it: 3,538,984 parameters.

    Images of 224x224x3 unless given, at least 32x32. The weights of ImageNet are there for
    images of 96, 128, 160, 192 and 224 rows and columns; those of 224 serve any other size.
    Source: "MobileNetV2: inverted residuals and linear bottlenecks", arXiv:1801.04381.

    Args:
        alpha: the factor of the width of every layer (weights of ImageNet: 0.35, 0.5, 0.75, 1,
            1.3 or 1.4); numbers of filters are rounded to multiples of 8.

    Example:
        >>> MobileNetV2(alpha=0.35, include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 1280)
    """
    scaled(16, alpha)  # checks it
    frame.name = frame.name or f"mobilenetv2_{alpha:0.2f}_{frame.image.shape[1]}"

    options: dict[str, Any] = {"padding": "same", "use_bias": False}
    x = Conv2D(eights(32 * alpha), 3, strides=2, name="Conv1", **options)(frame.image)
    x = ReLU(6.0, name="Conv1_relu")(_bn(x, "bn_Conv1"))
    block = 0
    for filters, depth, first_stride in _STAGES:
        for i in range(depth):
            strides = first_stride if i == 0 else 1
            x = _inverted_residual(x, eights(scaled(filters, alpha)), strides, block)
            block += 1
    # A narrow network still ends in 1,280 features, as the paper has it.
    x = Conv2D(eights(1280 * max(alpha, 1.0)), 1, use_bias=False, name="Conv_1")(x)
    x = _bn(x, "Conv_1_bn")
    return frame.model(ReLU(6.0, name="out_relu")(x))


def _bn(x: Any, name: str) -> Any:
    return BatchNormalization(epsilon=1e-3, momentum=0.999, name=name)(x)


def _inverted_residual(x: Any, filters: int, strides: int, block: int) -> Any:
    """Six times wider (but in the first block), depthwise, and narrow without an activation."""
    before, channels = x, x.shape[-1]
    prefix = f"block_{block}_" if block else "expanded_conv_"
    if block:
        x = Conv2D(6 * channels, 1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = _bn(x, f"{prefix}expand_BN")
        x = ReLU(6.0, name=f"{prefix}expand_relu")(x)
    if strides == 2:
        x = ZeroPadding2D(pads(x), name=f"{prefix}pad")(x)
    x = depthwise(x, strides, f"{prefix}depthwise")
    x = _bn(x, f"{prefix}depthwise_BN")
    x = ReLU(6.0, name=f"{prefix}depthwise_relu")(x)
    x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = _bn(x, f"{prefix}project_BN")
    if channels == filters and strides == 1:
        return Add(name=f"{prefix}add")([before, x])
    return x
