"""Columns of numbers: their unit, what stands for "missing" in them, and what lies far outside."""

from __future__ import annotations

import re
from itertools import compress

import numpy as np
import pandas as pd

from maeum.core.messages import _
from maeum.core.wording import Things, as_written, some
from maeum.tables.cells import text_of
from maeum.tables.column import Column, exclude, note_unread, tells_nothing
from maeum.tables.marks import CELLS, otherwise
from maeum.tables.numbers import GROUPS, allows_both
from maeum.tables.outliers import SURE_DAYS, counted, ordinary_range, stand_ins
from maeum.tables.quantities import NumberForm, Numbers, read_numbers
from maeum.tables.raw import Raw

NOT_NUMBERS = Things("{n:,} cell not a number", "{n:,} cells not a number")
INFINITE = Things("{n:,} infinite cell", "{n:,} infinite cells")
FEWEST = 10  # numbers from which long ones are told for keys without a name that says so
FAR_TARGETS = 0.01  # of the cells of a target, taken as missing; more are learnt, but limited
_CALLED_LIKE_A_KEY = re.compile(
    r"(?:^|[\s_.-])(?i:id|idx|no|nr|key|index|uuid|guid|row|rownum|row_?id)$|[a-z](?:ID|Id)$"
    r"|^Unnamed: \d+$|(?:번호|아이디)$"
)


def describe_numbers(name: str, raw: Raw, found: Numbers, usual: str) -> Column:
    """Describe a column of numbers.

    Args:
        name: its header.
        raw: its cells.
        found: how its numbers are written, and what is to be told of that.
        usual: the decimal sign of the table.
    """
    form = found.form or NumberForm()
    values, unread = raw.read("number", str(form))
    marks, notes = note_stand_ins(raw, values)
    if marks:
        values, unread = raw.read("number", str(form), marks=marks)
    distinct, counts = counted(values.to_numpy())
    n = int(counts.sum())
    column = Column(name, "number", n, raw.rows - n, len(distinct), format=str(form), marks=marks)
    words = np.isnan(read_numbers(np.array([*unread], object), form))
    for kind, said in ((~words, INFINITE), (words, NOT_NUMBERS)):
        note_unread(column, {text: unread[text] for text in compress(unread, kind)}, said)
    column.notes += [*found.notes, *notes]
    if form.decimal == ",":
        column.notes.append(_("Its numbers are written with a decimal comma."))
    if not raw.typed and raw.decimal is None and (text := allows_both(raw.cells.texts, usual)):
        [value] = read_numbers(np.array([text], object), form)
        column.notes.append(_("Numbers such as {text} are read as {value}; if they mean "
                              "something else, say decimal={other!r} (--decimal {other}).",
                              text=text, value=as_written(value),
                              other=GROUPS[form.decimal]))  # fmt: skip
    if tells_nothing(column, *map(as_written, distinct[:1])):
        return column
    if raw.typed and distinct.tolist() == [0.0, 1.0]:
        column.kind, column.levels, column.format = "yesno", ["0", "1"], ""
        column.statistics = {"counts": dict(zip(["0", "1"], counts.tolist()))}
        return column
    whole = bool(np.all(distinct == np.round(distinct)))
    called = _CALLED_LIKE_A_KEY.search(name) is not None
    if whole and len(distinct) == raw.rows > 2 and (called or _long_alike(distinct)):
        return exclude(column, "identifier", _("each row has another number: a key, not a trait"))
    column.notes += _far(values, *ordinary_range(distinct, counts))
    known = values.dropna().to_numpy()
    low, first, middle, third, high = np.percentile(known, [0, 25, 50, 75, 100]).tolist()
    column.statistics = {
        "mean": float(known.mean()), "std": float(known.std(ddof=1)) if len(known) > 1 else 0.0,
        "min": low, "q25": first, "median": middle, "q75": third, "max": high,
        "zeros": int((known == 0).sum()), "whole": whole,
    }  # fmt: skip
    return column


