"""Reading a table of text: encoding, separator and header are recognised, and reported.

Nothing is converted here: the frame holds the cells as they stand in the file, as strings. What
they mean is decided in `maeum.tables.columns`.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError, nearest
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.tables.layout import (
    SAMPLE,
    SEPARATORS,
    header_votes,
    names_in_comment,
    reader_of,
    recognise_separator,
    split_off_comments,
)
from maeum.text.encodings import check_encoding, recognise

_SIGNATURES = [
    (b"PK\x03\x04", N_("an Excel workbook or another zip archive")),
    (b"\xd0\xcf\x11\xe0", N_("an old Excel workbook")),
    (b"PAR1", N_("a Parquet file")),
    (b"%PDF", N_("a PDF")),
    (b"\x89PNG", N_("an image")),
    (b"\x89HDF", N_("an HDF5 file")),
    (b"SQLite format 3", N_("an SQLite database")),
]
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


class MissingFileError(DataError, FileNotFoundError):
    """There is no file where the table should be."""


@dataclass
class Table:
    """A table as it was read.

    Attributes:
        frame: the cells as strings, one column for each column of the file.
        notes: what was recognised, as sentences.
        path: the file it came from; None for a table that was handed over.
    """

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    path: Path | None = None


def read_table(
    source: Table | pd.DataFrame | str | os.PathLike,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
) -> Table:
    """Read a file of separated values (``.csv``, ``.tsv``, also ``.gz``), or take a DataFrame.

    Args:
        source: the path of the file; a frame only gets its column names tidied (`tidy`), and
            a `Table` is returned as it is.
        separator: one character (or ``"tab"``); recognised if None.
        encoding: a codec of Python's; recognised if None.
        header: whether the first line names the columns; recognised if None. Without a header
            the columns are called ``column_1``, ``column_2`` ...

    Raises:
        MissingFileError: if there is no such file.
        DataError: if the file is empty, has no rows, is not a text, or has rows of unequal length.
        ConfigError: for a separator or encoding that does not exist.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "t.csv")
    >>> _ = open(path, "w").write("a;b\\n1,5;x\\n2,5;y\\n")
    >>> read_table(path).frame.to_dict("list")
    {'a': ['1,5', '2,5'], 'b': ['x', 'y']}
    """
    if isinstance(source, Table):
        return source
    if not isinstance(source, (str, os.PathLike)):
        return Table(*tidy(source))
    path = Path(source)
    if separator in ("tab", "\\t"):
        separator = "\t"
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise ConfigError("A separator is one character such as ',' or ';'; got {separator!r}.",
                          separator=separator)  # fmt: skip
    text, notes = decode(_content(path), path.name, encoding)
    lines, comments, skipped = split_off_comments(text, notes)
    if not lines:
        raise DataError("{name} is empty: it holds no line of data.", name=path.name)
    if separator is None:
        separator = recognise_separator(lines, path)
        if separator != ",":
            name = _(SEPARATORS[separator])
            notes.append(_("The cells are separated by {separator}.", separator=name))
    records, starts = _records(lines, separator, path.name, skipped, notes)
    if not records:
        raise DataError("{name} is empty: none of its lines holds a value.", name=path.name)
    names, records, starts = _header(records, starts, comments, separator, header, path.name, notes)
    records = _rectangle(names, records, starts, path.name, notes)
    frame = pd.DataFrame(np.array(records, dtype=object), columns=range(len(names)), dtype=object)
    frame.columns = pd.Index(_unique(names, notes), dtype=object)
    return Table(frame, notes, path)


def tidy(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
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


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise MissingFileError("{path} is a folder; give the path of a file such as data.csv.",
                               path=path)  # fmt: skip
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except FileNotFoundError:
        folder = path.parent
        if not folder.is_dir():
            raise MissingFileError("There is no file {path}: the folder {folder} does not exist.",
                                   path=path, folder=folder) from None  # fmt: skip
        hint = nearest(path.name, (p.name for p in folder.iterdir() if p.is_file()))
        raise MissingFileError("There is no file {name} in {folder}.{hint}", name=path.name,
                               folder=folder, hint=hint) from None  # fmt: skip
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("{path!r} cannot be read: {reason}.", path=str(path),
                        reason=error) from error  # fmt: skip


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, list[str]]:
    """Turn the content of a file into text, and say which encoding was recognised.

    See `maeum.text.encodings.recognise`; what is broken in UTF-8 is replaced, and counted.

    Raises:
        DataError: if the content is not a text.
        ConfigError: if ``encoding`` is not known to Python.

    >>> decode("이름,값".encode("cp949"), "a.csv")
    ('이름,값', ['The encoding was recognised as cp949.'])
    """
    if encoding is not None:
        try:
            return content.decode(check_encoding(encoding)).removeprefix("\ufeff"), []
        except UnicodeError as error:
            raise DataError("{name} is not {encoding} text ({error}). Omit the encoding to have it "
                            "recognised.", name=name, encoding=encoding,
                            error=error) from None  # fmt: skip
    for start, what in _SIGNATURES:
        if content.startswith(start):
            raise DataError("{name} is {what}, not a text file. Export the table as CSV first.",
                            name=name, what=_(what))  # fmt: skip
    found = recognise(content)
    text = content.decode(found, errors="replace").removeprefix("\ufeff")
    if len(_CONTROL.findall(text[:100_000])) > 0.005 * len(text[:100_000]):
        raise DataError("{name} is not a text file. Export the table as CSV first.", name=name)
    notes = []
    if found != "utf-8":
        notes.append(_("The encoding was recognised as {encoding}.", encoding=found))
    if broken := text.count("\ufffd"):
        notes.append(_("Broken characters, read as \ufffd: {n:,}.", n=broken))
    return text, notes


def _records(
    lines: list[str], separator: str, name: str, skipped: int, notes: list[str]
) -> tuple[list[list[str]], list[int]]:
    """Cut the lines into records (without blank ones) and the number of each one's first line."""
    reader = reader_of(lines, separator)
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
            list(reader_of(lines[starts[-1] - skipped - 1 :], separator, strict=True))
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise _unreadable(name, starts[-1], error) from None
    if empty:
        notes.append(_("Rows without any value, skipped: {n:,}.", n=empty))
    return records, starts


