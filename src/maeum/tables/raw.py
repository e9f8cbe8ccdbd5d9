"""A column before its kind is known, read as one kind or another."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from maeum.tables.cells import Cells, cells_of, yes_no
from maeum.tables.dates import Dates, read_dates
from maeum.tables.marks import Chooser, by_rule, exactly
from maeum.tables.numbers import decimal_sign, parse_plain
from maeum.tables.quantities import NumberForm, number_form, read_numbers

LARGEST = float(np.finfo(np.float32).max)  # what is beyond is infinite to a network


class Raw:
    """A column before its kind is known: its distinct texts, unless it is of a type already."""

    def __init__(
        self,
        series: pd.Series,
        marks: Sequence[str] | None = None,
        choose: Chooser = by_rule,
        is_target: bool = False,
    ):
        self.series = series
        self.rows = len(series)
        self.marks = marks  # where somebody has said which ones count
        self.is_target = is_target  # values that cannot be are not learnt
        self.choose = choose if marks is None else exactly(marks)
        dates = pd.api.types.is_datetime64_any_dtype(series)
        numbers = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
        self.typed = "date" if dates else "number" if numbers else ""
        self.dates: Dates | None = None  # once they are recognised
        self.last: tuple[object, np.ndarray] = (None, np.zeros(0))

    @functools.cached_property
    def cells(self) -> Cells:
        """Its distinct texts."""
        return cells_of(self.series, self.choose)

    @functools.cached_property
    def decimal(self) -> str | None:
        """The decimal sign that its texts show."""
        return None if self.typed else decimal_sign(self.cells.texts)

    @functools.cached_property
    def numeric(self) -> bool:
        """Whether a sample of its texts reads as numbers with its own decimal sign."""
        sample = self.cells.texts[:: max(len(self.cells.texts) // 200, 1)]
        found = number_form(sample, np.ones(len(sample), int), self.decimal or ".")
        return found.form is not None

    def plain(self, decimal: str) -> np.ndarray:
        """Return what its texts say as plain numbers, kept for the next call."""
        if self.last[0] != decimal:
            self.last = (decimal, parse_plain(self.cells.texts, decimal))
        return self.last[1]

    def numbers(self, form: NumberForm) -> np.ndarray:
        """Return what its texts say as numbers of that form, kept for the next call."""
        if self.last[0] != form:
            plain = self.plain(form.decimal)
            self.last = (form, read_numbers(self.cells.texts, form, plain))
        return self.last[1]

    def read(
        self, kind: str, form: str = "", levels: Sequence[str] = (), marks: Sequence[str] = ()
    ) -> tuple[pd.Series, dict[str, int]]:
        """Do the work of `convert`."""
        if kind == self.typed == "number":
            numbers = self.series.to_numpy(np.float64, na_value=np.nan)
            infinite = np.abs(numbers) > LARGEST
            unread = {"inf": int(infinite.sum())} if infinite.any() else {}
            gone = infinite | is_mark(numbers, marks)
            if not gone.any() and self.series.dtype == np.float64:
                return self.series.copy(deep=False), unread  # pandas copies what is written to
            return pd.Series(np.where(gone, np.nan, numbers), self.series.index), unread
        if kind == self.typed == "date":
            read = pd.to_datetime(self.series, utc=True).dt.tz_localize(None)
            return read.mask(is_mark(read.to_numpy(), marks)) if marks else read, {}
        cells = self.cells
        values: Any
        gone = np.zeros(len(cells.texts), bool)
        if kind == "number":
            known = self.numbers(NumberForm.of(form))
            gone = is_mark(known, marks)
            bad = ~(np.abs(known) <= LARGEST)
            values = cells.spread(np.where(bad | gone, np.nan, known), np.nan)
        elif kind == "date":
            dates = (self.dates or read_dates(cells.texts, form)).in_utc()
            gone, bad = is_mark(dates, marks), np.isnat(dates)
            values = cells.spread(np.where(gone, np.datetime64("NaT"), dates), np.datetime64("NaT"))
        else:
            levels = list(levels) if levels or kind == "empty" else cells.texts.tolist()
            place = {level: i for i, level in enumerate(levels)}
            index = np.array([place.get(text, -1) for text in cells.texts], np.int64)
            index = yes_no(cells.texts) if kind == "yesno" else index  # in any spelling
            bad = index < 0
            dtype = pd.CategoricalDtype(levels)
            values = pd.Categorical.from_codes(cells.spread(index, -1), dtype=dtype)
        bad = bad & ~gone
        unread = dict(zip(cells.texts[bad], cells.counts[bad].tolist()))
        return pd.Series(values, self.series.index), unread


def is_mark(values: np.ndarray, marks: Sequence[str]) -> np.ndarray:
    """Tell which numbers or dates are among the marks."""
    if not marks:
        return np.zeros(len(values), bool)
    texts = np.array(marks, object)
    if values.dtype.kind == "M":
        wanted: Any = pd.to_datetime(pd.Series(texts), errors="coerce", format="ISO8601").dropna()
        return np.isin(values, wanted.to_numpy(values.dtype))
    wanted = parse_plain(texts)
    return np.isin(values, wanted[~np.isnan(wanted)])
