"""What a symbolic tensor depends on."""

from __future__ import annotations

from typing import Any

from maeum.core.graph import SymbolicTensor


def get_source_inputs(tensor: Any) -> Any:
    """Return the symbolic inputs that a symbolic tensor is computed from, each once, in order.

    Args:
        tensor: a symbolic tensor; anything else is returned as it is.

    Example:
        >>> import maeum as mm
        >>> a, b = mm.Input((2,), name="a"), mm.Input((2,), name="b")
        >>> [source.name for source in get_source_inputs(a * b + a)]
        ['a', 'b']
    """
    if not isinstance(tensor, SymbolicTensor):
        return tensor
    found: dict[int, SymbolicTensor] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if one.node is None or not one.node.inputs:
            found[id(one)] = one
        else:
            waiting.extend(reversed(one.node.inputs))
    return list(found.values())
