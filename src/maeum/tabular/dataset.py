"""A table made ready for a network: what is learnt from what, on which rows, as which arrays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.messages import N_, _
from maeum.tables.columns import Column, find_column, known_column, recognise
from maeum.tables.reading import Table, read_table
from maeum.tabular.network import as_inputs
from maeum.tabular.options import TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.splitting import Split, split
from maeum.tabular.target import Target, recognise_target


@dataclass(frozen=True)
class Dataset:
    """A table made ready.

    Attributes:
        source: the name of the file, as shown.
        frame: the raw rows that have a target.
        typed: the same with values for cells, as `recognise` returns them.
        columns: what the columns hold, and which of them are used.
        target: what is learnt.
        encoded: ``(n,)`` what the network learns: class numbers, or standardised values.
        parts: the rows to train on, to validate with, and to test on.
        preparation: how rows become arrays; fitted on the training rows.
        arrays: all rows, as `Preparation.transform` returns them.
        options: the choices, resolved.
        notes: what was recognised, left out and filled, as sentences.
        seconds: how long each part took.
    """

    source: str
    frame: pd.DataFrame
    typed: pd.DataFrame
    columns: list[Column]
    target: Target
    encoded: np.ndarray
    parts: Split
    preparation: Preparation
    arrays: dict[str, np.ndarray]
    options: TableOptions
    notes: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        table: Table | pd.DataFrame | str | os.PathLike,
        target: str | int,
        options: TableOptions,
    ) -> Dataset:
        """Recognise, split and scale a table.

        Args:
            table: a table, or the file of one.
            target: the column to learn: its name, its position, or ``"last"``.
            options: the choices.

        Raises:
            DataError, UnknownNameError, ConfigError: for a table, target or option that cannot be
                used.

        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> ready = Dataset.prepare(frame, "passed", TableOptions())
        >>> ready.target.task, len(ready.parts.test), ready.inputs(ready.parts.test).shape
        ('binary', 30, (30, 1))
        """
        began = time.perf_counter()
        table = read_table(table)
        name = find_column(table.frame, target)
        cells = table.frame[name]
        goal = recognise_target(cells, name, task=options.task, positive=options.positive)
        known, frame = goal.known(cells), table.frame
        if not known.all() or not frame.index.equals(pd.RangeIndex(len(frame))):
            frame = frame.loc[known].reset_index(drop=True)
        typed, columns = recognise(frame, name)
        _keep(columns, frame, options.keep)
        _leave_out(columns, options.ignore, name)
        sizes = (options.test_size, options.validation_size)
        parts = split(goal.encode(frame[name]), goal.task, *sizes, options.seed)
        goal = goal.standardised(frame[name].iloc[parts.train])
        chosen = options.resolved(len(parts.train), goal.task)
        scale = None if chosen.scale == "none" else chosen.scale
        train = typed.iloc[parts.train]
        preparation = Preparation.fit(train, columns, scale, chosen.embed_above)
        arrays, filled = preparation.transform(typed)
        found = [f"{c.name}: {note}" for c in columns if c.used for note in c.notes]
        source = table.name
        notes = [*table.notes, *goal.notes, *parts.notes, *found, *filled]
        seconds = {N_("preparing"): time.perf_counter() - began}
        return cls(source, frame, typed, columns, goal, goal.encode(frame[name]), parts,
                   preparation, arrays, chosen, notes, seconds)  # fmt: skip

    def rows(self, which: np.ndarray) -> dict[str, np.ndarray]:
        """Return the prepared arrays of some rows, by name."""
        return {key: array[which] for key, array in self.arrays.items()}

    def inputs(self, which: np.ndarray) -> Any:
        """Return the network's inputs for some rows."""
        return as_inputs(self.preparation, self.rows(which))

    def truth(self, which: np.ndarray) -> np.ndarray:
        """Return the class numbers of some rows, or their values in the target's own units."""
        encoded = self.encoded[which]
        return self.target.decode(encoded) if self.target.task == "regression" else encoded

    @property
    def sizes(self) -> dict[str, int]:
        """How many rows each part has."""
        names = ("train", "validation", "test")
        return {name: len(getattr(self.parts, name)) for name in names}

    @property
    def left_out(self) -> list[Column]:
        """The columns that the network does not see, the target aside."""
        return [c for c in self.columns if not c.used and c.name != self.target.name]


def _keep(columns: list[Column], frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Use columns that were taken for numbers of the rows."""
    for name in names:
        place = [column.name for column in columns].index(known_column(list(frame.columns), name))
        column = columns[place]
        if column.kind == "identifier":  # by its name: without it, it is a number like others
            _typed, (anew,) = recognise(frame[[name]].set_axis(["x"], axis=1))
            column = columns[place] = replace(anew, name=name)
        if column.kind in ("empty", "constant", "identifier", "text"):
            raise ConfigError("The column {name!r} cannot be used: {reason}.", name=name,
                              reason=column.reason)  # fmt: skip
        column.used, column.reason = True, ""


def _leave_out(columns: list[Column], names: Iterable[str], target: str) -> None:
    """Take what nobody wants, and see that something is left."""
    by_name = {column.name: column for column in columns}
    for name in names:
        if name == target:
            raise UnknownNameError("The column {name!r} cannot be excluded: it is the target.",
                                   name=name)  # fmt: skip
        if name not in by_name:
            hint = nearest(name, [known for known in by_name if known != target])
            raise UnknownNameError("The column {name!r} cannot be excluded: there is none.{hint}",
                                   name=name, hint=hint)  # fmt: skip
        by_name[name].used, by_name[name].reason = False, _("it was excluded on request")
    if not any(column.used for column in columns):
        reasons = "; ".join(f"{c.name!r}: {c.reason}" for c in columns[:5] if c.name != target)
        raise DataError("No column is left to learn from ({reasons}).", reasons=reasons)
