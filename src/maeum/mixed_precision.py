"""Older Keras code's name for dtype policies; see `maeum.dtype_policies`.

``set_global_policy("mixed_bfloat16")`` lets layers compute in 16 bits with weights of 32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from maeum.config import dtype_policy, set_dtype_policy
from maeum.core.dtypes import DTypePolicy
from maeum.core.lazy import lazily

if TYPE_CHECKING:
    from maeum.optimizers import LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

__getattr__, __dir__ = lazily(__name__, {"maeum.optimizers": ("LossScaleOptimizer",)})
