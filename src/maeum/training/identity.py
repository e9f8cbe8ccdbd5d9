"""What tells one training from another: its network, how it is trained, and its data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from maeum.core import registry
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.wording import shorten

_READ = 1 << 26  # bytes of an array that are read at most; of a larger one, some of its rows
_SHOWN = 3
_OPTIONS = (
    "shuffle", "initial_epoch", "steps_per_epoch", "truncate", "class_weight", "validation_freq",
    "validation_steps", "validation_batch_size",
)  # fmt: skip


def identity_of(model: Any, options: Any, source: Any, held_out: Any) -> dict[str, Any]:
    """Return, ready for JSON, what has to be the same when a training goes on.

    Args:
        model: the model, built and compiled.
        options: what ``fit`` was asked for.
        source: where the batches come from.
        held_out: the source of the validation, or None.
    """
    optimizer = {"class": type(model.optimizer).__name__, **_config(model.optimizer)}
    if isinstance(optimizer.get("learning_rate"), float):  # callbacks change it: what it was first
        first = model.optimizer.named_variables()["learning_rate"].initializer
        optimizer["learning_rate"] = float(f"{first:.7g}")
    return {
        "layers": {path: _layer(layer) for path, layer in model.named_layers().items() if path},
        "weights": {path: list(v.shape) for path, v in model.named_variables().items()},
        "optimizer": optimizer,
        "compile": {key: _plain(value) for key, value in model.compile_arguments.items()},
        "fit": {name: _plain(getattr(options, name)) for name in _OPTIONS}
        | {"batch_size": getattr(source, "batch_size", None)},
        "data": source.identity(),
        "validation data": None if held_out is None else held_out.identity(),
    }


def describe_arrays(data: Any) -> list[str]:
    """Return the shape, dtype and a digest of every array of a structure."""
    return [_describe(np.asarray(leaf)) for leaf in jax.tree.leaves(data)]


def _describe(array: np.ndarray) -> str:
    read = array
    if array.nbytes > _READ and array.ndim:
        read = array[:: -(-array.nbytes // _READ)]
    digest = hashlib.blake2b(np.ascontiguousarray(read).tobytes(), digest_size=8).hexdigest()
    return f"{array.shape} {array.dtype} {digest}"


def differences(before: Any, now: Any) -> list[str]:
    """Return, in words, in what two identities differ: nothing if they are the same."""
    before, now = json.loads(json.dumps(before)), json.loads(json.dumps(now))
    found = list(_differences(before, now, ""))
    more = [_("and {n} more", n=len(found) - _SHOWN)] if len(found) > _SHOWN else []
    return found[:_SHOWN] + more


def _differences(before: Any, now: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            inner = f"{path}.{key}" if path else key
            if key not in now:
                yield _("{part} was there", part=inner)
            elif key not in before:
                yield _("{part} is new", part=inner)
            else:
                yield from _differences(before[key], now[key], inner)
    elif json.dumps(before) != json.dumps(now):  # NaN equals nothing, itself included
        yield _("{part} was {before}, now {now}", part=path, before=shorten(json.dumps(before)),
                now=shorten(json.dumps(now)))  # fmt: skip


def _layer(layer: Any) -> dict[str, Any]:
    if hasattr(layer, "graph"):  # a model: its layers are told one by one
        return {"class": type(layer).__name__}
    return {"class": type(layer).__name__, "trainable": layer.trainable, **_config(layer)}


def _config(thing: Any) -> dict[str, Any]:
    try:
        config = registry.serialize(getattr(thing, "whole_config", thing.get_config)())
        json.dumps(config)
    except (ConfigError, TypeError, ValueError, AttributeError):  # not everything can be written
        return {}
    return dict(_seedless(config))


def _seedless(config: Any) -> Any:
    """Return a configuration without the seeds of models in it, which differ in every process."""
    if isinstance(config, list):
        return [_seedless(part) for part in config]
    if not isinstance(config, dict):
        return config
    hidden = "seed" if "layers" in config else None
    return {key: _seedless(part) for key, part in config.items() if key != hidden}


def _plain(value: Any) -> Any:
    """Return a value as JSON; of what cannot be written, what it is called."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    name = getattr(value, "__name__", type(value).__name__)
    return {"class": name, **_config(value)} if hasattr(value, "get_config") else name
