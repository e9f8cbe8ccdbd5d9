"""What a text says of a date and a clock, before the order of day and month is decided.

A text is split into its clock and the rest; each distinct rest is brought to one spelling (names of
months as ``@03``, without weekdays) and matched against a table of patterns.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from maeum.tables.date_names import ZONES, months, plain, weekdays

FIRST_YEAR, END_YEAR = 1800, 2200  # what is before or after is nearly always something else
ORDERS = ("mdy", "dmy", "ymd")  # how three numbers may be meant
_MINUTE, _DAY = 60_000_000, 86_400_000_000  # microseconds

_NOON = {"오전": 0, "上午": 0, "午前": 0, "am": 0, "오후": 12, "下午": 12, "午後": 12, "pm": 12}
_HALF = r"오전|오후|上午|下午|午前|午後|[AaPp]\.?\s?[Mm]\b\.?"
_ZONE = r"(?:GMT|UTC)[+-]\d\d?(?::?\d\d)?(?!\d)|[+-]\d\d(?::?\d\d)?(?!\d)|[A-Za-z]{1,5}\b"
_CLOCK = re.compile(
    rf"(?:({_HALF})\s*)?(?<!\d)(\d\d?)(?:"
    r":(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"  # 10:20:30.5
    r"|\s?[시時时点點](?:\s*(\d\d?)\s*[분分]|\s*(半))?(?:\s*(\d\d?)\s*[초秒])?"  # 10시 20분 30초
    r"|[hH](?:(\d\d)(?:[m:](\d\d)s?)?)?(?![a-zA-Z\d])"  # 10h20
    rf"|(?=\s*(?:{_HALF})(?!\s*\d))|(?<=\dT\d\d))(?!\d)"  # 10 pm, T10
    rf"(?:\s*({_HALF}))?(?:\s*(?:Uhr|uur|kl\.?)\b)?(?:\s*({_ZONE}))?"
)
_USUAL = re.compile(
    r"(.*?\d)(?:[T ,_]+|(?<=\d{4}):)(\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)",
    re.DOTALL,
)
_BASIC = re.compile(r"(\d{8})[T ]?(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?")
_DOTTED = re.compile(  # 01.02.2024 07.30, 2024-02-01 07
    r"(\d{1,4}([-/.])\d\d?\2\d{1,4})[ _T-](\d\d)(?:\.(\d\d)(?:\.(\d\d))?)?"
)
_ORACLE = re.compile(  # 01-JAN-20 10.20.30.123456 AM +09:00
    r"(\d\d?-[^\W\d_]{3,9}-\d{2,4}) (\d\d?)\.(\d\d)\.(\d\d)(?:\.(\d{1,9}))?"
    r"( [AaPp][Mm])?(?: ([+-]\d\d:\d\d))?"
)
# The year before the first one of the eras of Japan, and of Taiwan's.
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民國": 1911,
         "民国": 1911, "M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}  # fmt: skip
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s*(元|\d{{1,3}})(?=\s?[./年-])")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?")
_BETWEEN = "T:, \t\n[]_"  # what stands between a date and its clock

_REGION = re.compile(r"\s*\[?\b([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+)\]?$")
_WORD = re.compile(r"[^\W\d_]+\.?")
_DROPPED = re.compile(
    r"\s*\([^()\d]*\)|\[[A-Za-z_/]+\]|[\[\],_]|(?<=\d)(?:st|nd|rd|th|er|ère|º|ª)\b"
    r"|(?<=[-/.]\d\d)\.?\s*[월화수목금토일]$",
    re.IGNORECASE,
)
_MARKS = {
    "년": "Y", "年": "Y", "월": "M", "月": "M", "일": "D", "日": "D", "분기": "Q", "季度": "Q",
    "q": "Q", "quarter": "Q", "quartal": "Q", "trimestre": "Q", "trimester": "Q", "kvartal": "Q",
    "qtr": "Q", "w": "W", "wk": "W", "week": "W", "kw": "W", "semaine": "W", "주": "W", "주차": "W",
    "h": "H", "m": "M", "fy": "Y", "상반기": "H1", "하반기": "H2", "t": "T",
}  # fmt: skip
_NOISE = frozenset(["de", "del", "of", "the", "den", "der", "le", "el", "um", "at", "a", "las"])
_YEAR = frozenset(["г", "года", "р", "року"])

_Y, _YY = r"(?P<Y>\d{4})", r"(?P<Y>\d{4}|\d\d)"
_S = r"[-/. ]*"
_FIRM = [
    rf"{_Y}(?P<s>[-/. ]|\. )(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)\.?",
    r"(?P<a>\d\d?)(?P<s>[-/. ]|\. )(?P<b>\d\d?)(?P=s)(?P<c>\d{4})\.?",
    r"(?P<a>\d\d)(?P<s>[-/.])(?P<b>\d\d)(?P=s)(?P<c>\d\d)",
    r"(?P<a>\d\d?)/(?P<b>\d\d?)/(?P<c>\d\d)",
    rf"{_YY}Y ?(?P<m>\d\d?)M ?(?P<d>\d\d?)D",
    rf"(?P<d>\d\d?){_S}@(?P<m>\d\d){_S}'?{_YY}",
    rf"@(?P<m>\d\d){_S}(?P<d>\d\d?)(?:[-/. ]+'?{_Y}| '(?P<Y2>\d\d))",
    rf"{_Y}{_S}@(?P<m>\d\d){_S}(?P<d>\d\d?)\.?",
    rf"{_Y}(?P<m>\d\d)(?P<d>\d\d)",
    rf"{_Y}(?:[-/.]|:?M)(?P<m>\d\d?)",
    rf"{_Y}-(?P<m>\d\d)-(?P<d>\d\d) ?[-/~–] ?\d{{4}}-\d\d-\d\d",
    rf"{_Y}\. (?P<m>\d\d?)\.?",
    rf"(?P<m>\d\d?)[-/.]{_Y}",
    rf"{_YY}Y ?(?P<m>\d\d?)M",
    rf"@(?P<m>\d\d){_S}{_Y}|@(?P<m2>\d\d)[-/.]? ?['-](?P<Y2>\d\d)",
    rf"{_Y}{_S}@(?P<m>\d\d)",
    rf"{_Y}Y?[-/ ]*(?P<q>[1-4])(?:/4)? ?Q",
    rf"{_Y}[-. ]+(?P<q>[1-4])/4",
    rf"Y?{_Y}Y?[-/ .:]*Q ?(?P<q>[1-4])",
    rf"(?:[QT] ?(?P<q>[1-4])|(?P<q2>[1-4])\.? ?Q)[-/ ']*{_YY}",
    rf"{_Y}Y?[-/ ]*(?:H(?P<h>[12])|(?P<h2>[12])H)",
    rf"(?:H(?P<h>[12])|(?P<h2>[12])H)[-/ ]*{_Y}",
    rf"{_Y}-?W(?P<w>\d\d?)(?:-?(?P<n>[1-7]))?",
    rf"{_Y}Y ?(?P<w>\d\d?)W",
    rf"W ?(?P<w>\d\d?)[-/ ]+{_Y}",
    rf"{_Y}Y|Y ?(?P<Y2>\d{{4}})",
]
# Other things are written like these, too: only where more says that they are dates.
_WEAK = [
    r"@(?P<m>\d\d) ?(?P<Y>\d\d)",
    r"(?P<Y>\d\d)(?P<s>[-.])(?P<m>\d\d?)(?P=s)(?P<d>\d)",
    r"(?P<a>\d\d?)(?P<s>[-.])(?P<b>\d\d?)(?P=s)(?P<c>\d\d)",
    rf"{_Y}[-/.]?(?P<j>\d{{3}})",
    rf"{_Y}(?P<m>\d\d)",
]  # fmt: skip
_PATTERNS = [
    *((re.compile(pattern), False) for pattern in _FIRM),
    *((re.compile(pattern), True) for pattern in _WEAK),
]


class _Day(NamedTuple):
    """A day since 1970, or the three numbers of one whose order is open; None where it is none."""

    number: int | None = None
    written: tuple[int, int, int] | None = None
    long: bool = True  # whether the year has four digits
    weak: bool = False


class Written(NamedTuple):
    """What ``n`` texts say.

    Attributes:
        day: ``(n,)`` datetime64[D]; NaT where it is unknown, or where the order is open.
        clock: ``(n,)`` timedelta64[us] since midnight; NaT where it is none.
        offset: ``(n,)`` minutes east of Greenwich; NaN where that is not said.
        numbers: ``(n, 3)`` the numbers of dates whose order is open; 0 elsewhere.
        long: ``(n,)`` whether the year has four digits.
        weak: ``(n,)`` whether other things than dates are written like this, too.
    """

    day: np.ndarray
    clock: np.ndarray
    offset: np.ndarray
    numbers: np.ndarray
    long: np.ndarray
    weak: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Which texts are read in one order or in another."""
        return self.numbers[:, 1] > 0

    def dates(self, order: str) -> np.ndarray:
        """Return the dates, by the clock that stands there, datetime64[us]; NaT for what is none.

        Args:
            order: what three numbers are, one of `ORDERS`.
        """
        day = self.day.copy()
        if self.open.any():
            parts = {letter: self.numbers[:, order.index(letter)] for letter in "ymd"}
            if order == "ymd":  # a year of four digits stands last here, so this is another order
                parts = {k: np.where(self.long, 0, v) for k, v in parts.items()}
            day[self.open] = days_of(*(parts[letter][self.open] for letter in "ymd"))
        first, end = (np.datetime64(f"{year}-01-01") for year in (FIRST_YEAR, END_YEAR))
        day[~((day >= first) & (day < end))] = np.datetime64("NaT")
        return day.astype("datetime64[us]") + self.clock


