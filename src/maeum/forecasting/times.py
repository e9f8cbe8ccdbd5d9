"""A column of times: its format and its time zone are recognised, and told."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.wording import enumeration, plural, shorten
from maeum.forecasting.written import digits, plain
from maeum.tables.cells import cells_of, date_format, parse_dates

ZONES = ("error", "utc")
_UNITS = (("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000))
_OFFSET = re.compile(r":\d\d(?:\.\d+)?\s*(Z|UTC|GMT|KST|JST|[+-]\d\d:?(?:\d\d)?)$", re.IGNORECASE)
_ORDERS = {  # how the same digits may be meant, each followed by a clock or not
    day: [first.replace("/", sign) for first in group]
    for sign in "/-."
    for group in (["%m/%d/%Y", "%d/%m/%Y"], ["%m/%d/%y", "%d/%m/%y", "%y/%m/%d"])
    for day in (first.replace("/", sign) for first in group)
}
_TWO_DIGITS = re.compile(r"\d\d([-/.])\d{1,2}\1\d{1,2}(\s.*)?")
_CLOCKS = ("", " %H:%M", " %H:%M:%S")
_SAID = {"%d": "day before month", "%m": "month before day", "%y": "year first"}


def read_times(
    column: pd.Series, name: str, zones: str = "error", form: str | None = None
) -> tuple[np.ndarray, list[str]]:
    """Return the times of a column, and what was recognised.

    Args:
        column: dates as texts or of pandas, years, seconds since 1970, or whole numbers.
        name: the column's name.
        zones: what is done where the times have different UTC offsets: ``"error"``, or ``"utc"``
            to count all of them in UTC (times without an offset are taken as UTC then).
        form: the format of the texts (of ``strptime``); recognised if None.

    Returns:
        ``(n,)``, datetime64[us]; int64 for plain numbers.

    Raises:
        DataError: for a time that is missing or cannot be read, and for mixed time zones.
        ConfigError: for a format that is none.

    >>> read_times(pd.Series(["2024-01-01 10:00+09:00", "2024-01-01 11:00+09:00"]), "when")
    (array(['2024-01-01T10:00:00.000000', '2024-01-01T11:00:00.000000'],
          dtype='datetime64[us]'), ["The times of 'when' are those of UTC+09:00, as written."])
    """
    if zones not in ZONES:
        raise ConfigError(f"zones is one of 'error', 'utc'; got {zones!r}.")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        zone, column = column.dt.tz, column.dt.tz_convert("UTC").dt.tz_localize(None)
        return _whole(column, name), [f"The times of {name!r} ({zone}) are counted in UTC."]
    if pd.api.types.is_datetime64_any_dtype(column):
        return _whole(column, name), []
    cells = cells_of(column)
    if (cells.codes < 0).any():
        rows = np.flatnonzero(cells.codes < 0)
        raise DataError(
            f"The time {name!r} is missing in {plural(len(rows), 'row')} (row {rows[0] + 1} of the "
            "table is the first). Every row of a series needs its time: remove those rows."
        )
    texts, notes = cells.texts, []
    numbers = None if form is not None else _numbers(texts)
    if numbers is not None:
        values, said = _counted(numbers, name)
        return values[cells.codes], said
    if form is None and (found := _of_digits(texts)) is not None:
        texts = found
    told = form is not None
    texts, said = _zones(texts, name, zones)
    notes += said
    as_written = texts
    if form is None:
        form, texts = _recognised(texts)
    if form is None:
        raise DataError(
            f"The column {name!r} holds no times: {shorten(as_written[0], 40)!r} cannot be read "
            "as one. Name another column, or say how the times are written, such as "
            "time_format='%d.%m.%Y' (--time-format)."
        )
    try:
        dates = parse_dates(texts, form)
    except ValueError as error:
        raise ConfigError(f"time_format={form!r} is no format of strptime: {error}.") from None
    if not told:
        form, dates = _steadiest(texts, form, dates, name, notes)
    if np.isnat(dates).any():  # such as the hour 24, which only one in 24 has
        other = plain(texts)
        changed = np.isnat(dates) & (other != texts)
        dates[changed] = parse_dates(other[changed], "ISO8601")
    wrong = np.flatnonzero(np.isnat(dates))
    if len(wrong):
        row = int(np.flatnonzero(cells.codes == wrong[0])[0])
        raise DataError(
            f"The time {shorten(as_written[wrong[0]], 40)!r} in row {row + 1} of the table cannot "
            f"be read: the times of {name!r} are written as {form}, and lie between 1800 and "
            "2199. Put it right, or remove the row."
        )
    return dates[cells.codes], notes


def _recognised(texts: np.ndarray) -> tuple[str | None, np.ndarray]:
    """Return the format of texts, and the texts, which may have been rewritten for it."""
    form = date_format(texts)
    if form is not None:
        return form, texts
    if all(_TWO_DIGITS.fullmatch(text) for text in texts):
        sign = texts[0][2]
        for clock in _CLOCKS:
            for day in _ORDERS[f"%y{sign}%m{sign}%d"][::-1]:
                if not np.isnat(parse_dates(texts, day + clock)).any():
                    return day + clock, texts
    texts = plain(texts)
    return date_format(texts), texts


def _steadiest(
    texts: np.ndarray, form: str, dates: np.ndarray, name: str, notes: list[str]
) -> tuple[str, np.ndarray]:
    """Return the order of day, month and year whose times are the steadiest, if several fit."""
    day = next((day for day in _ORDERS if form.startswith(day)), None)
    if day is None:
        return form, dates
    clock, several = form[len(day) :], False
    for other in _ORDERS[day]:
        read = parse_dates(texts, other + clock)
        if other == day or np.isnat(read).any():
            continue
        several = True
        if _steady(read) > _steady(dates):
            form, dates = other + clock, read
    if several:
        notes.append(f"The times of {name!r} are read with the {_SAID[form[:2]]}, as these are "
                     "steadier.")  # fmt: skip
    return form, dates


def shown(time: Any) -> str:
    """Return a time as it is told: without what is zero at its end.

    >>> shown(np.datetime64("2024-01-05T00:00", "us"))
    '2024-01-05'
    """
    if not isinstance(time, np.datetime64):
        return str(time)
    text = str(time.astype("datetime64[us]")).replace("T", " ")
    text = text.removesuffix(".000000").removesuffix(":00")
    return text.removesuffix(" 00:00")


def _whole(column: pd.Series, name: str) -> np.ndarray:
    values = column.to_numpy("datetime64[us]")
    if np.isnat(values).any():
        row = int(np.flatnonzero(np.isnat(values))[0])
        raise DataError(
            f"The time {name!r} is missing in {plural(int(np.isnat(values).sum()), 'row')} (row "
            f"{row + 1} is the first). Every row of a series needs its time: remove those rows."
        )
    return values


def _numbers(texts: np.ndarray) -> np.ndarray | None:
    """Return whole numbers, if all texts are such; eight digits are more likely a date."""
    values = np.asarray(pd.to_numeric(texts, errors="coerce"))
    if values.dtype.kind not in "iu":
        values = values.astype(np.float64)
        if not ((np.abs(values) < 2.0**53).all() and (values == np.round(values)).all()):
            return None
    if all(len(text) == 8 for text in texts) and date_format(texts) is not None:
        return None
    return None if _of_digits(texts) is not None else values.astype(np.int64)


def _of_digits(texts: np.ndarray) -> np.ndarray | None:
    """Return months and hours that are written in digits alone, if there are some of them."""
    return digits(texts) if all(map(str.isdecimal, texts)) else None


def _counted(values: np.ndarray, name: str) -> tuple[np.ndarray, list[str]]:
    """Return years and seconds since 1970 as dates, other whole numbers as they are."""
    low, high = values.min(), values.max()
    if low >= 1800 and high < 2200:
        years = (values - 1970).astype("datetime64[Y]")
        return years.astype("datetime64[us]"), [f"{name!r} holds years."]
    for unit, size in _UNITS:
        if 4e8 * size <= low and high < 7e9 * size:
            times = values.astype(f"datetime64[{unit}]").astype("datetime64[us]")
            return times, [f"{name!r} counts {unit} since 1970, in UTC."]
    return values, [f"{name!r} holds whole numbers; they are the steps."]


def _zones(texts: np.ndarray, name: str, zones: str) -> tuple[np.ndarray, list[str]]:
    """Take off a UTC offset that all have; of several make UTC, if asked for."""
    found = [_OFFSET.search(text) for text in texts]
    offsets = sorted({_offset(match[1]) if match else "none" for match in found})
    if offsets == ["none"]:
        return texts, []
    if len(offsets) == 1:
        bare = [text[: match.start(1)].strip() for text, match in zip(texts, found) if match]
        said = f"The times of {name!r} are those of UTC{offsets[0]}, as written."
        return np.array(bare, object), [said.replace("UTC+00:00", "UTC")]
    if zones == "error":
        raise DataError(
            f"The times of {name!r} are of different time zones (UTC offsets "
            f"{enumeration(offsets)}), so their order by the clock is not that in time. Ask for "
            "zones='utc' (--zones utc) to count all of them in UTC, or write them in one zone."
        )
    whole = [
        f"{text[: match.start(1)].strip()}{_offset(match[1])}" if match else f"{text}Z"
        for text, match in zip(texts, found)
    ]
    read = pd.to_datetime(pd.Series(whole, dtype=object), utc=True, errors="coerce", format="mixed")
    bare = [t if d is pd.NaT else d.strftime("%Y-%m-%d %H:%M:%S.%f") for t, d in zip(texts, read)]
    said = f"The times of {name!r} have the UTC offsets {enumeration(offsets)}; counted in UTC."
    return np.array(bare, object), [said]


def _offset(text: str) -> str:
    if text.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    if text.upper() in ("KST", "JST"):
        return "+09:00"
    clock = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{clock[:2]}:{clock[2:]}"


def _steady(dates: np.ndarray) -> float:
    """Return the share of the distances that are the commonest one."""
    distances = np.diff(np.unique(dates[~np.isnat(dates)])).astype(np.int64)
    return (
        float(np.unique(distances, return_counts=True)[1].max() / len(dates))
        if len(distances)
        else 0
    )
