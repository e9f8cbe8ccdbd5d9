"""SqueezeNet (Iandola et al., 2016): AlexNet's accuracy with a fiftieth of its parameters."""

from __future__ import annotations

from typing import Any

from maeum.applications.frame import Frame, network
from maeum.applications.imagenet_utils import caffe_pixels as preprocess_input
from maeum.applications.imagenet_utils import decode_predictions
from maeum.core.checks import check_choice
from maeum.layers import (
    Activation,
    Concatenate,
    Conv2D,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from maeum.models import Model

__all__ = ["SqueezeNet", "decode_predictions", "preprocess_input"]

# The first convolution (filters and size) and the blocks before which the maps are halved.
_VERSIONS = {"1.0": (96, 7, (2, 5, 9)), "1.1": (64, 3, (2, 4, 6))}


@network("squeezenet", size=227, least=31)
def SqueezeNet(frame: Frame, version: str = "1.0") -> Model:
    """Make SqueezeNet: 1,248,424 parameters.

    Images of 227x227x3 unless given, at least 35x35 (version 1.1: 31x31). The classifier is a
    1x1 convolution with a ReLU, averaged over all places. Source: "SqueezeNet: AlexNet-level
    accuracy with 50x fewer parameters and <0.5MB model size", arXiv:1602.07360.

    Args:
        version: ``"1.0"`` as in the paper, or its authors' later ``"1.1"``, which halves the
            maps sooner and so computes 2.4 times less (1,235,496 parameters).

    Example:
        >>> SqueezeNet().count_params()
        1248424
        >>> SqueezeNet(version="1.1").count_params()
        1235496
    """
    filters, size, halvings = _VERSIONS[check_choice(version, _VERSIONS, "version")]
    # What remains has to be at least 3x3 before the third halving.
    frame.check_size(frame.image.shape[1:], 28 + size, fixed=False)
    x = Conv2D(filters, size, strides=2, activation="relu", name="conv1")(frame.image)
    for block, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64, 64), 2):
        if block in halvings:
            x = MaxPooling2D(3, strides=2, name=f"pool{block - 1}")(x)
        x = _fire(x, squeezed, 4 * squeezed, f"fire{block}")

    def top(x: Any) -> Any:
        x = Dropout(0.5, name="dropout")(x)
        x = Conv2D(frame.classes, 1, activation="relu", name="conv10")(x)
        x = GlobalAveragePooling2D(name="avg_pool")(x)
        return Activation(frame.classifier_activation, name="predictions")(x)

    return frame.model(x, top)


def _fire(x: Any, squeezed: int, expanded: int, name: str) -> Any:
    """Squeeze into few maps with 1x1 kernels, expand with 1x1 and 3x3 kernels side by side."""
    x = Conv2D(squeezed, 1, activation="relu", name=f"{name}_squeeze")(x)
    one = Conv2D(expanded, 1, activation="relu", name=f"{name}_expand1x1")(x)
    three = Conv2D(expanded, 3, padding="same", activation="relu", name=f"{name}_expand3x3")(x)
    return Concatenate(name=f"{name}_concat")([one, three])
