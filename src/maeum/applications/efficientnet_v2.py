"""EfficientNet v2 (Tan & Le, 2021): smaller and faster to train than its first version."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from maeum.applications.efficientnet import (
    bn,
    conv,
    drop_rates,
    end,
    inverted_residual,
    shortcut,
)
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import raw_pixels as preprocess_input
from maeum.layers import Normalization, Rescaling
from maeum.models import Model
from maeum.ops.pixels import RGB_DEVIATIONS, RGB_MEANS

__all__ = [
    *(f"EfficientNetV2{name}" for name in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    "decode_predictions",
    "preprocess_input",
]

# Blocks, filters, expansion and stride of the first block, by stage; the first three stages have
# one convolution in place of an expanding and a depthwise one (the paper's table 4).
_FUSED = 3
_B = (
    (1, 16, 1, 1),
    (2, 32, 4, 2),
    (2, 48, 4, 2),
    (3, 96, 4, 2),
    (5, 112, 6, 1),
    (8, 192, 6, 2),
)
_S = (
    (2, 24, 1, 1),
    (4, 48, 4, 2),
    (4, 64, 4, 2),
    (6, 128, 4, 2),
    (9, 160, 6, 1),
    (15, 256, 6, 2),
)
_M = (
    (3, 24, 1, 1),
    (5, 48, 4, 2),
    (5, 80, 4, 2),
    (7, 160, 4, 2),
    (14, 176, 6, 1),
    (18, 304, 6, 2),
    (5, 512, 6, 1),
)
_L = (
    (4, 32, 1, 1),
    (7, 64, 4, 2),
    (7, 96, 4, 2),
    (10, 192, 4, 2),
    (19, 224, 6, 1),
    (25, 384, 6, 2),
    (7, 640, 6, 1),
)
_MOMENTUM = 0.9
_FILE = "efficientnet_v2/{name}{_notop}.h5"
_ORDER = (
    "include_top weights input_tensor input_shape pooling classes classifier_activation "
    "include_preprocessing name"
)


@network("efficientnetv2-b0", size=224, published=_FILE, order=_ORDER)
def EfficientNetV2B0(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-B0 as Keras has it: 7,200,312 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "EfficientNetV2: smaller models and
    faster training", arXiv:2104.00298.

    Args:
        include_preprocessing: whether the network itself scales pixels from 0 to 255.

    Example:
        >>> EfficientNetV2B0(include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 1280)
    """
    return _efficientnet(frame, _B, include_preprocessing)


@network("efficientnetv2-b1", size=240, published=_FILE, order=_ORDER)
def EfficientNetV2B1(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-B1: as `EfficientNetV2B0`, for 240x240 pixels, 8,212,124 parameters."""
    return _efficientnet(frame, _B, include_preprocessing, 1.0, 1.1)


@network("efficientnetv2-b2", size=260, published=_FILE, order=_ORDER)
def EfficientNetV2B2(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-B2: as `EfficientNetV2B0`, for 260x260 pixels, 10,178,374 parameters."""
    return _efficientnet(frame, _B, include_preprocessing, 1.1, 1.2)


@network("efficientnetv2-b3", size=300, published=_FILE, order=_ORDER)
def EfficientNetV2B3(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-B3: as `EfficientNetV2B0`, for 300x300 pixels, 14,467,622 parameters."""
    return _efficientnet(frame, _B, include_preprocessing, 1.2, 1.4)


@network("efficientnetv2-s", size=384, published=_FILE, order=_ORDER)
def EfficientNetV2S(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-S: as `EfficientNetV2B0`, for 384x384 pixels, 21,612,360 parameters."""
    return _efficientnet(frame, _S, include_preprocessing)


@network("efficientnetv2-m", size=480, published=_FILE, order=_ORDER)
def EfficientNetV2M(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-M: as `EfficientNetV2B0`, for 480x480 pixels, 54,431,388 parameters."""
    return _efficientnet(frame, _M, include_preprocessing)


@network("efficientnetv2-l", size=480, published=_FILE, order=_ORDER)
def EfficientNetV2L(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make EfficientNet-v2-L: as `EfficientNetV2B0`, for 480x480 pixels, 119,027,848 parameters."""
    return _efficientnet(frame, _L, include_preprocessing)


def _efficientnet(
    frame: Frame,
    stages: Sequence[tuple[int, int, int, int]],
    include_preprocessing: bool,
    width: float = 1.0,
    depth: float = 1.0,
) -> Model:
    """Make a network of ``stages``, ``width`` times as wide and ``depth`` times as deep."""
    x = _scaled_pixels(frame.image, stages is _B) if include_preprocessing else frame.image
    first = 32 if stages is _B else stages[0][1]
    x = conv(x, _eights(first * width), 3, "stem_conv", strides=2)
    x = bn(x, "stem_bn", "stem_activation", _MOMENTUM)
    rates = drop_rates(sum(stage[0] for stage in stages))
    for stage, (blocks, filters, expansion, first_strides) in enumerate(stages, 1):
        for i in range(math.ceil(blocks * depth)):
            name = f"block{stage}{chr(97 + i)}_"
            strides = first_strides if i == 0 else 1
            block = (_eights(filters * width), 3, strides, expansion, name, next(rates))
            fused = stage <= _FUSED
            x = _fused_residual(x, *block) if fused else inverted_residual(x, *block, version=2)
    return end(frame, x, _eights(1280 * width), 0.2, _MOMENTUM)


def _scaled_pixels(x: Any, standardized: bool) -> Any:
    """Scale pixels as the networks B do, if there are three channels, or to -1 ... 1."""
    if not standardized or x.shape[-1] != 3:
        return Rescaling(1 / 128, offset=-1)(x)
    variances = [deviation**2 for deviation in RGB_DEVIATIONS]
    return Normalization(mean=RGB_MEANS, variance=variances)(Rescaling(1 / 255)(x))


def _fused_residual(
    x: Any, filters: int, size: int, strides: int, expansion: int, name: str, drop_rate: float
) -> Any:
    """Expand by a whole convolution, and reduce; without an expansion it is the only one."""
    before, activation = x, None
    if expansion == 1:
        activation = f"{name}project_activation"
        x = conv(x, filters, size, f"{name}project_conv", strides=strides)
    else:
        x = conv(x, expansion * x.shape[-1], size, f"{name}expand_conv", strides=strides)
        x = bn(x, f"{name}expand_bn", f"{name}expand_activation", _MOMENTUM)
        x = conv(x, filters, 1, f"{name}project_conv")
    x = bn(x, f"{name}project_bn", activation, _MOMENTUM)
    return shortcut(x, before, strides, drop_rate, name)


def _eights(filters: float) -> int:
    """Return the multiple of 8 nearest to ``filters``, but at least 8."""
    return max(8, int(filters + 4) // 8 * 8)
