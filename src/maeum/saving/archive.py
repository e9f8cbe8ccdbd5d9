"""The ``.maeum`` archive: a zip of JSON and safetensors, and nothing that runs.

``model.json`` holds the architecture and what ``compile`` was given, ``weights.safetensors`` the
weights by path, ``training.safetensors`` the state of the optimizer and the step count. A task
may add entries of its own (`save_model`'s ``extras``), such as how its raw rows are prepared.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from maeum.core import registry
from maeum.core.errors import ConfigError, ModelFileError, nearest
from maeum.core.functional import built_variables
from maeum.saving.files import write_atomically

FORMAT = 1
_MODEL, _WEIGHTS, _TRAINING = "model.json", "weights.safetensors", "training.safetensors"


def architecture(model: Any) -> dict[str, Any]:
    """Return the description of a model: its class, its configuration, how it is compiled."""
    description = {"format": FORMAT, "model": registry.serialize(model)}
    if model._input_shapes is not None:
        description["input_shapes"] = model._input_shapes
    return description


def from_architecture(description: Any) -> Any:
    """Return the model that `architecture` described, with new weights.

    Raises:
        ModelFileError: if it describes no model.
    """
    if not isinstance(description, dict) or "model" not in description:
        raise ModelFileError("This JSON does not describe a model of Maeum.")
    if description.get("format", 0) > FORMAT:
        raise ModelFileError(
            f"The model was written in format {description['format']}; this version of Maeum reads "
            f"formats up to {FORMAT}. Update Maeum."
        )
    model = registry.deserialize(description["model"])
    if not hasattr(model, "named_variables"):
        raise ModelFileError("This JSON does not describe a model of Maeum.")
    shapes = description.get("input_shapes")
    if shapes is not None and not model.built:
        model.build(_as_shape(shapes))
    return model


def _as_shape(shapes: Any) -> Any:
    if isinstance(shapes, dict):
        return {key: _as_shape(part) for key, part in shapes.items()}
    if shapes and isinstance(shapes[0], (list, dict)):
        return [_as_shape(part) for part in shapes]
    return tuple(shapes)


def to_bytes(
    model: Any, include_optimizer: bool = True, extras: Mapping[str, bytes] | None = None
) -> bytes:
    """Return the archive of a model."""
    description = architecture(model)
    entries = {_WEIGHTS: _tensors(weights_of(model))}
    if model.objectives is not None:
        description["compile"] = _compiled(model)
        if include_optimizer and "compile" in description:
            entries[_TRAINING] = _tensors(_training_state(model))
    entries = {_MODEL: json.dumps(description, indent=1).encode(), **entries, **(extras or {})}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in entries.items():
            # One fixed date: the same model gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def save_model(
    model: Any,
    path: str | os.PathLike,
    overwrite: bool = True,
    include_optimizer: bool = True,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model to ``path``; see `maeum.Model.save`."""
    write_atomically(path, to_bytes(model, include_optimizer, extras), overwrite)


def weights_of(model: Any) -> dict[str, np.ndarray]:
    """Return the weights of a built model by path."""
    return {path: variable.numpy() for path, variable in built_variables(model).items()}


def _compiled(model: Any) -> dict[str, Any] | None:
    """Return how the model was compiled; None (with a warning) if that cannot be written."""
    try:
        arguments = registry.serialize(model.compile_arguments)
        return {"optimizer": registry.serialize(model.optimizer), **arguments}
    except ConfigError as error:
        import warnings

        warnings.warn(
            f"The model is saved without its compile() arguments: {error} Call compile again "
            "after loading.",
            stacklevel=5,
        )
        return None


def _training_state(model: Any) -> dict[str, np.ndarray]:
    state = {"train_steps": model._counter.numpy()}
    for i, variable in enumerate(model.optimizer.variables):
        state[f"optimizer/{i:04d}/{variable.name}"] = variable.numpy()
    return state


def _tensors(arrays: dict[str, np.ndarray]) -> bytes:
    return safetensors.numpy.save({k: np.asarray(v, order="C") for k, v in arrays.items()})


