"""Times as people and offices write them: months, quarters, weeks, Korean dates, digits alone.

What is here turns them into ``2024-03-01 13:00``, which the reader of dates knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august"
    r"|september|october|november|december)\.?"
)
_WEEKDAY = re.compile(
    r"\s*\((?:[월화수목금토일](?:요일)?|[a-z]{3,9})\)|\s*[월화수목금토일]요일"
    r"|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|,?\s+(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*$",
    re.IGNORECASE,
)
_KOREAN_DAY = re.compile(r"(\d{4})\s*년\s*(\d{1,2})\s*월\s*(\d{1,2})\s*일")
_HALF_DAY = re.compile(r"(오전|오후|AM|PM)\s*(\d{1,2})(?=\s*[:시])", re.IGNORECASE)
_HALF_BEHIND = re.compile(r"(\d{1,2})((?::\d\d){1,2})\s*([AP])\.?M\.?$", re.IGNORECASE)
_END_OF_DAY = re.compile(r"(\d{4}-\d\d-\d\d)[T ]24:00(?::00)?")
_DIGITS = re.compile(r"\d{6}|\d{10}(\d\d){0,2}")
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?")
_KOREAN_CLOCK = re.compile(r"(\d{1,2})\s*시(?:\s*(\d{1,2})\s*분(?:\s*(\d{1,2})\s*초)?)?")
_DOTTED = re.compile(r"^(\d{4})\.\s*(\d{1,2})\.\s*(\d{1,2})\.?(?=\s|$)")


def to_iso(texts: np.ndarray) -> np.ndarray:
    """Return texts with each time that is known here as ISO 8601; others as they are.

    Of a month, a quarter and a week it is the first day.

    >>> to_iso(np.array(["2024년 3월", "3Q 2024", "2024-W01", "2024. 3. 1. 오후 1:30"])).tolist()
    ['2024-03-01', '2024-07-01', '2024-01-01', '2024-03-01 13:30']
    """
    return np.array([_to_iso(text) for text in texts], object)


def digits_to_iso(texts: np.ndarray) -> np.ndarray | None:
    """Return times of digits alone as ISO 8601; None unless all are such.

    They are ``202403`` (months), ``2024030113`` (hours; 24 is the end of a day), and the same with
    minutes and seconds behind.

    >>> digits_to_iso(np.array(["2024030123", "2024030124"])).tolist()
    ['2024-03-01 23:00:00', '2024-03-02 00:00:00']
    >>> digits_to_iso(np.array(["202412", "202413"])) is None
    True
    """
    if len({*map(len, texts)}) != 1 or not _DIGITS.fullmatch(texts[0]):
        return None
    made = np.empty(len(texts), object)
    for i, text in enumerate(texts):
        if not (text.isdecimal() and 1800 <= int(text[:4]) < 2200):
            return None
        numbers = [int(text[:4]), *map(int, re.findall("..", text[4:]))]
        year, month, day, hour, *rest = numbers + [0, 1, 1, 0, 0, 0][len(numbers) :]
        ends = [hour, *rest] == [24, 0, 0]
        try:
            found = datetime(year, month, day, 0 if ends else hour, rest[0], rest[1])
            found += timedelta(days=ends)
        except ValueError:
            return None
        made[i] = str(found if len(text) > 6 else found.date())
    return made


def _to_iso(text: str) -> str:
    text = _WEEKDAY.sub("", text).strip()
    for rule, first_day in _RULES:
        if match := rule.fullmatch(text):
            return first_day(match) or text
    text = _KOREAN_DAY.sub(_day, text)
    text = _DOTTED.sub(_day, text)
    text = _HALF_DAY.sub(lambda m: _hour(m[1], m[2]), text)
    text = _HALF_BEHIND.sub(lambda m: _hour(m[3] + "M", m[1]) + m[2], text)
    text = _KOREAN_CLOCK.sub(_clock, text)
    text = _BASIC.sub(lambda m: f"{m[1]}-{m[2]}-{m[3]} {m[4]}:{m[5]}:{m[6] or '00'}", text)
    return _END_OF_DAY.sub(_next_day, text)


def _day(match: re.Match) -> str:
    year, month, day = map(int, match.groups())
    return f"{year}-{month:02}-{day:02}"


def _hour(half: str, said: str) -> str:
    """Return the hour of 24: that of midnight is 12 before noon, as that of noon is behind it."""
    hour = int(said)
    if not 1 <= hour <= 12:
        return f"{half} {said}"
    return f"{hour % 12 + (12 if half.upper() in ('오후', 'PM') else 0):02}"


def _next_day(match: re.Match) -> str:
    try:
        return f"{date.fromisoformat(match[1]) + timedelta(days=1)} 00:00"
    except ValueError:
        return match[0]


def _clock(match: re.Match) -> str:
    return ":".join(f"{int(part or 0):02}" for part in match.groups())


def _month(year: str, month: int) -> str | None:
    """Return the first day of a month; a year of two digits is one from 1970 to 2069."""
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 70 else 1900
    return f"{number}-{month:02}-01" if 1 <= month <= 12 else None


def _named(name: str) -> int:
    return _NAMES.index(name[:3].lower()) + 1


def _week(year: str, week: str, day: str | None) -> str | None:
    try:
        return str(date.fromisocalendar(int(year), int(week), int(day or 1)))
    except ValueError:
        return None


def _rule(pattern: str, first_day: Callable[[re.Match], str | None]) -> tuple:
    return re.compile(pattern, re.IGNORECASE), first_day


_RULES = [
    _rule(r"(\d{4})\s*년", lambda m: f"{m[1]}-01-01"),
    _rule(r"(\d{4})\s*년\s*(\d{1,2})\s*월", lambda m: _month(m[1], int(m[2]))),
    _rule(r"(\d{4})\.\s*(\d{1,2})\.?", lambda m: _month(m[1], int(m[2]))),
    _rule(r"(\d{1,2})[/-](\d{4})", lambda m: _month(m[2], int(m[1]))),
    _rule(rf"{_MONTH}[\s,'-]*(\d{{4}}|\d\d)", lambda m: _month(m[2], _named(m[1]))),
    _rule(rf"(\d{{4}})[\s,-]*{_MONTH}", lambda m: _month(m[1], _named(m[2]))),
    _rule(r"(\d{4})[\s/-]*Q([1-4])", lambda m: _month(m[1], 3 * int(m[2]) - 2)),
    _rule(r"(\d{4})\s*[년/-]?\s*([1-4])\s*(?:Q|분기)", lambda m: _month(m[1], 3 * int(m[2]) - 2)),
    _rule(r"(?:Q([1-4])|([1-4])Q)[\s/-]*(\d{4})",
          lambda m: _month(m[3], 3 * int(m[1] or m[2]) - 2)),
    _rule(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?", lambda m: _week(m[1], m[2], m[3])),
]  # fmt: skip
