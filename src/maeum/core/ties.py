"""Objects that stand in several places of a description are described, and made again, once."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from maeum.core.errors import ModelFileError

T = TypeVar("T", bound=Callable[..., Any])

_described: ContextVar[_Described | None] = ContextVar("described", default=None)
_made: ContextVar[dict[int, Any] | None] = ContextVar("made", default=None)


class _Described:
    """The objects of one description: how often each was met, and the numbers of shared ones."""

    def __init__(self, numbers: Mapping[int, int] | None = None):
        self.numbers = numbers
        self.met: dict[int, Any] = {}
        self.shared: dict[int, int] = {}
        self.descriptions: dict[int, dict[str, Any]] = {}

    def describe(self, thing: Any, describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        before = id(thing) in self.met
        self.met[id(thing)] = thing
        if self.numbers is None or id(thing) not in self.numbers:
            if before:
                self.shared.setdefault(id(thing), len(self.shared))
            return describe()
        number = self.numbers[id(thing)]
        if not before:
            self.descriptions[number] = {**describe(), "tie": number}
        return {"same_as": number, "kind": type(thing).__name__}

    def placed(self, value: Any) -> Any:
        """Return a description in which each shared object is described where it stands first.

        What described a part may have left out again what it had described before.
        """
        twice = {
            number
            for number, count in Counter(_numbers(value, self.descriptions)).items()
            if count > 1
        }
        told: set[int] = set()

        def place(value: Any) -> Any:
            if isinstance(value, list):
                return [place(part) for part in value]
            if not isinstance(value, dict):
                return value
            if "same_as" in value:
                number = value["same_as"]
                if number in told:
                    return value
                told.add(number)
                value = self.descriptions[number]
                if number not in twice:
                    value = {key: part for key, part in value.items() if key != "tie"}
            return {key: place(part) for key, part in value.items()}

        return place(value)


def _numbers(value: Any, descriptions: Mapping[int, Any]) -> Iterator[int]:
    """Yield the number of each shared object as often as a description comes to it."""
    if isinstance(value, list):
        for part in value:
            yield from _numbers(part, descriptions)
    elif isinstance(value, dict):
        if "same_as" in value:
            yield value["same_as"]
            value = descriptions[value["same_as"]]
        for part in value.values():
            yield from _numbers(part, descriptions)


def describing(function: T) -> T:
    """Decorate a function that describes objects: what it meets twice, it describes once."""

    @functools.wraps(function)
    def described(*args: Any, **kwargs: Any) -> Any:
        if _described.get() is not None:  # a part of a larger description
            return function(*args, **kwargs)
        first = _Described()
        token = _described.set(first)
        try:
            made = function(*args, **kwargs)
            if first.shared:
                second = _Described(first.shared)
                _described.set(second)
                made = second.placed(function(*args, **kwargs))
            return made
        finally:
            _described.reset(token)

    return described  # type: ignore[return-value]


def making(function: T) -> T:
    """Decorate a function that makes objects from what a `describing` function returned."""

    @functools.wraps(function)
    def making(*args: Any, **kwargs: Any) -> Any:
        if _made.get() is not None:
            return function(*args, **kwargs)
        token = _made.set({})
        try:
            return function(*args, **kwargs)
        finally:
            _made.reset(token)

    return making  # type: ignore[return-value]


def describe_once(thing: Any, describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the description of an object, or which one it is if it was described before."""
    known = _described.get()
    return describe() if known is None else known.describe(thing, describe)


def make_once(entry: Mapping[str, Any], make: Callable[[], Any]) -> Any:
    """Return what `describe_once` described: the same object again where it is the same.

    Raises:
        ModelFileError: if the description says that it is one which it does not describe.
    """
    made = _made.get()
    if "same_as" in entry:
        thing = None if made is None else made.get(entry["same_as"])
        if thing is None or type(thing).__name__ != entry.get("kind"):
            raise ModelFileError(
                "{entry} was not described before; the description is damaged.", entry=entry
            )
        return thing
    thing = make()
    if made is not None and "tie" in entry:
        made[entry["tie"]] = thing
    return thing
