"""Dtype policies: in which dtypes layers keep their weights, and compute.

Example:
    >>> get("mixed_bfloat16").compute_dtype
    'bfloat16'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maeum.core.dtypes import DTypePolicy, policy_of
from maeum.core.keras_objects import custom_object_scope, serialize_keras_object
from maeum.core.lazy import lazily

FloatDTypePolicy = DTypePolicy  # its name in older code

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]


def get(identifier: Any) -> DTypePolicy:
    """Return the policy that a name, a dict or a dtype stands for; None for the global one.

    Raises:
        ConfigError: if it stands for none.
    """
    return policy_of(identifier)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Return the dict that describes a policy, in Keras's form."""
    return serialize_keras_object(dtype_policy)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> DTypePolicy:
    """Make the policy that a dict describes."""
    with custom_object_scope(custom_objects):
        return policy_of(config)


__getattr__, __dir__ = lazily(__name__, {})
