"""The dtype of a layer, as the policy that Keras describes it by."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core import registry


@registry.builtin
class DTypePolicy:
    """The dtype in which a layer computes and keeps its weights: the same for both.

    Args:
        name: the name of a dtype, such as ``"float32"`` or ``"bfloat16"``.

    Example:
        >>> DTypePolicy("bfloat16").compute_dtype
        'bfloat16'
    """

    quantization_mode = None

    def __init__(self, name: str = "float32"):
        self.name = np.dtype(name).name

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return self.name

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights."""
        return self.name

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this policy again."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Make a policy from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<DTypePolicy {self.name!r}>"
