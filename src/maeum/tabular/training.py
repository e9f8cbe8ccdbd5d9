"""Trainings on tables, from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pandas as pd

from maeum.experiment.events import Listener, ignore
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.tables.reading import Table
from maeum.tabular.dataset import Dataset
from maeum.tabular.model import TabularModel
from maeum.tabular.result import TableRun
from maeum.tabular.task import TableTask

TrainedTable = Trained[TabularModel, TableRun]


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
