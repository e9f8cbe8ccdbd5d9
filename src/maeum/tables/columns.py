"""What the columns of a table hold: numbers, yes/no, categories, dates, or nothing to learn from.

`recognise` reads a whole table and names the kind of every column; `convert` reads a column
as a kind that is already known, which is what happens again when a model meets new rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd

from maeum.core.errors import DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.core.wording import Things, some
from maeum.tables import row_numbers
from maeum.tables.cells import Cells, text_of, yes_no
from maeum.tables.column import KINDS, Column, exclude, note_unread, quoted, tells_nothing
from maeum.tables.dates import (
    called_like_a_date,
    read_dates,
    recognise_dates,
    utc_note,
    without_stand_ins,
)
from maeum.tables.marks import beside, told
from maeum.tables.number_columns import NOT_NUMBERS, describe_numbers, note_stand_ins
from maeum.tables.numbers import allows_both, lines
from maeum.tables.quantities import NumberForm, Numbers, number_form
from maeum.tables.quantity import take_apart
from maeum.tables.raw import Raw
from maeum.tables.reading import tidy
from maeum.tables.units import dimensions_of

__all__ = ["KINDS", "NOT_DATES", "NOT_NUMBERS", "Column", "convert", "find_column", "known_column",
           "quoted", "recognise", "recognise_column", "sign_of_others"]  # fmt: skip

NOT_DATES = Things("{n:,} cell not a date", "{n:,} cells not a date")
OFTEN = 5  # cells with a value make it one that more can be told of than its name
MANY_NUMBERS = 20  # different ones, for each word that counts as missing among them
_NO_DIGIT = re.compile(r"(?m)^([^\d\n]+)$|^.*$")
_LETTERED = re.compile(r"[A-Za-z][A-Za-z0-9./ -]{0,11}?(\d{3,})|(\d{3,})[A-Za-z]{1,2}")
_CALLED_A_VERSION = re.compile(r"(?:^|[\W_])(?i:ver(?:sion)?)$|(?<=[a-z])Ver(?:sion)?$|버전")
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3})?")
_LEADING_ZERO = re.compile(r"(?m)^0\d*[1-9]\d*$")


def recognise(
    frame: pd.DataFrame, target: str | None = None, *,
    missing: Iterable[object] | None = None, decimal: str | None = None,
) -> tuple[pd.DataFrame, list[Column]]:  # fmt: skip
    """Recognise every column of a table of raw cells.

    Args:
        frame: rows of text, as `maeum.tables.reading.read_table` returns them, or of any type.
        target: the column to predict; it is described too, but not ``used``.
        missing: which cells count as missing, beside empty ones, such as ``["NA", -999]``; those
            that stand outside the rest of their column if None.
        decimal: the decimal sign of columns that do not show it; that of the others if None.

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
    marks = None if missing is None else [text_of(mark) for mark in missing]
    raws = {str(name): Raw(frame[name], marks) for name in frame.columns}
    usual = decimal or _usual_sign(raws.values())
    columns = [_column(name, raw, usual) for name, raw in raws.items()]
    typed = {c.name: raws[c.name].read(c.kind, c.format, c.levels, c.marks)[0] for c in columns}
    for column in columns:
        if column.name == target:
            column.used, column.reason = False, _("it is what is learnt")
    values = pd.DataFrame(typed, index=frame.index, copy=False)
    row_numbers.leave_out(columns, values, target)
    return values, columns


def recognise_column(
    series: pd.Series, *, missing: Iterable[object] | None = None, decimal: str | None = None
) -> Column:
    """Recognise a column that is to be predicted; see `recognise`.

    Its name does not make it a key, and single values far outside the rest count as missing.

    >>> recognise_column(pd.Series([*range(50), 99999999])).marks
    ['99999999']
    """
    marks = None if missing is None else [text_of(mark) for mark in missing]
    return _column("", Raw(series, marks, is_target=True), decimal or ".")


def convert(
    series: pd.Series, kind: str, *, form: str = "", levels: Sequence[str] = (),
    marks: Sequence[str] = (),
) -> tuple[pd.Series, dict[str, int]]:  # fmt: skip
    """Read a column as a known kind.

    Args:
        series: the cells.
        kind: one of `KINDS`.
        form, levels, marks: as in `Column`.

    Returns:
        The values (float64, datetime64, or a categorical of ``levels``; missing where a cell is
        missing or cannot be read) and the cells that could not be read, with how often each occurs.

    >>> convert(pd.Series(["3", "x", ""]), "number", form=".")
    (0    3.0
    1    NaN
    2    NaN
    dtype: float64, {'x': 1})
    """
    return Raw(series, choose=beside(levels, marks)).read(kind, form, levels, marks)


