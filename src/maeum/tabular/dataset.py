"""A table made ready for a network: what is learnt from what, on which rows, as which arrays."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _
from maeum.core.wording import some
from maeum.experiment.events import work
from maeum.experiment.rare import rare_class
from maeum.experiment.seen import row_hashes
from maeum.report.wording import cell
from maeum.tables.cells import cells_of
from maeum.tables.columns import Column, find_column, known_column, recognise, sign_of_others
from maeum.tables.reading import Table, read_table
from maeum.tabular.choosing import keep, leave_out
from maeum.tabular.intervals import Intervals
from maeum.tabular.leaks import Alert, duplicated_rows, leaking_columns, repeated_things
from maeum.tabular.members import folds_of
from maeum.tabular.network import as_inputs
from maeum.tabular.options import TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.result import COLUMNS
from maeum.tabular.splitting import Split, cross_validation, split, usual_folds
from maeum.tabular.target import Target, recognise_target
from maeum.tabular.text_columns import learn_texts, note_repeated
from maeum.tabular.trees import Trees

ONE_HOT = 8  # levels of a category that an ensemble gets as one feature each
WEIGHTED_BELOW = 0.1  # measured at fractions of 0.002, 0.01 and 0.05: the ranking gets better


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
        parts: the rows to train on, to validate with, and to test on. Of a cross-validation, all
            rows are to train on, and those that are tested in turn to test on, too.
        preparation: how rows become arrays; fitted on the training rows.
        arrays: all rows, as `Preparation.transform` returns them.
        options: the choices, resolved.
        notes: what was recognised, left out and filled, as sentences.
        alerts: what makes the test too easy.
        divisions: the parts of each network of a cross-validation; empty for none.
        groups: ``(n,)`` rows of the same number stay in the same part; None for none.
        times: ``(n,)`` when each row was, if the test is on the last of them.
        weights: ``(n,)`` how much each row counts in the loss; None if all count the same.
        intervals: how far off a network's predictions are; None until that is known.
        trees: those that have learnt it, to be blended with its networks; none without a search.
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
    alerts: list[Alert] = field(default_factory=list)
    divisions: list[Split] = field(default_factory=list)
    groups: np.ndarray | None = None
    times: np.ndarray | None = None
    weights: np.ndarray | None = None
    intervals: Intervals | None = None
    trees: list[Trees] = field(default_factory=list)
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
        notes = [*table.notes]
        frame = table.frame.reset_index(drop=True)  # its rows are told by their places
        if options.drop_duplicates:
            frame = _without_duplicates(frame, name, options, notes)
        goal = recognise_target(
            frame[name], name, task=options.task, positive=options.positive,
            missing=options.missing, decimal=options.decimal or sign_of_others(frame, name),
        )  # fmt: skip
        _refuse_for_numbers(goal, options)
        if options.threshold is not None:
            goal = goal.answering_from(options.threshold)
        if not (known := goal.known(frame[name])).all():
            frame = frame.loc[known]
        typed, columns = _recognised(frame, name, options)
        frame = frame.reset_index(drop=True)
        encoded = goal.encode(frame[name])
        rows = len(frame) - int(len(frame) * options.test_size)
        why = options.why_one_network(rows, _rarest(goal))
        options = options.for_rows(rows, _rarest(goal))
        groups, times, told = _roles(frame, typed, columns, goal, options)
        parts, divisions = _divided(encoded, goal, groups, times, options)
        if times is not None:
            told += _told_of_time(typed[options.time_split], parts, str(options.time_split))
        parts = replace(parts, notes=[*told, *parts.notes])
        source = table.name
        made = cls.fitted(source, frame, typed, columns, goal, parts, options)
        found = [f"{c.name}: {note}" for c in columns if c.used for note in c.notes]
        alerts = made._alerts()
        notes = [*(alert.text for alert in alerts), *notes, *goal.notes, *parts.notes, *found,
                 *made.notes, *([why] if why else [])]  # fmt: skip
        if not divisions:
            notes += note_repeated(typed, columns, parts.rest, parts.test)
        seconds = {N_("preparing"): time.perf_counter() - began}
        return replace(made, notes=notes, alerts=alerts, divisions=divisions, seconds=seconds,
                       groups=groups, times=times)  # fmt: skip

    @classmethod
    def fitted(
        cls, source: str, frame: pd.DataFrame, typed: pd.DataFrame, columns: list[Column],
        goal: Target, parts: Split, options: TableOptions, repeats: np.ndarray | None = None,
    ) -> Dataset:  # fmt: skip
        """Return the table prepared by what its training rows hold.

        Args:
            source, frame, typed, columns, goal, parts, options: as of the table.
            repeats: ``(n,)`` how many rows each stands for, as far as the preparation goes.
        """
        train = parts.train if repeats is None else np.repeat(parts.train, repeats[parts.train])
        goal = goal.standardised(frame[goal.name].iloc[train])
        chosen = options.resolved(len(parts.train), goal.task, _rarest(goal))
        scale = None if chosen.scale == "none" else chosen.scale or "standard"
        work(_("Preparing {columns} ...", columns=COLUMNS.count(sum(c.used for c in columns))))
        preparation = Preparation.fit(
            typed.iloc[train],
            columns,
            scale,
            ONE_HOT if chosen.embed_above is None else chosen.embed_above,
        )
        arrays, filled = preparation.transform(typed, trained=True)
        return cls(source, frame, typed, columns, goal, goal.encode(frame[goal.name]), parts,
                   preparation, arrays, chosen, filled)  # fmt: skip

    def _alerts(self) -> list[Alert]:
        work(_("Looking for columns that give the target away ..."))
        of, parts = (self.typed, self.columns), self.parts
        found = leaking_columns(*of, self.target.name, self.encoded, self.target.task)
        hashes = row_hashes(self.arrays, self.encoded)
        found += duplicated_rows(hashes, *of, parts.rest, parts.test)
        if self.options.group is None and self.options.time_split is None:
            found += repeated_things(*of, self.target.name, parts.rest, parts.test)
        return found

    def division(self, parts: Split) -> Dataset:
        """Return the same table with other parts, prepared by what their training rows hold."""
        made = self.fitted(self.source, self.frame, self.typed, self.columns, self.target, parts,
                           self.options)  # fmt: skip
        return replace(made, notes=self.notes, alerts=self.alerts, divisions=self.divisions,
                       groups=self.groups)  # fmt: skip

    def member_rows(self, members: int | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return, for each member of an ensemble, which of the rows that are not for the test it
        learns from, and which it is validated with; by their places among these.

        Args:
            members: how many there are; by the options if None.
        """
        rest, chosen = self.parts.rest, self.options
        groups, times = (None if a is None else a[rest] for a in (self.groups, self.times))
        return folds_of(self.encoded[rest], self.target.task, members or chosen.members or 1,
                        chosen.batch_size or 1, chosen.seed, groups, times)  # fmt: skip

    def answering_from(self, threshold: float) -> Dataset:
        """Return the table whose target is answered from another probability on."""
        return replace(self, target=self.target.answering_from(threshold))

    def measured(self, rows: np.ndarray, values: np.ndarray) -> Dataset:
        """Return the table with intervals by what was predicted for rows not learnt from."""
        found = Intervals.fit(self.arrays["numbers"][rows], values, self.truth(rows))
        return replace(self, intervals=found)

    @property
    def log_odds(self) -> float:
        """By how much weighting its classes shifts what a network says; 0 without weights.

        Where one of two classes is rare, and nothing else was chosen, each class counts the same
        in the loss, and this is taken from the network's output again: what it says stays a
        probability.
        """
        alone = self.options.network == "mlp"  # an ensemble ranks as well without
        if self.options.balance is not None or self.target.task != "binary" or not alone:
            return 0.0
        rest = self.parts.rest
        counts = np.bincount(self.encoded[rest], self.row_weights(rest), minlength=2)
        few = 0 < counts.min() < WEIGHTED_BELOW * counts.sum()
        return float(np.log(counts[0] / counts[1])) if few else 0.0

    def rows(self, which: np.ndarray) -> dict[str, np.ndarray]:
        """Return the prepared arrays of some rows, by name."""
        return {key: array[which] for key, array in self.arrays.items()}

    def inputs(self, which: np.ndarray) -> Any:
        """Return the network's inputs for some rows."""
        return as_inputs(self.preparation, self.rows(which))

    def goals(self, which: np.ndarray) -> np.ndarray:
        """Return what the network is trained on in some rows: no number far outside the rest."""
        return self.target.limited(self.encoded[which])

    def row_weights(self, which: np.ndarray) -> np.ndarray | None:
        """Return how much some rows count in the loss; None if all count the same."""
        return None if self.weights is None else self.weights[which]

    def truth(self, which: np.ndarray) -> np.ndarray:
        """Return the class numbers of some rows, or their values in the target's own units."""
        return self.target.truth(self.frame[self.target.name].iloc[which])

    @property
    def sizes(self) -> dict[str, int]:
        """How many rows each part has; of a cross-validation, each that is tested counts there."""
        names = ("train", "validation", "test")
        found = {name: len(getattr(self.parts, name)) for name in names}
        return found | {"train": len(self.frame) - found["validation"] - found["test"]}

    @property
    def left_out(self) -> list[Column]:
        """The columns that the network does not see, the target aside."""
        return [c for c in self.columns if not c.used and c.name != self.target.name]


