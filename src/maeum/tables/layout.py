"""How the rows of a table are laid out: what stands above, which row names the columns, what ends.

It is the same whether the rows come from lines of text or from the sheet of a workbook.
"""

from __future__ import annotations

import io
import re
from collections import Counter

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.tables import trimming
from maeum.tables.dialect import SAMPLE, SEPARATORS, Dialect, reader_of
from maeum.tables.header import header_votes
from maeum.tables.rows import Rows, told_lines

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def split_off_comments(text: str, notes: list[str]) -> tuple[list[str], list[str], int]:
    """Split into lines; comments and blank lines at the top are taken off and counted."""
    lines = list(io.StringIO(text, newline=None))  # also within a cell, any line break is \n
    skipped, comments = 0, []
    while skipped < len(lines) and (lines[skipped].strip()[:1] in ("#", "")):
        if lines[skipped].strip():
            comments.append(lines[skipped].strip())
        skipped += 1
    if skipped == len(lines):
        return [], comments, skipped
    if not comments or _is_header_with_hash(comments, lines[skipped]):
        blank = next(i for i, line in enumerate(lines) if line.strip())
        return lines[blank:], [], blank
    notes.append(_("Comment lines at the top, skipped: {n:,}.", n=len(comments)))
    return lines[skipped:], comments, skipped


def told_separator(lines: list[str]) -> str | None:
    """Return the separator that a first line ``sep=;`` tells, as Excel writes and reads it."""
    found = _SEPARATOR_LINE.fullmatch(lines[0])
    return found[1] if found else None


def _is_header_with_hash(comments: list[str], following: str) -> bool:
    """Tell a header whose first name starts with ``#`` (as in ``#,Name,Type``) from a comment."""
    return len(comments) == 1 and any(
        re.match(rf"#{re.escape(s)}", comments[0]) and comments[0].count(s) == following.count(s)
        for s in SEPARATORS if s != " "
    )  # fmt: skip


def names_in_comment(comments: list[str], rows: Rows, dialect: Dialect) -> list[str]:
    """Return the cells of the last comment if they can be the names of the columns, else none."""
    if not comments:
        return []
    names = [c.strip() for c in next(reader_of([comments[-1].lstrip("# ")], dialect), [])]
    width = Counter(map(len, rows.cells[:SAMPLE])).most_common(1)[0][0]
    return names if len(names) == width and all(names) and len(set(names)) == width else []


def arrange(
    rows: Rows, name: str, notes: list[str], *, header: bool | None = None,
    told: list[str] | None = None, trim: bool = True, bars: bool = False,
) -> tuple[list[str], Rows]:  # fmt: skip
    """Find the names of the columns and the rows of data.

    Args:
        rows: all rows that hold anything.
        name: what they come from, for messages.
        notes: is told what was recognised and left out.
        header: whether the first row names the columns; recognised if None.
        told: names that stand elsewhere.
        trim: whether to leave out titles, rules, units, totals and notes.
        bars: whether bars separate the cells, which may stand at both ends, too.

    Raises:
        DataError: if there are no rows, or if one is too long.
    """
    ignored: list[str] = []
    if trim:
        rows = trimming.without_rules(rows, bars, ignored)
        if above := trimming.titles(rows):
            lines = told_lines(rows, range(above))
            ignored.append(_("Above the table, ignored: line {lines}.", lines=lines))
            rows = rows.part(above)
    if not rows:
        raise DataError("{name} is empty: none of its lines holds a value.", name=name)
    names, rows = _named(rows, header, told or [], name, notes)
    if trim:
        names, rows = _below_header(names, rows, ignored)
    if trim and len(rows) > 1 and (extra := trimming.below_data(rows, len(names))):
        lines = told_lines(rows, extra)
        ignored.append(_("Totals and notes, ignored: line {lines}.", lines=lines))
        rows = rows.without(extra)
    if ignored:
        notes += [*ignored, _("--no-trim (trim=False) reads such lines as rows.")]
    return names, _rectangle(len(names), rows, name, notes)


