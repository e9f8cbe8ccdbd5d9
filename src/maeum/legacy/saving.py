"""Older forms of `serialize_keras_object` and `deserialize_keras_object`.

Example:
    >>> from maeum.losses import Huber
    >>> deserialize_keras_object(serialize_keras_object(Huber(delta=2.0))).delta
    2.0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maeum.core import keras_objects
from maeum.core.errors import UnknownNameError, nearest

__all__ = ["deserialize_keras_object", "serialize_keras_object"]


def serialize_keras_object(instance: Any) -> Any:
    """Return the dict that describes an object; see `maeum.saving.serialize_keras_object`."""
    return keras_objects.serialize_keras_object(instance)


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """Make the object that a dict or a name stands for.

    Args:
        identifier: a dict, as `serialize_keras_object` returns it, or a name.
        module_objects: what names are looked up in, after ``custom_objects``.
        custom_objects: classes and functions of yours by name.
        printable_module_name: what messages call such an object.

    Raises:
        UnknownNameError: for a name that is not known.
    """
    if not isinstance(identifier, str):
        known = {**(module_objects or {}), **(custom_objects or {})}
        return keras_objects.deserialize_keras_object(identifier, known)
    found = keras_objects.get_registered_object(identifier, custom_objects, module_objects)
    if found is None:
        raise UnknownNameError("There is no {kind} called {name!r}.{hint}",
                               kind=printable_module_name, name=identifier,
                               hint=nearest(identifier, module_objects or ()))  # fmt: skip
    return found() if isinstance(found, type) else found
