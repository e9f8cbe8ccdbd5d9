"""What a text says as a number: digits in any script, separators of thousands, the decimal sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from maeum.tables.units import CURRENCIES

_LOOKALIKES = str.maketrans(
    dict.fromkeys("−‐‑‒–—﹣－", "-")
    | dict.fromkeys("’‘ʼ´`′＇", "'")
    | dict.fromkeys("″”“", '"')
    | {"⁄": "/", "∕": "/", "٫": ".", "٬": ",", "⁺": "+", "⁻": "-"}
)
_FOOTNOTES = re.compile(r"(?<=\d)\s*(?:[¹²³⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ]+|(?:[*†‡§]+|\[\w{1,3}\]|\([a-z]\))+\s*$)")
_POWER_OF_TEN = re.compile(r"(?<=\d)\s*[x×·*]\s*10\s*(?:\^|\*\*)?\s*([+⁺⁻-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)$")
_NO_CENTS = re.compile(r"(?<=\d)(?:/[-=]|[.,]-{1,2})(?!\d)")  # 1,200/- and 12,-
_FORTRAN = re.compile(r"(?<=\d)[dD](?=[+-]\d{1,3}$)")
_VULGAR = re.compile(r"(?<=\d)(?=[¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
_SQUARES = re.compile(r"(?<![^\W\d_])([kcm]?m|ft|in)([23])\b")


def _number(decimal: str, group: str) -> str:
    """Return the pattern of a number without a sign."""
    point, comma = re.escape(decimal), re.escape(group)
    grouped = rf"[1-9]\d{{0,2}}(?:(?:{comma}\d{{3}})+|(?:'\d{{3}})+|(?: \d{{3}})+)(?:{point}\d+)?"
    indian = rf"[1-9]\d?(?:{comma}\d\d)+{comma}\d{{3}}(?:{point}\d+)?"
    plain = rf"(?:\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+(?![\d.]))?"
    return f"(?:{grouped}|{indian}|{plain})"


GROUPS = {".": ",", ",": "."}  # the separator of thousands beside each decimal sign
PATTERNS = {decimal: _number(decimal, group) for decimal, group in GROUPS.items()}
_LINES = {d: re.compile(rf"(?m)^(?:([+-]?{pattern})|.*)$") for d, pattern in PATTERNS.items()}
_INFINITE = {"inf": np.inf, "+inf": np.inf, "-inf": -np.inf}
_MONEY = "|".join(map(re.escape, sorted(CURRENCIES, key=len, reverse=True)))
BEFORE = re.compile(rf"([+-]?)\s*(?:({_MONEY})(?=[\s\d.,+(-])\s*)?", re.IGNORECASE)
_BEHIND = re.compile(rf"(?<=[\d.,)])\s*(?:{_MONEY}|%)$", re.IGNORECASE)


def normalised(text: str) -> str:
    """Return a text with plain digits, signs, quotes and blanks, and without footnote marks.

    >>> normalised("−１ ２３４²"), normalised("6806*"), normalised("3½ ㎡")
    ('-1 234', '6806', '3 1/2 m²')
    """
    if "10" in text:
        text = _POWER_OF_TEN.sub(lambda found: "e" + _plain_digits(found[1]), text)
    if not text.isascii():
        text = _plain_digits(_VULGAR.sub(" ", _FOOTNOTES.sub("", text)))
    elif text[-1:] in "*])":
        text = _FOOTNOTES.sub("", text)
    text = _NO_CENTS.sub("", _FORTRAN.sub("e", text)) if "-" in text or "+" in text else text
    return _SQUARES.sub(lambda found: found[1] + "²³"[found[2] == "3"], text.strip())


def _plain_digits(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).translate(_LOOKALIKES)
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() else c for c in text
    )


def values_of(texts: Sequence[str], decimal: str = ".") -> np.ndarray:
    """Return numbers that are written in `normalised` digits, float64; NaN for other texts.

    >>> values_of(["1,234.5", "-7", "1,23,456", "x"]).tolist()
    [1234.5, -7.0, 123456.0, nan]
    >>> values_of(["1 234,5", "1.234"], ",").tolist()
    [1234.5, 1234.0]
    """
    found = [_python(text, decimal) for text in lines(_LINES[decimal], texts)]
    return np.asarray(pd.to_numeric(np.array(found, object), errors="coerce"), np.float64)


def value_of(text: str, decimal: str = ".") -> float:
    """Return one such number, which the text is known to be.

    >>> value_of("1.234,5", ",")
    1234.5
    """
    return float(_python(text, decimal))


def _python(number: str, decimal: str) -> str:
    """Write a number as Python does."""
    return number.replace(GROUPS[decimal], "").replace("'", "").replace(" ", "").replace(",", ".")


def lines(pattern: re.Pattern, texts: Sequence[str]) -> list:
    """Return what ``pattern`` (of one line, in multi-line mode) finds in each of the texts."""
    joined = "\n".join(texts)
    if joined.count("\n") >= max(len(texts), 1):  # a text has several lines: none of one
        joined = "\n".join(text.replace("\n", "|") for text in texts)
    return pattern.findall(joined) if len(texts) else []


def parse_plain(texts: np.ndarray, decimal: str = ".") -> np.ndarray:
    """Return what each text says as a number, float64; NaN where there is more than a number.

    >>> parse_plain(np.array(["1,234.5", "inf", "$5"], object)).tolist()
    [1234.5, inf, nan]
    """
    texts = np.asarray(texts, object)
    values = np.full(len(texts), np.nan)
    left = np.arange(len(texts))
    if decimal == ".":  # the fast path: most columns need no more
        values = np.asarray(pd.to_numeric(texts, errors="coerce"), np.float64)
        left = np.flatnonzero(np.isnan(values))
    values[left] = values_of(texts[left].tolist(), decimal)
    for i in np.flatnonzero(np.isnan(values)):
        values[i] = _INFINITE.get(texts[i].lower(), np.nan)
    return values


def parse_numbers(texts: np.ndarray, decimal: str = ".") -> np.ndarray:
    """Return what each text says as a number, float64; NaN where it is not one.

    Separators of thousands (``1,234``, ``1 234``, ``1'234``), one currency, ``%`` and the
    accountants' brackets are understood; ``decimal`` is the sign before the fraction. Other units
    are `maeum.tables.quantities`'s.

    >>> parse_numbers(np.array(["1,234.5", "$ 20", "7%", "(3)", "inf", "x"], object)).tolist()
    [1234.5, 20.0, 7.0, -3.0, inf, nan]
    >>> parse_numbers(np.array(["1.234,5", "0,25"], object), decimal=",").tolist()
    [1234.5, 0.25]
    """
    texts = np.asarray(texts, object)
    values = parse_plain(texts, decimal)
    left = np.flatnonzero(np.isnan(values))
    values[left] = values_of([_bare(text) for text in texts[left]], decimal)
    return values


def _bare(text: str) -> str:
    """Take off a currency or ``%``, and turn brackets and a minus behind into one before."""
    text = BEFORE.sub(r"\1", _BEHIND.sub("", normalised(text)), count=1)
    if text[:1] == "(" and text[-1:] == ")":
        text = "-" + _BEHIND.sub("", BEFORE.sub(r"\1", text[1:-1], count=1))
    return "-" + text[:-1] if text[-1:] == "-" and text[:1] not in "-+" else text


# Chunks of digits, commas and points that show which of the two is the decimal sign.
_ALONE = r"(?<![\d.,'])(?:{})(?![\d.,']*\d)"
_CLEAR = {
    decimal: re.compile(
        _ALONE.format(
            r"0D\d+|\d+D(?:\d{1,2}|\d{4,})|\d{4,}D\d+|\d{1,3}(?:G\d{3})+D\d+"
            r"|[1-9]\d{0,2}(?:G\d{3}){2,}" + (r"|[1-9]\d?(?:G\d\d)+G\d{3}" if group == "," else "")
        )
        .replace("D", re.escape(decimal))
        .replace("G", re.escape(group))
    )
    for decimal, group in GROUPS.items()
}
_LIST = re.compile(_ALONE.format(r"\d+(?:,\d+){2,}"))
_TWO_POINTS = re.compile(r"\d\.\d+\.\d")


def decimal_sign(texts: np.ndarray) -> str | None:
    """Return the decimal sign that the numbers among ``texts`` show, None if they show none.

    >>> decimal_sign(np.array(["12,5", "1.000,0"], object))
    ','
    >>> decimal_sign(np.array(["-0.513", "1.25"], object))
    '.'
    >>> decimal_sign(np.array(["1,250"], object)) is None
    True

    Lists show none:

    >>> decimal_sign(np.array(["1,5", "2,7,9"], object)) is None
    True
    """
    joined = "\n".join(texts)
    if not joined.isascii():
        joined = "\n".join(map(normalised, texts))
    if "," not in joined and not _TWO_POINTS.search(joined):
        return "." if _CLEAR["."].search(joined) else None
    point, comma = (len(_CLEAR[sign].findall(joined)) for sign in (".", ","))
    lists = [cell for cell in _LIST.findall(joined) if not _CLEAR["."].fullmatch(cell)]
    if len(lists) > 0.02 * comma:  # "2,7,9" beside "1,5": no decimal commas
        comma = 0
    if point == comma:
        return None
    return "," if comma > point else "."


def allows_both(texts: np.ndarray, decimal: str = ".") -> str:
    """Return a text among ``texts`` that reads otherwise with the other sign, empty if none.

    With a decimal point, ``1.250`` is no such text: it is how a fraction is usually written.

    >>> allows_both(np.array(["7", "1,250"], object))
    '1,250'
    """
    sign = "," if decimal == "." else "[.,]"
    ambiguous = re.compile(rf"[^\d,.]*[1-9]\d{{0,2}}{sign}\d{{3}}[^\d,.]*")
    return next((text for text in texts if ambiguous.fullmatch(text)), "")
