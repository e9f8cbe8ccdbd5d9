"""From a table to a tested network: prepare, train, test, compare with other models."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.callbacks import EarlyStopping
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, nearest
from maeum.core.wording import plural
from maeum.models import Model
from maeum.tables.reading import Table
from maeum.tabular.baselines import fit_baselines, score
from maeum.tabular.dataset import Dataset
from maeum.tabular.importance import Importance, permutation_importance
from maeum.tabular.model import TabularModel
from maeum.tabular.network import build_network
from maeum.tabular.options import Options
from maeum.tabular.result import TableRun
from maeum.training.class_weights import balanced_class_weights

Tell = Callable[[str], Any]


@dataclass
class TrainedTable:
    """What `train_table` returns.

    Attributes:
        model: the network with its preparation.
        run: everything that is known of the training; what the report shows.
    """

    model: TabularModel
    run: TableRun


@dataclass
class _Learnt:
    """A trained network, and how it came about."""

    network: Model
    history: dict[str, list[float]]
    best_epoch: int
    interrupted: bool
    refitted: bool
    notes: list[str]


def train_table(
    table: Table | pd.DataFrame | str | os.PathLike,
    target: str | int,
    *,
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
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (importance, other models).
        options: see `Options`.

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
    _check_names(options)
    dataset = Dataset.prepare(table, target, Options(**options))
    return train_dataset(dataset, callbacks=callbacks, verbose=verbose, report=report)


def train_dataset(
    dataset: Dataset,
    *,
    tell: Tell = lambda text: None,
    display: Any = None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
) -> TrainedTable:
    """Train a network on a table that is ready; see `train_table`.

    Args:
        dataset: the table.
        tell: is told, in a sentence, what is being done.
        display: a callback that shows the progress; unlike the others it also attends the
            training anew (`Options.refit`).
        callbacks, verbose, report: as for `train_table`.
    """
    parts, goal = dataset.parts, dataset.target
    seconds = dict(dataset.seconds)
    with _timed(seconds, "training"):
        learnt = _learn(dataset, tell, display, list(callbacks), verbose)
    model = TabularModel(learnt.network, dataset.preparation, goal)
    with _timed(seconds, "testing"):
        prediction = model.predict_arrays(dataset.rows(parts.test))
        truth = dataset.truth(parts.test)
        metrics = score(goal.task, truth, prediction, goal.classes)
    own = {"name": "Maeum network", "metrics": metrics, "seconds": seconds["training"]}
    others: list[dict[str, Any]] = []
    importance: Importance = []
    notes = [*dataset.notes, *learnt.notes]
    if report:
        tell("Comparing with scikit-learn on the same rows ...")
        try:
            with _timed(seconds, "other models"):
                others = _other_models(dataset)
            with _timed(seconds, "importance"):
                importance = permutation_importance(
                    model, dataset.rows(parts.test), truth, dataset.options.seed
                )
        except KeyboardInterrupt:
            if learnt.interrupted:  # asked twice
                raise
            notes.append("The comparison with other models was stopped by hand.")
            tell(notes[-1])
    settings = replace(dataset.options, refit=learnt.refitted).to_json()
    run = TableRun(
        source=dataset.source,
        target=goal.name,
        task=goal.task,
        classes=goal.classes,
        notes=notes,
        columns=dataset.columns,
        frame=dataset.typed,
        features=[*dataset.preparation.feature_names, *dataset.preparation.embedded],
        rows={
            "train": len(parts.train),
            "validation": len(parts.validation),
            "test": len(parts.test),
        },
        history=learnt.history,
        best_epoch=learnt.best_epoch,
        test_rows=dataset.frame.iloc[parts.test],
        y_true=truth,
        prediction=prediction,
        metrics=metrics,
        baselines=[own, *others],
        importance=importance,
        network=_summary(learnt.network),
        settings=settings,
        seconds=seconds,
    )
    model.facts = {"source": run.source, "metrics": metrics, "rows": run.rows, "settings": settings}
    return TrainedTable(model, run)


def _learn(
    dataset: Dataset, tell: Tell, display: Any, callbacks: list[Any], verbose: int
) -> _Learnt:
    """Train until the validation loss gets no better, then anew on its rows too if so chosen."""
    options, parts, encoded = dataset.options, dataset.parts, dataset.encoded
    held_out = len(parts.validation) > 0

    def fit(rows: np.ndarray, callbacks: list[Any], epochs: int, **validation: Any) -> Any:
        network = build_network(dataset.preparation, dataset.target, options)
        balanced = options.balance and dataset.target.classes
        watching = callbacks if display is None else [*callbacks, display]
        history = network.fit(
            dataset.inputs(rows),
            encoded[rows],
            batch_size=options.batch_size,
            epochs=epochs,
            class_weight=balanced_class_weights(encoded[rows]) if balanced else None,
            callbacks=watching,
            verbose=verbose,
            **validation,
        )
        return network, history

    stopping = EarlyStopping(
        "val_loss" if held_out else "loss",
        patience=options.patience or options.epochs or 1,
        restore_best_weights=held_out,
    )
    validation: dict[str, Any] = {}
    if held_out:
        rows = parts.validation
        validation["validation_data"] = (dataset.inputs(rows), encoded[rows])
        validation["validation_batch_size"] = 1024
    network, history = fit(parts.train, [stopping, *callbacks], options.epochs or 1, **validation)
    epochs = len(history.epoch)
    if history.interrupted and not epochs:
        raise KeyboardInterrupt("stopped before the first epoch was over: there is no network yet")
    best = stopping.best_epoch if held_out else epochs - 1
    interrupted, refitted, notes = history.interrupted, False, []
    if interrupted:
        notes.append(f"The training was stopped by hand after {plural(epochs, 'epoch')}.")
    elif options.refit and held_out:
        count = plural(best + 1, "epoch")
        tell(f"Training anew for {count}, with the validation rows among the training rows")
        anew, again = fit(parts.rest, [], best + 1)
        if again.interrupted:
            interrupted = True
            notes.append("The training anew was stopped by hand; the first network is kept.")
        else:
            network, refitted = anew, True
    return _Learnt(network, history.history, best, interrupted, refitted, notes)


def _other_models(dataset: Dataset) -> list[dict[str, Any]]:
    """Train scikit-learn's models on the rows that the network had, and test them on the same."""
    train, test = dataset.rows(dataset.parts.rest), dataset.rows(dataset.parts.test)
    if not dataset.preparation.feature_names:  # they need one column of numbers at least
        for arrays in (train, test):
            arrays["numbers"] = np.zeros((len(arrays["numbers"]), 1), np.float32)
    return fit_baselines(
        dataset.target.task,
        train,
        dataset.truth(dataset.parts.rest),
        test,
        dataset.truth(dataset.parts.test),
        dataset.options.seed,
        dataset.target.classes,
    )


def _check_names(options: Iterable[str]) -> None:
    known = accepted_arguments(Options)
    for name in options:
        if name not in known:
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - began


def _summary(network: Model) -> str:
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    return "\n".join(lines)
