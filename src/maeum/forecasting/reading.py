"""From a table to series: which column is the time, which are forecast, which are covariates."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, some
from maeum.forecasting.frequency import Frequency, infer_frequency
from maeum.forecasting.options import SeriesReading
from maeum.forecasting.regular import in_order, regular
from maeum.forecasting.series import Series, SeriesSet, are_whole, named
from maeum.forecasting.times import TimeForm, read_times, refuse_missing
from maeum.forecasting.values import (
    FUTURE,
    PAST,
    TARGET,
    far_values,
    marks_among,
    numeric,
    read_values,
    without,
)
from maeum.tables.cells import cells_of
from maeum.tables.columns import known_column
from maeum.tables.numbers import parse_numbers
from maeum.tables.reading import Table, read_table

Source = Table | pd.DataFrame | str | os.PathLike | SeriesSet | np.ndarray | list


def read_series(
    source: Source, target: Any, *, frequency: Frequency | None = None, **options: Any
) -> SeriesSet:
    """Read series from a table: a file of separated values, or a DataFrame.

    Args:
        source: the table, or its path.
        target: the column to forecast, or several.
        frequency: the distance of the steps; inferred if None.
        options: see `SeriesReading`.

    Raises:
        DataError: for times, values or duplicates that cannot be used.
        UnknownNameError: for a column that is not there.
        ConfigError: for an option that makes no sense.

    >>> days = pd.date_range("2024-01-01", periods=4)[[0, 1, 3]]
    >>> read = read_series(pd.DataFrame({"day": days, "sold": [3, 4, 8]}), "sold", time="day")
    >>> read.series[0].values[:, 0].tolist(), str(read.frequency)
    ([3.0, 4.0, 6.0, 8.0], 'day')
    >>> read.notes
    ['1 gap: 2024-01-03. Filled with a straight line.']
    """
    return series_of(source, SeriesReading(target, **options), frequency)


def series_of(
    source: Source,
    reading: SeriesReading,
    frequency: Frequency | None = None,
    trained: TimeForm | None = None,
    marks: Mapping[str, Sequence[float]] | None = None,
) -> SeriesSet:
    """Read series as `read_series` does, by choices that are ready.

    ``trained`` is how the times were written that a model was trained on, and ``marks`` which
    numbers of each column stood for "missing" there.

    Series that are ready are returned as they are, and arrays become series of their rows.
    """
    if isinstance(source, SeriesSet):
        return source
    if isinstance(source, (np.ndarray, list)):
        return SeriesSet.from_array(source)
    table = read_table(source, **reading.of_file)
    frame, notes = table.frame, list(table.notes)
    if not len(frame):
        raise DataError("The table has no rows.")
    reading = resolved(frame, reading, notes)
    if reading.newest_first:
        frame = frame.iloc[::-1]
        notes.append(_("The rows are reversed: the first one was the newest."))
    times, form = np.arange(len(frame)), ""
    if reading.time is not None:
        column = frame[reading.time]
        how = reading.zones, reading.time_format, trained
        times, said, form = read_times(column, reading.time, *how)
        notes += said
    columns = _columns(frame, reading, notes)
    if marks is None:
        marks = _marks(columns, reading)
    parts = _parts(columns, marks, reading, notes)
    groups = list(_groups(frame, times, parts, reading, notes))
    if reading.time is not None and frequency is not None:
        _check_kind(times, reading.time, frequency)
    elif reading.time is not None:
        frequency = infer_frequency([rows.times for rows in groups])
        if frequency is None and any(len(rows.times) > 2 for rows in groups):
            notes.append(_("The times of {name!r} are irregular: each row counts as one step.",
                           name=reading.time))  # fmt: skip
    taken = {name: list(values) for name, values in marks.items()}
    series: list[Series] = []
    for rows in groups:
        told: list[str] = []
        one = regular(rows, frequency, reading.gaps, told)
        notes += [named(rows.name, each) for each in told]
        series += [] if one is None else [one]
    if not series:
        raise DataError("No row has a value of {names}: there is nothing to learn or to forecast "
                        "from.", names=enumeration(reading.target))  # fmt: skip
    return SeriesSet(series, list(reading.target), list(reading.past_covariates),
                     list(reading.future_covariates), reading.time, reading.group, frequency,
                     table.name, notes, form, are_whole(parts[0]), taken)  # fmt: skip


def _columns(
    frame: pd.DataFrame, reading: SeriesReading, notes: list[str]
) -> dict[str, np.ndarray]:
    """Return every column that is used as numbers, NaN where a cell is empty."""
    roles = {TARGET: reading.target, PAST: reading.past_covariates,
             FUTURE: reading.future_covariates}  # fmt: skip
    return {
        name: read_values(frame[name], name, role, notes, reading.missing)
        for role, names in roles.items()
        for name in names
    }


def _marks(columns: Mapping[str, np.ndarray], reading: SeriesReading) -> dict[str, list[float]]:
    """Return which numbers of each column stand for "missing": by the data, or those named."""
    if reading.missing is None:
        found = {name: marks_among(values) for name, values in columns.items()}
    else:
        named = parse_numbers(np.array(reading.missing, object), ".")
        found = dict.fromkeys(columns, named[np.isfinite(named)].tolist())
    return {name: marks for name, marks in found.items() if marks}


def _parts(
    columns: Mapping[str, np.ndarray],
    marks: Mapping[str, Sequence[float]],
    reading: SeriesReading,
    notes: list[str],
) -> list[np.ndarray]:
    """Return the targets, the past and the future covariates, as numbers."""
    parts = (reading.target, reading.past_covariates, reading.future_covariates)
    rows = len(next(iter(columns.values())))
    asked = reading.missing is not None
    made = [[without(columns[name], marks.get(name, ()), name, notes, asked) for name in names]
            for names in parts]  # fmt: skip
    return [np.stack(part, axis=1) if part else np.zeros((rows, 0)) for part in made]


def _groups(
    frame: pd.DataFrame,
    times: np.ndarray,
    parts: list[np.ndarray],
    reading: SeriesReading,
    notes: list[str],
) -> Iterable[Series]:
    """Yield the rows of each series, sorted by time, in the order of the table."""
    hint = _hint(frame, times, reading) if reading.group is None and reading.time else ""
    for name, which in _names(frame, reading.group):
        at = times[which] if reading.time is not None else np.arange(int(which.sum()))
        said: list[str] = []
        rows = Series(name, at, *(part[which] for part in parts))
        rows = in_order(rows, reading.duplicates, hint, said)
        notes += [named(name, each) for each in said]
        for place, target in enumerate(reading.target):  # they begin with the name of a column
            far = far_values(rows.values[:, place], target)
            notes += [f"{name}: {each}" if name else each for each in far]
        yield rows


def _names(frame: pd.DataFrame, group: str | None) -> Iterable[tuple[str, np.ndarray]]:
    """Yield the name of each series and which rows are its own, in the order of the table."""
    if group is None:
        yield "", np.ones(len(frame), bool)
        return
    cells = cells_of(frame[group])
    refuse_missing(cells.codes < 0, group, N_("group"))
    for code in dict.fromkeys(cells.codes.tolist()):
        yield str(cells.texts[code]), cells.codes == code


def _check_kind(times: np.ndarray, name: str, frequency: Frequency) -> None:
    """Refuse dates where the steps are plain numbers, and the other way round."""
    kinds = [_("dates"), _("whole numbers")]
    given, wanted = times.dtype.kind != "M", frequency.unit == "number"
    if given != wanted:
        raise DataError("The times of {name!r} are {given}; those that the model was trained on "
                        "are {wanted}. Give them in the same form.", name=name, given=kinds[given],
                        wanted=kinds[wanted])  # fmt: skip


def resolved(frame: pd.DataFrame, reading: SeriesReading, notes: list[str]) -> SeriesReading:
    """Return the choices with every column looked up."""
    known = [str(name) for name in frame.columns]
    target = tuple(known_column(known, name, TARGET) for name in _targets(known, reading.target))
    time = reading.time and known_column(known, reading.time, N_("time"))
    group = reading.group and known_column(known, reading.group, N_("group"))
    future = tuple(known_column(known, name, FUTURE) for name in reading.future_covariates)
    ignored = {known_column(known, name, N_("column to exclude")) for name in reading.ignore}
    taken = {*target, *future, *ignored, time, group}
    others = [name for name in known if name not in taken]
    if reading.past_covariates == ("all",) and "all" not in known:
        past = tuple(name for name in others if numeric(frame[name]))
        notes.append(_("Past covariates: {names}.", names=some(past, 8, 30) or _("none")))
    else:
        past = tuple(known_column(known, name, PAST) for name in reading.past_covariates)
    if left := [name for name in others if name not in past]:
        notes.append(_("Not used: {names}.", names=some(left, 8, 30)))
    return replace(reading, target=target, time=time, group=group, past_covariates=past,
                   future_covariates=future, ignore=())  # fmt: skip


def _targets(known: Sequence[str], target: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the targets: ``last`` is a position, and a text may hold several."""
    if len(target) != 1 or target[0] in known:
        return target
    if target[0] == "last":
        return (known[-1],)
    return tuple(name.strip() for name in target[0].split(","))


