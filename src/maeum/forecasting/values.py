"""Columns of numbers beside the times: how they are written, what is missing, what lies far out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_, _
from maeum.core.wording import as_written, shorten, some
from maeum.forecasting.series import SeriesSet
from maeum.tables.cells import cells_of, yes_no
from maeum.tables.marks import CELLS, by_rule, exactly, otherwise
from maeum.tables.number_columns import far_outside, rows_said
from maeum.tables.numbers import decimal_sign
from maeum.tables.outliers import counted, ordinary_range, stand_ins
from maeum.tables.quantities import NumberForm, number_form, read_numbers

_LARGEST = 1e100
_FEWEST = 20  # values among which one is said to be far outside the rest
# The role of a column, as errors name it.
TARGET, PAST, FUTURE = N_("target"), N_("past covariate"), N_("future covariate")


def read_values(
    column: pd.Series, name: str, role: str, notes: list[str], missing: Iterable[str] | None = None
) -> np.ndarray:
    """Return a column as numbers, NaN where a cell is missing; tell their unit.

    Args:
        column: of a table.
        name: its header.
        role: `TARGET`, `PAST` or `FUTURE`.
        notes: is told what was recognised.
        missing: the marks of missing cells; by the data if None.

    Raises:
        DataError: for cells that are no numbers.

    >>> read_values(pd.Series(["1,5", "n/a", "2,0"]), "sold", TARGET, []).tolist()
    [1.5, nan, 2.0]
    """
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return _squarable(column.to_numpy(np.float64, na_value=np.nan), name, role)
    cells = cells_of(column, by_rule if missing is None else exactly(missing))
    if not len(cells.texts):
        return np.full(len(column), np.nan)
    decimal = decimal_sign(cells.texts) or "."
    found = number_form(cells.texts, cells.counts, decimal)
    values = read_numbers(cells.texts, found.form or NumberForm(decimal))
    notes += [f"{name}: {note}" for note in found.notes]
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        words = yes_no(cells.texts)
        if (words < 0).any() or role == TARGET:
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


def numeric(column: pd.Series) -> bool:
    """Tell whether a column can be taken as numbers and is not empty."""
    try:
        return bool(np.isfinite(read_values(column, "", "", [])).any())
    except (DataError, TypeError, ValueError):
        return False


def marks_among(values: np.ndarray) -> list[float]:
    """Return the numbers that stand for "missing", such as -999; 0 never does: no sales are sales.

    >>> marks_among(np.array([-999.0, 5.0, 6.0, 5.5, -999.0, 7.0]))
    [-999.0]
    """
    return [value for value in stand_ins(*counted(values)) if value]


def without(
    values: np.ndarray, marks: Collection[float], name: str, notes: list[str], asked: bool = False
) -> np.ndarray:
    """Return values with NaN where one stands for "missing", which is told.

    ``asked`` tells that somebody named the marks.

    >>> without(np.array([1.0, -999.0]), [-999.0], "sold", notes := []).tolist()
    [1.0, nan]
    >>> notes[0][:59]
    'sold: Taken as missing, as it lies outside the rest: -999, '
    """
    here = np.isin(values, [*marks])
    if not here.any():
        return values
    said = N_("Taken as missing, as it lies outside the rest: {marks}, {cells}{rows}. {otherwise}")
    said = N_("Taken as missing, as asked: {marks}, {cells}{rows}.") if asked else said
    said = _(said, marks=some(map(as_written, np.unique(values[here]))),
             cells=CELLS.count(int(here.sum())), rows=rows_said(pd.Series(values), here),
             otherwise=otherwise())  # fmt: skip
    notes.append(f"{name}: {said}")
    return np.where(here, np.nan, values)


def ranges_of(series: SeriesSet) -> dict[str, list[float]]:
    """Return between which values each column of series lies.

    >>> ranges_of(SeriesSet.from_array([3.0, 1.0, 2.0]))
    {'value': [1.0, 3.0]}
    """
    return {name: [float(values.min()), float(values.max())] for name, values in _each(series)}


def outside(series: SeriesSet, ranges: Mapping[str, Sequence[float]]) -> list[str]:
    """Tell of values far outside of those of the training.

    >>> outside(SeriesSet.from_array([3.0, 400.0]), {"value": [1.0, 3.0]})
    ['value: 1 cell far outside of what was usual in training (1 to 3): 400.']
    """
    return [
        said
        for name, values in _each(series)
        if name in ranges
        for said in far_outside(name, pd.Series(values), *ranges[name], rows=False)
    ]


def _each(series: SeriesSet) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the columns of all series, end to end."""
    for names, part in (
        (series.targets, [one.values for one in series]),
        (series.past_covariates, [one.past_covariates for one in series]),
        (series.future_covariates, [one.future_covariates for one in series]),
    ):
        yield from zip(names, np.concatenate(part).T)


def far_values(values: np.ndarray, name: str) -> list[str]:
    """Tell of values of one series that lie far outside its others.

    >>> [*map(len, (far_values(np.arange(50.0), "y"), far_values(np.append(range(50), 1e9), "y")))]
    [0, 1]
    """
    distinct, counts = counted(values)
    if counts.sum() < _FEWEST:
        return []
    low, high = ordinary_range(distinct, counts)
    far = (values < low) | (values > high)
    if not far.any():
        return []
    return [_("{column}: {cells} far outside the rest ({low} to {high}): {examples}. Learnt as it "
              "is; where that is an error, leave the cell empty, or name the value with "
              "missing=... (--missing).", column=name, cells=CELLS.count(int(far.sum())),
              low=as_written(low), high=as_written(high),
              examples=some(map(as_written, np.unique(values[far]))))]  # fmt: skip
