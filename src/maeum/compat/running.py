"""How a script runs with Maeum in the place of TensorFlow and Keras."""

from __future__ import annotations

import builtins
import io
import os
import sys
import tokenize
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import maeum.compat
from maeum.compat.graph import modes
from maeum.compat.namespaces import MISSING, hint, lookup, shown
from maeum.compat.scanning import local_modules, uses, wants_graph, wants_keras2
from maeum.compat.surface import MODULES
from maeum.core.errors import DataError

_SHIMS = Path(__file__).with_name("shims")


def run_script(script: Path, arguments: Sequence[str] = ()) -> dict[str, Any]:
    """Run a script as ``python script arguments`` would, with Maeum as TensorFlow and Keras.

    The folder of the script is the first on the path, ``__name__`` is ``"__main__"``, and whatever
    it raises (`SystemExit` among it) goes on to the caller. Processes that it starts find Maeum,
    too.

    Args:
        script: the file.
        arguments: what follows it on the command line.

    Returns:
        what the script's names stand for in the end.

    Raises:
        DataError: if it cannot be read.
        SyntaxError: if it is no Python.
    """
    source = read_source(script)
    code = compile(source, str(script), "exec", dont_inherit=True)
    sources = [read_source(path) for path in local_modules(script)]
    maeum.compat.install(shadow=True, graph=any(map(wants_graph, sources)))
    modes.use_keras2(any(map(wants_keras2, sources)))
    if not os.environ.get("MPLBACKEND") and not _has_screen():
        os.environ["MPLBACKEND"] = "module://maeum.compat.figures"
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    main = ModuleType("__main__")
    main.__dict__.update(
        __file__=str(script), __builtins__=builtins, __cached__=None, __annotations__={}
    )
    sys.argv = [str(script), *arguments]
    sys.path[:0] = [str(script.resolve().parent)]
    sys.path.append(str(_SHIMS))  # for processes that begin anew
    sys.modules["__main__"] = main
    try:
        exec(code, main.__dict__)
        return main.__dict__
    finally:
        sys.stdout.flush()
        sys.argv, sys.path[:], sys.modules["__main__"] = before
        maeum.compat.uninstall()


def _has_screen() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def read_source(script: Path) -> str:
    """Return the source of a script, in the encoding that it declares.

    Raises:
        DataError: if it cannot be read.
    """
    try:
        data = script.read_bytes()
    except OSError as error:
        raise DataError(
            "Cannot read {path}: {reason}.", path=script, reason=error.strerror
        ) from None
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        raise DataError("{path} is no Python script that can be read: it is not in UTF-8, and "
                        "declares no other encoding.", path=script) from None  # fmt: skip


class Uncovered(NamedTuple):
    """A name in a script that Maeum has nothing for."""

    path: Path
    line: int
    name: str
    hint: str


def check_script(script: Path) -> list[Uncovered]:
    """Return the names of TensorFlow and Keras that a script uses and Maeum does not have.

    The script is not run. The files beside it that it imports are looked at, too.

    Raises:
        DataError: if it cannot be read.
        SyntaxError: if it is no Python.
    """
    found: dict[tuple[Path, str], Uncovered] = {}
    for file in local_modules(script):
        for use in uses(read_source(file)):
            wrong = _missing(use.path)
            if wrong is not None:
                path, name = wrong
                full = shown(f"{path}.{name}" if path else name)
                missing = Uncovered(file, use.line, full, hint(path, name) if path else "")
                found.setdefault((file, full), missing)
    return sorted(found.values())


def _missing(path: str) -> tuple[str, str] | None:
    """Return the module and the first name of a path that is not there."""
    parts = path.split(".")
    known = parts[0]
    for place, name in enumerate(parts[1:], 1):
        if f"{known}.{name}" in MODULES:
            known = f"{known}.{name}"
            continue
        thing = lookup(known, name)
        if thing is MISSING:
            return known, name
        if not isinstance(thing, ModuleType) or place + 1 == len(parts):
            return None
        for later in parts[place + 1 :]:
            if not hasattr(thing, later):
                return f"{known}.{name}" if f"{known}.{name}" in MODULES else known, later
            thing = getattr(thing, later)
        return None
    return None