def load_model(
    filepath: str | os.PathLike,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Any:
    """Load a model that ``model.save`` wrote.

    Args:
        filepath: the ``*.maeum`` file.
        custom_objects: classes and functions of yours that it uses, by name.
        compile: False to leave out how it is trained.

    Returns:
        The model, with bit-equal predictions; its training can go on.

    Raises:
        ModelFileError: if the file is no model, or damaged.
        UnknownNameError: if it uses a class that is not known.
    """
    entries = read_entries(filepath)
    return from_entries(entries, str(filepath), custom_objects, compile)


def read_entries(path: str | os.PathLike) -> dict[str, bytes]:
    """Return the entries of a model archive.

    Raises:
        ModelFileError: if there is no such file, or it is no archive of a model.
    """
    path = Path(path)
    if not path.is_file():
        known = [p.name for p in path.parent.glob("*.maeum")] if path.parent.is_dir() else []
        raise ModelFileError(f"There is no model file {str(path)!r}.{nearest(path.name, known)}")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise ModelFileError(
            f"{str(path)!r} is not a model of Maeum, or it is damaged ({error}). A model file is "
            "written by model.save() or `maeum train`."
        ) from None
    if _MODEL not in entries:
        raise ModelFileError(f"{str(path)!r} is an archive, but not one of a model of Maeum.")
    return entries


def from_entries(
    entries: Mapping[str, bytes],
    what: str = "the model",
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Any:
    """Return the model of an archive's entries."""
    try:
        description = json.loads(entries[_MODEL])
        weights = safetensors.numpy.load(entries[_WEIGHTS])
        state = safetensors.numpy.load(entries[_TRAINING]) if _TRAINING in entries else {}
    except (ValueError, KeyError, SafetensorError) as error:
        raise ModelFileError(f"{what!r} is damaged: {error}.") from None
    with registry.custom_object_scope(custom_objects):
        model = from_architecture(description)
        assign_weights(model, weights, what)
        arguments = registry.deserialize(description.get("compile"))
    if compile and arguments:
        model.compile(**arguments)
        _restore_training(model, state)
    return model


def _restore_training(model: Any, state: dict[str, np.ndarray]) -> None:
    if not state:
        return
    model._counter.assign(state.pop("train_steps"))
    arrays = [state[key] for key in sorted(state)]
    if len(arrays) > 1:
        model.optimizer.build(model.trainable_variables)
    for variable, array in zip(model.optimizer.variables, arrays):
        variable.assign(array)


def assign_weights(
    model: Any, weights: Mapping[str, np.ndarray], what: str, skip_mismatch: bool = False
) -> None:
    """Assign weights by path.

    Raises:
        ModelFileError: if paths or shapes differ; nothing is assigned then.
    """
    variables = built_variables(model)
    missing = [path for path in variables if path not in weights]
    extra = [path for path in weights if path not in variables]
    wrong = [
        path
        for path, variable in variables.items()
        if path in weights and weights[path].shape != variable.shape
    ]
    if (missing or extra or wrong) and not skip_mismatch:
        first = next(iter([*missing, *wrong, *extra]))
        detail = f"the file has {weights[first].shape}, the model {variables[first].shape}" if (
            wrong and first == wrong[0]
        ) else ("missing in the file" if missing else "unknown to the model")
        raise ModelFileError(
            f"The weights of {what!r} do not fit {model.name!r}: {first!r} is wrong ({detail}); "
            f"{len(missing)} missing, {len(extra)} unknown, {len(wrong)} of another shape. "
            "Nothing was changed; skip_mismatch=True takes what fits."
        )
    for path, variable in variables.items():
        if path in weights and path not in wrong:
            variable.assign(weights[path])


def save_weights(model: Any, path: str | os.PathLike, overwrite: bool = True) -> None:
    """Write the weights alone; see `maeum.Model.save_weights`."""
    write_atomically(path, _tensors(weights_of(model)), overwrite)


def load_weights(model: Any, path: str | os.PathLike, skip_mismatch: bool = False) -> None:
    """Read weights into a model; see `maeum.Model.load_weights`."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ModelFileError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    if data[:2] == b"PK":
        data = read_entries(path).get(_WEIGHTS, b"")
    try:
        weights = safetensors.numpy.load(data)
    except SafetensorError as error:
        raise ModelFileError(f"{str(path)!r} holds no weights: {error}.") from None
    assign_weights(model, weights, str(path), skip_mismatch)


def unpickle(data: bytes) -> Any:
    """Return the model whose archive was pickled."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return from_entries({name: archive.read(name) for name in archive.namelist()})


def copy(model: Any) -> Any:
    """Return a copy of a model: the same classes, configuration, weights and training state."""
    objects = {
        type(layer).__name__: type(layer)
        for layer in model.named_layers().values()
        if registry.name_of(type(layer)) is None
    }
    with registry.custom_object_scope(objects):
        return unpickle(to_bytes(model))
