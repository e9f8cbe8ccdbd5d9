"""Hints for an array: how to compute something faster or more exactly from where it came from.

``"rectified"``, ``"biased"`` and ``"rows"`` save time (`maeum.ops.activations`, `maeum.ops.kernels.
rows`); ``"sigmoid_logits"`` and ``"softmax_logits"`` are the logits of probabilities, from which a
cross-entropy is exact where the probabilities have rounded to 0 or 1. Hints may be lost where a new
array is made: without them the results are the same, up to rounding. What results depend on is a
mask (`maeum.core.masks`).
"""

from __future__ import annotations

from typing import Any

from maeum.core.side_table import SideTable

_hints = SideTable()


def with_hints(array: Any, **hints: Any) -> Any:
    """Add hints to an array and return it; a hint that is None is not written."""
    hints = {name: hint for name, hint in hints.items() if hint is not None}
    if hints:
        _hints.set(array, {**(_hints.get(array) or {}), **hints})
    return array


def hint_of(array: Any, name: str) -> Any:
    """Return the hint called ``name`` of this very array, or None."""
    return (_hints.get(array) or {}).get(name)