def _rarest(goal: Target) -> int | None:
    """Return how many rows the rare one of two classes has; None if neither is rare."""
    return min(goal.counts) if rare_class(goal.counts) is not None else None


def _refuse_for_numbers(goal: Target, options: TableOptions) -> None:
    """Refuse what is for classes where numbers are learnt."""
    if goal.classes:
        return
    for name, given in (("balance", options.balance), ("positive", options.positive)):
        if given:
            raise ConfigError("{option} is for classes, and the target {name!r} is a number.",
                              option=name, name=goal.name)  # fmt: skip


def _recognised(
    frame: pd.DataFrame, target: str, options: TableOptions
) -> tuple[pd.DataFrame, list[Column]]:
    """Return what the cells of a table mean, and what its columns are used for."""
    work(_("Recognising {columns} ...", columns=COLUMNS.count(frame.shape[1])))
    typed, columns = recognise(frame, target, missing=options.missing, decimal=options.decimal)
    typed = typed.reset_index(drop=True)
    keep(columns, frame, options.keep)
    learn_texts(typed, columns, options.ignore, target)
    leave_out(columns, options.ignore, target, options.group)
    return typed, columns


def _roles(
    frame: pd.DataFrame, typed: pd.DataFrame, columns: list[Column], goal: Target,
    options: TableOptions,
) -> tuple[np.ndarray | None, np.ndarray | None, list[str]]:  # fmt: skip
    """Return the groups and the times of the rows, if they have a say, and what is told of them."""
    groups = times = None
    notes: list[str] = []
    for role in filter(None, (options.group, options.time_split)):
        if known_column(list(frame.columns), role) == goal.name:
            raise ConfigError("The target {name!r} cannot divide the rows, too.", name=role)
    if options.group is not None:
        cells = cells_of(frame[options.group])
        groups = cells.codes
        notes.append(_("Rows with the same {name!r} stay together: {n:,} groups.",
                       name=options.group, n=len(cells.texts)))  # fmt: skip
        if len(cells.texts) == cells.counts.sum():
            notes.append(_("No value of {name!r} repeats, so each row is a group of its own and "
                           "--group changes nothing.", name=options.group))  # fmt: skip
    if options.time_split is not None:
        times = _times(typed, columns, options.time_split)
    return groups, times, notes


