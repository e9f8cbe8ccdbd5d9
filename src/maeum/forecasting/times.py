"""A column of times: its format and its time zone are recognised, and said."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, shorten
from maeum.experiment.run import ROWS
from maeum.forecasting.time_formats import digits_to_iso, to_iso
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
_STEADIER = {
    "%d": N_("the day before the month"),
    "%m": N_("the month before the day"),
    "%y": N_("the year first"),
}


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
        ConfigError: for a format that cannot be one.

    >>> read_times(pd.Series(["2024-01-01 10:00+09:00", "2024-01-01 11:00+09:00"]), "when")
    (array(['2024-01-01T10:00:00.000000', '2024-01-01T11:00:00.000000'],
          dtype='datetime64[us]'), ["The times of 'when' are those of UTC+09:00, as written."])
    """
    check_choice(zones, ZONES, "zones")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        zone, column = column.dt.tz, column.dt.tz_convert("UTC").dt.tz_localize(None)
        said = _("The times of {name!r} ({zone}) are counted in UTC.", name=name, zone=zone)
        return _whole(column, name), [said]
    if pd.api.types.is_datetime64_any_dtype(column):
        return _whole(column, name), []
    cells = cells_of(column)
    refuse_missing(cells.codes < 0, name, N_("time"))
    texts = cells.texts
    chosen = form is not None
    if not chosen:
        if (digits := digits_to_iso(texts)) is not None:
            texts = digits
        elif (numbers := _numbers(texts)) is not None:
            values, said = _counted(numbers, name)
            return values[cells.codes], [said]
    texts, notes = _zones(texts, name, zones)
    as_written = texts
    if form is None:
        form, texts = _recognised(texts)
    if form is None:
        raise DataError("The column {name!r} holds no times: {text!r} cannot be read as one. Name "
                        "another column, or say how the times are written, such as "
                        "time_format='%d.%m.%Y' (--time-format).", name=name,
                        text=shorten(as_written[0], 40))  # fmt: skip
    try:
        dates = parse_dates(texts, form)
    except ValueError as error:
        raise ConfigError(
            "time_format={form!r} is not a format of strptime: {error}.", form=form, error=error
        ) from None
    if not chosen:
        form, dates = _steadiest(texts, form, dates, name, notes)
    if np.isnat(dates).any():  # such as the hour 24, which only one in 24 has
        other = to_iso(texts)
        changed = np.isnat(dates) & (other != texts)
        dates[changed] = parse_dates(other[changed], "ISO8601")
    wrong = np.flatnonzero(np.isnat(dates))
    if len(wrong):
        row = int(np.flatnonzero(cells.codes == wrong[0])[0])
        raise DataError("The time {text!r} in row {row} of the table cannot be read: the times of "
                        "{name!r} are written as {form}, and lie between 1800 and 2199. Correct "
                        "it, or remove the row.", text=shorten(as_written[wrong[0]], 40),
                        row=row + 1, name=name, form=form)  # fmt: skip
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
    texts = to_iso(texts)
    return date_format(texts), texts


def _steadiest(
    texts: np.ndarray, form: str, dates: np.ndarray, name: str, notes: list[str]
) -> tuple[str, np.ndarray]:
    """Return the order of day, month and year whose times are the steadiest, if several fit."""
    day = next((day for day in _ORDERS if form.startswith(day)), "")
    fitting = [(form, dates)]
    for other in _ORDERS.get(day, ()):
        read = parse_dates(texts, other + form[len(day) :])
        if other != day and not np.isnat(read).any():
            fitting.append((other + form[len(day) :], read))
    form, dates = max(fitting, key=lambda pair: _steady(pair[1]))
    if len(fitting) > 1:
        notes.append(_("The times of {name!r} are read with {order}, which makes the steps more "
                       "even.", name=name, order=_(_STEADIER[form[:2]])))  # fmt: skip
    return form, dates


def time_text(time: Any) -> str:
    """Return a time as text, without what is zero at its end.

    >>> time_text(np.datetime64("2024-01-05T00:00", "us"))
    '2024-01-05'
    """
    if not isinstance(time, np.datetime64):
        return str(time)
    text = str(time.astype("datetime64[us]")).replace("T", " ")
    text = text.removesuffix(".000000").removesuffix(":00")
    return text.removesuffix(" 00:00")


