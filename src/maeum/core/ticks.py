"""Round numbers for the axes of charts."""

from __future__ import annotations

import math


def nice_step(span: float, most: int, whole: bool = False) -> float:
    """Return the least of 1, 2, 2.5, 5, 10 ... that goes at most ``most`` times into a span.

    >>> nice_step(1.0, 5), nice_step(11, 5, whole=True), nice_step(3, 10, whole=True)
    (0.2, 5.0, 1.0)
    """
    size = 10.0 ** math.floor(math.log10(span / most))
    if whole and size < 1:
        return 1.0
    steps = (1.0, 2.0, 5.0, 10.0) if whole else (1.0, 2.0, 2.5, 5.0, 10.0)
    found = next(m * size for m in steps if m * size * most >= span * (1 - 1e-9))
    return float(round(found)) if whole and size >= 1 else found
