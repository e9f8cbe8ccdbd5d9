"""A network trained on all rows of a table, for those who test it themselves (scikit-learn)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.experiment.events import Listener, ignore
from maeum.experiment.fitting import Course
from maeum.models import Model
from maeum.tables.columns import Column, recognise
from maeum.tabular.choosing import keep
from maeum.tabular.dataset import Dataset
from maeum.tabular.model import TabularModel
from maeum.tabular.options import TableOptions
from maeum.tabular.splitting import split
from maeum.tabular.target import Target
from maeum.tabular.task import TableTask
from maeum.tabular.text_columns import learn_texts
from maeum.training.arrays import take_rows
from maeum.training.interrupts import Stop

FEW_TO_TRAIN = 8  # rows: with fewer, none are taken away to validate with
FEW_IN_A_PASS = 512  # rows: with fewer, an epoch takes longer to begin and to end than to train


class FittedTable(NamedTuple):
    """A network that was trained on a table and not tested.

    Attributes:
        model: the network with what prepares its rows.
        history: the values of each epoch.
        passes: how many passes over the rows an epoch was.
        interrupted: whether Ctrl-C ended the training.
    """

    model: TabularModel
    history: dict[str, list[float]]
    passes: int
    interrupted: bool


def fit_table(
    frame: pd.DataFrame,
    y: np.ndarray,
    options: TableOptions,
    *,
    classes: Sequence[str] = (),
    weights: np.ndarray | None = None,
    repeats: np.ndarray | None = None,
    verbose: int = 0,
) -> FittedTable:
    """Train a network on all rows of a table but those that tell when to stop.

    Every column of numbers is learnt from, even one that looks like the numbers of the rows.

    Args:
        frame: what is learnt from, with columns of distinct names.
        y: ``(n,)`` what is learnt: the numbers of the classes, or values.
        options: the choices; those of a test, and the columns with a role, are ignored.
        classes: the names of the classes; none where numbers are learnt.
        weights: ``(n,)`` how much each row counts in the loss; None if all count the same.
        repeats: ``(n,)`` how many rows each stands for, which matters to what a column is taken
            for and to its scale; 1 by default.
        verbose: 1 for a progress display of the training.

    Raises:
        DataError: if there is no row or no column.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> table = pd.DataFrame({"hours": range(50)})
        >>> passed = np.arange(50) > 20
        >>> fitted = fit_table(table, passed, TableOptions(epochs=2), classes=["no", "yes"])
        >>> fitted.model.predict(table.head(2)).columns.tolist()
        ['prediction', 'probability of no', 'probability of yes']
    """
    if not len(frame) or not frame.shape[1]:
        raise DataError("The table has no rows, or no column to learn from.")
    repeats = np.ones(len(frame), np.int64) if repeats is None else repeats
    goal, name = _target(y, classes, repeats), _new_name("target", frame)
    goal = replace(goal, name=name)
    typed, columns = _recognised(frame, options, repeats)
    frame = frame.assign(**{name: y}).reset_index(drop=True)
    encoded = np.asarray(y) if classes else np.zeros(len(frame))
    options = options.for_rows(len(frame))
    size = options.validation_size if len(frame) >= FEW_TO_TRAIN else 0.0
    parts = split(encoded, goal.task, 0.0, size or 0.0, options.seed)
    options = replace(options, threshold=goal.threshold if goal.task == "binary" else None)
    data = Dataset.fitted("", frame, typed, columns, goal, parts, options, repeats)
    passes, options = 1, data.options
    if options.network == "mlp":
        passes, options = several_passes(len(parts.train), options)
    data = replace(data, weights=weights, options=options)
    task, stop = _Untested(passes), Stop()
    made = Course(task, ignore, False, stop, verbose=verbose).fit(data)
    model = task.wrap(made.network, made.data)
    named = replace(model.target, name="target", classes=list(classes))
    return FittedTable(replace(model, target=named), made.history, passes, stop.asked)


def several_passes(rows: int, options: TableOptions) -> tuple[int, TableOptions]:
    """Return how many passes over few rows are one epoch, and the choices in such epochs.

    >>> passes, options = several_passes(100, TableOptions(epochs=300, patience=20))
    >>> passes, options.epochs, options.patience
    (5, 60, 4)
    """
    epochs, patience = options.epochs or 1, options.patience or 0
    passes = max(1, min(FEW_IN_A_PASS // rows, (patience or epochs) // 2))
    while epochs % passes or patience % passes:  # who chose a number of epochs gets as many
        passes -= 1
    return passes, replace(options, epochs=epochs // passes, patience=patience // passes)


@dataclass(frozen=True)
class _Untested(TableTask):
    """A table of which nothing but the loss is measured, with epochs of several passes."""

    passes: int

    def build(self, data: Dataset) -> Model:
        network = super().build(data)
        if data.options.network == "mlp":
            network.compile(network.optimizer, network.compile_arguments["loss"])
        return network

    def decide(self, network: Model, data: Dataset, tell: Listener) -> tuple[Model, Dataset]:
        """Leave numbers without intervals, for which estimators have no place."""
        return super().decide(network, data, tell) if data.target.classes else (network, data)

    def fit_arguments(self, data: Dataset, refitting: bool) -> dict[str, Any]:
        found = super().fit_arguments(data, refitting)
        if self.passes == 1:
            return found
        places = np.tile(np.arange(len(found["y"])), self.passes)
        taken = {name: found[name] for name in ("x", "y", "sample_weight") if name in found}
        return found | take_rows(taken, places)


def _target(y: np.ndarray, classes: Sequence[str], repeats: np.ndarray) -> Target:
    """Return the target, whose classes are told by their numbers."""
    if not classes:
        return Target("", "regression", format=".")
    counts = np.bincount(np.asarray(y, np.int64), repeats, len(classes))
    task = "binary" if len(classes) == 2 else "multiclass"
    return Target("", task, [str(n) for n in range(len(classes))], counts.astype(int).tolist())


def _recognised(
    frame: pd.DataFrame, options: TableOptions, repeats: np.ndarray
) -> tuple[pd.DataFrame, list[Column]]:
    """Return what the cells mean, and what the columns are used for."""
    all_rows = frame.iloc[np.repeat(np.arange(len(frame)), repeats)].reset_index(drop=True)
    typed, columns = recognise(all_rows, missing=options.missing, decimal=options.decimal)
    typed = typed.iloc[np.cumsum(repeats) - repeats].reset_index(drop=True)
    numeric = pd.api.types.is_numeric_dtype
    unused = [c for c in columns if not c.used and c.kind not in ("constant", "empty")]
    keep(columns, all_rows, [c.name for c in unused if numeric(frame[c.name])])
    learn_texts(typed, columns, options.ignore, "")
    if not any(column.used for column in columns):
        # A network needs an input, though nothing can be told from it: it learns the mean.
        place = next((i for i, c in enumerate(columns) if numeric(typed[c.name])), 0)
        only = columns[place]
        columns[place] = Column(only.name, "number", only.count, only.missing, 1, format=".")
        if not numeric(typed[only.name]):
            typed[only.name] = 0.0
    return typed, columns


def _new_name(name: str, frame: Any) -> str:
    while name in frame.columns:
        name += "_"
    return name
