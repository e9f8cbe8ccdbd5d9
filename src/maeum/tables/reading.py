"""Reading a table: what kind of file it is, its encoding, separator and header are recognised.

Nothing is converted here: the frame holds the cells of a text as they stand in the file, as
strings; those of a workbook or of Parquet keep their type. What they mean is decided in
`maeum.tables.columns`.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.tables import layout
from maeum.tables.cells import text_of
from maeum.tables.decoding import CONTROL, decode
from maeum.tables.dialect import (
    NOTHING,
    SEPARATORS,
    Dialect,
    reader_of,
    recognise_dialect,
    recognise_separator,
)
from maeum.tables.rows import Rows
from maeum.tables.sources import Content, MissingFileError, content_of, refuse_text

__all__ = ["MissingFileError", "Table", "decode", "read_records", "read_table", "tidy"]

_NULL = re.compile(r"(?m)(?<![^,;|\t\n])\\N(?![^,;|\t\r\n])")  # what databases write for "missing"


@dataclass
class Table:
    """A table as it was read.

    Attributes:
        frame: the cells as strings, or as values of the type that the file gives them; one column
            for each column of the file.
        notes: what was recognised, as sentences.
        path: the file it came from; None for a table that was handed over.
        name: what it is called in messages; that of the file by default.
    """

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    path: Path | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            self.name = self.path.name if self.path is not None else _("a table")


def read_table(
    source: Table | pd.DataFrame | str | os.PathLike | Sequence[str | os.PathLike],
    *,
    separator: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    sheet: str | None = None,
    trim: bool | None = None,
) -> Table:
    """Read a table from a file, or take a DataFrame.

    Text with separated values (``.csv``, ``.tsv`` ...), Excel workbooks (``.xlsx``), Parquet, JSON
    and lines of JSON, and ARFF are told apart by their content. They may be packed (``.gz``,
    ``.bz2``, ``.xz``, or ``.zip`` with one table in it).

    Args:
        source: the path of the file, ``"-"`` for the standard input, or several paths of files
            with the same columns, whose rows are put below each other. A frame only gets its
            column names tidied (`tidy`), and a `Table` is returned as it is.
        separator: one character (or ``"tab"``); recognised if None.
        encoding: a codec of Python's; recognised if None.
        header: whether the first line names the columns; recognised if None. Without a header
            the columns are called ``column_1``, ``column_2`` ...
        sheet: the sheet of a workbook, its name or its number; the first one by default.
        trim: whether to leave out titles, units, totals and notes around the rows; they are, if
            None.

    Raises:
        MissingFileError: if there is no such file.
        DataError: if the file is empty, has no rows, is of a kind that is not read, or has rows of
            unequal length.
        ConfigError: for a separator, encoding or sheet that does not exist.
        ImportError: for a kind of file whose library is not installed.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "t.csv")
    >>> _ = open(path, "w").write("a;b\\n1,5;x\\n2,5;y\\n")
    >>> read_table(path).frame.to_dict("list")
    {'a': ['1,5', '2,5'], 'b': ['x', 'y']}
    """
    if isinstance(source, Table):
        return source
    if separator in ("tab", "\\t"):
        separator = "\t"
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise ConfigError("A separator is one character such as ',' or ';'; got {separator!r}.",
                          separator=separator)  # fmt: skip
    how = _How(separator, encoding, header, sheet, trim is not False)
    if isinstance(source, list | tuple) and all(isinstance(s, (str, os.PathLike)) for s in source):
        return together([_read(one, how) for one in source])
    if isinstance(source, (str, os.PathLike)):
        return _read(source, how)
    return Table(*tidy(source))


def read_records(
    source: str | os.PathLike, *, separator: str | None = None, encoding: str | None = None
) -> tuple[Rows, list[str]] | None:
    """Return the cells of each line of a text, however many a line has; no line is a header.

    Args:
        source: the path of the file.
        separator: one character; recognised if None.
        encoding: a codec of Python's; recognised if None.

    Returns:
        The rows and what was recognised; None for a file that is no text of separated values.

    Raises:
        MissingFileError: if there is no such file.
        DataError: if it is of a kind that is not read.
    """
    from maeum.tables.arff import is_arff

    content = content_of(source)
    if content.head.startswith((b"PK\x03\x04", b"PAR1")):
        return None
    text, notes = decode(content.data, content.name, encoding)
    if text.lstrip()[:1] in ("{", "[") or is_arff(text):
        return None
    lines, _comments, skipped = layout.split_off_comments(text, notes)
    if not lines:
        return None
    how = _How(separator, encoding, False, None, False)
    dialect, lines, skipped = _dialect(lines, content.name, how, skipped, notes)
    return _rows(lines, dialect, content.name, skipped, notes), notes


class _How(NamedTuple):
    """How a file is to be read; see `read_table`."""

    separator: str | None
    encoding: str | None
    header: bool | None
    sheet: str | None
    trim: bool


def _read(source: str | os.PathLike, how: _How) -> Table:
    """Read one file."""
    content = content_of(source)
    notes: list[str] = []
    frame = _frame(content, how, notes)
    frame.columns = pd.Index(_unique([str(n).strip() for n in frame.columns], notes), dtype=object)
    path = None if os.fspath(source) == "-" else Path(source)
    return Table(frame, notes, path, content.name if path is None else "")


def _frame(content: Content, how: _How, notes: list[str]) -> pd.DataFrame:
    """Read the table by the way that its kind of file needs; names may still be twice."""
    workbook, parquet = (content.head.startswith(start) for start in (b"PK\x03\x04", b"PAR1"))
    if how.sheet is not None and not workbook:
        raise ConfigError("{name} is not a workbook, so it has no sheet {sheet!r}.",
                          name=content.name, sheet=how.sheet)  # fmt: skip
    for option in ("separator", "encoding"):
        if getattr(how, option) is not None and (workbook or parquet):
            raise ConfigError("The option {name!r} is for text files; {path!r} is none.",
                              name=option, path=content.name)  # fmt: skip
    if workbook or parquet:
        from maeum.tables.formats import read_parquet, read_workbook  # rare

        if parquet:
            return read_parquet(content, notes)
        return read_workbook(content, notes, sheet=how.sheet, header=how.header, trim=how.trim)
    if (frame := _plain(content, how, notes)) is not None:
        return frame
    text, told = decode(content.data, content.name, how.encoding)
    notes += told
    if told or how.encoding is not None:  # in another encoding it may be plain, too
        anew = Content(content.name, None, text.encode("utf-8", "surrogatepass"))
        if (frame := _plain(anew, how._replace(encoding=None), notes)) is not None:
            return frame
        del anew
    refuse_text(content.name, text)
    from maeum.tables.arff import is_arff, read_arff
    from maeum.tables.json import read_json

    if is_arff(text):
        return read_arff(text, content.name)
    if (frame := read_json(text, content.name, notes)) is not None:
        return frame
    return _of_lines(text, content.name, how, notes)


def _plain(content: Content, how: _How, notes: list[str]) -> pd.DataFrame | None:
    """Read a large plain file the fast way; None for others."""
    from maeum.tables.plain import LARGE, read_plain  # for large files only

    if content.size < LARGE or how.encoding not in (None, "utf-8", "utf8", "UTF-8"):
        return None
    told: list[str] = []

    def arrange(
        first: list[str], last: list[str], before: int
    ) -> tuple[list[str], Rows, Dialect] | None:
        text = "".join(first)
        if text.lstrip()[:1] in ("{", "[", "@", "%", "<") or CONTROL.search(text):
            return None
        lines, comments, skipped = layout.split_off_comments(text, told)
        try:
            dialect, lines, skipped = _dialect(lines, content.name, how, skipped, told)
            rows = _rows(lines, dialect, content.name, skipped, told)
            rest = _rows(last, dialect, content.name, before, told)
            rows = Rows(rows.cells + rest.cells, rows.lines + rest.lines)
            names = layout.names_in_comment(comments, rows, dialect) if how.header is None else []
            lengths = dict(zip(rows.lines, map(len, rows.cells)))
            names, rows = layout.arrange(rows, content.name, told, header=how.header, told=names,
                                         trim=how.trim)  # fmt: skip
            regular = all(lengths[line] == len(names) for line in rows.lines)
            return (names, rows, dialect) if regular else None
        except (DataError, IndexError):  # told with its line by the careful way
            return None

    frame = read_plain(content, arrange)
    notes += told if frame is not None else []
    return frame


def _dialect(
    lines: list[str], name: str, how: _How, skipped: int, notes: list[str]
) -> tuple[Dialect, list[str], int]:
    """Recognise how cells are told apart; return it with the lines of the table."""
    separator = how.separator
    if told := layout.told_separator(lines):
        separator, lines, skipped = separator or told, lines[1:], skipped + 1
    if separator is None:
        separator = recognise_separator(lines, Path(name))
        if separator == NOTHING:
            if any("," in line for line in lines):
                notes.append(_("The table has one column; commas belong to its cells."))
        elif separator != ",":
            said = _(SEPARATORS[separator])
            notes.append(_("The cells are separated by {separator}.", separator=said))
    return recognise_dialect(lines, separator, notes), lines, skipped


def _of_lines(text: str, name: str, how: _How, notes: list[str]) -> pd.DataFrame:
    """Read separated values."""
    if "\\N" in text:
        text = _NULL.sub("", text)
    lines, comments, skipped = layout.split_off_comments(text, notes)
    if not lines:
        raise DataError("{name} is empty: it holds no line of data.", name=name)
    dialect, lines, skipped = _dialect(lines, name, how, skipped, notes)
    rows = _rows(lines, dialect, name, skipped, notes)
    if not rows:
        raise DataError("{name} is empty: none of its lines holds a value.", name=name)
    told_names = layout.names_in_comment(comments, rows, dialect) if how.header is None else []
    names, rows = layout.arrange(
        rows, name, notes, header=how.header, told=told_names, trim=how.trim,
        bars=dialect.separator == "|",
    )  # fmt: skip
    cells = np.empty((len(rows), len(names)), object)
    cells[:] = rows.cells
    return pd.DataFrame(cells, columns=names, dtype=object)


def together(tables: Sequence[Table]) -> Table:
    """Put tables with the same columns below each other.

    Raises:
        DataError: if there are none, or if their columns differ.
    """
    if not tables:
        raise DataError("No file was given.")
    if len(tables) == 1:
        return tables[0]
    first, *others = tables
    names = list(first.frame.columns)
    frames = [first.frame]
    for other in others:
        lacking = [name for name in names if name not in set(other.frame.columns)]
        further = [name for name in other.frame.columns if name not in set(names)]
        if lacking or further:
            raise DataError("{other} does not have the columns of {first}: it lacks {lacking}, and "
                            "has {further} in addition.", other=other.name, first=first.name,
                            lacking=some(map(repr, lacking), 5) or _("none"),
                            further=some(map(repr, further), 5) or _("none"))  # fmt: skip
        frames.append(other.frame[names])
    for name in names:
        if len({frame[name].dtype for frame in frames}) > 1:  # text for text
            frames = [f.assign(**{name: f[name].map(text_of, "ignore")}) for f in frames]
    rows = ", ".join(f"{table.name} ({len(table.frame):,})" for table in tables)
    notes = [_("The rows of several files, one below the other: {rows}.", rows=rows)]
    for table in tables:
        notes += [f"{table.name}: {note}" for note in table.notes]
    called = _("{name} and {n:,} more", name=first.name, n=len(others))
    return Table(pd.concat(frames, ignore_index=True), notes, first.path, called)


def tidy(frame: Any) -> tuple[pd.DataFrame, list[str]]:
    """Return a frame of any origin with text names, no name twice, and what had to be renamed.

    Raises:
        DataError: if it is no DataFrame.

    >>> tidy(pd.DataFrame([[1, 2]], columns=["a", "a"]))[0].columns.tolist()
    ['a', 'a_2']
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError("A table is a pandas DataFrame or the path of a file; got {kind}.",
                        kind=type(frame).__name__)  # fmt: skip
    notes: list[str] = []
    names = pd.Index(_unique([str(name).strip() for name in frame.columns], notes), dtype=object)
    return (frame if names.equals(frame.columns) else frame.set_axis(names, axis=1)), notes


