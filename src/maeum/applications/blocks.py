"""What several networks are made of."""

from __future__ import annotations

from typing import Any

from maeum.layers import Activation, BatchNormalization
from maeum.ops.pixels import paddings


def eights(filters: float) -> int:
    """Return the multiple of 8 nearest to ``filters``, but at least 8 and no tenth less.

    Example:
        >>> eights(20), eights(11), eights(1)
        (24, 16, 8)
    """
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


def pads(x: Any, size: int = 3) -> tuple[tuple[int, int], ...]:
    """Return the padding of images ``x`` for a window of an odd ``size`` and stride 2."""
    return paddings(x.shape[1:3], size)


def bn_relu(x: Any, prefix: str) -> Any:
    """Normalize and activate, by layers whose names begin with ``prefix``."""
    x = BatchNormalization(epsilon=1.001e-5, name=f"{prefix}bn")(x)
    return Activation("relu", name=f"{prefix}relu")(x)
