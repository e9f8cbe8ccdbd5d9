"""NASNet-A (Zoph et al., 2017): two kinds of cells that a search has found, stacked."""

from __future__ import annotations

from typing import Any

from maeum.applications.blocks import pads
from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import tf_pixels as preprocess_input
from maeum.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Cropping2D,
    GlobalAveragePooling2D,
    MaxPooling2D,
    SeparableConv2D,
    ZeroPadding2D,
)
from maeum.models import Model
from maeum.ops.pixels import pad_to_halve

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]

_ORDER = "input_shape include_top weights input_tensor pooling classes classifier_activation name"


@network(
    "nasnet_mobile",
    sized=True,
    published="nasnet/NASNet-mobile{-no-top}.h5",
    saved="nasnet_mobile{_no_top}.h5",
    order=_ORDER,
)
def NASNetMobile(frame: Frame) -> Model:
    """Make NASNet-A (4 @ 1056) as Keras has it: 5,326,716 parameters.

    Images of 224x224x3 unless given, at least 32x32. Source: "Learning transferable architectures
    for scalable image recognition", arXiv:1707.07012.

    Example:
        >>> NASNetMobile(include_top=False).output_shape
        (None, 7, 7, 1056)
    """
    return _nasnet(frame, 4, 32, 44, skips=False)


@network(
    "nasnet_large",
    size=331,
    published="nasnet/NASNet-large{-no-top}.h5",
    saved="nasnet_large{_no_top}.h5",
    order=_ORDER,
)
def NASNetLarge(frame: Frame) -> Model:
    """Make NASNet-A (6 @ 4032): as `NASNetMobile`, for 331x331 pixels, 88,949,818 parameters."""
    return _nasnet(frame, 6, 96, 168, skips=True)


