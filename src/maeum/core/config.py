"""Objects that can say what they are, so that a file can make them again.

Layers, losses, metrics, optimizers, schedules, initializers, regularizers and constraints are
all `Configurable`: ``get_config`` and ``from_config`` need not be written by hand, and an unknown
argument is answered with the name that was probably meant.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from maeum.core import registry
from maeum.core.errors import ArgumentError, ConfigError, nearest
from maeum.core.messages import _

Self = TypeVar("Self", bound="Configurable")


_changes = [0]


def count_change() -> None:
    """Note that something was changed which compiled programs may depend on."""
    _changes[0] += 1


def changes() -> int:
    """Return how often an attribute of any layer, loss, metric or optimizer was assigned.

    As long as the number is the same, programs compiled before are those of the objects now.
    """
    return _changes[0]


class Configurable:
    """Base of everything that is described by the arguments of its ``__init__``.

    The attribute that ``__init__`` sets under the name of an argument is that argument from then
    on: ``layer.rate = 0.2`` changes the layer, and its configuration. So `get_config` tells what
    an object is now. For each argument it returns

    - the attribute, if it was assigned or changed since the object was made;
    - else the argument as it was given, or its default. (An attribute that only ``build`` sets,
      or in whose place ``build`` puts a variable or a layer, is not the argument.)

    An argument that is stored under another name is described as it was given.

    A class of yours that writes ``get_config`` describes its own arguments, as in Keras:
    ``super().get_config()`` are then those of its base. What it forgets is saved all the same.

    Names in ``undescribed`` are not described: older names of other arguments, and values that are
    kept as weights. A class whose own ``**kwargs`` take any name, and are not handed to its bases,
    says so with ``any_argument = True`` in its body.
    """

    undescribed: frozenset[str] = frozenset()
    _arguments: dict[str, Any]
    _first: dict[str, Any] | None = None  # the attributes behind the arguments, when just made
    # Attributes that no compiled program depends on; see `maeum.core.fingerprint`.
    _untraced: frozenset[str] = frozenset({"_arguments", "_first"})
    # Attributes that are assigned often, and that no program has to be looked at again for.
    _uncounted: frozenset[str] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Record the arguments, or say which one is wrong."""
        self = object.__new__(cls)
        object.__setattr__(self, "_arguments", _bind(cls, self, args, kwargs))
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _noting(cls.__init__)  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name not in self._uncounted:
            count_change()

    def __reduce__(self) -> tuple:
        return object.__new__, (type(self),), self.__getstate__()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this object again, ready for JSON."""
        return self._described(_described_by_themselves(type(self)))  # type: ignore[arg-type]

    def whole_config(self) -> dict[str, Any]:
        """Return `get_config`, and the arguments that a class's own ``get_config`` forgets."""
        config = self.get_config()
        own = _described_by_themselves(type(self))  # type: ignore[arg-type]
        if (
            not own
            or not isinstance(config, dict)
            or not _is_ours(_owner(type(self), "from_config"))
        ):
            return config
        forgotten = own - set(config)
        whole = self._described(frozenset())
        return {**config, **{name: whole[name] for name in forgotten if name in whole}}

    def _described(self, left_out: frozenset[str]) -> dict[str, Any]:
        given = self._arguments | self._changed_arguments()
        known = _own_defaults(type(self)) | given  # type: ignore[arg-type]
        left_out = left_out | self.undescribed
        config = {}
        for name, value in known.items():
            if name in left_out or value is inspect.Parameter.empty:
                continue
            try:
                config[name] = registry.serialize(value)
            except ConfigError:
                if name in given:  # a default that no file can hold is the default again
                    raise
        return config

    def _changed_arguments(self) -> dict[str, Any]:
        """Return the arguments whose attributes are not what they were when it was made."""
        now = vars(self)
        return {
            name: now[name]
            for name, first in (self._first or {}).items()
            if name in now and not unchanged(now[name], first)
        }

    @classmethod
    def from_config(cls: type[Self], config: dict[str, Any]) -> Self:
        """Make an object from what `get_config` returned.

        Keras's configurations also name arguments that are not there: None and False say that they
        are not used.
        """
        known = accepted_arguments(cls)  # type: ignore[arg-type]
        config = {
            name: value
            for name, value in config.items()
            if name in known or "**" in known or not (value is None or value is False)
        }
        arguments = {name: registry.deserialize(value) for name, value in config.items()}
        rest = arguments.pop("*", ())
        parameters = list(init_signature(cls).parameters.values())[1:]  # type: ignore[arg-type]
        first = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        if rest:
            first += [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        positional = [arguments.pop(name) for name in first if name in arguments]
        try:
            return cls(*positional, *rest, **arguments)
        except TypeError as error:
            found = re.search(r"multiple values for keyword argument '(\w+)'", str(error))
            if found is None or found[1] not in config:
                raise
        # The class gives this argument to its base itself; it was assigned afterwards.
        made = cls.from_config({k: v for k, v in config.items() if k != found[1]})
        setattr(made, found[1], arguments[found[1]])
        return made


def _noting(init: Callable[..., None]) -> Callable[..., None]:
    """Return an ``__init__`` after which the object knows what its arguments became."""

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        outermost = self._first is None
        if outermost:
            vars(self)["_first"] = {}
        init(self, *args, **kwargs)
        if outermost:
            kind: Any = type(self)
            values, names = vars(self), (*accepted_arguments(kind), *self._arguments)
            values["_first"] = {n: _kept(values[n]) for n in names if n in values}

    return __init__


def _kept(value: Any) -> Any:
    """Return what a value can be compared with later, even if it is changed in place."""
    return copy.copy(value) if isinstance(value, (list, dict, set, np.ndarray)) else value


def unchanged(now: Any, first: Any) -> bool:
    """Return whether a value is still the one it was; ``first`` may be a copy of a list."""
    if isinstance(now, Configurable):
        return now is first and not now._changed_arguments()
    if isinstance(now, np.ndarray):
        return isinstance(first, np.ndarray) and np.array_equal(now, first)
    try:
        return now is first or (type(now) is type(first) and bool(now == first))
    except ValueError:  # arrays among the entries
        return False


@functools.cache
def _own_defaults(cls: type) -> dict[str, Any]:
    """Return the arguments of ``cls.__init__`` with their defaults, empty where there is none."""
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = list(init_signature(cls).parameters.values())[1:]
    return {p.name: p.default for p in parameters if p.kind not in several}


def _is_ours(cls: type) -> bool:
    """Tell whether a class is one of this package."""
    return cls.__module__.startswith(__name__.partition(".")[0] + ".")


def _owner(cls: type, name: str) -> type:
    """Return the class that an attribute of ``cls`` is defined in."""
    return next(base for base in cls.__mro__ if name in vars(base))


@functools.cache
def _described_by_themselves(cls: type) -> frozenset[str]:
    """Return the arguments of a user's class, and of such bases, that write ``get_config``."""
    own = [base for base in cls.__mro__ if "get_config" in vars(base) and not _is_ours(base)]
    if not own:
        return frozenset()
    # Below the last of these stands what its ``super().get_config()`` describes.
    base: Any = cls.__mro__[cls.__mro__.index(own[-1]) + 1]
    known = accepted_arguments(base)
    return frozenset() if "**" in known else frozenset(accepted_arguments(cls)) - frozenset(known)


def _bind(cls: type, self: object, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Name the arguments of ``cls(*args, **kwargs)``; raise as Python would, but helpfully."""
    signature = init_signature(cls)
    known = accepted_arguments(cls)
    unknown = [name for name in kwargs if name not in known]
    try:
        if unknown and known[-1:] != ["**"]:
            raise TypeError(_("got an unexpected argument {unknown!r}", unknown=unknown[0]))
        bound = signature.bind(self, *args, **kwargs)
    except TypeError as error:
        hint = nearest(unknown[0], known) if unknown else ""
        taken = _("It takes no arguments.")
        if known:
            taken = _("Its arguments are: {known}.", known=", ".join(known))
        raise ArgumentError(
            "{kind}: {error}.{hint} {taken}",
            kind=cls.__name__,
            error=error,
            hint=hint,
            taken=taken,
        ) from None
    given: dict[str, Any] = {}
    for name, value in list(bound.arguments.items())[1:]:
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            given.update(value)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            given["*"] = list(value)
        else:
            given[name] = value
    return given


@functools.cache
def init_signature(cls: type) -> inspect.Signature:
    """Return the signature of ``cls.__init__``, ``self`` included."""
    init = cls.__init__  # type: ignore[misc]
    if init is object.__init__:  # which claims to take anything
        return inspect.signature(lambda self: None)
    return inspect.signature(init)


@functools.cache
def accepted_arguments(cls: type) -> list[str]:
    """Return every argument name that ``cls`` takes, those of its bases' ``**kwargs`` included.

    The list ends with ``"**"`` if any other name is taken as well.
    """
    names: dict[str, None] = {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for base in cls.__mro__:
        if "__init__" not in vars(base) and base is not object:
            continue
        parameters = list(init_signature(base).parameters.values())[1:]
        names.update(dict.fromkeys(p.name for p in parameters if p.kind in named))
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
            return list(names)
        if vars(base).get("any_argument"):
            break
    return [*names, "**"]
