"""Tables whose rows stand for themselves, as a task of `maeum.experiment`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten, some
from maeum.experiment.events import (
    Event,
    Excluded,
    Found,
    Imbalanced,
    Listener,
    Note,
    classes_line,
    ignore,
    parts_line,
)
from maeum.experiment.run import ROWS
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.training import fit_arguments, train
from maeum.experiment.verdict import Verdict
from maeum.models import Model
from maeum.report.scores import score
from maeum.report.wording import number
from maeum.tables.reading import Table, read_table
from maeum.tabular import verdict
from maeum.tabular.baselines import fit_baselines
from maeum.tabular.dataset import Dataset
from maeum.tabular.importance import permutation_importance
from maeum.tabular.model import TabularModel
from maeum.tabular.network import build_network
from maeum.tabular.options import TableOptions, TableReading
from maeum.tabular.result import COLUMNS, TableRun

TrainedTable = Trained[TabularModel, TableRun]


class TableTask(Task):
    """A table: one column is learnt from the others."""

    kind = "table"
    title = N_("tables")
    options = TableOptions
    reading = TableReading
    model = TabularModel
    report = "maeum.tabular.report"
    run = TableRun
    commands = ("maeum predict model.maeum new.csv", "maeum evaluate model.maeum labelled.csv")
    usage = 'print(model.predict("new.csv"))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take whatever no other task takes."""
        return True

    def prepare(self, source: Any, reading: TableReading, options: TableOptions) -> Dataset:
        """Read a table, recognise its columns, split and scale it."""
        if reading.target is None:
            table = read_table(source, **reading.of_file)
            raise ConfigError("Missing option '--target': the column to learn. The columns of "
                              "{name} are: {columns}.", name=table.name,
                              columns=some(map(repr, table.frame.columns), 20))  # fmt: skip
        return Dataset.prepare(read_table(source, **reading.of_file), reading.target, options)

    def describe(self, data: Dataset) -> Iterable[Event]:
        """Yield what the table holds, what is excluded, and what was out of the ordinary."""
        goal, rows = data.target, len(data.frame)
        features = len(data.preparation.feature_names) + len(data.preparation.embedded)
        used = sum(column.used for column in data.columns)
        facts = {"rows": rows, "columns": used, "features": features, "target": goal.name}
        if goal.classes:
            what = classes_line(dict(zip(goal.classes, goal.counts)))
        else:
            values = data.truth(np.arange(rows))
            low, high, mean = map(number, (values.min(), values.max(), values.mean()))
            what = _("a number from {low} to {high}, on average {mean}",
                     low=low, high=high, mean=mean)  # fmt: skip
        lines = (
            _("{source}: {rows}, {columns} used as {features}",
              source=data.source, rows=ROWS.count(rows), columns=COLUMNS.count(used),
              features=ngettext("{n:,} feature", "{n:,} features", features)),
            _("Target {name!r}: {what}", name=goal.name, what=what),
            _("Rows: {parts}", parts=parts_line(data.sizes)),
        )  # fmt: skip
        yield Found(data.source, facts | data.sizes, lines)
        yield from (Excluded(c.name, c.reason) for c in data.left_out)
        yield from map(Note, data.notes)
        yield from Imbalanced.of(dict(zip(goal.classes, goal.counts)), data.options.balance)

    def build(self, data: Dataset) -> Model:
        """Return the network for the table."""
        return build_network(data.preparation, data.target, data.options)

    def fit_arguments(self, data: Dataset, refitting: bool) -> dict[str, Any]:
        """Return the rows to train on and to validate with."""
        parts = data.parts
        rows = parts.rest if refitting else parts.train
        checked = parts.validation[: 0 if refitting else None]
        train, validation = ((data.inputs(which), data.encoded[which]) for which in (rows, checked))
        labels = train[1] if data.target.classes else None
        return fit_arguments(data.options, train, validation, labels, at_once=1024)

    def refits(self, data: Dataset) -> bool:
        """Tell whether that was chosen; it is for classes."""
        return bool(data.options.refit)

    def wrap(self, network: Model, data: Dataset) -> TabularModel:
        """Return the network with what prepares its rows."""
        return TabularModel(network, data.preparation, data.target)

    def score(self, model: TabularModel, data: Dataset) -> dict[str, Any]:
        """Test the network on the test rows."""
        goal, rows = data.target, data.parts.test
        prediction, truth = model.predict_arrays(data.rows(rows)), data.truth(rows)
        of_classes = bool(goal.classes)
        return {
            "metrics": score(goal.task, truth, prediction, goal.classes),
            "truth": truth.astype(int if of_classes else float),
            "probabilities": model.probabilities(prediction),
            "values": np.zeros(0) if of_classes else prediction,
            "classes": goal.classes,
            "target": goal.name,
            "task": goal.task,
            "columns": data.columns,
            "frame": data.typed,
            "features": [*data.preparation.feature_names, *data.preparation.embedded],
            "test_rows": data.frame.iloc[rows],
        }

    def baselines(self, model: TabularModel, data: Dataset) -> list[dict[str, Any]]:
        """Train and test scikit-learn's models on the same rows."""
        rest, tested = data.parts.rest, data.parts.test
        train, test = data.rows(rest), data.rows(tested)
        goal, y, truth = data.target, data.truth(rest), data.truth(tested)
        return fit_baselines(goal.task, train, y, test, truth, data.options.seed, goal.classes)

    def examine(
        self, model: TabularModel, data: Dataset, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Measure which columns the network goes by."""
        arrays = data.rows(data.parts.test)
        importance = permutation_importance(model, arrays, found["truth"], data.options.seed)
        return {"importance": importance}

    def verdict(self, run: TableRun) -> Verdict:
        """Say how good the network is."""
        return verdict.of(run)

    def eyebrow(self, run: TableRun) -> tuple[str, ...]:
        """Return the column that is learnt."""
        return (shorten(run.target, 40),)


def train_table(
    table: Table | pd.DataFrame | str | os.PathLike,
    target: str | int,
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedTable:
    """Train a network on a table and test it on rows that it has never seen.

    Ctrl-C ends the training: the network of the best epoch so far is tested and returned.

    Args:
        table: a table, or the file of one.
        target: the column to learn: its name, its position, or ``"last"``.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (importance, other models).
        options: see `TableOptions`.

    Raises:
        DataError, UnknownNameError, ConfigError: for a table, target or option that cannot be
            used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> trained = train_table(frame, "passed", epochs=5, report=False)
        >>> trained.run.task
        'binary'
    """
    task = TableTask()
    data = task.prepare(table, *task.split({"target": target, **options}))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report)


def train_dataset(dataset: Dataset, *, display: Any = None, **how: Any) -> TrainedTable:
    """Train a network on a table that is ready; see `train_table`.

    Args:
        dataset: the table.
        display: the former name of one more callback.
        how: ``events``, ``callbacks``, ``verbose`` and ``report``, as for `train_table`; and
            ``tell``, which is told every event as a sentence.
    """
    callbacks = [*how.pop("callbacks", ()), *([] if display is None else [display])]
    return train(TableTask(), dataset, callbacks=callbacks, **how)
