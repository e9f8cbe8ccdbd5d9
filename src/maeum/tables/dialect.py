"""How lines are cut into cells: what separates them, what quotes them, what escapes a quote."""

from __future__ import annotations

import contextlib
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from maeum.core.messages import N_, _
from maeum.tables.rows import is_number, width_of

SEPARATORS = {
    "\t": N_("tabs"), ";": N_("semicolons"), "|": N_("bars"), ",": N_("commas"),
    " ": N_("blanks"),
}  # fmt: skip
NOTHING = "\x1f"  # what separates the cells of a table with one column
NO_QUOTE = "\x1e"  # quotes the cells of a table without quotation
SAMPLE = 200  # records that are read to recognise separator and header
_DOUBLED = re.compile(r"'(?:[^']|'')*'")
_ALIGNED = re.compile(r"\d {2,}-?\d")
_RIVALS = [separator for separator in SEPARATORS if separator != " "]


class Dialect(NamedTuple):
    """How cells are told apart.

    Attributes:
        separator: what stands between them.
        quote: what stands around one that holds a separator; doubled, it stands for itself.
        escape: what stands before a quotation mark or a separator within a cell; None if nothing.
    """

    separator: str
    quote: str = '"'
    escape: str | None = None


def reader_of(lines: Iterable[str], dialect: Dialect, strict: bool = False) -> Any:
    """Return Python's reader of separated values, with the settings that every step here needs."""
    if dialect.escape is not None:
        lines = map(_only_escapes(dialect), lines)
    if dialect.separator == " ":
        lines = (line.replace("\t", " ") for line in lines)
    return csv.reader(lines, delimiter=dialect.separator, quotechar=dialect.quote,
                      escapechar=dialect.escape, skipinitialspace=True, strict=strict)  # fmt: skip


def _only_escapes(dialect: Dialect) -> Any:
    r"""Return what doubles the backslashes that escape nothing, as in ``C:\temp``: they stay."""
    others = re.compile(rf"(\\[\\\"'{re.escape(dialect.separator)}\n])|\\")
    return lambda line: others.sub(lambda m: m[1] or r"\\", line)


def recognise_separator(lines: list[str], path: Path) -> str:
    """Choose the separator that cuts most records, the first one included, into equal rows."""
    preferred = "\t" if ".tsv" in path.suffixes else ","

    def merit(separator: str) -> tuple:
        sample = _sample(lines, Dialect(separator))
        widths = Counter(len(record) for record in sample if len(record) > 1)
        if not widths:
            return (0.0,)
        width, rows = widths.most_common(1)[0]
        cells = [c for record in sample if len(record) == width for c in record][:20_000]
        plain = np.mean([not any(s in cell for s in _RIVALS if s != ",") for cell in cells])
        agree = len(sample[0]) == width
        return rows / len(sample) + agree * 0.5, plain, separator == preferred, width

    best = max(_RIVALS, key=merit)
    sample = _sample(lines, Dialect(best))
    if best == "\t" and _is_spaced(lines) and _in_columns(lines[:SAMPLE]):
        return " "
    if merit(best)[0] > 0 and (len(sample[0]) > 1 or width_of(sample) > 1):
        return best
    return " " if _is_spaced(lines) else preferred if len(sample) < 3 else NOTHING


def _sample(lines: list[str], dialect: Dialect) -> list[list[str]]:
    """Return the first records that hold anything."""
    sample: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # reported with its line when the whole file is read
        for record in itertools.islice(filter(any, reader_of(lines, dialect)), SAMPLE):
            sample.append(record)
    return sample


def _is_spaced(lines: list[str]) -> bool:
    """Whether blanks cut the lines into as many cells, numbers among them: not a text."""
    split = [[cell for cell in row if cell] for row in _sample(lines, Dialect(" "))]
    if len(split) < 2:
        return False
    width, _n = Counter(map(len, split[1:])).most_common(1)[0]
    if len(split[0]) not in (width, width - 1):  # the row names that R writes have no header
        return False
    rows = [row for row in split[1:] if len(row) == width and row[0].strip("-=+")]
    if width < 2 or len(rows) < max(2, len(split) - 5):  # five for rules and notes
        return False
    return any(is_number([row[i] for row in rows]).mean() > 0.7 for i in range(width))


def _in_columns(lines: list[str]) -> bool:
    """Whether runs of blanks between numbers align the cells of most lines."""
    return sum(_ALIGNED.search(line) is not None for line in lines) > 0.5 * len(lines)


def recognise_dialect(lines: list[str], separator: str, notes: list[str]) -> Dialect:
    r"""Choose what quotes and escapes so that all records are equally long.

    ``"`` quotes unless the file shows otherwise: by ``\"`` within cells, or by cells in ``'``. The
    one is chosen that reads the most records without an error.
    """
    usual = Dialect(separator)
    found = [usual]
    escaped = re.compile(rf"\\[\"'{re.escape(separator)}]")
    single = re.compile(rf"(?:^|{re.escape(separator)})\s*'")
    if any(map(escaped.search, lines)):
        found.insert(0, usual._replace(escape="\\"))
    if any(map(single.search, lines)):
        found += [each._replace(quote="'") for each in found]
    if sum(line.count('"') % 2 for line in lines) > 1:
        found.append(usual._replace(quote=NO_QUOTE))  # a cell that begins with one, as in "Hi
    if len(found) == 1:
        return usual
    costs = {each: _misfits(lines, each) for each in found}
    best = min(found, key=lambda each: (costs[each], found.index(each)))
    if best.quote == '"' and _quoted_throughout(lines, best):
        single_ones = [each for each in found if each.quote == "'"]
        rival = min(single_ones, key=lambda e: (costs[e], found.index(e)), default=best)
        best = rival if costs[rival] <= costs[best] else best
    if best.escape is not None:
        notes.append(_("A backslash before a quotation mark or a separator belongs to the cell."))
    if best.quote == NO_QUOTE:
        notes.append(_("Quotation marks belong to the cells, as not all of them are closed."))
    if best.quote == "'":
        notes.append(_("The cells are quoted by '."))
    return best


def _misfits(lines: list[str], dialect: Dialect) -> tuple[bool, int]:
    """Return whether lines break the rules of a dialect, and how many records are of odd length."""
    broken = False
    try:
        widths = Counter(len(r) for r in reader_of(lines, dialect, strict=True) if any(r))
    except csv.Error:
        broken = True
        with contextlib.suppress(csv.Error):
            widths = Counter(len(r) for r in reader_of(lines, dialect) if any(r))
    return broken, widths.total() - max(widths.values(), default=0)


def _quoted_throughout(lines: list[str], dialect: Dialect) -> bool:
    """Whether each cell of a column, its name aside, stands between single quotation marks.

    Or whether, of all cells that begin with one, each ends with one and some hold doubled ones.
    """
    rows = _sample(lines, dialect)[1:]
    if len(rows) < 2:
        return False
    marked = [cell for row in rows for cell in row if cell.startswith("'")]
    if all(map(_DOUBLED.fullmatch, marked)) and any("''" in cell[1:-1] for cell in marked):
        return True
    width = min(map(len, rows))
    columns = [[row[i].strip() for row in rows if row[i].strip()] for i in range(width)]
    return any(
        cells and all(len(c) > 1 and c[0] == c[-1] == "'" for c in cells) for cells in columns
    )