def _unreadable(name: str, line: int, error: csv.Error) -> DataError:
    return DataError("{name} cannot be read from line {line} on ({error}). Probably a quotation "
                     "mark is opened there and never closed.", name=name, line=line,
                     error=error)  # fmt: skip


def _header(
    records: list[list[str]], starts: list[int], comments: list[str], separator: str,
    header: bool | None, name: str, notes: list[str],
) -> tuple[list[str], list[list[str]], list[int]]:  # fmt: skip
    """Find the names: in the first record, in the last comment, or generated."""
    told = names_in_comment(comments, records, separator) if header is None else []
    if header or (header is None and header_votes(records[: SAMPLE + 1]) >= bool(told)):
        if len(records) == 1:
            raise DataError("{name} holds only a header and no rows, so there is nothing to use.",
                            name=name)  # fmt: skip
        names = [cell.strip() for cell in records[0]]
        width = Counter(map(len, records[1 : SAMPLE + 1])).most_common(1)[0][0]
        if width == len(names) + 1 and any(record[-1] for record in records[1:]):
            names.insert(0, "")  # the row names that R writes have no header
        return names, records[1:], starts[1:]
    if told:
        notes.append(_("The last comment line names the columns."))
        return told, records, starts
    width = Counter(map(len, records[:SAMPLE])).most_common(1)[0][0]
    notes.append(_("There is no header: the columns are called column_1 to column_{n}.", n=width))
    return [f"column_{i + 1}" for i in range(width)], records, starts


def _rectangle(
    names: list[str], records: list[list[str]], starts: list[int], name: str, notes: list[str]
) -> list[list[str]]:
    """Make every record as long as ``names``; surplus cells are an error."""
    width, short, trailing = len(names), [], 0
    for i, record in enumerate(records):
        if len(record) == width:
            continue
        if len(record) > width:
            if any(record[width:]):
                raise DataError("{name}: line {line} has {cells} cells, but the table has "
                                "{columns} columns. A cell that contains the separator must be in "
                                "quotation marks.", name=name, line=starts[i], cells=len(record),
                                columns=width)  # fmt: skip
            trailing += 1
            records[i] = record[:width]
        else:
            short.append(starts[i])
            records[i] = record + [""] * (width - len(record))
    if trailing:
        notes.append(_("Rows with empty cells beyond the last column, cut off: {n:,}.", n=trailing))
    if short:
        notes.append(_("Rows with fewer cells than the table has columns: {n:,} (line {lines}). "
                       "What they lack is missing.",
                       n=len(short), lines=some(short, 5)))  # fmt: skip
    return records


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
