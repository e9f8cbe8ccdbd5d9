"""Older Keras code's name for a few helpers; new code finds them in `maeum.config` and elsewhere.

Example:
    >>> result_type("int32", "float32"), is_float_dtype("bfloat16")
    ('float32', True)
"""

from __future__ import annotations

import collections
from typing import Any

from maeum.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from maeum.core.dtypes import is_float_dtype, is_int_dtype, result_type, standardize_dtype
from maeum.core.graph import SymbolicTensor

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]

_counts: collections.Counter[str] = collections.Counter()


def is_keras_tensor(x: Any) -> bool:
    """Tell whether ``x`` is a symbolic tensor, such as `maeum.Input` gives.

    >>> import maeum as mm
    >>> is_keras_tensor(mm.Input((3,))), is_keras_tensor(mm.ops.ones(3))
    (True, False)
    """
    return isinstance(x, SymbolicTensor)


def get_uid(prefix: str = "") -> int:
    """Return how often this was asked for a prefix: 1, 2, 3 and so on.

    >>> get_uid("example"), get_uid("example")
    (1, 2)
    """
    _counts[prefix] += 1
    return _counts[prefix]


def clear_session(free_memory: bool = True) -> None:
    """Count `get_uid` from 1 again, and free what models that are gone have left.

    Maeum has no session: layers are named within their model, and a model that nobody holds is
    freed with its programs. Compiled programs that are kept for models of the same architecture
    go with it.

    Args:
        free_memory: whether to collect garbage now, which takes a moment.
    """
    import gc

    _counts.clear()
    if free_memory:
        gc.collect()