def sign_of_others(frame: pd.DataFrame, name: str) -> str | None:
    """Return the decimal sign of a table's other columns where one column does not show its own.

    >>> sign_of_others(pd.DataFrame({"a": ["1,5", "2,25"], "y": ["1,250", "3,500"]}), "y")
    ','
    """
    raw = Raw(frame[name])
    if raw.typed or raw.decimal or not allows_both(raw.cells.texts, ","):
        return None
    return _usual_sign(Raw(frame[other]) for other in frame.columns if other != name)


def convert_dates(
    series: pd.Series, form: str, expected: Sequence[str] = (), marks: Sequence[str] = ()
) -> tuple[pd.Series, dict[str, int], list[str]]:
    """Read a column of dates as `convert` does, and check its form against expected dates.

    Args:
        series: the cells.
        form: how dates were written in the training.
        expected: the first and the last of those dates.
        marks: as in `Column`.

    Returns:
        What `convert` returns, and what was recognised otherwise than in the training.
    """
    raw = Raw(series, choose=beside((), marks))
    if raw.typed != "date":
        raw.dates = without_stand_ins(read_dates(raw.cells.texts, form, expected), expected)
    notes = [] if raw.dates is None else raw.dates.notes
    return *raw.read("date", form, marks=marks), notes


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


def _usual_sign(raws: Iterable[Raw]) -> str:
    """Return the decimal sign that most of the columns of numbers show."""
    votes = Counter(raw.decimal for raw in raws if raw.decimal and raw.numeric)
    return "," if votes[","] > votes["."] else "."


def _column(name: str, raw: Raw, usual: str) -> Column:
    """Decide on the kind, from the surest sign to the vaguest."""
    if raw.typed == "date":
        return _date(name, raw)
    if raw.typed:
        if called_like_a_date(name):
            raw.dates = recognise_dates(raw.cells.texts, name)
        if raw.dates is not None:
            return _date(name, raw)
        return describe_numbers(name, raw, Numbers(NumberForm(), []), usual)
    texts, counts = raw.cells.texts, raw.cells.counts
    present = int(counts.sum())
    column = Column(name, "category", present, raw.rows - present, len(texts))
    if tells_nothing(column, *map(repr, texts[:1])):
        return column
    raw.dates = found = recognise_dates(texts, name)
    if found is not None:
        raw.dates = found if raw.marks is not None else without_stand_ins(found)
        gone = ~np.isnat(found.values) & np.isnat(raw.dates.values)
        return _date(name, raw, {*texts[gone]})
    truth = yes_no(texts)
    if set(truth) == {0, 1}:
        return _yes_no(column, raw.cells, truth)
    if isinstance(raw.series.dtype, pd.CategoricalDtype):
        return _words(column, raw.cells)  # it is said to be one, whatever its levels look like
    decimal = raw.decimal or usual
    plain = raw.plain(decimal)
    coded = _leading_zeros(texts)
    lettered = not coded and _lettered(texts, plain)
    if _is_version(name, texts) and len(texts) > 2 and _words(column, raw.cells).used:
        column.notes.append(_("Its numbers are versions, not quantities: taken as categories."))
        return column
    column = Column(name, "category", present, raw.rows - present, len(texts))
    numbers = number_form(texts, counts, decimal, plain)
    if numbers.form is None and (few := _few_words(texts)) is not None:
        rest = ~few  # a word such as "refused", however often, beside many numbers
        numbers = number_form(texts[rest], counts[rest], decimal, plain[rest])
    if numbers.form is not None and not coded and not lettered:
        return describe_numbers(name, raw, numbers, usual)
    read = counts[~np.isnan(plain)].sum() / present
    column = _words(column, raw.cells)
    if not column.used and read >= 0.5 and not (coded or lettered or numbers.notes):
        numbers = Numbers(NumberForm(decimal), [])  # better than losing the column
        return describe_numbers(name, raw, numbers, usual)
    column.notes += numbers.notes + told(raw.cells.marks, raw.cells.kept)
    if numbers.notes and not column.used:
        column.reason = numbers.notes[0]
    if coded and read == 1:
        column.notes.append(_("Numbers with leading zeros are codes, not quantities."))
    elif lettered:
        column.notes.append(_("Some of its numbers have letters, such as {examples}: all are "
                              "codes, not quantities.",
                              examples=some(map(repr, texts[np.isnan(plain)]), 3)))  # fmt: skip
    elif read > 0.5:
        column.notes.append(_("{fraction:.0%} of the cells are words, so the numbers are levels.",
                              fraction=1 - read))  # fmt: skip
    return column


def _few_words(texts: np.ndarray) -> np.ndarray | None:
    """Tell which texts are words, if few different ones stand beside many other texts."""
    if len(texts) <= MANY_NUMBERS:
        return None
    words = np.array(lines(_NO_DIGIT, texts.tolist()), object).astype(bool)
    return words if 0 < words.sum() <= len(texts) // MANY_NUMBERS else None


