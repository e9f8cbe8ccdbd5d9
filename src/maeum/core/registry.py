"""Names for classes and functions: what a model file may name.

A file is only ever turned into classes and functions of this registry (Maeum's own,
and those that the user registered) or that the caller hands over as ``custom_objects``. Nothing
is imported because a file names it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from inspect import isfunction
from types import MappingProxyType
from typing import Any, TypeVar

import jax
import numpy as np

from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.core.messages import _

T = TypeVar("T")

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_NONE: Mapping[str, Any] = MappingProxyType({})
_custom: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default=_NONE)


def register(name: str | None = None, *, package: str = "custom") -> Callable[[T], T]:
    """Register a class or function of yours, so that models that use it can be saved and loaded.

    Usable with and without parentheses; the registered name is ``package>name``.

    >>> @register(package="shop")
    ... def double(x):
    ...     return 2 * x
    >>> serialize(double)
    {'function': 'shop>double'}
    """
    if callable(name):
        return register()(name)

    def decorate(thing: T) -> T:
        add(f"{package}>{name or thing.__name__}", thing)  # type: ignore[attr-defined]
        return thing

    return decorate


def add(name: str, thing: Any) -> None:
    """Put ``thing`` into the registry; a later definition of the same name replaces the earlier."""
    _registered[name] = thing
    _names[thing] = name


def builtin(thing: T) -> T:
    """Decorate one of Maeum's own classes or functions: its registered name is its own."""
    add(thing.__name__, thing)  # type: ignore[attr-defined]
    return thing


@contextlib.contextmanager
def custom_object_scope(objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Make ``objects`` (name to class or function) known while a file or config is read."""
    token = _custom.set({**_custom.get(), **(objects or {})})
    try:
        yield
    finally:
        _custom.reset(token)


class _References(dict):
    """Objects that a copy within this process refers to, by names made up for it."""


@contextlib.contextmanager
def reference_scope() -> Iterator[dict[str, Any]]:
    """Let everything that is not Maeum's own stand for itself, for a copy or a pickle.

    Yields the objects that were referred to, by the names that `serialize` wrote for them.
    """
    references = _References(_custom.get())
    token = _custom.set(references)
    try:
        yield references
    finally:
        _custom.reset(token)


def find(name: str) -> Any:
    """Return the class or function called ``name``, from the scope or the registry.

    Raises:
        UnknownNameError: if nothing has that name.
    """
    if not isinstance(name, str):
        raise ConfigError("The name of a class or function is a string; got {name!r}.", name=name)
    custom = _custom.get()
    for table in (custom, _registered):
        if name in table:
            return table[name]
    short = name.rpartition(">")[2]
    if short in custom:
        return custom[short]
    raise UnknownNameError(
        "Nothing is registered as {name!r}.{hint} If it is a class or function of yours, decorate "
        "it with @maeum.register(), or pass custom_objects={{{short!r}: ...}}.",
        name=name,
        hint=nearest(name, [*custom, *_registered]),
        short=short,
    )


def name_of(thing: Any) -> str | None:
    """Return the registered name of a class or function, or None."""
    custom = _custom.get()
    for name, value in custom.items():
        if value is thing:
            return name
    known = _names.get(thing) if isinstance(thing, Hashable) else None
    builtin = known is not None and ">" not in known
    if builtin or not isinstance(custom, _References):
        return known
    made_up = f"custom>{getattr(thing, '__name__', type(thing).__name__)}@{len(custom)}"
    custom[made_up] = thing
    return made_up


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
        return {"class": known, "config": serialize(_config_of(value))}
    name = name_of(value)
    if name is not None:
        return {"function": name}
    if callable(value):
        called = getattr(value, "__name__", repr(value))
        raise ConfigError(
            "The function {called!r} cannot be written to a file: only registered functions can. "
            "Decorate it with @maeum.register().",
            called=called,
        )
    kind = type(value).__name__
    raise ConfigError("A value of type {kind} cannot be written to a file.", kind=kind)


def _config_of(value: Any) -> Any:
    """Return the configuration of an object, or say whose ``get_config`` failed."""
    try:
        return value.get_config()
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


def deserialize(value: Any) -> Any:
    """Make the object that `serialize` described; other values are returned as they are."""
    if isinstance(value, list):
        return [deserialize(v) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"class", "config"}:
        return find(value["class"]).from_config(value["config"])
    if set(value) == {"function"}:
        return find(value["function"])
    if set(value) == {"array", "dtype"}:
        return np.asarray(value["array"], value["dtype"])
    if set(value) == {"items"}:
        return {_key(deserialize(k)): deserialize(v) for k, v in value["items"]}
    return {k: deserialize(v) for k, v in value.items()}


def _key(value: Any) -> Any:
    return tuple(map(_key, value)) if isinstance(value, list) else value


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

    def get(self, identifier: Any) -> Any:
        """Return the object that ``identifier`` stands for.

        Raises:
            UnknownNameError: for a name that the family does not have.
            ConfigError: for something that is not a member.
        """
        if isinstance(identifier, str):
            custom = _custom.get()
            if identifier in custom:
                found = custom[identifier]
            elif identifier.lower() in self.members:
                found = self.members[identifier.lower()]
            elif identifier in _registered or ">" in identifier:
                found = find(identifier)
            else:
                known = sorted(self.members)
                raise UnknownNameError(
                    "There is no {kind} called {name!r}.{hint} Known: {known}.",
                    kind=_(self.kind),
                    name=identifier,
                    hint=nearest(identifier, known),
                    known=", ".join(known),
                )
            return found() if isinstance(found, type) else found
        if isinstance(identifier, dict):
            return deserialize(identifier)
        if isinstance(identifier, type):
            return identifier()
        if identifier is None or callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        raise ConfigError(
            "The {kind} is given by its name, an object or a function; got {value!r} of type "
            "{type}.",
            kind=_(self.kind),
            value=identifier,
            type=type(identifier).__name__,
        )
