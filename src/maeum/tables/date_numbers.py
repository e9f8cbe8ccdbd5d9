"""Numbers that count dates: years, seconds since 1970, days as spreadsheets count them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from maeum.core.messages import N_
from maeum.tables.date_patterns import END_YEAR, FIRST_YEAR

_DAY = 86_400_000_000  # microseconds
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}  # in a second
NUMBERS = {  # forms of numbers, and what is said of them
    **{f"unix {unit}": N_("Its numbers are read as {unit} since 1970, in UTC.") for unit in _UNITS},
    "year": N_("Its numbers are read as years."),
    "year.month": N_("Its numbers are read as years with the month behind the point."),
    "decimal year": N_("Its numbers are read as years with a fraction."),
    "excel": N_("Its numbers are read as days since 1899-12-30, as spreadsheets count them."),
}
_CALLED = re.compile(
    r"(?:^|[\W_])(?:date|datetime|day|time|timestamp|ts|when|period|epoch|unix|month|year|quarter"
    r"|week|dob|birthday|datum|zeit|zeitpunkt|tag|monat|jahr|fecha|hora|mes|a[nñ]o|jour|heure"
    r"|mois|ann[ée]e|data|anno|mese|дата|время)s?(?=$|[\W_\d])"
    r"|(?<!candi)(?<!vali)(?<!man)(?<!up)date$|(?:datetime|timestamp)$|_at$|날짜|일자|일시|시간|시각|시점|연도|년도|연월|년월|월$|생일|기간|日付|日期|时间|日時"
)
_CALLED_A_SPAN = re.compile(
    r"duration|elapsed|latency|seconds|minutes|spent|took|dauer|소요|지속", re.IGNORECASE
)
_CALLED_A_DATE = re.compile(r"date|datum|fecha|날짜|일자|日付|日期|дата", re.IGNORECASE)
_CALLED_A_YEAR = re.compile(r"year|date|jahr|a[nñ]o|ann[ée]e|anno|연도|년도|날짜|年", re.IGNORECASE)


def called_like_a_date(name: str) -> bool:
    """Tell whether a column's name says that it holds dates or times.

    >>> [called_like_a_date(name) for name in ("created_at", "orderDate", "날짜", "update")]
    [True, True, True, False]
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name)).lower()
    return not apart.endswith("update") and _CALLED.search(apart) is not None


def are_numbers(texts: np.ndarray) -> np.ndarray:
    """Return which texts are numbers."""
    return np.isfinite(np.asarray(pd.to_numeric(texts, errors="coerce"), np.float64))


def plausible(
    form: str, values: np.ndarray, dates: np.ndarray, name: str, certain: bool, called: bool
) -> bool:
    """Tell whether numbers that can count dates do."""
    if form == "year":
        return certain
    if form == "excel":  # numbers such as 43831 are many other things
        return called and _CALLED_A_DATE.search(name) is not None and not certain
    if form.startswith("unix"):
        unit = re.search(r"_([mun]?s)$", name.lower())
        if unit and unit[1] != form[5:]:
            return False
        if called and _CALLED_A_SPAN.search(name) is None:
            return True
        steps = np.diff(values) / _UNITS[form[5:]]
        return len(steps) > 2 and regular(dates) and bool((steps % 60 == 0).all())
    named = called and _CALLED_A_YEAR.search(name) is not None
    return len(values) > 2 and (named or certain or regular(dates))


def counts(values: np.ndarray, form: str, texts: np.ndarray | None = None) -> np.ndarray | None:
    """Return the dates that numbers count in a form; None where they cannot."""
    low, high = values.min(), values.max()
    if form.startswith("unix"):
        size = _UNITS[form[5:]]
        if not (4e8 * size <= low and high < 7e9 * size):
            return None
        if texts is not None and form in ("unix us", "unix ns"):  # too large for a float
            values = np.array([int(float(t)) if "." in t or "e" in t.lower() else int(t)
                               for t in texts])  # fmt: skip
            return (values // (size // 1_000_000)).astype("datetime64[us]")
        return as_time(values / size * 1e6) + np.datetime64(0, "us")
    whole = bool((values == np.round(values)).all())
    if form == "excel":
        fits = low >= 20_000 and high < 60_000
        return np.datetime64("1899-12-30", "us") + as_time(values * _DAY) if fits else None
    if not (low >= FIRST_YEAR and high < END_YEAR) or whole != (form == "year"):
        return None
    years = np.floor(values)
    months = (years.astype(np.int64) - 1970) * 12
    if form == "year":
        return months.astype("datetime64[M]").astype("datetime64[us]")
    if form == "year.month":
        month = np.round((values - years) * 100)
        written = texts is not None and all(re.fullmatch(r"\d{4}\.\d\d", text) for text in texts)
        if not written or not ((month >= 1) & (month <= 12)).all() or len(np.unique(month)) < 3:
            return None
        return (months + month.astype(np.int64) - 1).astype("datetime64[M]").astype("M8[us]")
    return _decimal_years(values, years, months)


def _decimal_years(values: np.ndarray, years: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the dates of years with fractions; the first day where these count months."""
    fraction = values - years
    for parts in (1, 2, 4, 12):
        place = fraction * parts
        step = np.median(np.diff(np.unique(values))) * parts if len(values) > 1 else 0.0
        exact = np.abs(place - np.round(place)).max() < 0.02 * max(1, parts / 4)
        if exact or (parts > 2 and 0.9 < step < 1.1):  # 1958.2027 stands for the middle of March
            at = np.round(place) if exact else np.floor(place + 1e-6)
            count = months + (at * (12 // parts)).astype(np.int64)
            return count.astype("datetime64[M]").astype("datetime64[us]")
    starts = months.astype("datetime64[M]").astype("datetime64[us]")
    ends = (months + 12).astype("datetime64[M]").astype("datetime64[us]")
    read = [starts + as_time(fraction * (ends - starts).astype(np.float64))]
    read += [read[0].min() + as_time((values - values.min()) * year * _DAY)
             for year in (365.25, 365.0)]  # fmt: skip
    half = np.timedelta64(_DAY // 2, "us")
    days = [((dates + half).astype("datetime64[D]")).astype("datetime64[us]") for dates in read]
    off = [float(np.abs((a - b).astype(np.float64)).mean()) / _DAY for a, b in zip(read, days)]
    best = int(np.argmin(off))
    return days[best] if off[best] < 0.1 else read[0]


def steadiness(dates: np.ndarray) -> float:
    """Return the fraction of the distances that are the most frequent one, in days or in months."""
    known = np.unique(dates[~np.isnat(dates)])
    if len(known) < 2:
        return 0.0
    fractions = []
    for unit in ("M8[us]", "M8[M]"):
        if unit == "M8[M]" and len(np.unique(known.astype("M8[D]") - known.astype(unit))) > 1:
            continue
        steps = np.diff(known.astype(unit)).astype(np.int64)
        fractions.append(float(np.unique(steps, return_counts=True)[1].max() / len(dates)))
    return max(fractions)


def regular(dates: np.ndarray) -> bool:
    """Tell whether dates come in order and mostly in one step, as they do in a series."""
    steps = np.diff(dates).astype(np.int64)
    ordered = len(dates) > 3 and bool((steps > 0).all() or (steps < 0).all())
    return ordered and steadiness(dates) >= 0.5


def as_time(microseconds: np.ndarray) -> np.ndarray:
    """Return durations, timedelta64[us]."""
    return np.round(microseconds).astype(np.int64).astype("timedelta64[us]")
