"""Model files: safe to open, written whole or not at all."""

from maeum.core.registry import custom_object_scope, register
from maeum.saving.archive import load_model
from maeum.saving.keras_weights import load_keras_weights

register_keras_serializable = register

__all__ = [
    "custom_object_scope",
    "load_keras_weights",
    "load_model",
    "register",
    "register_keras_serializable",
]
