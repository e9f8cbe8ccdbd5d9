"""How many inputs and outputs the weights of a layer connect."""

from __future__ import annotations

import math
from collections.abc import Sequence


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Return how many inputs reach one output, and how many outputs one input reaches.

    A matrix has ``(inputs, outputs)``; a convolution's kernel ``(*window, inputs, outputs)``.

    >>> compute_fans((3, 3, 16, 32))
    (144, 288)
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if len(shape) < 2:
        return (math.prod(shape),) * 2
    *window, inputs, outputs = shape
    return math.prod(window) * inputs, math.prod(window) * outputs
