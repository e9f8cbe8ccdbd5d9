"""What our docstrings need so that griffe (of mkdocstrings) shows them as they are meant."""

from __future__ import annotations

import re
from typing import Any

import griffe

_DOCTEST = re.compile(r"(?m)(?<=\n\n)(>>> (?:.*\n?)(?:(?!\n).+\n?)*)")


class Docstrings(griffe.Extension):
    """Turns examples into sections, and leaves out class attributes without words of their own."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Turn ``Example:``, and examples without a heading, into what griffe knows."""
        if obj.docstring is None:
            return
        text = re.sub(r"(?m)^Example:$", "Examples:", obj.docstring.value)
        obj.docstring.value = _DOCTEST.sub(_as_section, text)

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """Leave out attributes; those to know of stand in the docstring of the class."""
        for name, member in list(cls.members.items()):
            if not member.is_alias and member.is_attribute and "property" not in member.labels:
                del cls.members[name]


def _as_section(found: re.Match) -> str:
    return "Examples:\n" + re.sub(r"(?m)^(?=.)", "    ", found[0])
