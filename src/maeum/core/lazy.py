"""Names of a package that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from maeum.core.absent import reason
from maeum.core.errors import nearest
from maeum.core.messages import _


def lazily(
    package: str, modules: Mapping[str, Collection[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package.

    Args:
        package: its ``__name__``.
        modules: the names that each module gives. A module within the package, or one that gives
            no names, is there under its own name, too.

    Example:
        >>> get, names = lazily("maeum", {"maeum.text": (), "maeum.text.lines": ("TextLines",)})
        >>> get("TextLines").__name__, get("text").__name__
        ('TextLines', 'maeum.text')
    """
    own = {
        module.rpartition(".")[2]: module
        for module, names in modules.items()
        if not names or module.rpartition(".")[0] == package
    }
    places = own | {name: module for module, names in modules.items() for name in names}

    def get(name: str) -> Any:
        if name not in places:
            known = sorted({*vars(sys.modules[package]).get("__all__", ()), *places})
            why = reason(package, name)
            if why is not None:
                message = _("{module} has no {name!r}. {why}", module=package, name=name, why=why)
            else:
                message = _("{module} has no {name!r}.{hint} It has: {known}.", module=package,
                            name=name, hint=nearest(name, known),
                            known=", ".join(known))  # fmt: skip
            if _importing():
                raise ImportError(message, name=package)
            raise AttributeError(message, name=name, obj=sys.modules[package])
        module = importlib.import_module(places[name])
        found = getattr(module, name) if name in modules[places[name]] else module
        setattr(sys.modules[package], name, found)
        return found

    return get, lambda: sorted({*vars(sys.modules[package]), *places})


def _importing() -> bool:
    """Tell whether ``from package import name`` asks: Python would not say an AttributeError's why.

    What only looks whether there is such a name, such as ``hasattr``, needs an AttributeError.
    """
    from opcode import opmap

    frame = sys._getframe(2)
    return frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]
