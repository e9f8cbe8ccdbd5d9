"""Objects that remember how they were made.

Layers, losses, metrics, optimizers, schedules, initializers, regularizers and constraints are
all `Configurable`: the arguments given to ``__init__`` are recorded, so that ``get_config`` and
``from_config`` need not be written by hand, and an unknown argument is answered with the name
that was probably meant.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, TypeVar

from maeum.core import registry
from maeum.core.errors import nearest

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
    """Base of everything that is described by the arguments it was made with.

    A class whose own ``**kwargs`` take any name, and are not handed to its bases, says so with
    ``any_argument = True`` in its body.
    """

    _arguments: dict[str, Any]
    # Attributes that no compiled program depends on; see `maeum.core.fingerprint`.
    _untraced: frozenset[str] = frozenset({"_arguments"})

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Record the arguments, or say which one is wrong."""
        self = object.__new__(cls)
        object.__setattr__(self, "_arguments", _bind(cls, self, args, kwargs))
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        count_change()

    def __reduce__(self) -> tuple:
        return object.__new__, (type(self),), self.__getstate__()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this object again, ready for JSON."""
        return {name: registry.serialize(value) for name, value in self._arguments.items()}

    @classmethod
    def from_config(cls: type[Self], config: dict[str, Any]) -> Self:
        """Make an object from what `get_config` returned."""
        config = {name: registry.deserialize(value) for name, value in config.items()}
        rest = config.pop("*", ())
        parameters = list(init_signature(cls).parameters.values())[1:]  # type: ignore[arg-type]
        first = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        if rest:
            first += [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        return cls(*(config.pop(name) for name in first if name in config), *rest, **config)


def _bind(cls: type, self: object, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Name the arguments of ``cls(*args, **kwargs)``; raise as Python would, but helpfully."""
    signature = init_signature(cls)
    known = accepted_arguments(cls)
    unknown = [name for name in kwargs if name not in known]
    try:
        if unknown and known[-1:] != ["**"]:
            raise TypeError(f"got an unexpected argument {unknown[0]!r}")
        bound = signature.bind(self, *args, **kwargs)
    except TypeError as error:
        hint = nearest(unknown[0], known) if unknown else ""
        arguments = f"Its arguments are: {', '.join(known)}." if known else "It takes none."
        raise TypeError(f"{cls.__name__}: {error}.{hint} {arguments}") from None
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
