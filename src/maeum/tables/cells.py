"""Single cells of a table: which are missing, and what number, date or level a text stands for.

All work is done once per *distinct* text of a column and then spread over the rows, so that a
column of 100,000 rows and three levels costs what three cells cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from maeum.tables.marks import MISSING, NO, YES, Chooser, by_rule
from maeum.tables.numbers import decimal_sign, parse_numbers

__all__ = ["MISSING", "NO", "YES", "Cells", "cells_of", "date_format", "decimal_sign",
           "parse_dates", "parse_numbers", "text_of", "yes_no"]  # fmt: skip

_BIT = re.compile(r"^0*([01])(?:[.,]0*)?$")  # 0.0 is 0, and 1.00 is 1


class Cells(NamedTuple):
    """A column as its distinct texts: cell ``i`` reads ``texts[codes[i]]``; code -1 is missing.

    Attributes:
        codes: for each cell, which text it is.
        texts: the different texts.
        marks: the marks that count as missing, and how many cells hold each; not the empty cells.
        kept: marks that count as values here.
    """

    codes: np.ndarray
    texts: np.ndarray
    marks: Mapping[str, int] = MappingProxyType({})
    kept: tuple[str, ...] = ()

    @property
    def counts(self) -> np.ndarray:
        """How many cells hold each of the texts."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    def spread(self, values: np.ndarray, missing: object) -> np.ndarray:
        """Return ``values`` (one for each text) for every cell, ``missing`` where there is none."""
        return np.append(values, np.asarray([missing], values.dtype))[self.codes]


def cells_of(series: pd.Series, choose: Chooser = by_rule) -> Cells:
    """Find the distinct texts of a column of any type, without the blanks around them.

    Args:
        series: the column.
        choose: says which of its texts are marks for "missing", see `maeum.tables.marks`.

    >>> cells_of(pd.Series(["b ", "n/a", "b", 3.0, None])).texts.tolist()
    ['b', '3']
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, found = series.cat.codes.to_numpy(), series.cat.categories.to_numpy(object)
    else:
        values = series.to_numpy(object)
        try:
            codes, found = pd.factorize(values)
        except TypeError:  # lists and the like have no hash
            codes, found = pd.factorize(np.array([str(value) for value in values], object))
    merged, texts = pd.factorize(
        np.array([v.strip() if type(v) is str else text_of(v) for v in found], object)
    )
    codes, texts = np.append(merged, -1)[codes], np.asarray(texts, object)
    missing = choose(texts.tolist())
    suspects = [text for text in texts.tolist() if text in missing or text.lower() in MISSING]
    if not suspects:
        return Cells(codes, texts)
    gone = np.array([text in missing for text in texts], bool)
    often = np.bincount(codes[codes >= 0], minlength=len(texts))
    marks = {text: int(n) for text, n in zip(texts[gone], often[gone]) if text and n}
    place = np.append(np.where(gone, -1, np.cumsum(~gone) - 1), -1)
    kept = tuple(text for text in suspects if text not in missing)
    return Cells(place[codes], texts[~gone], marks, kept)


def text_of(value: object) -> str:
    """Return a cell as text; a whole number without the point that pandas gave it.

    >>> text_of(3.0), text_of(" cat")
    ('3', 'cat')
    """
    if isinstance(value, float | np.floating):  # pandas makes integers with gaps floats
        number = float(value)
        if number.is_integer() and abs(number) < 1e15:
            return str(int(number))
    return str(value).strip()


_DAYS = [
    "ISO8601", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y. %m. %d", "%Y년 %m월 %d일", "%Y%m%d",
    "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d-%b-%Y",
    "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%b-%y",
]  # fmt: skip
_TIMES = [" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p"]
_LIKE_A_DATE = re.compile(r"(?=.*\d)(?=.*[-/.년\s]|\d{8}$).{6,40}", re.DOTALL)


def date_format(texts: np.ndarray) -> str | None:
    """Return the date format (of ``strptime``, or ``"ISO8601"``) of ``texts``, None if none fits.

    A format fits if it reads 19 of 20 texts; of several, the one that reads the most wins.

    >>> date_format(np.array(["31/01/2024", "01/02/2024"], object))
    '%d/%m/%Y'
    """
    sample = texts[:50]
    if sum(_LIKE_A_DATE.fullmatch(text) is not None for text in sample) < 0.9 * len(sample):
        return None
    clock = any(":" in text for text in sample)
    formats = [day + time for day in _DAYS[1:] for time in _TIMES] if clock else _DAYS[1:]
    formats = ["ISO8601", *formats]
    fits = [f for f in formats if _fraction_read(sample, f) >= 0.9]
    fractions = {f: _fraction_read(texts, f) for f in fits}
    best = max(fractions, key=lambda f: fractions[f], default=None)
    return best if best is not None and fractions[best] >= 0.95 else None


def parse_dates(texts: np.ndarray, form: str) -> np.ndarray:
    """Return what each text says as a date, datetime64[us]; NaT where it is not one.

    Dates before 1800 or after 2199 count as missing: they are nearly always something else.
    """
    read = pd.to_datetime(pd.Series(texts, dtype=object), format=form, errors="coerce", utc=True)
    dates = read.dt.tz_localize(None).to_numpy("datetime64[us]")
    first, end = np.array(["1800", "2200"], "datetime64[us]")
    return np.where((dates >= first) & (dates < end), dates, np.datetime64("NaT"))


def _fraction_read(texts: np.ndarray, form: str) -> float:
    return float(np.mean(~np.isnat(parse_dates(texts, form)))) if len(texts) else 0.0


def yes_no(texts: np.ndarray) -> np.ndarray:
    """Return 1 for each word for yes, 0 for no, and -1 for anything else.

    >>> yes_no(np.array(["Yes", "no", "perhaps"], object)).tolist()
    [1, 0, -1]
    """
    words = [_BIT.sub(r"\1", text.lower()) for text in texts]
    return np.array([1 if w in YES else 0 if w in NO else -1 for w in words], np.int64)
