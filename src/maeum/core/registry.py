"""Values as JSON, and the families of things that have a name: losses, optimizers and so on.

What the names stand for is in `maeum.core.names`; Keras's form of the same dicts in
`maeum.core.keras_objects`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from inspect import isfunction
from typing import Any

import jax
import numpy as np

from maeum.core import keras_objects, ties
from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.core.keras_objects import deserialize
from maeum.core.messages import _
from maeum.core.names import (  # noqa: F401
    add,
    builtin,
    custom_object_scope,
    find,
    is_builtin,
    known_names,
    known_to_users,
    name_of,
    reference_scope,
    register,
)


def serialize(value: Any) -> Any:
    """Turn a value into JSON: objects become ``{"class": name, "config": {...}}``.

    Raises:
        ConfigError: if the value holds something that no file can hold.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [serialize(v) for v in value]
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {k: serialize(v) for k, v in value.items()}
        return {"items": [[serialize(k), serialize(v)] for k, v in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (np.ndarray, jax.Array)):
        return {"array": np.asarray(value).tolist(), "dtype": str(np.asarray(value).dtype)}
    if isinstance(value, (np.dtype, type)) and _is_dtype(value):
        return np.dtype(value).name
    if hasattr(value, "get_config"):
        # A class that was never registered is written all the same: whoever reads the file has
        # to hand the class over, and `find` says so.
        known = name_of(type(value)) or f"custom>{type(value).__name__}"

        def describe() -> dict[str, Any]:
            return {"class": known, "config": serialize(_config_of(value))}

        return ties.describe_once(value, describe) if hasattr(value, "weights") else describe()
    name = name_of(value)
    if name is not None:
        return {"function": name}
    if isfunction(value) and value.__name__ != "<lambda>":  # as a class that nobody registered
        return {"function": f"custom>{value.__name__}"}
    if callable(value):
        called = getattr(value, "__name__", repr(value))
        raise ConfigError(
            "The function {called!r} cannot be written to a file: only functions with a name can. "
            "Write it with def, and decorate it with @maeum.register().",
            called=called,
        )
    kind = type(value).__name__
    raise ConfigError("A value of type {kind} cannot be written to a file.", kind=kind)


def _config_of(value: Any) -> Any:
    """Return the configuration of an object, or say whose ``get_config`` failed."""
    try:
        return getattr(value, "whole_config", value.get_config)()
    except ConfigError:
        raise
    except Exception as error:
        name = getattr(value, "name", None)
        called = type(value).__name__ + (f" ({name!r})" if isinstance(name, str) else "")
        raise ConfigError(
            "The get_config() of {called} raised {error!r}. It returns the arguments of __init__, "
            "as numbers, strings, lists, dicts and registered objects.",
            called=called,
            error=error,
        ) from error


def _is_dtype(value: Any) -> bool:
    try:
        np.dtype(value)
    except TypeError:
        return False
    plain = not isinstance(value, type) or issubclass(value, np.generic | bool | int | float)
    return plain or isinstance(getattr(value, "dtype", None), np.dtype)  # jnp.float32


def snake_case(name: str) -> str:
    """Turn a class name into the name Keras would give it.

    >>> snake_case("LayerNormalization"), snake_case("ReLU"), snake_case("SpatialDropout1D")
    ('layer_normalization', 're_lu', 'spatial_dropout1d')
    """
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def public_classes(module: Mapping[str, Any], base: type) -> tuple[Any, ...]:
    """Return the classes derived from ``base`` among the names of a module, in their order."""
    return tuple(
        thing
        for name, thing in module.items()
        if isinstance(thing, type) and issubclass(thing, base) and thing is not base
        if not name.startswith("_")
    )


def public_functions(module: Mapping[str, Any], package: str) -> tuple[Any, ...]:
    """Return the functions of a package among the names of a module, in their order."""
    return tuple(
        thing
        for name, thing in module.items()
        if isfunction(thing) and thing.__module__.startswith(package)
        if not name.startswith("_")
    )


def named(prefix: str, things: Sequence[Any]) -> dict[str, Any]:
    """Register classes or functions as ``prefix.Name``; return them by name and in snake case."""
    for thing in things:
        add(f"{prefix}.{thing.__name__}", thing)
    return {name: it for it in things for name in (it.__name__, snake_case(it.__name__))}


class Family:
    """The names of one family (losses, optimizers ...): strings to classes or functions.

    ``get`` accepts what Keras's ``get`` functions accept: None, a name, a config, a class, an
    object, or any callable.

    Args:
        kind: what a member is called; a message.
        members: the names, and what they stand for.
    """

    def __init__(self, kind: str, members: Mapping[str, Any]):
        self.kind = kind
        self.members = {key.lower(): value for key, value in members.items()}
        self._rooms = {_room(member) for member in members.values()}

    def get(self, identifier: Any) -> Any:
        """Return the object that ``identifier`` stands for.

        Raises:
            UnknownNameError: for a name that the family does not have.
            ConfigError: for something that is not a member.
        """
        if isinstance(identifier, (str, Mapping)):
            found = self.deserialize(identifier)
        else:
            found = identifier() if isinstance(identifier, type) else identifier
        usable = found is None or callable(found) or hasattr(found, "get_config")
        room = _room(found if isfunction(found) else type(found))
        if usable and (room in ("", "ops") or room in self._rooms):
            return found
        raise ConfigError(
            "The {kind} is given by its name, an object, a function, or a dict with class_name and "
            "config; got {value!r} of type {type}.",
            kind=_(self.kind),
            value=identifier,
            type=type(identifier).__name__,
        )

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the object that a name or a dict describes, in Keras's form or in Maeum's."""
        with custom_object_scope(custom_objects):
            if isinstance(config, str):
                found = self._named(config)
                return found() if isinstance(found, type) else found
            if config is None or isinstance(config, Mapping):
                return deserialize(config, self.members)
        return keras_objects.deserialize_keras_object(config, custom_objects)

    def _named(self, name: str) -> Any:
        for found in (known_to_users(name), self.members.get(name.lower())):
            if found is not None:
                return found
        if ">" in name or name in known_names():
            return find(name)
        known = sorted(self.members)
        raise UnknownNameError(
            "There is no {kind} called {name!r}.{hint} Known: {known}.",
            kind=_(self.kind),
            name=name,
            hint=nearest(name, known),
            known=", ".join(known),
        )

    def keras_functions(self, config: str = "config") -> tuple[Callable, Callable]:
        """Return ``serialize`` and ``deserialize`` of the family's room.

        Args:
            config: what the first argument of ``deserialize`` is called.
        """
        kind = self.kind.replace(" ", "_")
        write = _renamed(keras_objects.serialize_keras_object, kind)
        return write, _renamed(self.deserialize, config)


def _room(thing: Any) -> str:
    """Return the family that one of Maeum's own classes or functions is registered in."""
    return (name_of(thing) or "").rpartition(".")[0] if is_builtin(thing) else ""


def _renamed(function: Callable, first: str) -> Callable:
    """Return a function whose first argument has another name."""
    signature = inspect.signature(function)
    old, *rest = signature.parameters.values()
    signature = signature.replace(parameters=[old.replace(name=first), *rest])

    @functools.wraps(function)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        return function(*signature.bind(*args, **kwargs).args)

    renamed.__signature__ = signature  # type: ignore[attr-defined]
    return renamed
