"""What is said of one column of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from maeum.core.messages import _
from maeum.core.wording import Things

KINDS = ("number", "yesno", "category", "date", "text", "identifier", "constant", "empty")


@dataclass
class Column:
    """One column of a table, as recognised.

    Attributes:
        name: its header.
        kind: one of `KINDS`.
        count: how many cells hold a value.
        missing: how many do not.
        distinct: how many different values there are.
        used: whether the network uses it.
        reason: why not, as a sentence; empty where it is used.
        levels: the values of a category, the most frequent first; of a yes/no column, no and yes.
        format: how its texts are read: the decimal sign and the unit of numbers
            (`maeum.tables.quantities.NumberForm`), the form of dates (`maeum.tables.dates.Dates`).
        statistics: figures for a report; plain numbers and texts.
        notes: what is unusual about it, as sentences.
        marks: what counts as missing in it beside the usual marks, such as ``-999``.
    """

    name: str
    kind: str
    count: int
    missing: int
    distinct: int
    used: bool = True
    reason: str = ""
    levels: list[str] = field(default_factory=list)
    format: str = ""
    statistics: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


def exclude(column: Column, kind: str, reason: str) -> Column:
    """Keep a column from the network."""
    column.kind, column.used, column.reason = kind, False, reason
    return column


def tells_nothing(column: Column, value: object = "") -> bool:
    """Leave out a column without a value, or with one alone; tell whether that was so."""
    if not column.count:
        exclude(column, "empty", _("all its cells are missing"))
    elif column.distinct == 1 and column.missing < 0.01 * (column.count + column.missing):
        exclude(column, "constant", _("every cell is {value}", value=value))
    return not column.used


def note_unread(column: Column, unread: dict[str, int], said: Things) -> None:
    """Tell which cells could not be read as ``said``."""
    if unread:
        cells = said.count(sum(unread.values()))
        column.notes.append(_("{cells} ({examples}); taken as missing.",
                              cells=cells, examples=quoted(unread)))  # fmt: skip


def quoted(found: dict[str, int]) -> str:
    """Quote the most frequent of ``found``, three at most.

    >>> quoted({"a": 1, "b": 5, "c": 2, "d": 1})
    "'b', 'c', 'a' ..."
    """
    often = sorted(found, key=lambda text: -found[text])
    return ", ".join(repr(str(text)) for text in often[:3]) + (" ..." if len(often) > 3 else "")
