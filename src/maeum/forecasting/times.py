"""A column of times: which times they are, and in which time zone; both are said."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, shorten
from maeum.experiment.run import ROWS
from maeum.tables.cells import Cells, cells_of
from maeum.tables.dates import Dates, offsets_said, read_dates, recognise_dates

ZONES = ("error", "utc")


class TimeForm(NamedTuple):
    """How the times of a training were written, and which its first and its last were."""

    form: str
    first: str
    last: str


def read_times(
    column: pd.Series,
    name: str,
    zones: str = "error",
    form: str | None = None,
    trained: TimeForm | None = None,
) -> tuple[np.ndarray, list[str], str]:
    """Return the times of a column, what was recognised, and their form.

    Args:
        column: dates as texts or of pandas, years, seconds since 1970, or whole numbers.
        name: the column's name.
        zones: what is done where the times have different UTC offsets: ``"error"``, or ``"utc"``
            to count all of them in UTC (times without an offset are taken as UTC then). Where
            they are those of summer and winter, they are counted in UTC anyway.
        form: the format of the texts (of ``strptime``); recognised if None.
        trained: how the times were written that a model was trained on.

    Returns:
        ``(n,)``, datetime64[us]; int64 for plain numbers.

    Raises:
        DataError: for a time that is missing or cannot be read, and for mixed time zones.
        ConfigError: for a format that cannot be one.

    >>> read_times(pd.Series(["2024-01-01 10:00+09:00", "2024-01-01 11:00+09:00"]), "when")[:2]
    (array(['2024-01-01T10:00:00.000000', '2024-01-01T11:00:00.000000'],
          dtype='datetime64[us]'), ["The times of 'when' are those of UTC+09:00, as written."])
    """
    check_choice(zones, ZONES, "zones")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        zone, column = column.dt.tz, column.dt.tz_convert("UTC").dt.tz_localize(None)
        said = _("The times of {name!r} ({zone}) are counted in UTC.", name=name, zone=zone)
        return _whole(column, name), [said], ""
    if pd.api.types.is_datetime64_any_dtype(column):
        return _whole(column, name), [], ""
    cells = cells_of(column)
    refuse_missing(cells.codes < 0, name, N_("time"))
    found = _dates(cells.texts, name, form, trained)
    if found is None:
        steps = _steps(cells.texts)
        if steps is None:
            raise DataError("The column {name!r} holds no times: {text!r} cannot be read as one. "
                            "Name another column, or say how the times are written, such as "
                            "time_format='%d.%m.%Y' (--time-format).", name=name,
                            text=shorten(_first_unread(cells.texts), 40))  # fmt: skip
        said = _("{name!r} holds whole numbers; they are the steps.", name=name)
        return steps[cells.codes], [said], ""
    _refuse_unread(found, cells, name)
    values, notes = _in_one_zone(found, name, zones)
    return values[cells.codes], [*(f"{name}: {note}" for note in found.notes), *notes], found.form


def _dates(
    texts: np.ndarray, name: str, form: str | None, trained: TimeForm | None
) -> Dates | None:
    """Return the dates of texts, None if they are plain numbers or no dates at all."""
    try:
        if trained is not None:
            found = read_dates(texts, form or trained.form, trained[1:])
        elif form is not None:
            found = read_dates(texts, form)
        else:
            return recognise_dates(texts, name, certain=True)
    except ValueError as error:
        raise ConfigError(
            "time_format={form!r} is not a format of strptime: {error}.", form=form, error=error
        ) from None
    return None if np.isnat(found.values).all() else found


def _steps(texts: np.ndarray) -> np.ndarray | None:
    """Return whole numbers, if all texts are such."""
    values = np.asarray(pd.to_numeric(texts, errors="coerce"))
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    values = values.astype(np.float64)
    whole = (np.abs(values) < 2.0**53).all() and (values == np.round(values)).all()
    return values.astype(np.int64) if whole else None


def _first_unread(texts: np.ndarray) -> str:
    """Return the first text that is no date; the first of all where all are, by themselves."""
    alone = (
        text for text in texts[:1000] if recognise_dates(np.array([text], object), "", True) is None
    )
    return str(next(alone, texts[0]))


def _refuse_unread(found: Dates, cells: Cells, name: str) -> None:
    """Raise `DataError` if a time is none, with its row."""
    wrong = np.flatnonzero(np.isnat(found.values))
    if len(wrong):
        row = int(np.flatnonzero(cells.codes == wrong[0])[0])
        good = cells.texts[~np.isnat(found.values)]
        raise DataError("The time {text!r} in row {row} of the table cannot be read: the times of "
                        "{name!r} are written like {example!r}, and lie between 1800 and 2199. "
                        "Correct it, or remove the row.", text=shorten(cells.texts[wrong[0]], 40),
                        row=row + 1, name=name, example=shorten(good[0], 40))  # fmt: skip


def _in_one_zone(found: Dates, name: str, zones: str) -> tuple[np.ndarray, list[str]]:
    """Return times by one clock: that of the only UTC offset, or UTC."""
    offsets = offsets_said(found.offsets)
    if offsets in ([], ["none"]):
        return found.values, []
    if len(offsets) == 1:
        zone = f"UTC{offsets[0]}".removesuffix("+00:00")
        said = _("The times of {name!r} are those of {zone}, as written.", name=name, zone=zone)
        return found.values, [said]
    summer = len(offsets) == 2 and np.ptp(found.offsets) == 60
    if zones == "error" and not summer:
        raise DataError("The times of {name!r} are of different time zones (UTC offsets "
                        "{offsets}), so their order by the clock is not that in time. Use "
                        "zones='utc' (--zones utc) to count all of them in UTC, or write them in "
                        "one zone.", name=name, offsets=enumeration(offsets))  # fmt: skip
    said = _("The times of {name!r} have the UTC offsets {offsets}; counted in UTC.", name=name,
             offsets=enumeration(offsets))  # fmt: skip
    return found.in_utc(), [said]


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