def _hint(frame: pd.DataFrame, times: np.ndarray, reading: SeriesReading) -> str:
    """Name a column that may tell the series apart, for the error about duplicates.

    With it, no time may be there twice; what is forecast, or forecast from, is none.
    """
    used = {reading.time, *reading.target, *reading.past_covariates, *reading.future_covariates}
    found = {}
    for name in map(str, frame.columns):
        if name not in used and not pd.api.types.is_float_dtype(frame[name]):
            cells = cells_of(frame[name])
            if 1 < len(cells.texts) <= len(frame) // 4:
                found[name] = cells.codes
    for names in [*combinations(found, 1), *combinations([*found][:8], 2)]:
        table = pd.DataFrame({"time": times, **{f"by {name}": found[name] for name in names}})
        if table.duplicated().any():
            continue
        if all(_is_time(cells_of(frame[name]).texts, name) for name in names):
            return _("If {time!r} and {name!r} are the time together, make one column of them.",
                     time=reading.time, name=" + ".join(names))  # fmt: skip
        if len(names) == 1:
            return _("If {name!r} tells several series apart, use group={name!r} (--group).",
                     name=names[0])  # fmt: skip
        return _("If {names} together tell several series apart, make one column of them and use "
                 "it as the group (--group).",
                 names=enumeration([repr(name) for name in names]))  # fmt: skip
    return ""


# What the parts of a time are called, and the largest number of each.
_PARTS = {
    r"hour|hr|h|time|stunde|heure|hora|시간|시각|시": 24,
    r"month|mon|mo|mm|monat|mois|mes|월|달": 12,
    r"day|dd|d|day ?of ?month|tag|jour|d[ií]a|일": 31,
    r"quarter|qtr|q|quartal|trimestre|분기": 4,
    r"week|wk|woche|semaine|semana|주|주차": 53,
    r"minute|min|mi|분": 60,
}
_MONTH = re.compile(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?|q[1-4]")


def _is_time(texts: np.ndarray, name: str) -> bool:
    """Tell whether texts are a part of a time: one of a day, a month, the number of an hour."""
    if all(re.fullmatch(r"\d\d?[:.시]\d\d\D?.*", text) for text in texts):
        return True
    if all(_MONTH.fullmatch(text) for text in texts):
        return True
    called = name.lower().replace("_", " ").strip()
    most = next((n for part, n in _PARTS.items() if re.fullmatch(f"(?:{part})s?", called)), -1)
    return all(text.isdecimal() and int(text) <= most for text in texts)
