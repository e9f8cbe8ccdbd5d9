"""Making a model again from its description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from maeum.core import registry
from maeum.core.errors import ModelFileError
from maeum.core.randomness import check_seed, next_seed
from maeum.saving import archive


def clone_model(model: Any, seed: int | None = None) -> Any:
    """Return a model of the same architecture with weights of its own, newly initialized.

    Args:
        model: the model.
        seed: the seed of the copy; another one than the model's by default.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2)])
        >>> copy = clone_model(model)
        >>> bool((copy.get_weights()[0] == model.get_weights()[0]).all())
        False
    """
    seed = next_seed() if seed is None else check_seed(seed)
    with registry.reference_scope():
        description = archive.architecture(model)
        return archive.from_architecture({**description, "seed": seed})


def model_from_json(text: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the model that ``model.to_json()`` described, with new weights.

    Args:
        text: what ``to_json`` returned.
        custom_objects: classes and functions of yours that it uses, by name.

    Raises:
        ModelFileError: if the text describes no model.
        UnknownNameError: if it uses a class that is not known.
    """
    with archive.reading("The text"), registry.custom_object_scope(custom_objects):
        try:
            description = json.loads(text)
        except (TypeError, ValueError) as error:
            raise ModelFileError("This is not the JSON of a model: {error}.", error=error) from None
        return archive.from_architecture(description)