def _leading_zeros(texts: np.ndarray) -> bool:
    return _LEADING_ZERO.search("\n".join(texts)) is not None


def _word_count(text: str) -> int:
    """Count the words of a text; groups of digits, as of phones and cards, are none by themselves.

    >>> _word_count("bought 3 of them"), _word_count("+49 804 9020979")
    (4, 0)
    """
    parts = text.split()
    worded = sum(any(c.isalpha() for c in part) for part in parts)
    return len(parts) if worded > 1 else worded


def _lettered(texts: np.ndarray, plain: np.ndarray) -> bool:
    """Tell codes such as 85123 and 85123A, 349909 and PC 17599: as long, some with letters."""
    words, numbers = texts[np.isnan(plain)], texts[~np.isnan(plain)].tolist()
    if not 1 < len(words) <= len(texts) - 3:
        return False
    alike = [text for text in numbers if len(text) > 2 and text.isdecimal()]
    if len(alike) <= 0.8 * len(numbers):
        return False
    short, long = min(map(len, alike)), max(map(len, alike))
    years = long == 4 and all("15" <= text[:2] <= "21" for text in alike)  # 2004 and 2005p
    sample = words[:: max(1, len(words) // 300)].tolist()
    found = [(text, _LETTERED.fullmatch(text)) for text in sample]
    codes = [text for text, each in found if each and short <= len(each[1] or each[2]) <= long]
    units = sum(map(_is_quantity, codes))
    return not years and len(codes) >= 0.5 * len(sample) and units <= 0.5 * len(codes)


def _is_quantity(text: str) -> bool:
    """Whether a text is a number with a unit that is known: 500 and 200k are no codes."""
    taken = take_apart(text)
    return taken is not None and all(map(dimensions_of, taken.units))


def _is_version(name: str, texts: np.ndarray) -> bool:
    """Tell versions, of which 1.10 comes after 1.9, by the name of their column."""
    return _CALLED_A_VERSION.search(name) is not None and all(
        map(_VERSION.fullmatch, texts[:1000].tolist())
    )


def _yes_no(column: Column, cells: Cells, truth: np.ndarray) -> Column:
    column.kind, column.distinct = "yesno", 2
    for meaning in (0, 1):
        counts = np.where(truth == meaning, cells.counts, 0)
        level = str(cells.texts[counts.argmax()])  # the usual spelling
        column.levels.append(level)
        column.statistics.setdefault("counts", {})[level] = int(counts.sum())
    column.notes += told(cells.marks, cells.kept)
    return column


def _date(name: str, raw: Raw, stand_ins: Collection[str] = ()) -> Column:
    values, unread = raw.read("date")
    marks, notes = note_stand_ins(raw, values)
    if marks:
        values, unread = raw.read("date", marks=marks)
    known = values.dropna()
    n = len(known)
    column = Column(name, "date", n, raw.rows - n, known.nunique(), marks=marks)
    unread = {text: n for text, n in unread.items() if text not in stand_ins}  # told already
    note_unread(column, unread, NOT_DATES)
    if raw.dates is not None:
        column.format = raw.dates.form
        column.notes += [*raw.dates.notes, *utc_note(raw.dates)]
    column.notes += notes
    if tells_nothing(column, *known.iloc[:1]):
        return column
    column.statistics = {"first": known.min().isoformat(), "last": known.max().isoformat()}
    return column


def _words(column: Column, cells: Cells) -> Column:
    """Tell categories from keys and from free text."""
    texts, counts = cells.texts, cells.counts
    words = np.mean([_word_count(text) for text in texts[:1000]])
    length = float(np.mean([len(text) for text in texts[:1000]]))
    column.statistics = {"length": length, "examples": [str(text) for text in texts[:3]]}
    rows, distinct = column.count, column.distinct
    small = rows < 20 and distinct <= 10
    many = distinct > 0.5 * rows or (
        distinct > max(1000, 0.1 * rows) and counts[counts >= OFTEN].sum() < 0.5 * rows
    )
    if (distinct == rows > 2) or (many and not small):
        if words >= 3 or length > 40:
            return exclude(column, "text", _("free text: {n:,} different texts", n=distinct))
        reason = _("looks like a key or a name: {n:,} different values in {rows:,} cells",
                   n=distinct, rows=rows)  # fmt: skip
        return exclude(column, "identifier", reason)
    if (words >= 6 or length > 60) and distinct > 0.05 * rows:
        return exclude(column, "text", _("free text: {n:,} different texts", n=distinct))
    order = sorted(range(len(texts)), key=lambda i: (-counts[i], texts[i]))
    column.levels = [str(texts[i]) for i in order]
    column.statistics = {"counts": {str(texts[i]): int(counts[i]) for i in order[:20]}}
    return column
