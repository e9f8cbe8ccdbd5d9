"""Making a model again from its description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from maeum.core import registry
from maeum.core.errors import ModelFileError
from maeum.core.randomness import next_seed
from maeum.saving import archive


def clone_model(model: Any, seed: int | None = None) -> Any:
    """Return a model of the same architecture with weights of its own, newly initialized.

    Args:
        model: the model.
        seed: the seed of the copy; another one than the model's by default.
    """
    objects = {
        type(layer).__name__: type(layer)
        for layer in model.named_layers().values()
        if registry.name_of(type(layer)) is None
    }
    with registry.custom_object_scope(objects):
        copy = archive.from_architecture(archive.architecture(model))
    copy.seed = next_seed() if seed is None else seed
    copy._adopt()
    return copy


def model_from_json(text: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the model that ``model.to_json()`` described, with new weights.

    Raises:
        ModelFileError: if the text describes no model.
    """
    try:
        description = json.loads(text)
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"This is not the JSON of a model: {error}.") from None
    with registry.custom_object_scope(custom_objects):
        return archive.from_architecture(description)
