"""Model files: safe to open, written whole or not at all."""

from maeum.core.registry import custom_object_scope, register
from maeum.saving.archive import load_model

register_keras_serializable = register

__all__ = ["custom_object_scope", "load_model", "register", "register_keras_serializable"]
