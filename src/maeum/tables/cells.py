"""Single cells of a table: which are missing, and what number, date or level a text stands for.

All work is done once per *distinct* text of a column and then spread over the rows, so that a
column of 100,000 rows and three levels costs what three cells cost.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

MISSING = frozenset(
    ["", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none", "-", "?"]
)  # compared in lower case, without the blanks around it
YES = frozenset(["yes", "y", "true", "t", "1", "예", "네", "참"])
NO = frozenset(["no", "n", "false", "f", "0", "아니오", "아니요", "거짓"])


class Cells(NamedTuple):
    """A column as its distinct texts: cell ``i`` reads ``texts[codes[i]]``; code -1 is missing."""

    codes: np.ndarray
    texts: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many cells hold each of the texts."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    def spread(self, values: np.ndarray, missing: object) -> np.ndarray:
        """Return ``values`` (one for each text) for every cell, ``missing`` where there is none."""
        return np.append(values, np.asarray([missing], values.dtype))[self.codes]


def cells_of(series: pd.Series) -> Cells:
    """Find the distinct texts of a column of any type, without the blanks around them.

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
    texts = np.array([v.strip() if type(v) is str else text_of(v) for v in found], object)
    texts[[text.lower() in MISSING for text in texts]] = None
    merged, texts = pd.factorize(texts)
    return Cells(np.append(merged, -1)[codes], np.asarray(texts, object))


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


_PLAIN = r"[+-]?(?:\d+(?:D\d*)?|D\d+)(?:[eE][+-]?\d+)?"
_GROUPED = r"[+-]?\d{1,3}(?:[G\s'’]\d{3})+(?:D\d+)?"
_NUMBER = {
    decimal: re.compile(f"{_PLAIN}|{_GROUPED}".replace("D", re.escape(decimal)).replace("G", group))
    for decimal, group in [(".", ","), (",", ".")]
}
_BIT = re.compile(r"^0*([01])(?:\.0*)?$")  # 0.0 is 0, and 1.00 is 1
_SIGNS = re.compile(r"^([+-]?)\s*[$€£¥₩]\s*|\s*(?:[$€£¥₩%원])$")
# A comma that cannot be a separator of thousands, and one that cannot be a decimal comma.
_DECIMAL_COMMA = re.compile(
    r"[+-]?(0+,\d+|\d+,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,})"
)
_DECIMAL_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?[1-9]\d{0,2}(,\d{3}){2,}")


def parse_numbers(texts: np.ndarray, decimal: str = ".") -> np.ndarray:
    """Return what each text says as a number, float64; NaN where it is not one.

    Separators of thousands (``1,234``, ``1 234``, ``1'234``), one currency sign and ``%`` are
    understood; ``decimal`` is the sign before the fraction.

    >>> parse_numbers(np.array(["1,234.5", "$ 20", "7%", "inf", "x"], object)).tolist()
    [1234.5, 20.0, 7.0, inf, nan]
    >>> parse_numbers(np.array(["1.234,5", "0,25"], object), decimal=",").tolist()
    [1234.5, 0.25]
    """
    texts = np.asarray(texts, object)
    values = np.full(len(texts), np.nan)
    left = np.arange(len(texts))
    if decimal == ".":  # the fast path: most columns need no more
        values = np.asarray(pd.to_numeric(texts, errors="coerce"), np.float64)
        left = np.flatnonzero(np.isnan(values))
    for i in left:
        text = _SIGNS.sub(r"\1", texts[i].replace("−", "-"))
        if _NUMBER[decimal].fullmatch(text):
            group = "," if decimal == "." else "."
            values[i] = float(re.sub(rf"[{group}\s'’]", "", text).replace(decimal, "."))
        elif text.lower() in ("inf", "+inf", "-inf"):
            values[i] = float(text)
    return values


def decimal_sign(texts: np.ndarray) -> str | None:
    """Return the decimal sign that the numbers among ``texts`` show, None if they show none.

    >>> decimal_sign(np.array(["12,5", "1.000,0"], object))
    ','
    >>> decimal_sign(np.array(["1,250"], object)) is None
    True
    """
    commas = [_SIGNS.sub(r"\1", text) for text in texts if "," in text or text.count(".") > 1]
    by_comma = sum(_DECIMAL_COMMA.fullmatch(text) is not None for text in commas)
    by_point = sum(_DECIMAL_POINT.fullmatch(text) is not None for text in commas)
    if by_comma == by_point:
        return None
    return "," if by_comma > by_point else "."


def yes_no(texts: np.ndarray) -> np.ndarray:
    """Return 1 for each word for yes, 0 for no, and -1 for anything else.

    >>> yes_no(np.array(["Yes", "no", "perhaps"], object)).tolist()
    [1, 0, -1]
    """
    words = [_BIT.sub(r"\1", text.lower()) for text in texts]
    return np.array([1 if w in YES else 0 if w in NO else -1 for w in words], np.int64)
