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

__all__ = ["MISSING", "NO", "YES", "Cells", "cells_of", "decimal_sign", "parse_numbers",
           "text_of", "yes_no"]  # fmt: skip

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


def yes_no(texts: np.ndarray) -> np.ndarray:
    """Return 1 for each word for yes, 0 for no, and -1 for anything else.

    >>> yes_no(np.array(["Yes", "no", "perhaps"], object)).tolist()
    [1, 0, -1]
    """
    words = [_BIT.sub(r"\1", text.lower()) for text in texts]
    return np.array([1 if w in YES else 0 if w in NO else -1 for w in words], np.int64)
