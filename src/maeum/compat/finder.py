"""The import hook: ``tensorflow`` and ``keras`` are Maeum in this process while it is installed."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from maeum.compat.graph import modes
from maeum.compat.graph.errors import UncoveredModuleError
from maeum.compat.namespaces import Namespace, hint, shown
from maeum.compat.ops import operators  # noqa: F401  (it gives tensors their operators)
from maeum.compat.scanning import wants_graph, wants_keras2
from maeum.compat.surface import MODULES

ROOTS = ("tensorflow", "keras")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of TensorFlow and Keras.

    Args:
        shadow: whether it comes before an installed TensorFlow or Keras.
    """

    def __init__(self, shadow: bool):
        self.shadow = shadow
        self.decided = False
        self.hidden: dict[str, ModuleType] = {}  # modules whose place it takes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how a module is loaded; None for one that is not ours."""
        root = fullname.partition(".")[0]
        if root not in ROOTS or not (self.shadow or _ours(root) or fullname == root):
            return None
        if fullname in MODULES:
            self._decide()
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        parent, _dot, name = fullname.rpartition(".")
        if parent in MODULES:
            raise UncoveredModuleError("The module {name} is not covered.{hint}",
                                       name=shown(fullname), hint=hint(parent, name))  # fmt: skip
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the module."""
        return Namespace(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: names are found when they are used."""

    def _decide(self) -> None:
        """Choose TensorFlow 1 or 2 by what the code that imports uses."""
        if self.decided:
            return
        self.decided = True
        source = _importing_source()
        if source is not None:
            modes.use_keras2(wants_keras2(source))
            if wants_graph(source):
                modes.record_graphs()


def _ours(root: str) -> bool:
    return isinstance(sys.modules.get(root), Namespace)


def _importing_source() -> str | None:
    """Return the source of the file that imports."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if "importlib" not in file and frame.f_globals.get("__name__", "").split(".")[0] != "maeum":
            try:
                with open(file, encoding="utf-8", errors="replace") as opened:
                    return opened.read()
            except OSError:
                return None
        frame = frame.f_back
    return None


def find(shadow: bool) -> Finder:
    """Install the hook, and return it.

    Without ``shadow`` it comes last, so that what is installed is found before.
    """
    finder = Finder(shadow)
    if shadow:
        sys.meta_path.insert(0, finder)
    else:
        sys.meta_path.append(finder)
    return finder


def forget(finder: Finder) -> None:
    """Take the hook away, with the modules that it made."""
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, Namespace)]:
        del sys.modules[name]
    sys.modules.update(finder.hidden)
