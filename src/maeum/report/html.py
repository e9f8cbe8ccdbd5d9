"""A page of sections as HTML: one file that needs nothing but a browser."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from maeum.core.files import write_atomically
from maeum.core.messages import _, language, ngettext
from maeum.core.wording import shorten
from maeum.report import wording
from maeum.report.charts.drawing import draw
from maeum.report.sections import Folded, Grid, Heading, Legend, Page, Section, Text, within


def render(page: Page) -> str:
    """Return a page as HTML, with its style and drawings inside.

    Every name and cell is escaped, and the page loads nothing. Its one style and one script are
    let in by their hashes: no other would run, whatever the data hold.
    """
    shown = within(section for chapter in page.chapters for section in chapter.sections)
    scripts = dict.fromkeys(name for section in shown for name in section.scripts)
    inside = {"style": _inside("report.css"), "script": _inside("report.js", *scripts)}
    template = _environment().get_template("page.html")
    return template.render(page=page, language=language(), **inside)


def write_page(page: Page, path: str | os.PathLike[str]) -> Path:
    """Write a page to ``path``; one that was there stays whole until the new one is.

    Returns:
        The path that was written.

    Raises:
        SaveError: if the file or its folder cannot be written.
    """
    write_atomically(path, render(page).encode("utf-8", "replace"))
    return Path(path)


class Inside(NamedTuple):
    """A text that stands within the page, and what the page's policy knows it by."""

    text: Markup
    source: Markup


@functools.cache
def _inside(*names: str) -> Inside:
    folder = files("maeum.report").joinpath("templates")
    text = "".join(folder.joinpath(name).read_text("utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Inside(Markup(text), Markup(f"'sha256-{digest}'"))


def _draw(section: Section, level: int) -> Markup:
    """Return a section drawn by the macro that is named like its class.

    Args:
        section: the section.
        level: of its own heading.
    """
    macros = _environment().get_template("sections.html").module
    return Markup(getattr(macros, type(section).__name__)(section, level))


def _together(sections: Sequence[Section]) -> Iterator[list[tuple[Section, int]]]:
    """Yield the sections of a chapter in groups that stay on one sheet of paper.

    A group begins with a heading and ends with what it is a heading of, if that is not long. Each
    section comes with the level of its own heading: 4 below a `Heading`.
    """
    group: list[tuple[Section, int]] = []
    level, begun = 3, True  # by the heading of the chapter
    for section in sections:
        heads = isinstance(section, Heading)
        if (heads and group) or (isinstance(section, Grid | Folded) and begun):
            yield group
            group, begun = [], False
        begun = begun or heads
        group.append((section, level))
        level = 4 if heads else level
        if not (begun and isinstance(section, Heading | Text | Legend)):
            yield group
            group, begun = [], False
    if group:
        yield group


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
    made.globals |= {"_": _, "ngettext": ngettext, "plot": draw}
    made.globals |= {"draw": _draw, "together": _together}
    made.filters |= {"percent": wording.percent, "shorten": shorten}
    return made
