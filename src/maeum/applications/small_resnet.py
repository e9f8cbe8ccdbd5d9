"""A small residual network for small images, such as the digits of MNIST."""

from __future__ import annotations

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import decode_predictions
from maeum.applications.imagenet_utils import unit_pixels as preprocess_input
from maeum.applications.resnet import PLAIN, basic_block, conv_bn
from maeum.layers import Activation
from maeum.layers.checks import whole_number
from maeum.models import Model

__all__ = ["SmallResNet", "decode_predictions", "preprocess_input"]


@network("small_resnet", size=28, least=4, channels=1, classes=10)
def SmallResNet(frame: Frame, blocks: int = 5, filters: int = 16) -> Model:
    """Make the residual network for small images: 32 layers, 469,082 parameters.

    Images of 28x28x1 unless given, at least 4x4: one convolution, then three stages of
    ``blocks`` residual blocks with 16, 32 and 64 filters, each stage but the first halving rows
    and columns, then the mean of each map and the classifier. Source: "Deep residual learning
    for image recognition", arXiv:1512.03385, section 4.2 (6n + 2 layers for n blocks), with the
    1x1 shortcuts of option B.

    Args:
        blocks: how many blocks a stage has (3 make ResNet-20, 5 ResNet-32, 9 ResNet-56).
        filters: the filters of the first stage; the second has twice as many, the third four
            times.

    Example:
        >>> SmallResNet().count_params()
        469082
        >>> SmallResNet(blocks=3).count_params()
        273754
    """
    blocks = whole_number(blocks, "number of blocks of SmallResNet", 1)
    filters = whole_number(filters, "number of filters of SmallResNet", 1)
    x = conv_bn(frame.image, filters, 3, "conv1", padding="same", **PLAIN)
    x = Activation("relu", name="conv1_relu")(x)
    for stage in (0, 1, 2):
        for i in range(blocks):
            strides = 2 if stage > 0 and i == 0 else 1
            label = f"conv{stage + 2}_block{i + 1}"
            x = basic_block(x, filters * 2**stage, strides, i == 0, label)
    return frame.model(x)
