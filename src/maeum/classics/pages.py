"""What the pages of the classics share: what the table holds, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from maeum.classics.points import ROWS, Points
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.run import versions
from maeum.report.sections import (
    Chapter,
    Code,
    Folded,
    Grid,
    Heading,
    Notes,
    Pairs,
    Section,
    Text,
)
from maeum.report.wording import more
from maeum.tables.columns import Column
from maeum.tabular.options import ColumnOptions
from maeum.tabular.profile import reasons_of, table_of

MOST_COLUMNS = 60
MANY_COLUMNS = 12


def table_chapter(points: Points, notes: Sequence[str], options: ColumnOptions) -> Chapter:
    """What the table holds, what of it counts, and how it was made into points."""
    said = _("{rows} and {columns}. {used} of them count, as {features} features: numbers by their "
             "standard deviation (values far outside drawn near, missing ones filled with the "
             "median), yes or no as 1 or 0; two rows that differ in a category are 1 apart in it, "
             "and the parts of a date share the weight of one column.",
             rows=ROWS.count(len(points)),
             columns=ngettext("{n:,} column", "{n:,} columns", len(points.columns)),
             used=f"{len(points.used):,}", features=f"{len(points.names):,}")  # fmt: skip
    return columns_chapter(said, points.columns, len(points), notes, options)


def columns_chapter(
    said: str, columns: Sequence[Column], rows: int, notes: Sequence[str], options: ColumnOptions
) -> Chapter:
    """What the columns of a table of so many rows hold, which are excluded, and the choices.

    Args:
        said: what stands above.
        columns: all of them, but for a target.
        rows: of the table.
        notes: what was recognised, excluded and filled, as sentences.
        options: the choices.
    """
    used, unused = ([c for c in columns if c.used == wanted] for wanted in (True, False))
    shown: Section = table_of(used[:MOST_COLUMNS], rows, more(len(used) - MOST_COLUMNS))
    if len(used) > MANY_COLUMNS:
        shown = Folded(_("All {n} columns, with their types and ranges", n=len(used)), [shown])
    left: list[Section] = []
    if unused:
        left = [Heading(_("Excluded")), reasons_of(unused)]
    chosen = [(shorten(k, 40), _written(getattr(options, k))) for k in options.fields()]
    cards: list[Section] = [
        Pairs(_("Settings"), chosen),
        Pairs(_("Versions"), sorted(versions().items())),
    ]
    told: list[Section] = [Notes(notes)] if notes else []
    sections = [Text(said), *told, Heading(_("Columns")), shown, *left, Heading(_("How")),
                Grid(cards)]  # fmt: skip
    return Chapter("table", _("The table"), sections)


def next_chapter(said: str, commands: Sequence[str], python: str) -> Chapter:
    """What can be done with the files."""
    return Chapter("next", _("What next"), [
        Text(said), Code("\n".join(commands)), Text(_("The same in Python:")), Code(python)
    ])  # fmt: skip


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or _("none")
    return _("by the data") if value is None else shorten(value, 160)
