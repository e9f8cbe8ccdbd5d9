"""Plain data as bytes of JSON, whatever names and numbers are in them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Self


def to_bytes(value: Any) -> bytes:
    """Return plain data as readable JSON in UTF-8.

    A name that is not UTF-8 (a file's may hold any bytes) is kept by JSON's own escapes; a number
    that JSON does not have, such as NaN, becomes null.

    >>> to_bytes({"file": "caf\\udce9", "loss": math.nan})
    b'{\\n "file": "caf\\\\udce9",\\n "loss": null\\n}'
    """
    text = json.dumps(plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def from_bytes(data: bytes) -> Any:
    """Return what `to_bytes` wrote.

    Raises:
        ValueError: if it is not JSON.
    """
    return json.loads(data.decode("utf-8", "surrogatepass"))


def plain(value: Any) -> Any:
    """Return a value as plain data; `Saved` says itself what that is."""
    if isinstance(value, Saved):
        return plain(value.to_json())
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # of NumPy
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Saved:
    """Base of dataclasses that stand in a file as plain data."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain lists, texts and numbers."""
        return plain({each.name: getattr(self, each.name) for each in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return what `to_json` described."""
        return cls(**saved)
