"""Objects as the dicts that Keras writes: ``module``, ``class_name``, ``config``, and so on.

Maeum's own files hold shorter ones, ``{"class": name, "config": {...}}`` (`maeum.core.registry`).
`deserialize` reads both; `serialize_keras_object` writes Keras's. Classes and functions are found
as `maeum.core.names` says: nothing is imported because a dict names it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from inspect import isclass, isfunction
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import names, ties
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.names import custom_object_scope, get_custom_objects, name_of

CustomObjectScope = custom_object_scope

# The modules that Keras's and Maeum's names are found in, and the order for a bare name.
_ROOMS = (
    "activations", "layers", "models", "initializers", "losses", "metrics", "optimizers",
    "optimizers.schedules", "regularizers", "constraints",
)  # fmt: skip
_NO_MEMBERS: Mapping[str, Any] = MappingProxyType({})


# ---- registration --------------------------------------------------------------------------------


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Any:
    """Register a class or function of yours as ``package>name``: Keras's form of `register`.

    Args:
        package: whose it is.
        name: what it is called there; its own name by default.

    Raises:
        ConfigError: (from the decorator) for a class without ``get_config``.

    >>> @register_keras_serializable("shop")
    ... def triple(x):
    ...     return 3 * x
    >>> get_registered_name(triple), get_registered_object("shop>triple") is triple
    ('shop>triple', True)
    """

    def decorate(thing: Any) -> Any:
        if isclass(thing) and not hasattr(thing, "get_config"):
            raise ConfigError(
                "{name} cannot be registered without a get_config(), which returns the arguments "
                "of its __init__.",
                name=thing.__name__,
            )
        return names.register(name, package=package)(thing)

    return decorate


def get_registered_name(obj: Any) -> str:
    """Return the name that a user registered a class or function under, else its own."""
    name = None if names.is_builtin(obj) else name_of(obj)
    return name or obj.__name__


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return the class or function that is registered as ``name``, None if there is none.

    Args:
        name: such as ``"shop>triple"``.
        custom_objects: others by name, which are looked at after the registered ones.
        module_objects: still others, which are looked at last.
    """
    found = names.known_to_users(name)
    for table in (custom_objects, module_objects):
        if found is None and table:
            found = table.get(name)
    return found


# ---- writing -------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """Return the dict that describes an object, in Keras's form and ready for JSON.

    Numbers, texts and None stay; lists, tuples and dicts are described entry by entry.

    Args:
        obj: a layer, loss, metric, optimizer and so on, a named function, an array, or a structure
            of them.

    Raises:
        ConfigError: for what no dict can describe, such as a lambda.

    >>> from maeum.losses import Huber
    >>> described = serialize_keras_object(Huber(delta=2.0))
    >>> described["module"], described["class_name"], described["config"]["delta"]
    ('maeum.losses', 'Huber', 2.0)
    """
    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    if isinstance(obj, (list, tuple)):
        return type(obj)([serialize_keras_object(entry) for entry in obj])
    if isinstance(obj, Mapping):
        return _translated(obj)
    special = _special(obj)
    if special is not None:
        return special
    if hasattr(obj, "get_config"):
        return _described(obj)
    if isclass(obj) or not callable(obj) or getattr(obj, "__name__", "<lambda>") == "<lambda>":
        raise ConfigError(
            "{value!r} cannot be described by a dict: only objects with a get_config() and named "
            "functions can.",
            value=obj,
        )
    return _function(get_registered_name(obj))


def _special(obj: Any) -> Any:
    """Return what Keras writes for arrays, bytes, slices and dtypes; None for others."""
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        return obj.item()
    if isinstance(obj, (np.ndarray, jax.Array)):
        kind = "__numpy__" if isinstance(obj, np.ndarray) else "__tensor__"
        array = np.asarray(obj)
        return {
            "class_name": kind,
            "config": {"value": array.tolist(), "dtype": array.dtype.name},
        }
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8")}}
    if isinstance(obj, slice):
        parts = {name: serialize_keras_object(getattr(obj, name)) for name in _SLICE}
        return {"class_name": "__slice__", "config": parts}
    return {"class_name": "__ellipsis__", "config": {}} if obj is ... else None


_SLICE = ("start", "stop", "step")


def _function(name: str) -> dict[str, Any]:
    """Return the dict of a function, as Keras writes it whatever its module."""
    described = {"module": "builtins", "class_name": "function"}
    return {**described, "config": name, "registered_name": "function"}


def _described(obj: Any) -> dict[str, Any]:
    """Return the dict of an object that has a ``get_config``."""
    config = getattr(obj, "whole_config", obj.get_config)()
    if not isinstance(config, Mapping):
        raise ConfigError(
            "The get_config() of {kind} returns a dict; it returned {config!r}.",
            kind=type(obj).__name__,
            config=config,
        )
    described = _class_entry(type(obj), _translated(config))
    for name in ("build_config", "compile_config"):
        ask = getattr(obj, f"get_{name}", None)
        found = None if ask is None else ask()
        if found is not None:
            described[name] = _translated(found)
    return described


def _class_entry(cls: type, config: Any) -> dict[str, Any]:
    own = names.is_builtin(cls)
    return {
        "module": _room_of(cls) if own else cls.__module__,
        "class_name": cls.__name__,
        "config": config,
        "registered_name": None if own else get_registered_name(cls),
    }


def _room_of(cls: type) -> str:
    """Return the public module of one of Maeum's own classes."""
    places = [f"maeum.{room}" for room in _ROOMS]
    own = [p for p in places if getattr(sys.modules.get(p), cls.__name__, None) is cls]
    return own[0] if own else cls.__module__


