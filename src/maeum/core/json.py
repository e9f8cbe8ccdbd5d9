"""Plain data as bytes of JSON, whatever names and numbers are in them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def to_bytes(value: Any) -> bytes:
    """Return plain data as readable JSON in UTF-8.

    A name that is not UTF-8 (a file's may hold any bytes) is kept by JSON's own escapes; a number
    that JSON does not have, such as NaN, becomes null.

    >>> to_bytes({"file": "caf\\udce9", "loss": math.nan})
    b'{\\n "file": "caf\\\\udce9",\\n "loss": null\\n}'
    """
    text = json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def from_bytes(data: bytes) -> Any:
    """Return what `to_bytes` wrote.

    Raises:
        ValueError: if it is not JSON.
    """
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # of NumPy
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
