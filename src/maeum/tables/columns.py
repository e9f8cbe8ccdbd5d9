"""What the columns of a table hold: numbers, yes/no, categories, dates, or nothing to learn from.

`recognise` reads a whole table and names the kind of every column; `convert` reads a column
as a kind that is already known, which is what happens again when a model meets new rows.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.core.wording import Things, some
from maeum.tables import row_numbers
from maeum.tables.cells import (
    Cells,
    cells_of,
    date_format,
    decimal_sign,
    parse_dates,
    parse_numbers,
    yes_no,
)
from maeum.tables.reading import tidy

KINDS = ("number", "yesno", "category", "date", "text", "identifier", "constant", "empty")
LARGEST = float(np.finfo(np.float32).max)  # what is beyond is infinite to a network
FEW_WORDS = 0.05  # a column of numbers may hold this fraction of words; they count as missing
NOT_NUMBERS = Things("{n:,} cell not a number", "{n:,} cells not a number")
INFINITE = Things("{n:,} infinite cell", "{n:,} infinite cells")
NOT_DATES = Things("{n:,} cell not a date", "{n:,} cells not a date")
_CALLED_LIKE_A_KEY = re.compile(
    r"(?:^|[\s_.-])(?i:id|idx|no|nr|key|index|uuid|guid|row|rownum|row_?id)$|[a-z](?:ID|Id)$"
    r"|^Unnamed: \d+$|(?:번호|아이디)$"
)


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
        format: how its texts are read: the decimal sign of numbers, the ``strptime`` format of
            dates.
        statistics: figures for a report; plain numbers and texts.
        notes: what is unusual about it, as sentences.
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


def recognise(frame: pd.DataFrame, target: str | None = None) -> tuple[pd.DataFrame, list[Column]]:
    """Recognise every column of a table of raw cells.

    Args:
        frame: rows of text, as `maeum.tables.reading.read_table` returns them, or of any type.
        target: the column to predict; it is described too, but not ``used``.

    Returns:
        The table with its cells as values (numbers are float64, dates datetime64, anything else a
        pandas categorical) and a `Column` for each of its columns.

    Raises:
        DataError: if the table has no rows or no column besides the target.

    >>> raw = pd.DataFrame({"age": ["31", "", "27"], "vip": ["yes", "no", "no"]})
    >>> typed, columns = recognise(raw)
    >>> [(c.name, c.kind, c.missing) for c in columns]
    [('age', 'number', 1), ('vip', 'yesno', 0)]
    """
    frame, _renamed = tidy(frame)
    if not len(frame):
        raise DataError("The table has no rows, so there is nothing to learn from.")
    if all(name == target for name in frame.columns):
        if target is None:
            raise DataError("The table has no column, so there is nothing to learn from.")
        raise DataError("The table has no column besides {name!r}, so there is nothing to learn "
                        "from.", name=target)  # fmt: skip
    raws = {str(name): _Raw(frame[name]) for name in frame.columns}
    signs = {raw.decimal for raw in raws.values()}
    usual = "," if "," in signs and "." not in signs else "."
    columns = [_column(name, raw, usual) for name, raw in raws.items()]
    typed = {c.name: raws[c.name].read(c.kind, c.format, c.levels)[0] for c in columns}
    for column in columns:
        if column.name == target:
            column.used, column.reason = False, _("it is what is learnt")
    values = pd.DataFrame(typed, index=frame.index, copy=False)
    row_numbers.leave_out(columns, values, target)
    return values, columns


def convert(
    series: pd.Series, kind: str, *, form: str = "", levels: Sequence[str] = ()
) -> tuple[pd.Series, dict[str, int]]:
    """Read a column as a known kind.

    Returns:
        The values (float64, datetime64, or a categorical of ``levels``; missing where a cell is
        missing or cannot be read) and the cells that could not be read, with how often each occurs.

    >>> convert(pd.Series(["3", "x", ""]), "number", form=".")
    (0    3.0
    1    NaN
    2    NaN
    dtype: float64, {'x': 1})
    """
    return _Raw(series).read(kind, form, levels)


def find_column(frame: pd.DataFrame, column: str | int) -> str:
    """Return the name of the column that ``column`` means.

    Args:
        frame: the table.
        column: a name, ``"last"``, or a position: 1 is the first column, -1 the last.

    Raises:
        UnknownNameError: if there is no such column.

    >>> find_column(pd.DataFrame(columns=["a", "b", "c"]), "-1")
    'c'
    """
    names = [str(name) for name in frame.columns]
    wanted = str(column).strip()
    if wanted in names:
        return wanted
    if wanted.lower() == "last" and names:
        return names[-1]
    if wanted.lstrip("+-").isdigit():
        position = int(wanted)
        if 1 <= abs(position) <= len(names):
            return names[position - 1 if position > 0 else position]
        raise UnknownNameError("There is no column {position}: the table has {n} columns, counted "
                               "from 1 (or from the end: -1 is the last).", position=position,
                               n=len(names))  # fmt: skip
    return known_column(names, wanted)


def known_column(names: Sequence[str], name: str, role: str = "") -> str:
    """Return the name of a column that there is; the ``role`` of one that is missing is told.

    Raises:
        UnknownNameError: if it is not among the names.
    """
    if name in names:
        return name
    what = _(" (the {role})", role=_(role)) if role else ""
    raise UnknownNameError("The table has no column {name!r}{role}.{hint} Its columns are: "
                           "{known}.", name=name, role=what, hint=nearest(name, names),
                           known=some(names, 20, 30))  # fmt: skip


class _Raw:
    """A column before its kind is known: its distinct texts, unless it is of a type already."""

    def __init__(self, series: pd.Series):
        self.series = series
        self.rows = len(series)
        dates = pd.api.types.is_datetime64_any_dtype(series)
        numbers = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
        self.typed = "date" if dates else "number" if numbers else ""

    @functools.cached_property
    def cells(self) -> Cells:
        return cells_of(self.series)

    @functools.cached_property
    def decimal(self) -> str | None:
        return None if self.typed else decimal_sign(self.cells.texts)

    def read(
        self, kind: str, form: str = "", levels: Sequence[str] = ()
    ) -> tuple[pd.Series, dict[str, int]]:
        """Do the work of `convert`."""
        if kind == self.typed == "number":
            numbers = self.series.to_numpy(np.float64, na_value=np.nan)
            infinite = np.abs(numbers) > LARGEST
            unread = {"inf": int(infinite.sum())} if infinite.any() else {}
            known = np.where(infinite, np.nan, numbers) if unread else numbers
            return pd.Series(known, self.series.index, copy=False), unread
        if kind == self.typed == "date":
            return pd.to_datetime(self.series, utc=True).dt.tz_localize(None), {}
        cells = self.cells
        values: Any
        if kind == "number":
            known = parse_numbers(cells.texts, form or ".")
            bad = ~(np.abs(known) <= LARGEST)
            values = cells.spread(np.where(bad, np.nan, known), np.nan)
        elif kind == "date":
            dates = parse_dates(cells.texts, form)
            bad, values = np.isnat(dates), cells.spread(dates, np.datetime64("NaT"))
        else:
            levels = list(levels) if levels or kind == "empty" else cells.texts.tolist()
            place = {level: i for i, level in enumerate(levels)}
            index = np.array([place.get(text, -1) for text in cells.texts], np.int64)
            index = yes_no(cells.texts) if kind == "yesno" else index  # in any spelling
            bad = index < 0
            dtype = pd.CategoricalDtype(levels)
            values = pd.Categorical.from_codes(cells.spread(index, -1), dtype=dtype)
        unread = dict(zip(cells.texts[bad], cells.counts[bad].tolist()))
        return pd.Series(values, self.series.index), unread


def _column(name: str, raw: _Raw, usual: str) -> Column:
    """Decide on the kind, from the surest sign to the vaguest."""
    if raw.typed:
        return _date(name, raw, "ISO8601") if raw.typed == "date" else _number(name, raw, ".")
    texts, counts = raw.cells.texts, raw.cells.counts
    present = int(counts.sum())
    column = Column(name, "category", present, raw.rows - present, len(texts))
    if _tells_nothing(column, *map(repr, texts[:1])):
        return column
    truth = yes_no(texts)
    if set(truth) == {0, 1}:
        return _yes_no(column, raw.cells, truth)
    if isinstance(raw.series.dtype, pd.CategoricalDtype):
        return _words(column, raw.cells)  # it is said to be one, whatever its levels look like
    decimal = raw.decimal or usual
    numbers = parse_numbers(texts, decimal)
    read = counts[~np.isnan(numbers)].sum() / present
    coded = _leading_zeros(texts)
    if (form := _date_form(texts, numbers)) is not None:
        return _date(name, raw, form)
    if read >= 1 - FEW_WORDS and not coded:
        return _number(name, raw, decimal)
    column = _words(column, raw.cells)
    if not column.used and read >= 0.5 and not coded:
        return _number(name, raw, decimal)  # better than losing the column
    if coded and read == 1:
        column.notes.append(_("Numbers with leading zeros are codes, not quantities."))
    elif read > 0.5:
        column.notes.append(_("{fraction:.0%} of the cells are words, so the numbers are levels.",
                              fraction=1 - read))  # fmt: skip
    return column


def _exclude(column: Column, kind: str, reason: str) -> Column:
    column.kind, column.used, column.reason = kind, False, reason
    return column


def _tells_nothing(column: Column, value: object = "") -> bool:
    """Leave out a column without a value, or with one alone; tell whether that was so."""
    if not column.count:
        _exclude(column, "empty", _("all its cells are missing"))
    elif column.distinct == 1 and column.missing < 0.01 * (column.count + column.missing):
        _exclude(column, "constant", _("every cell is {value}", value=value))
    return not column.used


def _note_unread(column: Column, unread: dict[str, int], said: Things) -> None:
    if unread:
        cells = said.count(sum(unread.values()))
        column.notes.append(_("{cells} ({examples}); taken as missing.",
                              cells=cells, examples=quoted(unread)))  # fmt: skip


def _leading_zeros(texts: np.ndarray) -> bool:
    return any(len(t) > 1 and t[0] == "0" and t.isdigit() and t.strip("0") for t in texts)


def _date_form(texts: np.ndarray, numbers: np.ndarray) -> str | None:
    """Look for a date among words, and among numbers only where all have eight digits."""
    if np.isnan(numbers).mean() > 0.5:
        return date_format(texts)
    if len(texts) > 2 and all(len(text) == 8 and text.isdigit() for text in texts):
        return "%Y%m%d" if date_format(texts) is not None else None
    return None


def _yes_no(column: Column, cells: Cells, truth: np.ndarray) -> Column:
    column.kind, column.distinct = "yesno", 2
    for meaning in (0, 1):
        counts = np.where(truth == meaning, cells.counts, 0)
        level = str(cells.texts[counts.argmax()])  # the usual spelling
        column.levels.append(level)
        column.statistics.setdefault("counts", {})[level] = int(counts.sum())
    return column


def _number(name: str, raw: _Raw, decimal: str) -> Column:
    values, unread = raw.read("number", decimal)
    known = values.dropna().to_numpy()
    n, distinct = len(known), np.unique(known)
    column = Column(name, "number", n, raw.rows - n, len(distinct), format=decimal)
    words = np.isnan(parse_numbers(np.array([*unread], object), decimal))
    for kind, said in ((~words, INFINITE), (words, NOT_NUMBERS)):
        _note_unread(column, {text: unread[text] for text in compress(unread, kind)}, said)
    if decimal == ",":
        column.notes.append(_("Its numbers are written with a decimal comma."))
    if _tells_nothing(column, *(f"{value:g}" for value in distinct[:1])):
        return column
    if raw.typed and distinct.tolist() == [0.0, 1.0]:
        ones = int(known.sum())
        column.kind, column.levels, column.format = "yesno", ["0", "1"], ""
        column.statistics = {"counts": {"0": n - ones, "1": ones}}
        return column
    whole = bool(np.all(known == np.round(known)))
    if whole and len(distinct) == raw.rows > 2 and _CALLED_LIKE_A_KEY.search(name):
        return _exclude(column, "identifier", _("each row has another number: a key, not a trait"))
    low, first, middle, third, high = np.percentile(known, [0, 25, 50, 75, 100]).tolist()
    column.statistics = {
        "mean": float(known.mean()), "std": float(known.std(ddof=1)) if len(known) > 1 else 0.0,
        "min": low, "q25": first, "median": middle, "q75": third, "max": high,
        "zeros": int((known == 0).sum()), "whole": whole,
    }  # fmt: skip
    return column


def _date(name: str, raw: _Raw, form: str) -> Column:
    values, unread = raw.read("date", form)
    known = values.dropna()
    n = len(known)
    column = Column(name, "date", n, raw.rows - n, known.nunique(), format=form)
    _note_unread(column, unread, NOT_DATES)
    if form.startswith(("%m/%d", "%d/%m")) and known.dt.day.max() <= 12:
        order = _("month/day") if form.startswith("%m") else _("day/month")
        column.notes.append(_("Its dates are read as {order}; the cells would allow the reverse.",
                              order=order))  # fmt: skip
    if _tells_nothing(column, *known.iloc[:1]):
        return column
    column.statistics = {"first": known.min().isoformat(), "last": known.max().isoformat()}
    return column


def _words(column: Column, cells: Cells) -> Column:
    """Tell categories from keys and from free text."""
    texts, counts = cells.texts, cells.counts
    words = np.mean([text.count(" ") + 1 for text in texts[:1000]])
    length = float(np.mean([len(text) for text in texts[:1000]]))
    column.statistics = {"length": length, "examples": [str(text) for text in texts[:3]]}
    rows, distinct = column.count, column.distinct
    small = rows < 20 and distinct <= 10
    if (distinct == rows > 2) or (distinct > min(0.5 * rows, max(1000, 0.1 * rows)) and not small):
        if words >= 3 or length > 40:
            return _exclude(column, "text", _("free text: {n:,} different texts", n=distinct))
        reason = _("looks like a key or a name: {n:,} different values in {rows:,} cells",
                   n=distinct, rows=rows)  # fmt: skip
        return _exclude(column, "identifier", reason)
    if (words >= 6 or length > 60) and distinct > 0.05 * rows:
        return _exclude(column, "text", _("free text: {n:,} different texts", n=distinct))
    order = sorted(range(len(texts)), key=lambda i: (-counts[i], texts[i]))
    column.levels = [str(texts[i]) for i in order]
    column.statistics = {"counts": {str(texts[i]): int(counts[i]) for i in order[:20]}}
    return column


def quoted(found: dict[str, int]) -> str:
    """Quote the most frequent of ``found``, three at most.

    >>> quoted({"a": 1, "b": 5, "c": 2, "d": 1})
    "'b', 'c', 'a' ..."
    """
    often = sorted(found, key=lambda text: -found[text])
    return ", ".join(repr(str(text)) for text in often[:3]) + (" ..." if len(often) > 3 else "")