def _rows(lines: list[str], dialect: Dialect, name: str, skipped: int, notes: list[str]) -> Rows:
    """Cut the lines into rows, without blank ones."""
    reader = reader_of(lines, dialect)
    records: list[list[str]] = []
    starts: list[int] = []
    before = empty = 0
    try:
        for record in reader:
            if any(record) or record == [""]:  # of a table of one column that is a row, too
                records.append(record)
                starts.append(skipped + before + 1)
            else:
                empty += len(record) > 1
            before = reader.line_num
    except csv.Error as error:
        raise _unreadable(name, skipped + before + 1, error) from None
    if starts and before + skipped > starts[-1]:  # a quote may have swallowed the rest
        try:
            list(reader_of(lines[starts[-1] - skipped - 1 :], dialect, strict=True))
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise _unreadable(name, starts[-1], error) from None
    if empty:
        notes.append(_("Rows without any value, skipped: {n:,}.", n=empty))
    return Rows(records, starts)


def _unreadable(name: str, line: int, error: csv.Error) -> DataError:
    return DataError("{name} cannot be read from line {line} on ({error}). Probably a quotation "
                     "mark is opened there and never closed.", name=name, line=line,
                     error=error)  # fmt: skip


def _unique(names: list[str], notes: list[str]) -> list[str]:
    """Name the nameless ``column_i``, and number the names that occur again."""
    given, renamed = set(names), []
    taken: dict[str, None] = {}
    for i, name in enumerate(names):
        wanted = new = name or f"column_{i + 1}"
        number = 2
        while new in taken or (new != name and new in given):
            new, number = f"{wanted}_{number}", number + 1
        taken[new] = None
        if name and new != name:
            renamed.append(_("{name!r} is now {new!r}", name=name, new=new))
    if renamed:
        notes.append(_("Column names that occur twice: {names}.", names=some(renamed, 5)))
    return list(taken)