def _translated(value: Any) -> Any:
    """Return a configuration whose objects are described in Keras's form."""
    if isinstance(value, Mapping):
        if set(value) == {"class", "config"}:
            config, name = _translated(value["config"]), value["class"]
            cls = get_registered_object(name) or names.builtins.get(name)
            if cls is None:  # nobody registered it: whoever reads the dict hands it over
                name = name.rpartition(">")[2]
                return {
                    "module": None, "class_name": name, "config": config, "registered_name": name,
                }  # fmt: skip
            return _class_entry(cls, config)
        if set(value) == {"function"}:
            written = value["function"]
            found = get_registered_object(written) or names.builtins.get(written)
            name = written.rpartition(">")[2] if found is None else found.__name__
            if found is None:
                return _function(name)
            if found is getattr(sys.modules.get("maeum.activations"), name, None):
                return name
            return _function(get_registered_name(found))
        if set(value) == {"array", "dtype"}:
            return {
                "class_name": "__numpy__",
                "config": {"value": value["array"], "dtype": value["dtype"]},
            }
        return {key: _translated(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_translated(entry) for entry in value])
    return serialize_keras_object(value)


# ---- reading -------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """Make the object that a dict describes, be it in Keras's form or in Maeum's own.

    Dicts that Keras wrote (``"module": "keras.losses"``) give Maeum's object of that name.

    Args:
        config: what `serialize_keras_object` returned, or a structure of such dicts.
        custom_objects: classes and functions of yours that it names.
        safe_mode: accepted as Keras's. Code in a dict (Keras writes lambdas so) is never run.

    Raises:
        UnknownNameError: for a class or function that is not known.
        ConfigError: for a dict that describes nothing.

    >>> loss = {"module": "keras.losses", "class_name": "Huber", "config": {"delta": 2.0}}
    >>> deserialize_keras_object(loss).delta
    2.0
    """
    with custom_object_scope(custom_objects):
        known = names.known_to_users(config)
        if known is not None:
            return known
        if not isinstance(config, (Mapping, list, tuple, str, bool, int, float, type(None))) and (
            not hasattr(config, "get_config")
        ):
            raise ConfigError(
                "An object is described by a dict, as serialize_keras_object writes it; got "
                "{value!r}.",
                value=config,
            )
        return deserialize(config)


def deserialize(value: Any, members: Mapping[str, Any] = _NO_MEMBERS) -> Any:
    """Make the object that a dict describes; other values are returned as they are.

    Args:
        value: the dict, in Keras's form or Maeum's own, or a structure of such.
        members: classes and functions in small letters, where names without a module are found.
    """
    if isinstance(value, (list, tuple)):
        return [deserialize(v) for v in value]
    if not isinstance(value, Mapping):
        return value
    if "class_name" in value and "config" in value:
        return _made(value, members)
    if set(value) - {"tie"} == {"class", "config"} or "same_as" in value:
        return ties.make_once(
            value, lambda: names.find(value["class"]).from_config(value["config"])
        )
    if set(value) == {"function"}:
        return names.find(value["function"])
    if set(value) == {"array", "dtype"}:
        return np.asarray(value["array"], value["dtype"])
    if set(value) == {"items"}:
        return {_key(deserialize(k)): deserialize(v) for k, v in value["items"]}
    return {k: deserialize(v) for k, v in value.items()}


def _key(value: Any) -> Any:
    return tuple(map(_key, value)) if isinstance(value, list) else value


def _made(entry: Mapping[str, Any], members: Mapping[str, Any]) -> Any:
    """Make the object of a dict in Keras's form."""
    name, config = entry["class_name"], entry["config"]
    if name in _VALUES:
        return _VALUES[name](config or {})
    if name == "__lambda__":
        raise ConfigError(
            "The dict holds the code of a lambda, which is not run. Give the function a name, and "
            "register it with @maeum.register(), or pass it as custom_objects."
        )
    if name == "function":
        if not isinstance(config, str):
            raise TypeError(_("A function is named by its config; got {config!r}.", config=config))
        return _found(config, entry, members)
    if not isinstance(name, str) or not isinstance(config, (Mapping, type(None))):
        message = _(
            "An object is described by the name of its class and a dict, its config; got {name!r} "
            "and {config!r}.",
            name=name,
            config=config,
        )
        raise TypeError(message)
    thing = _found(name, entry, members)
    if isfunction(thing):
        return thing
    if not hasattr(thing, "from_config"):
        message = _("{name} has no from_config(), which makes an object from its config.",
                    name=name)  # fmt: skip
        raise TypeError(message)
    made = thing.from_config(dict(config or {}))
    if entry.get("build_config") and not getattr(made, "built", True):
        build = getattr(made, "build_from_config", None)
        if build is not None:
            build(entry["build_config"])
    if entry.get("compile_config") and hasattr(made, "compile_from_config"):
        made.compile_from_config(entry["compile_config"])
    return made


