"""ConvNeXt (Liu et al., 2022): a convolutional network after the pattern of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import raw_pixels as preprocess_input
from maeum.layers import (
    Activation,
    Conv2D,
    Dense,
    GlobalAveragePooling2D,
    LayerNormalization,
    LayerScale,
    Normalization,
)
from maeum.models import Model, Sequential
from maeum.ops.pixels import RGB_DEVIATIONS, RGB_MEANS

__all__ = [
    *(f"ConvNeXt{name}" for name in ("Tiny", "Small", "Base", "Large", "XLarge")),
    "decode_predictions",
    "preprocess_input",
]

_FILE = "convnext/{name}{_notop}.h5"
_ORDER = (
    "include_top include_preprocessing weights input_tensor input_shape pooling classes "
    "classifier_activation name"
)


@network("convnext_tiny", published=_FILE, order=_ORDER)
def ConvNeXtTiny(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make ConvNeXt-T as Keras has it: 28,589,128 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "A ConvNet for the 2020s",
    arXiv:2201.03545.

    Args:
        include_preprocessing: whether the network itself scales pixels from 0 to 255, if there are
            three channels.

    Example:
        >>> ConvNeXtTiny(include_top=False, input_shape=(32, 32, 3)).output_shape
        (None, 1, 1, 768)
    """
    return _convnext(frame, include_preprocessing, (3, 3, 9, 3), 96)


@network("convnext_small", published=_FILE, order=_ORDER)
def ConvNeXtSmall(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make ConvNeXt-S: as `ConvNeXtTiny` with more blocks, 50,223,688 parameters."""
    return _convnext(frame, include_preprocessing, (3, 3, 27, 3), 96)


@network("convnext_base", published=_FILE, order=_ORDER)
def ConvNeXtBase(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make ConvNeXt-B: as `ConvNeXtSmall`, wider, 88,591,464 parameters."""
    return _convnext(frame, include_preprocessing, (3, 3, 27, 3), 128)


@network("convnext_large", published=_FILE, order=_ORDER)
def ConvNeXtLarge(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make ConvNeXt-L: as `ConvNeXtBase`, wider, 197,767,336 parameters."""
    return _convnext(frame, include_preprocessing, (3, 3, 27, 3), 192)


@network("convnext_xlarge", published=_FILE, order=_ORDER)
def ConvNeXtXLarge(frame: Frame, include_preprocessing: bool = True) -> Model:
    """Make ConvNeXt-XL: as `ConvNeXtLarge`, wider, 350,196,968 parameters."""
    return _convnext(frame, include_preprocessing, (3, 3, 27, 3), 256)


def _convnext(frame: Frame, preprocessing: bool, depths: Sequence[int], width: int) -> Model:
    """Make a network of four stages with ``depths`` blocks, each twice as wide as the last."""
    name, x = frame.name or "convnext", frame.image
    if preprocessing and x.shape[-1] == 3:
        x = Normalization(
            mean=[255 * mean for mean in RGB_MEANS],
            variance=[(255 * deviation) ** 2 for deviation in RGB_DEVIATIONS],
            name=f"{name}_prestem_normalization",
        )(x)
    for stage, depth in enumerate(depths):
        filters = width * 2**stage
        x = _reduction(stage, filters, name)(x)
        for block in range(depth):
            x = _block(x, filters, f"{name}_stage_{stage}_block_{block}")

    def top(x: Any) -> Any:
        x = GlobalAveragePooling2D(name=f"{name}_head_gap")(x)
        return frame.classifier(_normalization(f"{name}_head_layernorm")(x), f"{name}_head_dense")

    return frame.model(x, top, _normalization())


def _normalization(name: str | None = None) -> LayerNormalization:
    return LayerNormalization(epsilon=1e-6, name=name)


def _reduction(stage: int, filters: int, name: str) -> Sequential:
    """Return what comes before a stage: patches of 4x4 pixels at first, of 2x2 positions later."""
    if stage == 0:
        patches = Conv2D(filters, 4, strides=4, name=f"{name}_stem_conv")
        layers = [patches, _normalization(f"{name}_stem_layernorm")]
        return Sequential(layers, name=f"{name}_stem")
    prefix, number = f"{name}_downsampling", stage - 1
    patches = Conv2D(filters, 2, strides=2, name=f"{prefix}_conv_{number}")
    normalization = _normalization(f"{prefix}_layernorm_{number}")
    return Sequential([normalization, patches], name=f"{prefix}_block_{number}")


def _block(before: Any, filters: int, name: str) -> Any:
    """Convolve each channel, then mix the channels by two dense layers; add the input."""
    x = Conv2D(filters, 7, padding="same", groups=filters, name=f"{name}_depthwise_conv")(before)
    x = _normalization(f"{name}_layernorm")(x)
    x = Dense(4 * filters, name=f"{name}_pointwise_conv_1")(x)
    x = Activation("gelu", name=f"{name}_gelu")(x)
    x = Dense(filters, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(1e-6, filters, name=f"{name}_layer_scale")(x)
    return before + Activation("linear", name=f"{name}_identity")(x)
