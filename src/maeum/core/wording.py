"""How counts, lists and long names are said, in messages and reports."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from maeum.core.messages import _, ngettext


@dataclass(frozen=True)
class Things:
    """What a task counts: ``one`` and ``many`` with ``{n}`` in them, and the bare ``name``."""

    one: str
    many: str
    name: str = ""

    def count(self, n: int) -> str:
        """Return so many of them, in words."""
        return ngettext(self.one, self.many, n)


def enumeration(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> enumeration(["a"]), enumeration(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    last = _("and")
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def some(names: Iterable[Any], most: int = 3, width: int | None = None) -> str:
    """List the first names, and say how many more there are; each `shorten`ed to ``width``.

    >>> some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    names = list(names)
    more = _(" and {n:,} more", n=len(names) - most) if len(names) > most else ""
    return ", ".join(shorten(n, width) if width else str(n) for n in names[:most]) + more


def shorten(text: object, width: int = 60) -> str:
    """One line of at most ``width`` columns; a wide (Korean, Chinese ...) letter takes two.

    What is too long loses its middle: names often differ in their last letters only.

    >>> shorten("quarterly_revenue_2021", 12), shorten("아주 긴 이름", 8)
    ('quarter…2021', '아주…름')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)[:10_000]).split())
    if len(line) <= width and columns(line) <= width:
        return line
    tail = _fitting(reversed(line), (width - 1) // 3 + 1)[::-1]
    head = _fitting(line, width - 1 - columns(tail))
    return f"{head.rstrip()}…{tail.lstrip()}"


def as_written(value: float, digits: int = 6) -> str:
    """A number with so many digits, in the way that people write it: without an exponent.

    Whole numbers are shown in full. What is beyond 10^15 or closer to 0 than 10^-9 keeps its
    exponent.

    >>> as_written(12000000.0), as_written(0.00012), as_written(1234567.8, 3)
    ('12000000', '0.00012', '1234568')
    """
    value, size = float(value), abs(float(value))
    if not math.isfinite(value) or (size and not 1e-9 <= size < 1e15):
        return f"{value:.{digits}g}"
    if value == round(value) or size >= 10**digits:
        return f"{value + 0.0:.0f}"
    places = digits - 1 - math.floor(math.log10(size))
    return f"{value:.{places}f}".rstrip("0").rstrip(".")


def columns(text: str) -> int:
    """Return the columns of a terminal that a text takes; a wide letter takes two.

    >>> columns("a"), columns("마음")
    (1, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _fitting(letters: Iterable[str], width: int) -> str:
    fitting = ""
    for letter in letters:
        width -= columns(letter)
        if width < 0:
            break
        fitting += letter
    return fitting