def _long_alike(distinct: np.ndarray) -> bool:
    """Tell numbers of accounts, phones and books: each has as many digits, nine or more.

    Of what is measured some would begin with a 1; times in seconds since 1970 all do.
    """
    digits = np.floor(np.log10(np.maximum(np.abs(distinct[[0, -1]]), 1.0)))
    alike = digits[0] == digits[1] >= 8 and distinct[0] >= 2 * 10 ** digits[0]
    return bool(len(distinct) >= FEWEST and alike)


def note_stand_ins(raw: Raw, values: pd.Series) -> tuple[list[str], list[str]]:
    """Return what stands for "missing" among numbers or dates, as marks, and what to tell of it."""
    if raw.marks is not None:
        return list(raw.marks), []
    dates = values.dtype.kind == "M"
    numbers = values.to_numpy("datetime64[D]").astype(float) if dates else values.to_numpy()
    numbers = np.where(values.isna(), np.nan, numbers)
    distinct, counts = counted(numbers)
    found = stand_ins(distinct, counts, SURE_DAYS) if dates else stand_ins(distinct, counts)
    if raw.is_target and len(distinct) > len(found):
        rest = ~np.isin(distinct, found)
        low, high = ordinary_range(distinct[rest], counts[rest])
        far = rest & ((distinct < low) | (distinct > high))
        if counts[far].sum() <= max(1, FAR_TARGETS * counts.sum()):
            found = [*filter(None, found), *distinct[far].tolist()]  # no sales are sales, too
    marks = [str(np.datetime64(int(v), "D")) if dates else text_of(v) for v in found]
    here = np.isin(numbers, found)
    if dates:  # those of no calendar
        never = [mark for mark in raw.cells.marks if mark[:1].isdigit()] if not raw.typed else []
        here, marks = here | raw.series.isin(never).to_numpy(), [*marks, *never]
    if not marks:
        return [], []
    return marks, [_("Taken as missing, as it lies outside the rest: {marks}, {cells}{rows}. "
                     "{otherwise}", marks=some(marks), cells=CELLS.count(int(here.sum())),
                     rows=rows_said(values, here), otherwise=otherwise())]  # fmt: skip


def _far(values: pd.Series, low: float, high: float) -> list[str]:
    """Tell of values far outside the rest, with their rows."""
    far = ((values < low) | (values > high)).to_numpy()
    if not far.any():
        return []
    examples = some([as_written(value) for value in values[far]])
    return [_("{cells} far outside the rest ({low} to {high}): {examples}{rows}. What they "
              "can do to the others is limited.", cells=CELLS.count(int(far.sum())),
              low=as_written(low), high=as_written(high), examples=examples,
              rows=rows_said(values, far))]  # fmt: skip


def far_outside(
    name: str,
    values: pd.Series,
    low: float | None = None,
    high: float | None = None,
    *,
    rows: bool = True,
) -> list[str]:
    """Tell of numbers further outside of those of the training than those are wide.

    Args:
        name: of the column.
        values: its numbers in new rows.
        low, high: between which they were in the training, if that is known.
        rows: whether the values are those of rows, which are named.

    >>> far_outside("age", pd.Series([30.0, 5000.0]), 18.0, 79.0)
    ['age: 1 cell far outside of what was usual in training (18 to 79): 5000, row 2.']
    """
    if low is None or high is None or high <= low:
        return []
    far = ((values < 2 * low - high) | (values > 2 * high - low)).to_numpy()
    if not far.any():
        return []
    examples = some([as_written(value) for value in values[far]])
    return [_("{column}: {cells} far outside of what was usual in training ({low} to {high}): "
              "{examples}{rows}.", column=name, low=as_written(low), high=as_written(high),
              examples=examples, cells=CELLS.count(int(far.sum())),
              rows=rows_said(values, far) if rows else "")]  # fmt: skip


def rows_said(values: pd.Series, which: np.ndarray) -> str:
    """Name the rows of a few cells, counted from 1; those of many are not named.

    >>> rows_said(pd.Series([1.0, 9.0]), np.array([False, True]))
    ', row 2'
    """
    if which.sum() > 3:
        return ""
    counted_up = values.index if values.index.dtype.kind == "i" else pd.RangeIndex(len(values))
    rows = ", ".join(str(row + 1) for row in counted_up[which])
    return _(", row {rows}", rows=rows)
