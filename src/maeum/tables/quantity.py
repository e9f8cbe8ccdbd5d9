"""A text as numbers with what stands beside them: ``-$5``, ``1h 20m``, ``~1,200 CC``, ``12:34``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from maeum.tables.numbers import BEFORE, PATTERNS, normalised, value_of
from maeum.tables.units import CURRENCIES, Dimension, ordinal

MINUTES, HOURS = "m:s", "h:m"  # what 12:34 says
_MODIFIERS = re.compile(
    r"(?P<about>~|≈|≃|(?:about|approx\.?|circa|ca\.?|c\.|약)(?=[\s\d]))?\s*"
    r"(?:(?P<below><=|=<|[<≤]|(?:(?:less|fewer) than|under|below|up to|at most)(?=\s))"
    r"|(?P<above>>=|=>|[>≥]|(?:(?:more|greater) than|over|above|at least)(?=\s)))?\s*",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"\s*(?:\+|이상|초과|or (?:more|over|above)|and (?:over|above|up)"
    r"|(이하|미만|or (?:less|under|below)))$"
)
_WORD = r"[^\W\d_]|/(?=\s*[^\W\d_])|[%°‰$€£¥₩₹₽₺₫฿₪₱]"
_REST = r"[^\d:;,()\[\]{}+=<>&|!?@#*_\"'-]{0,24}"
_CLOCK = re.compile(
    r"(오전|오후)?\s*(\d{1,4}):([0-5]\d)(?:([.,]\d+)|:([0-5]\d(?:[.,]\d+)?))?"
    r"(?:\s*([ap])\.?m\.?)?",
    re.IGNORECASE,
)
_DAYS_AND_CLOCK = re.compile(r"(\d+)\s*(?:days?,?|d|일)\s+(\d{1,2}:.*)", re.IGNORECASE)
_FEET = re.compile(r"(\d)\s*(?:'|ft\.?|feet)\s*(\d{1,2}(?:\.\d+)?)\s*(?:\"|''|in\.?|inches)?")
_FRACTION = re.compile(
    r"(?:(\d+)\s+)?(\d{1,3}(?:\.\d+)?)/(2|3|4|5|6|8|10|12|16|20|32|64|100)(?![\d/])\s*(\D*)"
)
_ISO = re.compile(r"P(?=.)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_TERMS = {
    decimal: re.compile(rf"({number})\+?\s*((?:{_WORD}){_REST}|[\"'])?(?:,\s+)?")
    for decimal, number in PATTERNS.items()
}


class Quantity(NamedTuple):
    """A text taken apart: numbers with their units, and how they are meant.

    Attributes:
        terms: numbers and the words behind them, such as ``(1, "h"), (20, "m")``.
        money: the currency before it.
        sign: 1 or -1.
        clock: the two or three numbers of a clock, as seconds if they were hours; or None.
        bound: ``<`` or ``>`` for what is below or above, ``+`` for "or more"; empty for a value.
    """

    terms: tuple[tuple[float, str], ...] = ()
    money: str = ""
    sign: float = 1.0
    clock: tuple[float, ...] = ()
    bound: str = ""

    @property
    def units(self) -> Iterator[str]:
        """The words and the currency that stand beside its numbers."""
        yield from (word for _number, word in self.terms if word)
        if self.money:
            yield self.money
        if self.clock:
            yield "h"

    def value(self, dimension: Dimension, clock: str = "") -> float | None:
        """Return its value in the dimension's first unit, None where it does not measure that.

        A number without a unit is returned as it is; see `NumberForm`.
        """
        if self.money and not (dimension.currency and dimension.factor(self.money)):
            return None
        if self.clock:
            if dimension.name != "time":
                return None
            fewer = len(self.clock) == 2 and clock == MINUTES
            parts = zip(self.clock, (60.0, 1.0) if fewer else (3600.0, 60.0, 1.0))
            return self.sign * sum(part * worth for part, worth in parts)
        total, last = 0.0, np.inf
        for number, word in self.terms:
            factor = dimension.factor(word) if word else 1.0
            if factor is None or factor >= last:
                return None
            total, last = total + number * factor, factor
        return self.sign * total


def take_apart(text: str, decimal: str = ".") -> Quantity | None:
    """Take a text apart into numbers and units; None where it is something else.

    >>> take_apart("~1,200 CC").terms, take_apart("1h 20m").terms
    (((1200.0, 'CC'),), ((1.0, 'h'), (20.0, 'm')))
    >>> take_apart("4x4"), take_apart("A1"), take_apart("1.2.3"), take_apart("3rd")
    (None, None, None, None)
    """
    text = normalised(text)
    found = _MODIFIERS.match(text)
    bound = ""
    if found:
        bound = "<" if found["below"] else ">" if found["above"] else ""
        text = text[found.end() :]
    signs, money = "", ""
    for _again in range(2):  # -$5 and $-5, ($5) and $(5)
        if text[:1] == "(" and text[-1:] == ")":
            signs, text = signs + "-", text[1:-1].strip()
        if before := BEFORE.match(text):
            signs += before[1]
            money = money or CURRENCIES.get((before[2] or "").lower(), "")
            text = text[before.end() :]
    if text[-1:] == "-":
        signs, text = signs + "-", text[:-1].strip()
    if len(signs) > 1:
        return None
    sign = -1.0 if signs == "-" else 1.0
    if more := _OR_MORE.search(text):
        bound, text = bound or ("<" if more[1] else "+"), text[: more.start()]
    if ":" in text:
        clock = _clock(text)
        return Quantity(sign=sign, clock=clock, bound=bound) if clock and not money else None
    terms = _terms(text, decimal)
    return Quantity(terms, money, sign, (), bound) if terms else None


def _clock(text: str) -> tuple[float, ...]:
    days, found = 0, _DAYS_AND_CLOCK.fullmatch(text)
    if found:
        days, text = int(found[1]), found[2]
    found = _CLOCK.fullmatch(text)
    if found is None:
        return ()
    korean, first, second, fraction, third, half = found.groups()
    if fraction:  # a lap in minutes and seconds
        return (24.0 * days, float(first), float(second + fraction.replace(",", ".")))
    hours = int(first) + 24 * days
    if half or korean:
        if not 1 <= hours <= 12:
            return ()
        afternoon = korean == "오후" or (half or "").lower() == "p"
        hours, third = hours % 12 + 12 * afternoon, third or "0"
    last = () if third is None else (float(third.replace(",", ".")),)
    return (float(hours), float(second), *last)


def _terms(text: str, decimal: str) -> tuple[tuple[float, str], ...]:
    if text[:1] == "P" and (found := _ISO.fullmatch(text)):
        return tuple((float(n), unit) for n, unit in zip(found.groups(), "dhms") if n)
    if (found := _FEET.fullmatch(text)) and float(found[2]) < 12:
        return ((float(found[1]), "ft"), (float(found[2]), "in"))
    if "/" in text and (found := _FRACTION.fullmatch(text)):
        whole, above, below, unit = found.groups()
        if float(above) <= float(below):
            return ((float(whole or 0) + float(above) / float(below), unit.strip()),)
    terms, at = [], 0
    while found := _TERMS[decimal].match(text, at):
        word = re.sub(r"\s+(?:and|und|et|y)$", "", (found[2] or "").strip())
        terms.append((value_of(found[1], decimal), word))
        at = found.end()
    if at < len(text) or (len(terms) > 1 and not all(word for _value, word in terms)):
        return ()
    if any(ordinal(word.split()[0]) for _value, word in terms if word):
        return ()
    return tuple(terms)
