"""A table as points between which distances can be measured; every column counts about the same.

Numbers are standardised as for a network (far outliers drawn near, missing cells filled with the
median); a yes/no column is 0 or 1; two rows that differ in a category are 1 apart in it; the parts
of a date share the weight of one column.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maeum.classics.options import SeededOptions
from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.wording import Things, some
from maeum.experiment.events import work
from maeum.tables.columns import Column, recognise
from maeum.tables.reading import Table, read_table
from maeum.tabular.choosing import keep, leave_out
from maeum.tabular.preparation import Encoder, Preparation

MOST_LEVELS = 20  # of a category that have an axis of their own
ROWS = Things("{n:,} row", "{n:,} rows")


@dataclass(frozen=True)
class Points:
    """The rows of a table as points.

    Attributes:
        source: the name of the file, as shown.
        frame: the rows as they were read.
        typed: the same with values for cells, see `maeum.tables.columns.recognise`.
        columns: what the columns hold, and which of them are used.
        values: ``(n, d)`` float64.
        names: ``(d,)`` the features.
        of: ``(d,)`` the column of each feature.
        notes: what was recognised, excluded and filled, as sentences.
    """

    source: str
    frame: pd.DataFrame
    typed: pd.DataFrame
    columns: list[Column]
    values: np.ndarray
    names: list[str]
    of: list[str]
    notes: list[str]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def used(self) -> list[Column]:
        """The columns that count."""
        return [column for column in self.columns if column.used]

    @property
    def excluded(self) -> list[Column]:
        """The columns that do not."""
        return [column for column in self.columns if not column.used]

    @property
    def distinct(self) -> int:
        """How many different points there are."""
        return int((~pd.DataFrame(self.values).duplicated()).sum())

    def drawn(self, most: int, seed: int) -> np.ndarray:
        """Return the numbers of at most so many rows, drawn at random and sorted."""
        if len(self) <= most:
            return np.arange(len(self))
        return np.sort(np.random.default_rng(seed).choice(len(self), most, replace=False))


def points_of(
    source: Table | pd.DataFrame | str | os.PathLike | Any,
    options: SeededOptions,
    distance: str = "euclidean",
) -> Points:
    """Read a table and turn its rows into points.

    Args:
        source: a table, a DataFrame, or the file of one (several files with the same columns, too).
        options: which columns count.
        distance: which one they are scaled for.

    Raises:
        DataError: if there is no column by which rows differ, or only one row.
        UnknownNameError: for a column to exclude or to keep that there is not.

    >>> frame = pd.DataFrame({"age": [20.0, 40.0, None, 30.0], "plan": ["a", "b", "a", "b"]})
    >>> points_of(frame, SeededOptions()).names
    ['age', 'age is missing', 'plan = a', 'plan = b']
    """
    table = read_table(source)
    frame = table.frame.reset_index(drop=True)
    work(_("Recognising the columns ..."))
    typed, columns = recognise(frame, missing=options.missing, decimal=options.decimal)
    typed = typed.reset_index(drop=True)
    keep(columns, frame, options.keep)
    if len(frame) < 2:
        raise DataError("The table has one row, and there is nothing to compare it with.")
    leave_out(columns, options.ignore, "")
    prepared = Preparation.fit(typed, columns, "standard", embed_above=0)
    arrays, filled = prepared.transform(typed, trained=True)
    parts = [_scaled_numbers(prepared, columns, arrays["numbers"], distance)]
    notes = [*table.notes, *(f"{c.name}: {note}" for c in columns if c.used for note in c.notes)]
    keys = iter(prepared.embedded)
    for encoder in prepared.encoders:
        if isinstance(encoder, Encoder) and encoder.embedded:
            parts.append(_axes(encoder.column, encoder.levels, arrays[next(keys)], distance))
            notes += _told_of_rare(encoder.column, len(encoder.levels))
    values = np.concatenate([part[0] for part in parts], axis=1)
    if not values.shape[1] or np.array_equal(values.min(axis=0), values.max(axis=0)):
        raise DataError("All rows are alike in the columns that count ({columns}), so there is "
                        "nothing to tell them apart by.",
                        columns=some((repr(c.name) for c in columns if c.used), 5))  # fmt: skip
    return Points(
        table.name, frame, typed, columns, values, [n for part in parts for n in part[1]],
        [c for part in parts for c in part[2]], [*notes, *filled],
    )  # fmt: skip


_Part = tuple[np.ndarray, list[str], list[str]]  # values (n, features), their names, their columns


def _scaled_numbers(
    prepared: Preparation, columns: list[Column], values: np.ndarray, distance: str
) -> _Part:
    """Numbers, yes/no and dates: a date's parts share the weight of one column."""
    of, dates = prepared.feature_columns, {c.name for c in columns if c.kind == "date"}
    counts = pd.Series(of, dtype=object).value_counts()
    scaled = values.astype(np.float64)
    for place, name in enumerate(of):
        if name in dates:
            scaled[:, place] *= _part_of(int(counts[name]), distance)
    return scaled, prepared.feature_names, of


def _axes(column: str, levels: list[str], codes: np.ndarray, distance: str) -> _Part:
    """An axis for each of the most frequent levels; rows with two of them are 1 apart."""
    kept = levels[:MOST_LEVELS]
    ones = codes[:, None] == np.arange(1, len(kept) + 1)
    names = [f"{column} = {level}" for level in kept]
    return ones * _part_of(2, distance), names, [column] * len(kept)


def _part_of(count: int, distance: str) -> float:
    """Return the factor by which ``count`` features together count like one."""
    return 1 / count if distance == "manhattan" else count**-0.5


def _told_of_rare(column: str, levels: int) -> list[str]:
    if not levels:
        return [_("{name}: no value comes twice, so it says nothing of what is alike.",
                  name=column)]  # fmt: skip
    if levels > MOST_LEVELS:
        return [_("{name}: of its {n:,} values that come twice or more, the {most} most frequent "
                  "count; all others count as one.", name=column, n=levels,
                  most=MOST_LEVELS)]  # fmt: skip
    return []
