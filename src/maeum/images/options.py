"""Sizes and channels of images."""

from __future__ import annotations

import numbers
from typing import Any

from maeum.core.errors import ConfigError

CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


def check_size(size: Any, what: str = "size") -> tuple[int, int]:
    """Return ``(height, width)`` of a pair of whole numbers, or of one for a square.

    >>> check_size(64), check_size((32, 48))
    ((64, 64), (32, 48))
    """
    pair = (size, size) if isinstance(size, numbers.Integral) else size
    try:
        height, width = (int(n) for n in pair if not isinstance(n, bool) and n == int(n))
        if min(height, width) < 1:
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigError("{what} is (height, width) in pixels, such as (64, 64), or one number "
                          "for a square; got {size!r}.", what=what,
                          size=size) from None  # fmt: skip
    return height, width
