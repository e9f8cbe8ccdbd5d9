"""Libraries that only some parts need: who imports one that is not installed is told the extra."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any

from maeum.core.messages import _

EXTRAS = {
    "click": "cli",
    "gymnasium": "rl",
    "h5py": "keras",
    "jinja2": "report",
    "markupsafe": "report",
    "mido": "music",
    "openpyxl": "excel",
    "optuna": "tuner",
    "pandas": "tables",
    "PIL": "images",
    "pillow_heif": "heic",
    "pyarrow": "parquet",
    "sklearn": "tables",
}


class Explained(MetaPathFinder):
    """The last to be asked for a module: it finds none, but says why Maeum's own import fails."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Say how a library is installed, if Maeum imports it.

        Raises:
            ModuleNotFoundError: for a library of `EXTRAS`.
        """
        if name in EXTRAS and _importer().partition(".")[0] == "maeum":
            message = _("This needs {module}, which is not installed. Install it: "
                        "pip install 'maeum[{extra}]'", module=name,
                        extra=EXTRAS[name])  # fmt: skip
            raise ModuleNotFoundError(message, name=name)


def _importer() -> str:
    """Return the name of the module that imports; empty where one only asks for a module."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name == "importlib.util":  # its find_spec
            return ""
        if not name.startswith("importlib"):
            return name
        frame = frame.f_back
    return ""


def explain() -> None:
    """Begin to say it."""
    if not any(isinstance(finder, Explained) for finder in sys.meta_path):
        sys.meta_path.append(Explained())
