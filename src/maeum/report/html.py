"""A page of sections as HTML: one file that needs nothing but a browser."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from maeum.core.files import write_atomically
from maeum.core.messages import _, language, ngettext
from maeum.core.wording import shorten
from maeum.report import wording
from maeum.report.sections import Page, Section


def render(page: Page) -> str:
    """Return a page as HTML, with its style and drawings inside.

    Every name and cell is escaped, the page holds no script and loads nothing.
    """
    return _environment().get_template("page.html").render(page=page, language=language())


def write_page(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write a page to ``path``; one that was there stays whole until the new one is.

    Returns:
        The path that was written.

    Raises:
        SaveError: if the file or its folder cannot be written.
    """
    write_atomically(path, render(page).encode("utf-8", "replace"))
    return Path(path)


def _draw(section: Section) -> Markup:
    """Return a section drawn by the macro that is named like its class."""
    macros = _environment().get_template("sections.html").module
    return Markup(getattr(macros, type(section).__name__)(section))


@functools.cache
def _environment() -> Environment:
    """Return the templates; a name that a template does not get is an error."""
    made = Environment(
        loader=PackageLoader("maeum.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": _, "ngettext": ngettext, "draw": _draw}
    made.filters |= {"percent": wording.percent, "shorten": shorten}
    return made
