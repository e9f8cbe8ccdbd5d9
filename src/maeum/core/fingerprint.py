"""What a compiled program depends on besides its inputs: a fingerprint of the objects behind it.

A program is traced from objects: their attributes become part of it, the values of their variables
do not. Two models with one fingerprint therefore have the same programs, and a model whose
fingerprint has changed needs new ones.
"""

from __future__ import annotations

import functools
import hashlib
import types
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from maeum.core.settings import settings
from maeum.core.variable import Variable

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
_LIBRARIES = ("maeum", "jax", "jaxlib", "numpy", "builtins", "operator", "math")


class Fingerprint(NamedTuple):
    """A fingerprint.

    Attributes:
        text: equal for objects from which the same programs are traced.
        closed: whether all of it is Maeum's own. What users wrote may depend on more than can be
            seen here, so only the very same objects are trusted to give the same program again.
        variables: the variables among them.
        kept: the objects that the text names by identity, which must not be freed before it.
        mutable: whether what users wrote holds values that can be changed without an attribute
            being assigned: in lists, dicts, arrays and objects of their own.
    """

    text: str
    closed: bool
    variables: list[Variable]
    kept: list[Any]
    mutable: bool

    def same_variables(self, other: Fingerprint) -> bool:
        """Tell whether the variables are not only alike, but the same."""
        return list(map(id, self.variables)) == list(map(id, other.variables))


def fingerprint(*things: Any) -> Fingerprint:
    """Return the fingerprint of objects.

    Everything that they hold is walked through, each object once. What an object holds without any
    influence on its programs, its class names in ``_untraced`` (or leaves out of
    ``traced_attributes``).

    Example:
        >>> from maeum.layers import Dropout
        >>> one, two = Dropout(0.5), Dropout(0.5)
        >>> fingerprint(one).text == fingerprint(two).text
        True
        >>> two.rate = 0.4
        >>> fingerprint(one).text == fingerprint(two).text
        False
    """
    walk = Walk()
    walk.add(settings.traced)
    for thing in things:
        walk.add(thing)
    digest = hashlib.blake2b("\x1f".join(walk.words).encode("utf-8", "replace"), digest_size=16)
    return Fingerprint(digest.hexdigest(), walk.closed, walk.variables, walk.kept, walk.mutable)


class Walk:
    """Puts objects into words, each of them once; see `fingerprint`."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.closed, self.mutable = True, False
        self.kept: list[Any] = []
        self.variables: list[Variable] = []
        self._seen: dict[int, int] = {}

    def add(self, value: Any) -> None:
        """Put a value, and all that it holds, into words."""
        say = self.words.append
        if isinstance(value, _PLAIN):
            say(f"{type(value).__name__} {value!r}")
        elif isinstance(value, (np.generic, np.dtype)):
            say(repr(value))
        elif isinstance(value, (np.ndarray, jax.Array)):
            self._array(value)
        elif isinstance(value, (list, tuple, set, frozenset)):
            parts = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
            say(f"{type(value).__name__} {len(value)}")
            for part in parts:
                self.add(part)
        elif isinstance(value, Mapping):
            say(f"dict {len(value)}")
            for key, part in value.items():
                self.add(key)
                self.add(part)
        elif id(value) in self._seen:
            say(f"again {self._seen[id(value)]}")
        else:
            self._seen[id(value)] = len(self._seen)
            self._object(value)

    def _array(self, value: Any) -> None:
        array = np.asarray(value)
        content = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16)
        self.words.append(f"array {array.shape} {array.dtype} {content.hexdigest()}")

    def _object(self, value: Any) -> None:
        if isinstance(value, Variable):
            self.variables.append(value)
            self.words.append(
                f"variable {value.shape} {value.dtype} {value.trainable} {value.name} {value.path}"
            )
            self.add((value.regularizer, value.constraint))
        elif isinstance(value, (type, types.BuiltinFunctionType, np.ufunc)):
            self._named(value)
        elif isinstance(value, functools.partial):
            self.words.append("partial")
            self.add((value.func, value.args, value.keywords))
        elif isinstance(value, types.MethodType):
            self.words.append(f"method {value.__func__.__qualname__}")
            self.add(value.__self__)
        elif callable(value) and hasattr(value, "__qualname__"):
            self._function(value)
        elif hasattr(value, "__dict__"):
            if not _from_library(type(value)):
                self._identify(type(value))
            self._parts(value)
        else:
            self._identify(value)

    def _parts(self, value: Any) -> None:
        self.words.append(f"{type(value).__module__}.{type(value).__qualname__}")
        chosen = getattr(value, "traced_attributes", None)
        untraced = getattr(value, "_untraced", ())
        foreign = not _from_library(type(value))
        if foreign and not hasattr(type(value), "traced_attributes"):
            self.mutable = True
        attributes = vars(value) if chosen is None else chosen()
        for name in sorted(attributes):
            if name not in untraced:
                self.words.append(name)
                self.attribute(value, name, attributes[name])
                self.mutable = self.mutable or (foreign and _holds_values(attributes[name]))
        self.words.append("end")

    def attribute(self, owner: Any, name: str, value: Any) -> None:
        """Put an attribute, whose name is said already, into words."""
        self.add(value)

    def _function(self, value: Any) -> None:
        cells = getattr(value, "__closure__", None)
        if _from_library(value) and "<lambda>" not in value.__qualname__:
            self._named(value)
            if cells:
                self.add([cell.cell_contents for cell in cells if _filled(cell)])
        else:
            self._identify(value)

    def _named(self, value: Any) -> None:
        if _from_library(value):
            home = getattr(value, "__module__", None)
            self.words.append(f"{home}.{getattr(value, '__qualname__', value)}")
        else:
            self._identify(value)

    def _identify(self, value: Any) -> None:
        """Name something by its identity: it may hide what cannot be seen."""
        self.closed = False
        self.kept.append(value)
        self.words.append(f"object {id(value)}")


def _from_library(value: Any) -> bool:
    return (getattr(value, "__module__", None) or "builtins").partition(".")[0] in _LIBRARIES


def _holds_values(value: Any) -> bool:
    """Tell whether a list, dict, set or array holds something else than layers and variables."""
    if isinstance(value, np.ndarray):
        return True
    if not isinstance(value, (list, set, dict)):
        return False
    return any(
        isinstance(leaf, (*_PLAIN, np.ndarray, np.generic)) and leaf is not None
        for leaf in jax.tree.leaves(list(value) if isinstance(value, set) else value)
    )


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
