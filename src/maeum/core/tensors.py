"""Arrays in the safetensors format: names, shapes and bytes, and nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import safetensors
import safetensors.numpy
from safetensors import SafetensorError

_DTYPES = {"BOOL": "bool", "BF16": "bfloat16"} | {
    f"{letter}{bits}": f"{kind}{bits}"
    for letter, kind in (("F", "float"), ("I", "int"), ("U", "uint"))
    for bits in (8, 16, 32, 64)
}
# What reading damaged bytes may raise.
UNREADABLE = (SafetensorError, ValueError, KeyError)


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays as the bytes of a safetensors file.

    >>> unpack(pack({"a": np.arange(3)}))["a"].tolist()
    [0, 1, 2]
    """
    return safetensors.numpy.save({k: np.asarray(v, order="C") for k, v in arrays.items()})


def unpack(data: bytes | None) -> dict[str, np.ndarray]:
    """Return the arrays of a safetensors file (whose own reader for NumPy knows no bfloat16)."""
    return {
        name: np.frombuffer(entry["data"], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in (safetensors.deserialize(data) if data is not None else ())
    }