def _named(
    rows: Rows, header: bool | None, told: list[str], name: str, notes: list[str]
) -> tuple[list[str], Rows]:
    """Find the names: in the first row, elsewhere, or generated."""
    votes = header_votes(rows.cells[: SAMPLE + 1]) if header is None else 0
    if header is None and votes <= 0 and len(rows) > 3:
        first, second, *below = rows.cells[: SAMPLE + 1]
        if trimming.holds_units(first, second, below):
            votes = header_votes([first, *below])
    if header or (header is None and votes >= bool(told)):
        if len(rows) == 1:
            raise DataError("{name} holds only a header and no rows, so there is nothing to use.",
                            name=name)  # fmt: skip
        names = [cell.strip() for cell in rows.cells[0]]
        if header is None and votes == 0 and all(names):
            notes.append(_("Nothing tells the first line from the others; it is taken for the "
                           "names of the columns ({names}). --no-header reads it as a row.",
                           names=some(names, 3, 20)))  # fmt: skip
        rows = rows.part(1)
        width = Counter(map(len, rows.cells[:SAMPLE])).most_common(1)[0][0]
        if width == len(names) + 1 and any(row[-1] for row in rows.cells):
            names.insert(0, "")  # the row names that R writes have no header
        return names, rows
    if told:
        notes.append(_("The last comment line names the columns."))
        return told, rows
    width = Counter(map(len, rows.cells[:SAMPLE])).most_common(1)[0][0]
    notes.append(_("There is no header: the columns are called column_1 to column_{n}.", n=width))
    return [f"column_{i + 1}" for i in range(width)], rows


def _below_header(names: list[str], rows: Rows, notes: list[str]) -> tuple[list[str], Rows]:
    """Leave out units below the header, and the header where it occurs again."""
    if again := trimming.repeated(names, rows):
        lines = told_lines(rows, again, quote=False)
        notes.append(_("The header occurs again, ignored: line {lines}.", lines=lines))
        rows = rows.without(again)
    if len(rows) > 3 and (asked := trimming.questions(rows, len(names))):
        lines = told_lines(rows, range(asked))
        notes.append(_("Explanations below the header, ignored: line {lines}.", lines=lines))
        rows = rows.part(asked)
    if len(rows) > 2 and trimming.holds_units(names, rows.cells[0], rows.cells[1:]):
        second = [cell.strip() for cell in [*rows.cells[0], *[""] * len(names)][: len(names)]]
        pairs = (dict.fromkeys(filter(None, pair)) for pair in zip(names, second))
        joined = [" ".join(pair) for pair in pairs]
        if len(set(filter(None, names))) < len(list(filter(None, names))):  # a header of two rows
            names = joined
            last = rows.lines[0]
            notes.append(_("The names of the columns are those of two lines, {first} and {last}.",
                           first=last - 1, last=last))  # fmt: skip
        else:
            notes.append(_("Units below the header, ignored: line {lines}.",
                           lines=told_lines(rows, [0])))  # fmt: skip
        rows = rows.part(1)
    return names, rows


def _rectangle(width: int, rows: Rows, name: str, notes: list[str]) -> Rows:
    """Make every row ``width`` cells long; surplus cells are an error."""
    cells, short, trailing = rows.cells, [], 0
    for i, row in enumerate(cells):
        if len(row) == width:
            continue
        if len(row) > width:
            if any(row[width:]):
                raise DataError("{name}: line {line} has {cells} cells, but the table has "
                                "{columns} columns. A cell that contains the separator must be in "
                                "quotation marks.", name=name, line=rows.lines[i], cells=len(row),
                                columns=width)  # fmt: skip
            trailing += 1
            cells[i] = row[:width]
        else:
            short.append(rows.lines[i])
            cells[i] = row + [""] * (width - len(row))
    if trailing:
        notes.append(_("Rows with empty cells beyond the last column, cut off: {n:,}.", n=trailing))
    if short:
        notes.append(_("Rows with fewer cells than the table has columns: {n:,} (line {lines}). "
                       "What they lack is missing.",
                       n=len(short), lines=some(short, 5)))  # fmt: skip
    return rows
