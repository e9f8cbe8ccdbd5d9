"""The page of a report: its templates, its small texts, and how it gets on the disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from maeum.core.errors import SaveError
from maeum.report import wording


def environment(package: str) -> Environment:
    """Return the templates of a package, over those that all reports share.

    Every name and cell is escaped, and a name that a template does not get is an error.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("maeum.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": wording.percent, "number": wording.number, "shorten": wording.shorten,
    }  # fmt: skip
    return made


def write_page(page: str, path: str | os.PathLike[str]) -> Path:
    """Write a report to ``path``; a report that was there stays whole until the new one is.

    Returns:
        The path that was written.

    Raises:
        SaveError: if the file or its folder cannot be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(page)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)  # a temporary file is private at first
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise SaveError(
            f"The report could not be written to {str(path)!r}: {error.strerror or error}. Choose "
            "a folder that you may write to and whose disk has some megabytes left."
        ) from error
    return path


def head(text: str, most: int) -> str:
    """Return the first lines of a text, and how many more there are."""
    lines = str(text).strip("\n").splitlines()
    if len(lines) <= most:
        return "\n".join(lines)
    return "\n".join([*lines[:most], f"… and {len(lines) - most:,} more lines"])


def setting(value: Any) -> str:
    """Return the value of an option as text."""
    if isinstance(value, dict):
        value = ", ".join(f"{k}: {setting(v)}" for k, v in value.items())
    elif isinstance(value, (list, tuple)):
        value = ", ".join(setting(v) for v in value)
    elif isinstance(value, bool) or value is None:
        value = {True: "yes", False: "no", None: "none"}[value]
    elif isinstance(value, float):
        value = f"{value:g}"
    return wording.shorten(value, 160)