def _divided(
    encoded: np.ndarray, goal: Target, groups: np.ndarray | None, times: np.ndarray | None,
    options: TableOptions,
) -> tuple[Split, list[Split]]:  # fmt: skip
    """Return the parts, and the divisions of a cross-validation if there is one."""
    folds, rows = options.folds, np.arange(len(encoded))
    if folds is None:
        usual = usual_folds(goal.counts, len(rows), options.test_size)
        folds = 1 if times is not None or options.minutes is not None else usual
    held_out = options.validation_size or 0.0
    if folds > 1:
        divisions = cross_validation(encoded, goal.task, folds, held_out, options.seed, groups)
        tested = np.concatenate([each.test for each in divisions])
        return Split(rows, tested[:0], tested), divisions
    parts = split(encoded, goal.task, options.test_size, held_out, options.seed, groups, times)
    return parts, []


def _times(typed: pd.DataFrame, columns: list[Column], name: str) -> np.ndarray:
    """Return the times of the rows as numbers, NaN where there is none."""
    kind = next(column.kind for column in columns if column.name == name)
    if pd.api.types.is_datetime64_any_dtype(typed[name]):
        times = typed[name].astype("int64").to_numpy(np.float64)
        return np.where(typed[name].isna(), np.nan, times)
    if pd.api.types.is_numeric_dtype(typed[name]):
        return typed[name].to_numpy(np.float64)
    raise ConfigError("The column {name!r} holds neither dates nor numbers, so it says no order "
                      "of time (it was recognised as {kind}).", name=name,
                      kind=_(kind))  # fmt: skip


def _told_of_time(series: pd.Series, parts: Split, name: str) -> list[str]:
    shown = [
        cell(value) for value in (series.iloc[parts.rest].max(), series.iloc[parts.test].min())
    ]
    notes = [_("Trained on the rows up to {last} in {name!r}, tested on those from {first} on.",
               last=shown[0], first=shown[1], name=name)]  # fmt: skip
    if missing := int(series.isna().sum()):
        notes.append(_("Rows without a {name!r}, which stay in training: {n:,}.", name=name,
                       n=missing))  # fmt: skip
    return notes


def _without_duplicates(
    frame: pd.DataFrame, target: str, options: TableOptions, notes: list[str]
) -> pd.DataFrame:
    """Return the rows that differ in something that is learnt from or that divides them."""
    _typed, columns = _recognised(frame, target, options)
    roles = (target, options.group, options.time_split)
    other = [c.name for c in columns if not c.used and c.distinct > 1 and c.name not in roles]
    kept = frame.loc[~frame.drop(columns=other).astype(str).duplicated()].reset_index(drop=True)
    n = len(frame) - len(kept)
    if other:
        notes.append(_("Rows that are alike in every column but those that are not learnt from "
                       "({columns}), of which one is kept: {n:,} ignored.", n=n,
                       columns=some(map(repr, other), 5)))  # fmt: skip
    else:
        notes.append(_("Rows that are alike in every column, of which one is kept: {n:,} ignored.",
                       n=n))  # fmt: skip
    return kept
