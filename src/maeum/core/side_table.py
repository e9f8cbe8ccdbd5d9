"""What is known of an array besides its values, because JAX's arrays carry no attributes."""

from __future__ import annotations

import functools
import weakref
from typing import Any


class SideTable:
    """A table from an array to one thing, which forgets an array when the array itself is gone.

    A step inside the compiled program writes and reads it while it is being traced; nothing of it
    remains in the program.
    """

    def __init__(self) -> None:
        self._table: dict[int, tuple[weakref.ref, Any]] = {}

    def __len__(self) -> int:
        return len(self._table)

    def get(self, array: Any) -> Any:
        """Return what is kept for this very array, or None."""
        known = self._table.get(id(array))
        return known[1] if known is not None and known[0]() is array else None

    def set(self, array: Any, thing: Any) -> None:
        """Keep a thing for an array, in the place of what was kept before."""
        key = id(array)
        self._table[key] = (weakref.ref(array, functools.partial(self._forget, key)), thing)

    def _forget(self, key: int, reference: Any) -> None:
        self._table.pop(key, None)
