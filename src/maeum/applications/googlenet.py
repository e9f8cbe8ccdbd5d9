"""GoogLeNet (Szegedy et al., 2014), the first Inception network: kernels of all sizes at once."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.core.errors import ConfigError
from maeum.layers import (
    AveragePooling2D,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    LocalResponseNormalization,
    MaxPooling2D,
)
from maeum.models import Model

__all__ = ["GoogLeNet", "decode_predictions", "preprocess_input"]

# The columns of the paper's table 1 by block: 1x1, then 3x3 and 5x5 each after its 1x1, and the
# 1x1 after pooling.
_BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


@network("googlenet")
def GoogLeNet(frame: Frame, auxiliary: bool = False) -> Model:
    """Make GoogLeNet: 22 layers deep, 6,998,552 parameters.

    Images of 224x224x3 unless given, at least 32x32. As in the paper it has biases, local
    response normalization and 5x5 kernels (and no batch normalization, which is younger).
    Source: "Going deeper with convolutions", arXiv:1409.4842.

    Args:
        auxiliary: whether to add the two classifiers in the middle, which help the training
            (13,378,280 parameters). The model then has three outputs, the main one first; the
            paper weighs the losses 1, 0.3 and 0.3. Images are at least 65x65 then.

    Example:
        >>> GoogLeNet().count_params()
        6998552
        >>> GoogLeNet(auxiliary=True).output_names
        ['predictions', 'auxiliary1', 'auxiliary2']
    """
    if auxiliary and not frame.include_top:
        raise ConfigError("The auxiliary classifiers of GoogLeNet need include_top=True.")
    frame.check_size(frame.image.shape[1:], 65 if auxiliary else 32, fixed=auxiliary)
    x = _conv(frame.image, 64, 7, "conv1", strides=2)
    x = MaxPooling2D(3, strides=2, padding="same", name="pool1")(x)
    x = LocalResponseNormalization(name="norm1")(x)
    x = _conv(x, 64, 1, "conv2_reduce")
    x = _conv(x, 192, 3, "conv2")
    x = LocalResponseNormalization(name="norm2")(x)

    maps = {}
    for block, widths in _BLOCKS.items():
        if block.endswith("a"):
            x = MaxPooling2D(3, strides=2, padding="same", name=f"pool{int(block[0]) - 1}")(x)
        x = maps[block] = _inception(x, *widths, f"inception_{block}")

    def top(x: Any) -> Any:
        x = GlobalAveragePooling2D(name="avg_pool")(x)
        x = Dropout(0.4, name="dropout")(x)
        x = frame.classifier(x)
        if not auxiliary:
            return x
        first = _auxiliary(maps["4a"], frame, "auxiliary1")
        return [x, first, _auxiliary(maps["4d"], frame, "auxiliary2")]

    return frame.model(x, top)


def _conv(x: Any, filters: int, size: int, name: str, strides: int = 1) -> Any:
    return Conv2D(filters, size, strides=strides, padding="same", activation="relu", name=name)(x)


def _inception(
    x: Any, one: int, before3: int, three: int, before5: int, five: int, pooled: int, name: str
) -> Any:
    """Apply 1x1, 3x3 and 5x5 convolutions and a maximum pooling side by side."""
    branch1 = _conv(x, one, 1, f"{name}_1x1")
    branch3 = _conv(x, before3, 1, f"{name}_3x3_reduce")
    branch3 = _conv(branch3, three, 3, f"{name}_3x3")
    branch5 = _conv(x, before5, 1, f"{name}_5x5_reduce")
    branch5 = _conv(branch5, five, 5, f"{name}_5x5")
    branch_pool = MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    branch_pool = _conv(branch_pool, pooled, 1, f"{name}_pool_proj")
    return Concatenate(name=f"{name}_concat")([branch1, branch3, branch5, branch_pool])


def _auxiliary(x: Any, frame: Frame, name: str) -> Any:
    """Classify from maps in the middle of the network."""
    x = AveragePooling2D(5, strides=3, name=f"{name}_pool")(x)
    x = _conv(x, 128, 1, f"{name}_conv")
    x = Flatten(name=f"{name}_flatten")(x)
    x = Dense(1024, activation="relu", name=f"{name}_dense")(x)
    x = Dropout(0.7, name=f"{name}_dropout")(x)
    return Dense(frame.classes, activation=frame.classifier_activation, name=name)(x)
