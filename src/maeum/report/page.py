"""The page of a report: its templates, its small texts, and how it gets on the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from maeum.core.files import write_atomically
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
    write_atomically(path, page.encode("utf-8", "replace"))
    return Path(path)


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
