"""Older forms of `serialize_keras_object` and `deserialize_keras_object`."""

from maeum.legacy.saving import deserialize_keras_object, serialize_keras_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]
