"""The ``.maeum`` archive: a zip of JSON and safetensors, and nothing that runs.

``model.json`` holds the architecture and what ``compile`` was given, ``weights.safetensors`` the
weights by path, ``training.safetensors`` the state of the optimizer and the step count. A task
may add entries of its own (`save_model`'s ``extras``), such as how its raw rows are prepared.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core import registry, tensors, ties
from maeum.core.errors import ConfigError, ModelFileError, UnknownNameError, nearest
from maeum.core.files import check_format, read_bytes, write_atomically
from maeum.core.functional import built_variables
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.saving.former_ops import renewed

FORMAT = 3
_UNPACKED = 1 << 24  # bytes that even a tiny archive may unpack to
_MODEL, _WEIGHTS, _TRAINING = "model.json", "weights.safetensors", "training.safetensors"


@ties.describing
def architecture(model: Any) -> dict[str, Any]:
    """Return the description of a model: its class, its configuration, its seed, what is frozen."""
    description = {"format": FORMAT, "model": registry.serialize(model), "seed": model.seed}
    frozen = [path for path, layer in model.named_layers().items() if not layer._trainable]
    if frozen:
        description["frozen"] = frozen
    if model.first_call() is not None:
        description["first_call"] = model.first_call()
    return description


@ties.making
def from_architecture(description: Any) -> Any:
    """Return the model that `architecture` described, with new weights.

    Raises:
        ModelFileError: if it does not describe a model.
    """
    if not isinstance(description, dict) or "model" not in description:
        raise ModelFileError("This JSON does not describe a model of Maeum.")
    written = description.get("format")
    if not isinstance(written, int) or written > FORMAT:
        raise ModelFileError("The model was written in format {written!r}; this version of Maeum "
                             "reads formats up to {newest}. Update Maeum.", written=written,
                             newest=FORMAT)  # fmt: skip
    described = description["model"] if written > 2 else renewed(description["model"])
    model = registry.deserialize(described)
    if not hasattr(model, "build_for"):
        raise ModelFileError("This JSON does not describe a model of Maeum.")
    model.reseed(description["seed"])
    if "first_call" in description and not model.built:
        model.build_for(description["first_call"])
    layers = model.named_layers()
    for path in description.get("frozen", ()):
        layers[path]._trainable = False
    return model


def to_entries(model: Any, include_optimizer: bool = True) -> dict[str, bytes]:
    """Return the entries of the archive of a model; without weights if it has none yet."""
    description = architecture(model)
    entries = {_WEIGHTS: tensors.pack(weights_of(model))} if model.built else {}
    if model.losses_and_metrics is not None:
        description["compile"] = _compiled(model)
        if include_optimizer:
            entries[_TRAINING] = tensors.pack(_training_state(model))
    try:
        text = json.dumps(description, indent=1)
    except (TypeError, ValueError) as error:
        raise ConfigError("{name!r} has a get_config() that is not JSON: {error}.", name=model.name,
                          error=error) from None  # fmt: skip
    return {_MODEL: text.encode(), **entries}


def save_model(
    model: Any,
    path: str | os.PathLike,
    overwrite: bool = True,
    include_optimizer: bool = True,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model to ``path``; see `maeum.Model.save`."""
    check_format(path, ".maeum")
    built_variables(model)  # or an error that says how to build it
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in {**to_entries(model, include_optimizer), **(extras or {})}.items():
            # One fixed date: the same model gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    write_atomically(path, stream.getvalue(), overwrite)


def weights_of(model: Any) -> dict[str, np.ndarray]:
    """Return the weights of a built model by path."""
    return {path: variable.numpy() for path, variable in built_variables(model).items()}


def _compiled(model: Any) -> dict[str, Any] | None:
    """Return how the model was compiled; None (with a warning) if that cannot be written."""
    try:
        arguments = registry.serialize(model.compile_arguments)
        return {"optimizer": registry.serialize(model.optimizer), **arguments}
    except ConfigError as error:
        warnings.warn(
            _("The model is saved without its compile() arguments: {error} Call compile again "
              "after loading.", error=error), stacklevel=5
        )  # fmt: skip
        return None


