"""From a table to series: which column is the time, which are forecast, which are covariates."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_, _
from maeum.core.wording import enumeration, shorten, some
from maeum.forecasting.frequency import Frequency, infer_frequency
from maeum.forecasting.options import SeriesReading
from maeum.forecasting.regular import in_order, regular
from maeum.forecasting.series import Series, SeriesSet, are_whole, named
from maeum.forecasting.times import TimeForm, read_times, refuse_missing
from maeum.tables.cells import cells_of, yes_no
from maeum.tables.columns import known_column
from maeum.tables.numbers import decimal_sign
from maeum.tables.quantities import NumberForm, number_form, read_numbers
from maeum.tables.reading import Table, read_table

Source = Table | pd.DataFrame | str | os.PathLike | SeriesSet | np.ndarray | list

_LARGEST = 1e100
# The role of a column, as errors name it.
_TARGET, _PAST, _FUTURE = N_("target"), N_("past covariate"), N_("future covariate")


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
) -> SeriesSet:
    """Read series as `read_series` does, by choices that are ready.

    ``trained`` is how the times were written that a model was trained on.

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
    parts = _parts(frame, reading, notes)
    groups = list(_groups(frame, times, parts, reading, notes))
    if reading.time is not None and frequency is not None:
        _check_kind(times, reading.time, frequency)
    elif reading.time is not None:
        frequency = infer_frequency([rows.times for rows in groups])
        if frequency is None and any(len(rows.times) > 2 for rows in groups):
            notes.append(_("The times of {name!r} are irregular: each row counts as one step.",
                           name=reading.time))  # fmt: skip
    series: list[Series] = []
    for rows in groups:
        told: list[str] = []
        one = regular(rows, frequency, reading.gaps, told)
        notes += [named(rows.name, each) for each in told]
        series += [] if one is None else [one]
    if not series:
        raise DataError("No row has a value of {names}: there is nothing to learn or to forecast "
                        "from.", names=enumeration(reading.target))  # fmt: skip
    source = table.path.name if table.path else "a table"
    return SeriesSet(series, list(reading.target), list(reading.past_covariates),
                     list(reading.future_covariates), reading.time, reading.group, frequency,
                     source, notes, form, are_whole(parts[0]))  # fmt: skip


def _parts(frame: pd.DataFrame, reading: SeriesReading, notes: list[str]) -> list[np.ndarray]:
    """Return the targets, the past and the future covariates, as numbers."""
    roles = {_TARGET: reading.target, _PAST: reading.past_covariates,
             _FUTURE: reading.future_covariates}  # fmt: skip
    return [_matrix(frame, names, role, notes) for role, names in roles.items()]


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
    target = tuple(known_column(known, name, _TARGET) for name in _targets(known, reading.target))
    time = reading.time and known_column(known, reading.time, N_("time"))
    group = reading.group and known_column(known, reading.group, N_("group"))
    future = tuple(known_column(known, name, _FUTURE) for name in reading.future_covariates)
    ignored = {known_column(known, name, N_("column to exclude")) for name in reading.ignore}
    taken = {*target, *future, *ignored, time, group}
    others = [name for name in known if name not in taken]
    if reading.past_covariates == ("all",) and "all" not in known:
        past = tuple(name for name in others if _numeric(frame[name]))
        notes.append(_("Past covariates: {names}.", names=some(past, 8, 30) or _("none")))
    else:
        past = tuple(known_column(known, name, _PAST) for name in reading.past_covariates)
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


def _matrix(frame: pd.DataFrame, names: Sequence[str], role: str, notes: list[str]) -> np.ndarray:
    columns = [_values(frame[name], name, role, notes) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(frame), 0))


def _values(column: pd.Series, name: str, role: str, notes: list[str]) -> np.ndarray:
    """Return a column as numbers, NaN where a cell is missing; tell their unit."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return _squarable(column.to_numpy(np.float64, na_value=np.nan), name, role)
    cells = cells_of(column)
    if not len(cells.texts):
        return np.full(len(column), np.nan)
    decimal = decimal_sign(cells.texts) or "."
    found = number_form(cells.texts, cells.counts, decimal)
    values = read_numbers(cells.texts, found.form or NumberForm(decimal))
    notes += [f"{name}: {note}" for note in found.notes]
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        words = yes_no(cells.texts)
        if (words < 0).any() or role == _TARGET:
            raise DataError("The column {name!r} ({role}) does not hold numbers only: in row {row} "
                            "of the table it holds {text!r}. Correct it, leave the cell empty, or "
                            "name another column.", name=name, role=_(role),
                            row=int(np.flatnonzero(cells.codes == wrong[0])[0]) + 1,
                            text=shorten(cells.texts[wrong[0]], 40))  # fmt: skip
        values = words.astype(np.float64)
    return _squarable(cells.spread(values, np.nan), name, role)


def _squarable(values: np.ndarray, name: str, role: str) -> np.ndarray:
    """Return values whose squares are finite, too."""
    most = np.nanmax(np.abs(values), initial=0.0)
    if most > _LARGEST:
        raise DataError("The column {name!r} ({role}) holds values as large as {most:.3g}, beyond "
                        "what can be calculated with ({limit:g}). Correct them, or give them in a "
                        "larger unit.", name=name, role=_(role), most=most,
                        limit=_LARGEST)  # fmt: skip
    return values


def _numeric(column: pd.Series) -> bool:
    """Tell whether a column can be taken as numbers and is not empty."""
    try:
        return bool(np.isfinite(_values(column, "", "", [])).any())
    except (DataError, TypeError, ValueError):
        return False


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
        if len(names) == 1 and _is_clock(cells_of(frame[names[0]]).texts, names[0]):
            return _("If {time!r} and {name!r} are the time together, make one column of them.",
                     time=reading.time, name=names[0])  # fmt: skip
        if len(names) == 1:
            return _("If {name!r} tells several series apart, use group={name!r} (--group).",
                     name=names[0])  # fmt: skip
        return _("If {names} together tell several series apart, make one column of them and use "
                 "it as the group (--group).",
                 names=enumeration([repr(name) for name in names]))  # fmt: skip
    return ""


def _is_clock(texts: np.ndarray, name: str) -> bool:
    """Tell whether texts are times of a day, or the numbers of hours."""
    if all(re.fullmatch(r"\d\d?[:.시]\d\d\D?.*", text) for text in texts):
        return True
    called = re.match(r"(?:hour|hr|h|time|stunde|heure|hora|시간|시각|시)s?$", name.lower())
    return called is not None and all(text.isdecimal() and int(text) <= 24 for text in texts)
