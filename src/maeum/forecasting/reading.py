"""From a table to series: which column is the time, which are forecast, which are known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.wording import enumeration, plural, shorten, some
from maeum.forecasting.frequency import Frequency, infer_frequency
from maeum.forecasting.regular import DUPLICATES, GAPS, Rows, in_order, regular
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.times import ZONES, read_times
from maeum.tables.cells import cells_of, decimal_sign, parse_numbers, yes_no
from maeum.tables.reading import Table, read_table

_LARGEST = 1e100


@dataclass(frozen=True)
class SeriesReading:
    """How a table becomes series; kept in the model file, so that later tables are read alike.

    Attributes:
        target: the columns to forecast: a name, or several.
        time: the column of times; None if the rows are in order.
        group: the column that tells several series apart.
        past: further columns that the network sees up to now; ``"all"`` takes all of numbers.
        future: columns that are known ahead, such as holidays and prices.
        gaps: ``"fill"`` puts a straight line through steps that are missing (so what fills the
            last gap of the training part knows the value behind it), ``"skip"`` leaves them out
            (no window reaches across).
        duplicates: several rows of one time: ``"error"``, ``"mean"`` or ``"last"``.
        zones: times of different time zones: ``"error"``, or ``"utc"``.
        newest_first: without a time column, whether the first row is the newest.
        time_format: the format of the times (of ``strptime``); recognised if None.
        ignore: columns to leave out.
    """

    target: Any
    time: str | None = None
    group: str | None = None
    past: Any = ()
    future: Any = ()
    gaps: str = "fill"
    duplicates: str = "error"
    zones: str = "error"
    newest_first: bool = False
    time_format: str | None = None
    ignore: Any = ()

    def __post_init__(self) -> None:
        for name in ("target", "past", "future", "ignore"):
            value = getattr(self, name)
            names = (value,) if isinstance(value, str) else tuple(map(str, value))
            object.__setattr__(self, name, names)
        for name, known in [("gaps", GAPS), ("duplicates", DUPLICATES), ("zones", ZONES)]:
            check_choice(getattr(self, name), known, name)
        if not self.target:
            raise ConfigError("Say which column is forecast: target='units'.")
        if self.newest_first and self.time is not None:
            raise ConfigError("newest_first is for tables without a time column: times are sorted.")
        roles = [*self.target, self.time, self.group, *self.past, *self.future]
        twice = [name for name in roles if name is not None and roles.count(name) > 1]
        if twice:
            raise ConfigError(f"The column {twice[0]!r} is given two roles; give it one.")

    def to_json(self) -> dict[str, Any]:
        """Return the choices as plain lists and texts."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def read_series(
    source: Table | pd.DataFrame | str | os.PathLike | SeriesSet,
    target: Any,
    *,
    frequency: Frequency | None = None,
    **options: Any,
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
    ['1 gap (2024-01-03) filled with a straight line.']
    """
    if isinstance(source, SeriesSet):
        return source
    return read_table_of(source, SeriesReading(target, **options), frequency)


def read_table_of(
    source: Table | pd.DataFrame | str | os.PathLike,
    reading: SeriesReading,
    frequency: Frequency | None = None,
) -> SeriesSet:
    """Read series as `read_series` does, by choices that are ready."""
    table = source if isinstance(source, Table) else read_table(source)
    frame, notes = table.frame, list(table.notes)
    if not len(frame):
        raise DataError("The table has no rows.")
    reading = resolved(frame, reading, notes)
    if reading.newest_first:
        frame = frame.iloc[::-1]
        notes.append("The rows are turned round: the first one was the newest.")
    times = np.arange(len(frame))
    if reading.time is not None:
        times, said = read_times(
            frame[reading.time], reading.time, reading.zones, reading.time_format
        )
        notes += said
    parts = [
        _matrix(frame, reading.target, "forecast"),
        _matrix(frame, reading.past, "known up to now"),
        _matrix(frame, reading.future, "known ahead"),
    ]
    hint = _hint(frame, reading) if reading.group is None else ""
    groups = []
    for name, which in _groups(frame, reading.group):
        at = times[which] if reading.time is not None else np.arange(int(which.sum()))
        rows = Rows(name, at, *(part[which] for part in parts))
        groups.append(in_order(rows, reading.duplicates, hint, notes))
    if reading.time is not None and frequency is not None:
        _check_kind(times, reading.time, frequency)
    if reading.time is not None and frequency is None:
        frequency = infer_frequency([rows.times for rows in groups])
        if frequency is None and any(len(rows.times) > 2 for rows in groups):
            notes.append(f"The times of {reading.time!r} are irregular: each row counts as one "
                         "step.")  # fmt: skip
    series = [regular(rows, frequency, reading.gaps, notes) for rows in groups]
    found = [one for one in series if one is not None]
    if not found:
        raise DataError(
            f"No row has a value of {enumeration(reading.target)}: there is nothing to learn or to "
            "forecast from."
        )
    return SeriesSet(
        found,
        list(reading.target),
        list(reading.past),
        list(reading.future),
        reading.time,
        reading.group,
        frequency,
        table.path.name if table.path else "a table",
        notes,
    )


def _check_kind(times: np.ndarray, name: str, frequency: Frequency) -> None:
    """Refuse dates where the steps are plain numbers, and the other way round."""
    if (times.dtype.kind == "M") == (frequency.unit == "number"):
        found, wanted = ("dates", "whole numbers") if times.dtype.kind == "M" else (
            "whole numbers", "dates",
        )  # fmt: skip
        raise DataError(
            f"The times of {name!r} are {found}; those that the model learnt from were {wanted}. "
            "Give them in the same form."
        )


def resolved(frame: pd.DataFrame, reading: SeriesReading, notes: list[str]) -> SeriesReading:
    """Return the choices with every column looked up."""
    known = [str(name) for name in frame.columns]
    target = tuple(_column(known, name, "forecast") for name in reading.target)
    time = reading.time and _column(known, reading.time, "the time")
    group = reading.group and _column(known, reading.group, "the group")
    future = tuple(_column(known, name, "known ahead") for name in reading.future)
    ignored = {_column(known, name, "left out") for name in reading.ignore}
    taken = {*target, *future, *ignored, time, group}
    others = [name for name in known if name not in taken]
    if reading.past == ("all",) and "all" not in known:
        past = tuple(name for name in others if _numeric(frame[name]))
        notes.append(f"Seen up to now, beside what is forecast: {some(past, 8, 30) or 'nothing'}.")
    else:
        past = tuple(_column(known, name, "known up to now") for name in reading.past)
    if left := [name for name in others if name not in past]:
        notes.append(f"Not looked at: {some(left, 8, 30)}.")
    return replace(
        reading, target=target, time=time, group=group, past=past, future=future, ignore=()
    )


def _column(known: Sequence[str], name: str, what: str) -> str:
    if name in known:
        return name
    raise UnknownNameError(
        f"The table has no column {name!r} (asked for as {what}).{nearest(name, known)} Its "
        f"columns: {some(known, 12, 30)}."
    )


def _groups(frame: pd.DataFrame, group: str | None) -> Iterable[tuple[str, np.ndarray]]:
    """Yield the name of each series and which rows are its own, in the order of the table."""
    if group is None:
        yield "", np.ones(len(frame), bool)
        return
    cells = cells_of(frame[group])
    if (cells.codes < 0).any():
        row = int(np.flatnonzero(cells.codes < 0)[0])
        raise DataError(
            f"The group {group!r} is missing in {plural(int((cells.codes < 0).sum()), 'row')} "
            f"(row {row + 1} of the table is the first), so it cannot be told which series they "
            "belong to. Fill it, or remove those rows."
        )
    for code in dict.fromkeys(cells.codes.tolist()):
        yield str(cells.texts[code]), cells.codes == code


def _matrix(frame: pd.DataFrame, names: Sequence[str], what: str) -> np.ndarray:
    columns = [_values(frame[name], name, what) for name in names]
    return np.stack(columns, axis=1) if columns else np.zeros((len(frame), 0))


def _values(column: pd.Series, name: str, what: str) -> np.ndarray:
    """Return a column as numbers, NaN where a cell is missing."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(np.float64, na_value=np.nan)
        if np.isinf(values).any():
            raise DataError(f"The column {name!r} ({what}) holds infinite values; put them right.")
        return _bearable(values, name, what)
    cells = cells_of(column)
    if not len(cells.texts):
        return np.full(len(column), np.nan)
    values = parse_numbers(cells.texts, decimal_sign(cells.texts) or ".")
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        words = yes_no(cells.texts)
        if (words < 0).any() or what == "forecast":
            row = int(np.flatnonzero(cells.codes == wrong[0])[0])
            raise DataError(
                f"The column {name!r} ({what}) is no column of numbers: row {row + 1} of the table "
                f"holds {shorten(cells.texts[wrong[0]], 40)!r}. Put it right, leave the cell "
                "empty, or name another column."
            )
        values = words.astype(np.float64)
    return _bearable(cells.spread(values, np.nan), name, what)


def _bearable(values: np.ndarray, name: str, what: str) -> np.ndarray:
    """Return values whose squares are numbers, too."""
    most = np.nanmax(np.abs(values), initial=0.0)
    if most > _LARGEST:
        raise DataError(
            f"The column {name!r} ({what}) holds values as large as {most:.3g}, beyond what can be "
            f"calculated with ({_LARGEST:g}). Put them right, or give them in a larger unit."
        )
    return values


def _numeric(column: pd.Series) -> bool:
    """Tell whether a column can be taken as numbers and is not empty."""
    try:
        return bool(np.isfinite(_values(column, "", "")).any())
    except (DataError, TypeError, ValueError):
        return False


def _hint(frame: pd.DataFrame, reading: SeriesReading) -> str:
    """Name a column that may tell the series apart, for the error about duplicates."""
    for name in map(str, frame.columns):
        cells = cells_of(frame[name])
        if name != reading.time and 1 < len(cells.texts) <= len(frame) // 4:
            pairs = frame[[reading.time, name]] if reading.time else frame[[name]]
            if not pairs.duplicated().any():
                return f"If {name!r} tells several series apart, give group={name!r} (--group). "
    return ""