def _training_state(model: Any) -> dict[str, np.ndarray]:
    """Return by name what the training goes on with: optimizer, steps, states of layers."""
    named = model.trainer.named_state() | model.named_generators()
    known = {id(variable) for variable in model.named_variables().values()}
    optimized = () if model.optimizer is None else model.optimizer.optimized
    if not all(id(v) in known for v in optimized):  # it serves another model too
        named = {k: v for k, v in named.items() if not k.startswith("optimizer/")}
    return {k: v.numpy() for k, v in named.items() if not k.startswith("metrics/")}


def load_model(
    filepath: str | os.PathLike,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Load a model that ``model.save`` wrote.

    Args:
        filepath: the ``*.maeum`` file.
        custom_objects: classes and functions of yours that it uses, by name.
        compile: False to ignore how it is trained.
        safe_mode: only True: a file holds no code, so that there is nothing to allow.

    Returns:
        The model, with bit-equal predictions; its training can go on.

    Raises:
        ModelFileError: if the file is not a model, or is damaged.
        UnknownNameError: if it uses a class that is not known.
    """
    if not safe_mode:
        warnings.warn(_("safe_mode=False has no effect: a file of Maeum holds no code. Functions "
                        "of yours are registered (@maeum.register()), or given as custom_objects."),
                      stacklevel=2)  # fmt: skip
    entries = read_entries(filepath)
    return from_entries(entries, str(filepath), custom_objects, compile)


def read_entries(path: str | os.PathLike) -> dict[str, bytes]:
    """Return the entries of a model archive.

    Raises:
        ModelFileError: if there is no such file, or it is not an archive of a model.
    """
    path = Path(path)
    if path.is_dir():
        inside = some([repr(str(p)) for p in sorted(path.glob("*.maeum"))])
        hint = _(" It holds {files}.", files=inside) if inside else ""
        raise ModelFileError("{path!r} is a folder, not a model file.{hint}", path=str(path),
                             hint=hint)  # fmt: skip
    if not path.is_file():
        known = [p.name for p in path.parent.glob("*.maeum")] if path.parent.is_dir() else []
        hint = nearest(path.name, known)
        raise ModelFileError("There is no model file {path!r}.{hint}", path=str(path), hint=hint)
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked(path, sum(entry.file_size for entry in archive.infolist()))
            entries = {name: archive.read(name) for name in archive.namelist()}
    except Exception as error:  # zipfile raises a dozen kinds for damaged files
        raise ModelFileError("{path!r} is not a model of Maeum, or it is damaged ({error}). A "
                             "model file is written by model.save() or `maeum train`.",
                             path=str(path), error=error) from None  # fmt: skip
    if _MODEL not in entries:
        raise ModelFileError("{path!r} is an archive, but not one of a model of Maeum.",
                             path=str(path))  # fmt: skip
    return entries


def check_unpacked(path: Path, size: int) -> None:
    """Raise `ValueError` if the bytes that an archive unpacks to are out of all proportion."""
    if size > _UNPACKED + 100 * path.stat().st_size:
        raise ValueError(_("it unpacks to far more than its size"))


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn whatever goes wrong while objects are made from a file into a `ModelFileError`.

    A name that nothing is registered for stays an `UnknownNameError`, which says what to do.
    """
    try:
        yield
    except (ModelFileError, UnknownNameError):
        raise
    except Exception as error:
        deep = isinstance(error, RecursionError)
        reason = _("it is nested too deeply") if deep else str(error) or type(error).__name__
        raise ModelFileError("{what} does not describe a valid model: {reason}", what=what,
                             reason=reason) from error  # fmt: skip


def from_entries(
    entries: Mapping[str, bytes],
    what: str = "the model",
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Any:
    """Return the model of an archive's entries."""
    with reading(repr(what)), registry.custom_object_scope(custom_objects):
        try:
            description = json.loads(entries[_MODEL])
            weights = tensors.unpack(entries.get(_WEIGHTS))
            state = tensors.unpack(entries.get(_TRAINING))
        except tensors.UNREADABLE as error:
            damaged = _("{path!r} is damaged: {reason}.", path=what, reason=error)
            raise ModelFileError(damaged) from None
        model = from_architecture(description)
        if model.built or weights:
            assign_weights(model, weights, what)
        arguments = _compile_arguments(description) if compile else None
        if arguments:
            model.compile(**arguments)
        if compile and state:
            _restore_training(model, description, state, what)
    return model


def _compile_arguments(description: dict[str, Any]) -> Any:
    """Return how the model is compiled; None (with a warning) if it names what is not known."""
    try:
        return registry.deserialize(description.get("compile"))
    except UnknownNameError as error:
        warnings.warn(
            _("The model is loaded without its compile() arguments: {error} Call compile again, or "
              "give compile=False.", error=error), stacklevel=4
        )  # fmt: skip
        return None


def _restore_training(
    model: Any, description: dict[str, Any], state: dict[str, np.ndarray], what: str
) -> None:
    if description["format"] == 1:
        state = _by_name(model, description.get("optimized", []), state, what)
    elif model.optimizer is None:
        state = {k: v for k, v in state.items() if not k.startswith("optimizer/")}
    elif "optimizer/step" in state and model.trainable_variables:
        optimized = {name.rpartition("/")[0] for name in state}
        paths = model.named_variables()
        chosen = [v for path, v in paths.items() if f"optimizer/{path}" in optimized]
        model.optimizer.build(chosen or model.trainable_variables)
    named = model.trainer.named_state() | model.named_generators()
    kept = {name: named[name] for name in state if name in named}
    wrong = any(variable.shape != state[name].shape for name, variable in kept.items())
    slots = {name for name in named if name.startswith("optimizer/")}
    if wrong or len(kept) < len(state) or (slots & {*state} and not slots <= {*state}):
        raise ModelFileError("{what!r} has a training state that does not fit its optimizer.",
                             what=what)  # fmt: skip
    for name, variable in kept.items():
        variable.assign(state[name])


def _by_name(
    model: Any, optimized: list[str], state: dict[str, np.ndarray], what: str
) -> dict[str, np.ndarray]:
    """Return the state of a file of format 1, which numbered the optimizer's slots, by name."""
    numbered = [state[key] for key in sorted(state) if key.startswith("optimizer/")]
    others = {key: value for key, value in state.items() if not key.startswith("optimizer/")}
    if not numbered or model.optimizer is None:
        return others
    if optimized:
        variables = model.named_variables()
        model.optimizer.build([variables[path] for path in optimized])
    names = [f"optimizer/{name}" for name in model.optimizer.named_variables()]
    if len(names) != len(numbered):
        raise ModelFileError("{what!r} has a training state that does not fit its optimizer.",
                             what=what)  # fmt: skip
    return others | dict(zip(names, numbered))


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
    kept = [path for path in variables if path in weights]
    wrong = [path for path in kept if weights[path].shape != variables[path].shape]
    if (missing or extra or wrong) and not skip_mismatch:
        if missing:
            problem = _("{path!r} is missing in the file", path=missing[0])
        elif wrong:
            problem = _("{path!r} is wrong (the file has {found}, the model {expected})",
                        path=wrong[0], found=weights[wrong[0]].shape,
                        expected=variables[wrong[0]].shape)  # fmt: skip
        else:
            problem = _("{path!r} is unknown to the model", path=extra[0])
        raise ModelFileError("The weights of {what!r} do not fit {name!r}: {problem}; {missing} "
                             "missing, {extra} unknown, {wrong} of another shape. Nothing was "
                             "changed; skip_mismatch=True takes what fits.", what=what,
                             name=model.name, problem=problem, missing=len(missing),
                             extra=len(extra), wrong=len(wrong))  # fmt: skip
    for path in kept:
        if path not in wrong:
            variables[path].assign(weights[path])


def save_weights(model: Any, path: str | os.PathLike, overwrite: bool = True) -> None:
    """Write the weights alone; see `maeum.Model.save_weights`."""
    check_format(path, ".safetensors")
    write_atomically(path, tensors.pack(weights_of(model)), overwrite)


def load_weights(model: Any, path: str | os.PathLike, skip_mismatch: bool = False) -> None:
    """Read weights into a model; see `maeum.Model.load_weights`."""
    data = read_bytes(path)
    if data[:2] == b"PK":
        data = read_entries(path).get(_WEIGHTS, b"")
    try:
        weights = tensors.unpack(data)
    except tensors.UNREADABLE as error:
        raise ModelFileError("There are no weights in {path!r}: {error}.", path=str(path),
                             error=error) from None  # fmt: skip
    assign_weights(model, weights, str(path), skip_mismatch)


def to_pickle(model: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return a model's entries, and the classes and functions that they speak of, by name."""
    with registry.reference_scope() as references:
        return to_entries(model), dict(references)


def unpickle(entries: dict[str, bytes], references: dict[str, Any]) -> Any:
    """Return the model that `to_pickle` described."""
    return from_entries(entries, custom_objects=references)