def days_of(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return calendar days, datetime64[D]; NaT where there is none. Two digits: 1969 to 2068.

    >>> days_of(np.array([2024, 24, 2023]), np.array([2, 2, 2]), np.array([29, 29, 29])).tolist()
    [datetime.date(2024, 2, 29), datetime.date(2024, 2, 29), None]
    """
    year = np.where(year < 100, year + np.where(year < 69, 2000, 1900), year).astype(np.int64)
    starts = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    length = ((starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")).astype(int)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)
    return np.where(good, starts.astype("datetime64[D]") + (day - 1), np.datetime64("NaT", "D"))


def take_apart(texts: np.ndarray) -> Written:
    """Return what each of some distinct texts says.

    >>> said = take_apart(np.array(["3. März 2020", "03/04/2020 15:20", "soon"], object))
    >>> said.day.tolist()[0], said.numbers[1].tolist(), said.clock[1]
    (datetime.date(2020, 3, 3), [3, 4, 2020], np.timedelta64(55200000000,'us'))
    """
    n = len(texts)
    day, clock = np.full(n, "NaT", "M8[D]"), np.zeros(n, "m8[us]")
    said = Written(day, clock, np.full(n, np.nan), np.zeros((n, 3), np.int64), np.ones(n, bool),
                   np.zeros(n, bool))  # fmt: skip
    left = np.arange(n)
    if n and all(_ISO.fullmatch(text) for text in texts[:: max(1, n // 50)]):
        left = _iso(texts, said)
    if not len(left):
        return said
    regions = [_REGION.search(text) for text in texts[left]]
    _slow(np.array([text[: found.start()] if found else text
                    for text, found in zip(texts[left], regions)], object), left, said)  # fmt: skip
    for region in {found[1] for found in regions if found}:
        _place(said, left[[found is not None and found[1] == region for found in regions]], region)
    return said


def _place(said: Written, at: np.ndarray, region: str) -> None:
    """Give texts the offsets of a region such as Asia/Seoul; without one they are no dates."""
    local = pd.Series(said.day[at].astype("datetime64[us]") + said.clock[at])
    try:
        utc = local.dt.tz_localize(
            region, ambiguous=np.zeros(len(at), bool), nonexistent="shift_forward"
        )
    except (KeyError, ValueError):  # there is no such region
        said.day[at], said.numbers[at] = np.datetime64("NaT"), 0
        return
    away = (local - utc.dt.tz_convert("UTC").dt.tz_localize(None)) / pd.Timedelta("1min")
    said.offset[at] = np.where(np.isnan(said.offset[at]), away, said.offset[at])
    said.numbers[at] = 0  # of an open order the offset is not known


def _iso(texts: np.ndarray, said: Written) -> np.ndarray:
    """Read what is ISO 8601, all at once; return which texts are left."""
    try:
        read = pd.to_datetime(pd.Series(texts, dtype=object), format="ISO8601", errors="coerce")
    except ValueError:  # some have a time zone, others have none
        return np.arange(len(texts))
    if read.dt.tz is not None:
        return np.arange(len(texts))
    known = read.notna().to_numpy()
    times = read.to_numpy("datetime64[us]")[known]
    said.day[known] = times.astype("datetime64[D]")
    said.clock[known] = times - times.astype("datetime64[D]")
    return np.flatnonzero(~known)


def _slow(texts: np.ndarray, at: np.ndarray, said: Written) -> None:
    """Read texts by the patterns, once for each distinct day and each distinct clock."""
    days, clocks = zip(*map(_split, texts))
    codes, distinct = pd.factorize(np.array(days, object))
    found = [_day(text) for text in distinct]
    table = np.array([(_NONE if d.number is None else d.number, *(d.written or (0, 0, 0)),
                       d.long, d.weak) for d in found], np.int64)[codes]  # fmt: skip
    said.day[at] = np.where(table[:, 0] == _NONE, np.datetime64("NaT", "D"),
                            np.datetime64(0, "D") + table[:, 0])  # fmt: skip
    said.numbers[at] = table[:, 1:4]
    said.long[at], said.weak[at] = table[:, 4].astype(bool), table[:, 5].astype(bool)
    codes, distinct = pd.factorize(np.array(clocks, object))
    read = np.array([_clock(text) for text in distinct])[codes]
    said.clock[at] = np.where(np.isnan(read[:, 0]), np.timedelta64("NaT", "us"),
                              np.nan_to_num(read[:, 0]).astype("m8[us]"))  # fmt: skip
    said.offset[at] = read[:, 1]


_NONE = np.iinfo(np.int64).min


def _split(text: str) -> tuple[str, str]:
    """Return the day of a text and its clock, which may be empty."""
    if text[4:5] == ":" and text[7:8] == ":" and text[:4].isdigit():  # as cameras write it
        text = f"{text[:4]}-{text[5:7]}-{text[8:]}"
    if found := _ORACLE.fullmatch(text):
        fraction = f".{found[5]}" if found[5] else ""
        clock = f"{found[2]}:{found[3]}:{found[4]}{fraction}"
        return found[1], f"{clock}{found[6] or ''} {found[7] or ''}".strip()
    if found := _USUAL.fullmatch(text):
        return found[1], found[2]
    if found := _CLOCK.search(text):
        before, behind = text[: found.start()].rstrip(_BETWEEN), text[found.end() :]
        clock = found[0] + ":00" if found[0].isdigit() else found[0]
        return f"{before} {behind.lstrip(_BETWEEN)}".strip(), clock
    if found := _DOTTED.fullmatch(text):
        return found[1], ":".join([found[3], found[4] or "00", *filter(None, [found[5]])])
    if found := _BASIC.fullmatch(text):
        hour, minute, second, fraction, zone = found.groups()[1:]
        rest = "".join(":" + part for part in (minute or "00", second) if part)
        return found[1], f"{hour}{rest}{'.' + fraction if fraction else ''}{zone or ''}"
    return text, ""


def _clock(text: str) -> tuple[float, float]:
    """Return the microseconds since midnight, and the minutes east of Greenwich; NaN for none."""
    if not text:
        return 0.0, np.nan
    match = _CLOCK.fullmatch(text)
    if match is None:
        return np.nan, np.nan
    early, hour, minute, second, fraction, *other, late, zone = match.groups()
    minute = minute or other[0] or other[3] or ("30" if other[1] else "0")
    second = second or other[2] or other[4] or "0"
    hours = int(hour)
    if half := (early or late):
        if not 0 <= hours <= 12:
            return np.nan, np.nan
        half = re.sub(r"[.\s]", "", half).lower()
        hours = hours % 12 + _NOON[half]
    inexact = int(minute) or int(second) or int(fraction or 0)
    if hours > 24 or (hours == 24 and inexact) or int(minute) > 59 or int(second) > 60:
        return np.nan, np.nan
    offset = np.nan if zone is None else _offset(zone)
    if zone is not None and np.isnan(offset) and plain(zone) not in _NOISE:
        return np.nan, np.nan
    whole = (hours * 60 + int(minute)) * _MINUTE + int(second) * 1_000_000
    return whole + float(f"0.{fraction or 0}") * 1_000_000, offset


def _offset(zone: str) -> float:
    if plain(zone) in ZONES:
        return float(ZONES[plain(zone)])
    digits = re.sub(r"\D", "", zone)
    digits = digits.zfill(2).ljust(4, "0") if len(digits) < 3 else digits.zfill(4)
    if len(digits) != 4 or not re.search(r"[+-]", zone):
        return np.nan
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return float(-minutes if "-" in zone else minutes)


def _day(text: str) -> _Day:
    """Return the day that a text without a clock says."""
    spelt = _spelling(text)
    letter = text[:1].isascii() and _ERA.match(text) is not None  # R2.1.1 may be a version
    for pattern, weak in _PATTERNS:
        match = pattern.fullmatch(spelt)
        if match and (day := _meant(match.groupdict(), weak or letter)) is not None:
            return day
    return _Day()


def _spelling(text: str) -> str:
    """Return a text with its words as marks: months as ``@03``, unknown words as ``?``."""
    if era := _ERA.match(text):
        year = _ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))
        text = f"{year}{text[era.end() :]}"
    text = _DROPPED.sub(" ", text) if not text.isascii() or _DROPPED.search(text) else text
    found = list(_WORD.finditer(text))
    if found:
        words = [match[0] for match in found]
        named = [_mark(match[0], text[: match.start()][-1:].isdigit()) for match in found]
        if sum(mark[0] == "@" for mark in named if mark) > 1:  # mar. 3 mars: Tuesday, 3 March
            first = next(i for i, mark in enumerate(named) if mark[:1] == "@")
            if plain(words[first]).strip(".") in weekdays():
                named[first] = ""
        marks = iter(named)
        text = _WORD.sub(lambda match: next(marks), text)
    return " ".join(text.split()).strip(" -")


def _mark(word: str, attached: bool) -> str:
    """Return the mark of a word; ``attached`` to a number, it has to say something."""
    bare = plain(word).rstrip(".")
    if bare in months():
        return f"@{months()[bare]:02}"
    if bare in _MARKS:
        return _MARKS[bare]
    if attached:
        return "" if bare in _YEAR else "?"
    return "" if bare in weekdays() or bare in _NOISE or bare in _YEAR else "?"


def _meant(parts: dict[str, str | None], weak: bool) -> _Day | None:
    """Return the day that the parts of a match say; None if there is no such day."""
    said = {name: int(part) for name, part in parts.items() if part and name != "s"}
    if "a" in said:
        numbers = (said["a"], said["b"], said["c"])
        return _Day(None, numbers, len(parts["c"] or "") == 4, weak) if numbers[1] else None
    year = said.get("Y", said.get("Y2", 0))
    if year < 100:
        year += 2000 if year < 69 else 1900
    if not FIRST_YEAR <= year < END_YEAR:
        return None
    month, day = said.get("m", said.get("m2", 1)), said.get("d", 1)
    if quarter := said.get("q", said.get("q2")):
        month = 3 * quarter - 2
    if half := said.get("h", said.get("h2")):
        month = 6 * half - 5
    try:
        if "w" in said:
            found = dt.date.fromisocalendar(year, said["w"], said.get("n", 1))
        elif "j" in said:
            found = dt.date(year, 1, 1) + dt.timedelta(days=said["j"] - 1)
            if found.year != year:
                return None
        else:
            found = dt.date(year, month, day)
    except ValueError:
        return None
    return _Day((found - dt.date(1970, 1, 1)).days, None, len(parts["Y"] or "") == 4, weak)
