"""Modules under TensorFlow's and Keras's names, made of the modules that implement them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from maeum.compat.graph.errors import UncoveredError
from maeum.compat.graph.modes import executing_eagerly
from maeum.compat.surface import MODULES, Module
from maeum.core import tracebacks
from maeum.core.errors import nearest
from maeum.core.messages import _

MISSING: Any = object()


class Namespace(ModuleType):
    """A module of TensorFlow or Keras: its names are those of the modules that it is made of.

    Whatever a script sets on it stays there.
    """

    def __init__(self, path: str):
        super().__init__(path, MODULES[path].doc)
        self.__path__: list[str] = []
        self.__dict__["_module"] = MODULES[path]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        found = lookup(self.__name__, name)
        if found is MISSING:
            raise uncovered(self.__name__, name)
        return found

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *names_of(self.__name__)})

    @property
    def __all__(self) -> list[str]:
        return [name for name in names_of(self.__name__) if not name.startswith("_")]


def lookup(path: str, name: str) -> Any:
    """Return what a module has under a name, or `MISSING`."""
    module = MODULES[path]
    if name in module.names:
        target, _dot, attribute = module.names[name].rpartition(":")
        return getattr(importlib.import_module(target), attribute)
    if f"{path}.{name}" in MODULES:
        return importlib.import_module(f"{path}.{name}")
    for source in _sources(module):
        if source in MODULES:
            found = lookup(source, name)
            if found is not MISSING:
                return found
            continue
        made = importlib.import_module(source)
        exported = getattr(made, "__all__", None)
        if exported is None or name in exported:
            found = getattr(made, name, MISSING)
            if found is not MISSING:
                return found
    return MISSING


def _sources(module: Module) -> Iterable[str]:
    if module.eager and executing_eagerly():
        return (*module.eager, *module.sources)
    return module.sources


def names_of(path: str) -> list[str]:
    """Return the names that a module has."""
    module = MODULES[path]
    found = {*module.names, *(p[len(path) + 1 :] for p in MODULES if p.rpartition(".")[0] == path)}
    for source in (*module.eager, *module.sources):
        if source in MODULES:
            found |= set(names_of(source))
        else:
            made = importlib.import_module(source)
            found |= set(getattr(made, "__all__", None) or dir(made))
    return sorted(found)


def shown(path: str) -> str:
    """Return a module's or a name's path as scripts write it: ``tf.nn.relu``."""
    head, dot, rest = path.partition(".")
    return f"tf{dot}{rest}" if head == "tensorflow" else path


def uncovered(path: str, name: str) -> UncoveredError:
    """Return the error for a name that a module does not have, with the line that asks for it."""
    full = shown(f"{path}.{name}")
    return UncoveredError(
        "{name} is not covered{where}.{hint} `maeum run --check script.py` lists all such names.",
        name=full, where=_where(), hint=hint(path, name),
    )  # fmt: skip


def hint(path: str, name: str) -> str:
    """Return which name that is there may be meant."""
    here = nearest(name, [n for n in names_of(path) if not n.startswith("_")])
    if here:
        return here
    places = [p for p in MODULES if p != path and p.startswith(path.partition(".")[0])]
    for place in places:
        if name in MODULES[place].names or _has(place, name):
            return _(" Did you mean {name!r}?", name=shown(f"{place}.{name}"))
    return ""


def _has(path: str, name: str) -> bool:
    return any(
        name in (getattr(sys.modules.get(source), "__all__", None) or ())
        for source in MODULES[path].sources
    )


def _where() -> str:
    """Return the file and the line of the script that is running."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not tracebacks._inside(file) and "importlib" not in file:
            return _(" ({file}, line {line})", file=file, line=frame.f_lineno)
        frame = frame.f_back
    return ""
