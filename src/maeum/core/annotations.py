"""Facts that travel beside an array: its mask, and the logits that it came from.

JAX arrays carry no attributes, so the facts stand in a table that forgets an array when the
array itself is gone. A step inside the compiled program writes and reads them while it is being
traced; nothing of it remains in the program.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

_table: dict[int, tuple[weakref.ref, dict[str, Any]]] = {}


def annotate(array: Any, **facts: Any) -> Any:
    """Attach facts to an array and return it; a fact that is None is not written."""
    facts = {name: value for name, value in facts.items() if value is not None}
    if not facts:
        return array
    key = id(array)
    known = _table.get(key)
    if known is not None and known[0]() is array:
        known[1].update(facts)
        return array
    _table[key] = (weakref.ref(array, functools.partial(_forget, key)), facts)
    return array


def _forget(key: int, _: Any) -> None:
    _table.pop(key, None)


def annotation(array: Any, name: str) -> Any:
    """Return the fact called ``name`` that was attached to this very array, or None."""
    known = _table.get(id(array))
    return known[1].get(name) if known is not None and known[0]() is array else None