def _whole(column: pd.Series, name: str) -> np.ndarray:
    values = column.to_numpy("datetime64[us]")
    refuse_missing(np.isnat(values), name, N_("time"))
    return values


def refuse_missing(missing: np.ndarray, name: str, role: str) -> None:
    """Raise `DataError` if the time, or the series, of a row is not known."""
    if missing.any():
        rows = ROWS.count(int(missing.sum()))
        raise DataError("The {role} {name!r} is missing in {rows} (row {row} of the table is the "
                        "first). Every row of a series needs it: fill it, or remove such rows.",
                        role=_(role), name=name, rows=rows,
                        row=int(missing.argmax()) + 1)  # fmt: skip


def _numbers(texts: np.ndarray) -> np.ndarray | None:
    """Return whole numbers, if all texts are such; eight digits are more likely a date."""
    values = np.asarray(pd.to_numeric(texts, errors="coerce"))
    if values.dtype.kind not in "iu":
        values = values.astype(np.float64)
        if not ((np.abs(values) < 2.0**53).all() and (values == np.round(values)).all()):
            return None
    if all(len(text) == 8 for text in texts) and date_format(texts) is not None:
        return None
    return values.astype(np.int64)


def _counted(values: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Return years and seconds since 1970 as dates, other whole numbers as they are."""
    low, high = values.min(), values.max()
    if low >= 1800 and high < 2200:
        years = (values - 1970).astype("datetime64[Y]")
        return years.astype("datetime64[us]"), _("{name!r} holds years.", name=name)
    for unit, size in _UNITS:
        if 4e8 * size <= low and high < 7e9 * size:
            times = values.astype(f"datetime64[{unit}]").astype("datetime64[us]")
            return times, _("{name!r} counts {unit} since 1970, in UTC.", name=name, unit=unit)
    return values, _("{name!r} holds whole numbers; they are the steps.", name=name)


def _zones(texts: np.ndarray, name: str, zones: str) -> tuple[np.ndarray, list[str]]:
    """Take off a UTC offset that all have; of several make UTC, if asked for."""
    found = [_OFFSET.search(text) for text in texts]
    offsets = sorted({_offset(match[1]) if match else "none" for match in found})
    if offsets == ["none"]:
        return texts, []
    if len(offsets) == 1:
        bare = [text[: match.start(1)].strip() for text, match in zip(texts, found) if match]
        zone = f"UTC{offsets[0]}".removesuffix("+00:00")
        said = _("The times of {name!r} are those of {zone}, as written.", name=name, zone=zone)
        return np.array(bare, object), [said]
    if zones == "error":
        raise DataError("The times of {name!r} are of different time zones (UTC offsets "
                        "{offsets}), so their order by the clock is not that in time. Use "
                        "zones='utc' (--zones utc) to count all of them in UTC, or write them in "
                        "one zone.", name=name, offsets=enumeration(offsets))  # fmt: skip
    whole = [f"{text[: match.start(1)].strip()}{_offset(match[1])}" if match else f"{text}Z"
             for text, match in zip(texts, found)]  # fmt: skip
    read = pd.to_datetime(pd.Series(whole, dtype=object), utc=True, errors="coerce", format="mixed")
    bare = [t if d is pd.NaT else d.strftime("%Y-%m-%d %H:%M:%S.%f") for t, d in zip(texts, read)]
    said = _("The times of {name!r} have the UTC offsets {offsets}; counted in UTC.", name=name,
             offsets=enumeration(offsets))  # fmt: skip
    return np.array(bare, object), [said]


def _offset(text: str) -> str:
    if text.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    if text.upper() in ("KST", "JST"):
        return "+09:00"
    clock = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{clock[:2]}:{clock[2:]}"


def _steady(dates: np.ndarray) -> float:
    """Return the fraction of the distances that are the most frequent one."""
    distances = np.diff(np.unique(dates[~np.isnat(dates)])).astype(np.int64)
    counts = np.unique(distances, return_counts=True)[1]
    return float(counts.max() / len(dates)) if len(distances) else 0.0
