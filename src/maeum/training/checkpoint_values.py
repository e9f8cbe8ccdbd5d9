"""What callbacks know, as JSON and arrays, from which exactly the same values are made again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

_PLAIN = (type(None), bool, int, float, str)
_SEVERAL = {kind.__name__: kind for kind in (tuple, set, frozenset)}


def encoded(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return a value as JSON; copies of its arrays are added to ``arrays``, named in their place.

    Raises:
        TypeError: if it holds something else than numbers, texts, arrays and plain collections; the
            message is what that is.

    >>> encoded({"best": 0.5, 3: (1, 2)}, {})
    {'dict': [['best', 0.5], [3, {'tuple': [1, 2]}]]}
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return [encoded(part, arrays) for part in value]
    if kind is dict:
        pairs = value.items()
        return {"dict": [[encoded(key, arrays), encoded(part, arrays)] for key, part in pairs]}
    if kind.__name__ in _SEVERAL and kind is _SEVERAL[kind.__name__]:
        return {kind.__name__: [encoded(part, arrays) for part in value]}
    if kind is np.ndarray or isinstance(value, (np.generic, jax.Array)):
        array, name = np.array(value), f"callbacks/{len(arrays)}"
        if array.dtype.kind in "biuf" or array.dtype.name == "bfloat16":
            arrays[name] = array
            home = "numpy" if kind is np.ndarray else "jax"
            return {"scalar" if isinstance(value, np.generic) else home: name}
    raise TypeError(f"{value!r} ({kind.__name__})")


def decoded(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Return the value that `encoded` described."""
    if isinstance(value, list):
        return [decoded(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    if kind == "dict":
        return {decoded(key, arrays): decoded(part, arrays) for key, part in content}
    if kind in _SEVERAL:
        return _SEVERAL[kind](decoded(part, arrays) for part in content)
    if kind == "scalar":
        return arrays[content][()]
    return np.array(arrays[content]) if kind == "numpy" else jnp.array(arrays[content])
