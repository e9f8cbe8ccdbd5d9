"""The forms of a batch: ``x``, ``(x, y)`` or ``(x, y, sample_weight)``."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from maeum.core.errors import DataError


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return what a ``train_step`` gets: ``x``, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return (x,) if isinstance(x, (tuple, list)) else x


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` from a batch that may lack the last ones."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError("A batch is x, (x, y) or (x, y, sample_weight); got a tuple of {count}.",
                        count=len(data))  # fmt: skip
    return (*data, None, None)[:3]  # type: ignore[return-value]


@functools.cache
def takes(function: Any, argument: str) -> bool:
    """Tell whether a function may be given an argument by this name."""
    parameters = inspect.signature(function).parameters.values()
    return any(p.name == argument or p.kind is p.VAR_KEYWORD for p in parameters)
