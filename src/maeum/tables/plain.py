"""Large plain files of separated values: checked as bytes, read in blocks by pandas' C reader.

A file is plain if it is UTF-8, if all of its rows have as many cells, and if nothing but doubled
quotation marks is special in them. Then the result is that of the careful way, except that columns
in which every cell is a number are numbers at once; what the numbers mean is decided as for texts,
so columns that may be codes (``007``), dates (``20240101``) or years stay texts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.tables import trimming
from maeum.tables.cells import MISSING
from maeum.tables.dialect import Dialect
from maeum.tables.rows import Profile, Rows, sample_of
from maeum.tables.sources import Content

LARGE = 1 << 22  # bytes of a file from which it is worth the trouble
_HEAD, _TAIL, _BLOCK = 1 << 19, 1 << 16, 1 << 23
_SAMPLE, _CHUNK = 5000, 1 << 17  # rows
_PLAIN = re.compile(r"[+-]?(?:(?:0|[1-9]\d{0,14})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_YEARS = (1500.0, 2200.0)  # also years with a fraction may be dates
_EXACT = 1 << 53
_MARKS = sorted({*(f(mark) for mark in MISSING for f in (str, str.upper, str.title)), "NaN", "NaT"})
_SPACE, _QUOTE, _LINE, _RETURN, _ZERO = b' "\n\r0'


@dataclass
class Window:
    """The rows of data within a file.

    Attributes:
        content: the file.
        start, stop: the first byte of the first row, and that behind the last.
        names: the names of the columns.
        dialect: how cells are told apart.
        sample: the first rows.
        codes: the columns with numbers that begin with 0, found by `is_regular`.
    """

    content: Content
    start: int
    stop: int
    names: list[str]
    dialect: Dialect
    sample: list[list[str]]
    codes: set[int] = field(default_factory=set)


Arrange = Callable[[list[str], list[str], int], "tuple[list[str], Rows, Dialect] | None"]


def read_plain(content: Content, arrange: Arrange) -> pd.DataFrame | None:
    """Return the table of a large plain file; None for others, which are read with care.

    Args:
        content: the file.
        arrange: takes the first and the last lines and the number of the first of the last, and
            returns the names, the rows of data among them, and how they are cut.
    """
    if content.size < LARGE:
        return None
    window = _window(content, arrange)
    if window is None or not _is_regular(window):
        return None
    columns = _read(window, range(len(window.names)), _numeric(window.sample))
    return None if columns is None or _has_more(window, columns) else _frame(window, columns)


def _window(content: Content, arrange: Arrange) -> Window | None:
    """Find the rows of data by the first and the last lines; None if they are not plain."""
    with content.open() as file:
        head = file.read(_HEAD)
        head = head[: head.rfind(b"\n") + 1]
        offset = max(len(head), file.seek(0, io.SEEK_END) - _TAIL)
        file.seek(offset)
        tail = file.read()
        if offset > len(head):
            skipped = tail.find(b"\n") + 1
            offset, tail = offset + skipped, tail[skipped:]
        file.seek(0)
        unmarked = head.removeprefix(b"\xef\xbb\xbf")
        before = sum(block.count(b"\n") for block in _blocks(file, offset))
    try:
        first, last = (list(io.StringIO(part.decode())) for part in (unmarked, tail))
    except UnicodeDecodeError:
        return None
    heads, tails = (list(io.BytesIO(part)) for part in (head, tail))
    found = arrange([line.replace("\r\n", "\n") for line in first],
                    [line.replace("\r\n", "\n") for line in last], before)  # fmt: skip
    if found is None:
        return None
    names, rows, dialect = found
    in_head = sum(line <= len(heads) for line in rows.lines)
    if not in_head or in_head == len(rows) or dialect != Dialect(dialect.separator):
        return None
    if any(len(row) != len(names) for row in rows.cells) or dialect.separator == " ":
        return None
    start = sum(map(len, heads[: rows.lines[0] - 1])) or len(head) - len(unmarked)
    stop = offset + sum(map(len, tails[: rows.lines[-1] - before]))
    sample = rows.cells[: min(in_head, _SAMPLE)]
    profile = Profile(sample_of(sample), len(names))
    if any(full and not cell.strip() for full, cell in zip(profile.always, rows.cells[-1])):
        return None  # it may be a sum, which only all rows can tell
    return Window(content, start, stop, names, dialect, sample)


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(_BLOCK, size))):
        size -= len(block)
        yield block


def _is_regular(window: Window) -> bool:
    """Check by all bytes that every line has as many cells, and nothing is special in them."""
    separator = window.dialect.separator.encode()
    special = {b"\\": [b"\\N", b'\\"', b"\\'", b"\\" + separator], b"'": [b"\n'", separator + b"'"],
               b"\0": [b"\0"], b"\xef": [b"\xef\xbf\xbd"]}  # fmt: skip
    width, cells, odd, rest = len(window.names), 0, 0, b""
    with window.content.open() as file:
        file.seek(window.start)
        for block in _blocks(file, window.stop - window.start):
            end = max(block.rfind(separator), block.rfind(b"\n")) + 1 or len(block)
            whole, rest = rest + block[:end], block[end:]
            if any(first in whole and any(mark in whole for mark in marks)
                   for first, marks in special.items()):  # fmt: skip
                return False
            if not whole.isascii():
                try:
                    whole.decode()
                except UnicodeDecodeError:
                    return False
            counted = _cells(whole, separator[0], width, cells, odd, window.codes)
            if counted is None:
                return False
            cells, odd = counted
    if rest:
        counted = _cells(rest + b"\n", separator[0], width, cells, odd, window.codes)
        if counted is None:
            return False
        cells, odd = counted
    return not odd and cells % width == 0


def _cells(
    data: bytes, separator: int, width: int, cells: int, odd: int, codes: set[int]
) -> tuple[int, int] | None:
    """Go through the cells that end in some bytes, of which ``cells`` come before.

    Returns:
        How many cells have ended by now, and whether a quotation is open; None if a line ends too
        early or too late. Columns in which a number begins with 0 are added to ``codes``.
    """
    values = np.frombuffer(data, np.uint8)
    ends = (values == separator) | (values == _LINE)
    if odd or _QUOTE in data:
        within = ((np.cumsum(values == _QUOTE, dtype=np.uint8) + np.uint8(odd)) & 1).astype(bool)
        if b"\r" in data and (within & (values == _LINE)).any():
            return None  # an end of line within a cell, which is to be \n
        ends &= ~within
        odd = int(within[-1])
    places = np.flatnonzero(ends)
    column = (cells + np.arange(len(places))) % width
    if not np.array_equal(values[places] == _LINE, column == width - 1):
        return None
    if data.count(b"\r") != data.count(b"\r\n"):
        return None
    starts = np.append(0, places[:-1] + 1)[: len(places)]
    last = len(values) - 1
    for special in (_SPACE, _QUOTE, _SPACE):  # what may stand before the first digit
        while special in data and (at := values[np.minimum(starts, last)] == special).any():
            starts = starts + at
    zero = values[np.minimum(starts, last)] == _ZERO
    follows = values[np.minimum(starts[zero] + 1, last)]
    codes.update(np.unique(column[zero][(follows >= _ZERO) & (follows <= _ZERO + 9)]).tolist())
    return cells + len(places), odd


def _numeric(sample: list[list[str]]) -> list[bool]:
    """Tell which columns are numbers and nothing else, by the first rows."""
    found = []
    for column in zip(*sample):
        texts = {cell.strip() for cell in column}
        texts = {text for text in texts if text.lower() not in MISSING}
        plain = len(texts) > min(200, len(sample) / 2) and all(map(_PLAIN.fullmatch, texts))
        if plain:
            years = all(_YEARS[0] <= float(text) < _YEARS[1] for text in texts)
            dates = all(len(text) == 8 and text.isdigit() for text in texts)
            plain = not (years or dates)
        found.append(plain)
    return found


def _read(window: Window, wanted: Any, numeric: list[bool]) -> dict[int, np.ndarray] | None:
    """Read columns, those of numbers as such; where one turns out to hold others, as texts."""
    wanted = list(wanted)
    numbers = {i for i in wanted if numeric[i] and i not in window.codes}
    parts: dict[int, list[np.ndarray]] = {i: [] for i in wanted}
    known: dict[int, dict[str, str]] = {i: {} for i in wanted}
    exact: dict[str, Any] = {}
    if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
        exact = {"float_precision": "round_trip"}
    reader = pd.read_csv(
        io.BufferedReader(_Part(window), 1 << 20), sep=window.dialect.separator, header=None,
        names=list(range(len(window.names))), usecols=wanted, index_col=False, encoding="utf-8",
        dtype=dict.fromkeys(set(wanted) - numbers, object), keep_default_na=False,
        na_values=dict.fromkeys(numbers, _MARKS), skipinitialspace=True, chunksize=_CHUNK, **exact,
    )  # fmt: skip
    wrong: set[int] = set()
    try:
        for chunk in reader:
            for i in wanted:
                values = chunk[i].to_numpy()
                if i in numbers:
                    if i in wrong or not _are_numbers(values):
                        wrong.add(i)
                        parts[i] = []
                        continue
                else:
                    values = _shared(values, known[i])
                parts[i].append(values)
    except (ValueError, pd.errors.ParserError):
        return None
    columns = {}
    for i in wanted:
        if i not in wrong:
            columns[i] = np.concatenate(parts.pop(i))
    if wrong:
        again = _read(window, sorted(wrong), [False] * len(numeric))
        if again is None:
            return None
        columns |= again
    return {i: columns[i] for i in wanted}


class _Part(io.RawIOBase):
    """The rows of data of a file, as a file."""

    def __init__(self, window: Window):
        self._file, self._left = window.content.open(), window.stop - window.start
        self._file.seek(window.start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _are_numbers(values: np.ndarray) -> bool:
    if values.dtype.kind == "f":
        return True
    return values.dtype.kind in "iu" and bool(np.all(np.abs(values) <= _EXACT))


def _shared(values: np.ndarray, known: dict[str, str]) -> np.ndarray:
    """Return texts of which equal ones are one object."""
    codes, texts = pd.factorize(values)
    if len(texts) > 0.5 * len(values):
        return values
    return np.array([known.setdefault(text, text) for text in texts], object)[codes]


def _has_more(window: Window, columns: dict[int, np.ndarray]) -> bool:
    """Whether there are empty rows, totals of groups or repeated headers among the rows."""
    empty = np.ones(len(columns[0]), bool)
    for column in columns.values():
        empty &= (column == "") if column.dtype == object else np.isnan(column)
        if not empty.any():
            break
    if empty.any():
        return True
    firsts = [columns[i] for i in range(min(3, len(columns))) if columns[i].dtype == object]
    texts = [pd.unique(column) for column in firsts]
    repeated = columns[0].dtype == object and window.names[0] in set(texts[0])
    return repeated or any(map(trimming.may_hold_totals, texts))


def _frame(window: Window, columns: dict[int, np.ndarray]) -> pd.DataFrame:
    if not len(columns[0]):
        raise DataError("{name} holds only a header and no rows, so there is nothing to use.",
                        name=window.content.name)  # fmt: skip
    series = {i: pd.Series(c, dtype=c.dtype, copy=False) for i, c in columns.items()}
    frame = pd.DataFrame(series, copy=False)
    frame.columns = pd.Index(window.names, dtype=object)
    return frame
