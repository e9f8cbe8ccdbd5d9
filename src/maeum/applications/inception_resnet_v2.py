"""Inception-ResNet v2 (Szegedy et al., 2016): Inception blocks that are added to their input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.applications.inception_v3 import conv, pool_conv, stem
from maeum.layers import Activation, Concatenate, Conv2D, CustomScaleLayer, MaxPooling2D
from maeum.models import Model

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]

# The branches of a block: filters and kernel of each convolution, and a stride of 2 where the
# block halves the images.
_Table = Sequence[Sequence[tuple]]
_FIRST: _Table = [[(96, 1)], [(48, 1), (64, 5)], [(64, 1), (96, 3), (96, 3)]]
_BLOCKS: dict[str, _Table] = {
    "block35": [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]],
    "block17": [[(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))]],
    "block8": [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]],
}
_HALVING: dict[str, _Table] = {
    "mixed_6a": [[(384, 3, 2)], [(256, 1), (256, 3), (384, 3, 2)]],
    "mixed_7a": [
        [(256, 1), (384, 3, 2)],
        [(256, 1), (288, 3, 2)],
        [(256, 1), (288, 3), (320, 3, 2)],
    ],
}


@network("inception_resnet_v2", size=299, least=75, published="inception_resnet_v2")
def InceptionResNetV2(frame: Frame) -> Model:
    """Make Inception-ResNet-v2 as Keras has it: 40 residual blocks, 55,873,736 parameters.

    Images of 299x299x3 unless given, at least 75x75. Source: "Inception-v4, Inception-ResNet and
    the impact of residual connections on learning", arXiv:1602.07261.

    Example:
        >>> InceptionResNetV2(include_top=False, input_shape=(75, 75, 3)).output_shape
        (None, 1, 1, 1536)
    """
    x = stem(frame.image)
    x = Concatenate(name="mixed_5b")([*_branches(x, _FIRST), pool_conv(x, 64)])
    x = _residuals(x, "block35", 10, 0.17)
    x = _halve(x, "mixed_6a")
    x = _residuals(x, "block17", 20, 0.1)
    x = _halve(x, "mixed_7a")
    x = _residuals(x, "block8", 9, 0.2)
    x = _residual(x, "block8", 10, 1.0)
    return frame.model(conv(x, 1536, 1, name="conv_7b"))


def _branches(x: Any, table: _Table) -> list[Any]:
    """Return the ends of the branches that ``table`` lists."""
    ends = []
    for branch in table:
        end = x
        for filters, size, *strides in branch:
            halving = {"strides": strides[0], "padding": "valid"} if strides else {}
            end = conv(end, filters, size, **halving)
        ends.append(end)
    return ends


def _halve(x: Any, name: str) -> Any:
    """Convolutions and pooling of stride 2 side by side."""
    branches = _branches(x, _HALVING[name])
    return Concatenate(name=name)([*branches, MaxPooling2D(3, strides=2)(x)])


def _residuals(x: Any, kind: str, count: int, scale: float) -> Any:
    for number in range(1, count + 1):
        x = _residual(x, kind, number, scale)
        x = Activation("relu", name=f"{kind}_{number}_ac")(x)
    return x


def _residual(x: Any, kind: str, number: int, scale: float) -> Any:
    """Add ``scale`` times what the branches give."""
    name = f"{kind}_{number}"
    mixed = Concatenate(name=f"{name}_mixed")(_branches(x, _BLOCKS[kind]))
    mixed = Conv2D(x.shape[-1], 1, padding="same", name=f"{name}_conv")(mixed)
    return CustomScaleLayer(scale)([x, mixed])
