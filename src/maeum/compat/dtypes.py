"""``tf.float32`` and the other dtypes."""

from __future__ import annotations

from typing import Any

from maeum.compat.graph.types import DTYPES


def __getattr__(name: str) -> Any:
    if name not in DTYPES:
        raise AttributeError(name)
    return DTYPES[name]
