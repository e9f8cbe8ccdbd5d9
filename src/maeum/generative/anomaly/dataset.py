"""A table made ready for the search for unusual rows."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import N_, _
from maeum.core.randomness import generator
from maeum.core.wording import some
from maeum.experiment.events import work
from maeum.experiment.run import ROWS
from maeum.generative.anomaly.features import Features
from maeum.generative.anomaly.network import Hidden, predict_held_out
from maeum.generative.anomaly.options import AnomalyOptions
from maeum.generative.anomaly.scoring import Scale, blamed
from maeum.models import Model
from maeum.tables.columns import Column, find_column, recognise
from maeum.tables.reading import Table, read_table
from maeum.tabular.choosing import keep, leave_out
from maeum.tabular.result import COLUMNS
from maeum.tabular.target import Target, recognise_target

FEWEST = 20  # rows; with fewer, nothing can be said of what is usual


@dataclass(frozen=True)
class AnomalyData:
    """A table made ready.

    Attributes:
        source: the name of the file, as shown.
        frame: the raw rows.
        columns: what the columns hold, and which of them are looked at.
        features: how rows become what the network takes.
        x: all rows, ``(n, width)``.
        folds: for each network, the rows that it learns from and those that it is validated with.
        options: the choices, resolved.
        notes: what was recognised and left out, as sentences.
        label: what says which rows are unusual; None if nothing does.
        said: what the networks say of the rows that they did not learn from; None until then.
        scale: what these surprises are like; None until then.
        parts: ``(n, columns)`` which part of its score each column of each row has.
        seconds: how long each part took.
    """

    source: str
    frame: pd.DataFrame
    columns: list[Column]
    features: Features
    x: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]
    options: AnomalyOptions
    notes: list[str]
    label: Target | None = None
    said: Hidden | None = None
    scale: Scale | None = None
    parts: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        table: Table | pd.DataFrame | str | os.PathLike,
        label: str | int | None,
        options: AnomalyOptions,
    ) -> AnomalyData:
        """Recognise a table, and make it ready.

        Args:
            table: a table, or the file of one.
            label: the column that says which rows are unusual, if there is one.
            options: the choices.

        Raises:
            DataError, UnknownNameError, ConfigError: for a table, label or option that cannot be
                used.

        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> AnomalyData.prepare(frame, None, AnomalyOptions()).x.shape
        (100, 6)
        """
        began = time.perf_counter()
        table = read_table(table)
        frame = table.frame.reset_index(drop=True)
        name = None if label is None else find_column(frame, label)
        if len(frame) < FEWEST:
            raise DataError("What is usual cannot be learnt from {rows}: at least {fewest} are "
                            "needed.", rows=ROWS.count(len(frame)), fewest=FEWEST)  # fmt: skip
        target = None if name is None else _label(frame[name], name, options)
        work(_("Recognising {columns} ...", columns=COLUMNS.count(frame.shape[1])))
        typed, columns = recognise(frame, name, missing=options.missing, decimal=options.decimal)
        keep(columns, frame, options.keep)
        for column in columns:
            if column.name == name:
                column.reason = _("it says which rows are unusual, and only judges")
        leave_out(columns, options.ignore, name or "")
        options = options.resolved(len(frame))
        work(_("Preparing {columns} ...", columns=COLUMNS.count(sum(c.used for c in columns))))
        features = Features.fit(typed, columns)
        x, _filled = features.encode(typed, trained=True)
        found = [f"{c.name}: {note}" for c in columns if c.used for note in c.notes]
        notes = [*table.notes, *(target.notes if target is not None else []), *found]
        return cls(table.name, frame, columns, features, x, _folds(len(x), options),
                   options, notes, target,
                   seconds={N_("preparing"): time.perf_counter() - began})  # fmt: skip

    def judged(self, members: Sequence[Model]) -> AnomalyData:
        """Return the table with what networks say of the rows that they did not learn from."""
        held_out = [own for _learnt, own in self.folds]
        said = predict_held_out(members, self.x, held_out)
        scale = Scale.of(said.surprises, self.options.contamination)

        def together(rows: np.ndarray, hide: np.ndarray) -> Hidden:
            return predict_held_out(members, self.x, held_out, rows, hide)

        parts, said = blamed(scale, said, together)
        return replace(self, said=said, scale=scale, parts=parts)

    @property
    def sizes(self) -> dict[str, int]:
        """How many rows there are: each is scored by a network that has not learnt from it."""
        return {"test": len(self.x)}

    @property
    def left_out(self) -> list[Column]:
        """The columns that are not looked at."""
        return [column for column in self.columns if not column.used]


def labelled(label: Target, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows have a label, ``(n,)``, and whether these are unusual, 1 or 0."""
    known = label.known(frame[label.name])
    return known, label.encode(frame[label.name].loc[known])


def _label(series: pd.Series, name: str, options: AnomalyOptions) -> Target:
    """Return what the label says.

    Raises:
        ConfigError: if it has not two values.
    """
    found = recognise_target(series, name, task="classification", positive=options.positive,
                             missing=options.missing, decimal=options.decimal)  # fmt: skip
    if len(found.classes) != 2:
        raise ConfigError("A label says of each row whether it is unusual, so it has two values; "
                          "{name!r} has {n}: {values}.", name=name, n=len(found.classes),
                          values=some(map(repr, found.classes)))  # fmt: skip
    return found


def _folds(rows: int, options: AnomalyOptions) -> list[tuple[np.ndarray, np.ndarray]]:
    """Divide rows: each is kept from one network, by which it is scored."""
    fold = generator(options.seed, "folds").permutation(rows) % min(options.members, rows)
    parts: Any = (fold == number for number in range(fold.max() + 1))
    return [(np.flatnonzero(~part), np.flatnonzero(part)) for part in parts]
