"""Model files: safe to open, written whole or not at all."""

from maeum.core.keras_objects import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from maeum.core.lazy import lazily
from maeum.core.registry import register
from maeum.saving.archive import load_model
from maeum.saving.functions import load_weights, save_model, save_weights
from maeum.saving.keras_weights import load_keras_weights

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_keras_weights",
    "load_model",
    "load_weights",
    "register",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]

__getattr__, __dir__ = lazily(__name__, {})