def _nasnet(frame: Frame, blocks: int, stem: int, filters: int, skips: bool) -> Model:
    """Make a network of three times so many ``blocks``, with ``filters`` at first.

    Args:
        stem: the filters of the first convolution.
        skips: whether the cell after a reduction sees what came two cells before that, rather than
            its input.
    """
    x = Conv2D(
        stem, 3, strides=2, use_bias=False, kernel_initializer="he_normal", name="stem_conv1"
    )(frame.image)
    x = _bn(x, "stem_bn1")
    x, before = _reduction_cell(x, None, filters // 4, "stem_1", False), x
    x, before = _reduction_cell(x, before, filters // 2, "stem_2", True), x
    for part in range(3):
        reduced = True
        if part > 0:
            name = f"reduce_{part * blocks}"
            after = _reduction_cell(x, before, filters * 2**part, name, False)
            x, before = after, before if skips else x
        for i in range(blocks):
            number = part * blocks + i + (part > 0)
            x, before = _normal_cell(x, before, filters * 2**part, str(number), reduced), x
            reduced = False
    x = Activation("relu")(x)

    def top(x: Any) -> Any:
        return frame.classifier(GlobalAveragePooling2D()(x))

    return frame.model(x, top)


def _bn(x: Any, name: str) -> Any:
    return BatchNormalization(momentum=0.9997, epsilon=1e-3, name=name)(x)


def _conv(x: Any, filters: int, name: str) -> Any:
    options: dict[str, Any] = {
        "padding": "same",
        "use_bias": False,
        "kernel_initializer": "he_normal",
    }
    return Conv2D(filters, 1, name=name, **options)(x)


def _separable(x: Any, filters: int, size: int, name: str, strides: int = 1) -> Any:
    """Twice an activation, a separable convolution and a normalization; the first has strides."""
    x = Activation("relu")(x)
    padding = "same"
    if strides == 2:
        x = _padded(x, size, f"separable_conv_1_pad_{name}")
        padding = "valid"
    options: dict[str, Any] = {"use_bias": False, "name": f"separable_conv_1_{name}"}
    x = SeparableConv2D(filters, size, strides=strides, padding=padding, **options)(x)
    x = Activation("relu")(_bn(x, f"separable_conv_1_bn_{name}"))
    options["name"] = f"separable_conv_2_{name}"
    x = SeparableConv2D(filters, size, padding="same", **options)(x)
    return _bn(x, f"separable_conv_2_bn_{name}")


def _padded(x: Any, size: int, name: str) -> Any:
    """Pad images for a window and stride 2, so that the branches of a cell have one size."""
    if None in x.shape[1:3]:
        return pad_to_halve(x, size)
    return ZeroPadding2D(pads(x, size), name=name)(x)


def _adjusted(before: Any, x: Any, filters: int, name: str, reduced: bool) -> Any:
    """Give the output of the cell before last the size and the ``filters`` of this cell.

    Args:
        before: that output; None where there is no such cell, and the input takes its place.
        reduced: whether the last cell has halved the images; counts where sizes are unknown.
    """
    if before is None:
        return x
    sizes, wanted = before.shape[1:3], x.shape[1:3]
    if reduced if None in (*sizes, *wanted) else sizes != wanted:
        before = Activation("relu", name=f"adjust_relu_1_{name}")(before)
        # Every other position, from the first one and from the second one.
        shifted = ZeroPadding2D(((0, 1), (0, 1)))(before)
        shifted = Cropping2D(((1, 0), (1, 0)))(shifted)
        halves = []
        for i, half in enumerate((before, shifted), 1):
            half = AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{i}_{name}")(half)
            halves.append(_conv(half, filters // 2, f"adjust_conv_{i}_{name}"))
        return _bn(Concatenate()(halves), f"adjust_bn_{name}")
    if before.shape[-1] != filters:
        before = _conv(Activation("relu")(before), filters, f"adjust_conv_projection_{name}")
        return _bn(before, f"adjust_bn_{name}")
    return before


def _normal_cell(x: Any, before: Any, filters: int, name: str, reduced: bool) -> Any:
    """The left cell of the paper's figure 4: sums of five pairs, and the adjusted input."""
    p = _adjusted(before, x, filters, name, reduced)
    h = _conv(Activation("relu")(x), filters, f"normal_conv_1_{name}")
    h = _bn(h, f"normal_bn_1_{name}")

    def mean(x: Any, side: str) -> Any:
        return AveragePooling2D(3, strides=1, padding="same", name=f"normal_{side}_{name}")(x)

    def separable(x: Any, size: int, side: str) -> Any:
        return _separable(x, filters, size, f"normal_{side}_{name}")

    pairs = (
        lambda: (separable(h, 5, "left1"), separable(p, 3, "right1")),
        lambda: (separable(p, 5, "left2"), separable(p, 3, "right2")),
        lambda: (mean(h, "left3"), p),
        lambda: (mean(p, "left4"), mean(p, "right4")),
        lambda: (separable(h, 3, "left5"), h),
    )
    sums = [Add(name=f"normal_add_{i}_{name}")([*pair()]) for i, pair in enumerate(pairs, 1)]
    return Concatenate(name=f"normal_concat_{name}")([p, *sums])


def _reduction_cell(x: Any, before: Any, filters: int, name: str, reduced: bool) -> Any:
    """The right cell of the paper's figure 4: sums of pairs with a stride of 2."""
    p = _adjusted(before, x, filters, name, reduced)
    h = _conv(Activation("relu")(x), filters, f"reduction_conv_1_{name}")
    h = _bn(h, f"reduction_bn_1_{name}")
    padded = _padded(h, 3, f"reduction_pad_1_{name}")

    def halved(x: Any, size: int, side: str) -> Any:
        return _separable(x, filters, size, f"reduction_{side}_{name}", strides=2)

    def pooled(pooling: Any, side: str) -> Any:
        return pooling(3, strides=2, name=f"reduction_{side}_{name}")(padded)

    def add(a: Any, b: Any, number: str) -> Any:
        return Add(name=f"reduction_add{number}_{name}")([a, b])

    x1 = add(halved(h, 5, "left1"), halved(p, 7, "right1"), "_1")
    x2 = add(pooled(MaxPooling2D, "left2"), halved(p, 7, "right2"), "_2")
    x3 = add(pooled(AveragePooling2D, "left3"), halved(p, 5, "right3"), "3")
    mean = AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{name}")(x1)
    x4 = Add()([x2, mean])
    x5 = _separable(x1, filters, 3, f"reduction_left4_{name}")
    x5 = add(x5, pooled(MaxPooling2D, "right5"), "4")
    return Concatenate(name=f"reduction_concat_{name}")([x2, x3, x4, x5])
