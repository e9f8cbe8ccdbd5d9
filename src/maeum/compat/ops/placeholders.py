"""Placeholders: tensors whose values a run is given."""

from __future__ import annotations

from typing import Any

from maeum.compat.graph.graph import Tensor, get_default_graph
from maeum.compat.graph.kinds import Kind, Source
from maeum.compat.graph.modes import needs_graph
from maeum.compat.graph.types import TensorShape
from maeum.compat.ops.convert import convert_to_tensor

__all__ = ["placeholder", "placeholder_with_default"]

PLACEHOLDER = Source("Placeholder")
DEFAULT = Kind("PlaceholderWithDefault", lambda value: value, constant=False)


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """Return a tensor that has to be fed.

    Args:
        dtype: its dtype.
        shape: its shape, with None for a size that may be any; None where nothing is known.
        name: its name.
    """
    needs_graph("tf.placeholder")
    output = Tensor(TensorShape(shape), dtype)
    return get_default_graph().add(PLACEHOLDER, (), {}, [output], name or "Placeholder").outputs[0]


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """Return a tensor that may be fed, and otherwise has a value."""
    needs_graph("tf.placeholder_with_default")
    value = convert_to_tensor(input)
    output = Tensor(TensorShape(shape), value.dtype)
    name = name or "PlaceholderWithDefault"
    return get_default_graph().add(DEFAULT, (value,), {}, [output], name).outputs[0]