_VALUES = {
    "__tensor__": lambda config: jnp.asarray(config["value"], config["dtype"]),
    "__numpy__": lambda config: np.array(config["value"], dtype=config["dtype"]),
    "__bytes__": lambda config: config["value"].encode("utf-8"),
    "__ellipsis__": lambda config: ...,
    "__slice__": lambda config: slice(*(deserialize(config[name]) for name in _SLICE)),
    "DTypePolicy": lambda config: config["name"],
    "FloatDTypePolicy": lambda config: config["name"],
}


def _found(name: str, entry: Mapping[str, Any], members: Mapping[str, Any]) -> Any:
    """Return the class or function that a dict in Keras's form names."""
    registered, module = entry.get("registered_name"), entry.get("module")
    registered = None if registered in ("function", "", name) else registered
    for known in (registered, name):
        found = names.known_to_users(known)
        if found is not None:
            return found
    if registered is not None:
        return names.find(registered)  # or an error: what is built in has no such name
    found = _public(module, name)
    if found is None:
        found = members.get(name.lower())
    if found is None:
        found = next(filter(None, (_public(f"maeum.{room}", name) for room in _ROOMS)), None)
    if found is None and entry["class_name"] == "function":  # an op between layers
        found = names.builtins.get(f"ops.{name}")
    if found is None:  # what was registered in any package
        users = get_custom_objects()
        found = next((users[key] for key in users if key.endswith(f">{name}")), None)
    wanted = name if registered in (None, "function") else registered
    return names.find(wanted) if found is None else found


def _public(module: Any, name: str) -> Any:
    """Return what a module of Keras's, or the same one of Maeum's, calls ``name``."""
    package, *parts = str(module).split(".")
    if package not in ("keras", "maeum") or not name.isidentifier():
        return None
    parts = parts[parts[:1] == ["src"] :]
    for room in (".".join(parts[:2]), ".".join(parts[:1])):
        found = getattr(sys.modules.get(f"maeum.{room}"), name, None) if room in _ROOMS else None
        if names.is_builtin(found):
            return found
    return None


__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_registered_name", "get_registered_object", "register_keras_serializable",
    "serialize_keras_object",
]  # fmt: skip
