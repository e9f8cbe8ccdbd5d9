"""From a table to a tested network: read, prepare, split, train, compare."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maeum.callbacks import EarlyStopping
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.tabular.baselines import fit_baselines, score
from maeum.tabular.columns import Column, recognise
from maeum.tabular.importance import permutation_importance
from maeum.tabular.model import TabularModel
from maeum.tabular.network import as_inputs, build_network
from maeum.tabular.options import Options
from maeum.tabular.preparation import Preparation
from maeum.tabular.reading import Table, read_table, tidy
from maeum.tabular.result import TableRun
from maeum.tabular.splitting import split
from maeum.tabular.target import find_target, recognise_target

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


class _Clock:
    """How long each part took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, part: str) -> Any:
        began = time.perf_counter()
        yield
        self.seconds[part] = time.perf_counter() - began


def train_table(
    table: Table | pd.DataFrame | str | os.PathLike,
    target: str | int,
    *,
    tell: Tell = lambda text: None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedTable:
    """Train a network on a table and test it on rows that it has never seen.

    Args:
        table: a table, or the file of one.
        target: the column to learn: its name, its position, or ``"last"``.
        tell: is told, in a sentence, what is being done.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (importance, other models).
        options: see `Options`.

    Raises:
        DataError, UnknownNameError, ConfigError: for a table, target or option that cannot be
            used.

    Example:
        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> trained = train_table(frame, "passed", epochs=5, report=False)
        >>> trained.run.task
        'binary'
    """
    _check_names(options)
    chosen = Options(**options)
    clock = _Clock()
    with clock("reading"):
        if isinstance(table, (str, os.PathLike)):
            table = read_table(table)  # type: ignore[arg-type]
        if isinstance(table, pd.DataFrame):
            table = Table(*tidy(table))
    with clock("preparing"):
        name = find_target(table.frame, target)
        goal = recognise_target(
            table.frame[name], name, task=chosen.task, positive=chosen.positive
        )
        frame = table.frame.loc[goal.known(table.frame[name])].reset_index(drop=True)
        typed, columns = recognise(frame, name)
        _leave_out(columns, chosen.ignore, name)
        encoded = goal.encode(frame[name])
        parts = split(
            encoded, goal.task, chosen.test_size, chosen.validation_size, chosen.seed
        )
        goal = goal.standardised(frame[name].iloc[parts.train])
        encoded = goal.encode(frame[name])
        chosen = chosen.resolved(len(parts.train), goal.task)
        scale = None if chosen.scale == "none" else chosen.scale
        preparation = Preparation.fit(
            frame.iloc[parts.train], columns, scale, chosen.embed_above
        )
        arrays, told = preparation.transform(frame)
    tell(
        f"{len(frame):,} rows, {sum(c.used for c in columns)} columns used, "
        f"{len(preparation.feature_names) + len(preparation.embedded)} features; "
        f"{goal.task} target {goal.name!r}"
    )

    def rows(which: np.ndarray) -> Any:
        return as_inputs(preparation, {key: array[which] for key, array in arrays.items()})

    network = build_network(preparation, goal, chosen)
    weights = _balance(encoded[parts.train]) if chosen.balance and goal.classes else None
    with clock("training"):
        history, best = _fit(network, rows, encoded, parts, chosen, weights, callbacks, verbose)
        if chosen.refit and len(parts.validation):
            tell(f"Training anew on all {len(parts.rest):,} rows for {best + 1} epochs")
            network = build_network(preparation, goal, chosen)
            network.fit(
                rows(parts.rest),
                encoded[parts.rest],
                batch_size=chosen.batch_size,
                epochs=best + 1,
                class_weight=weights,
                verbose=verbose,
            )
    model = TabularModel(network, preparation, goal)
    test = frame.iloc[parts.test]
    with clock("testing"):
        prediction, _ = model.predict_raw(test)
        if goal.task == "regression":
            prediction = goal.decode(prediction)
        truth = model.truth(test)
        metrics = score(goal.task, truth, prediction, goal.classes)
    others: list[dict[str, Any]] = []
    importance: list[tuple[str, float, float]] = []
    if report:
        tell("Comparing with scikit-learn on the same rows")
        with clock("other models"):
            everything = arrays if preparation.feature_names else _without_numbers(arrays)
            others = fit_baselines(
                goal.task,
                {key: array[parts.rest] for key, array in everything.items()},
                _values(goal, encoded[parts.rest]),
                {key: array[parts.test] for key, array in everything.items()},
                truth,
                chosen.seed,
                goal.classes,
            )
        with clock("importance"):
            importance = permutation_importance(
                model, {key: a[parts.test] for key, a in arrays.items()}, truth, chosen.seed
            )
    run = TableRun(
        source=table.path.name if table.path else "a table",
        target=name,
        task=goal.task,
        classes=goal.classes,
        notes=[*table.notes, *goal.notes, *_notes(columns), *parts.notes, *told],
        columns=columns,
        frame=typed,
        features=[*preparation.feature_names, *preparation.embedded],
        rows={
            "train": len(parts.train),
            "validation": len(parts.validation),
            "test": len(parts.test),
        },
        history=history,
        best_epoch=best,
        test_rows=test,
        y_true=truth,
        prediction=prediction,
        metrics=metrics,
        baselines=[
            {"name": "Maeum network", "metrics": metrics, "seconds": clock.seconds["training"]},
            *others,
        ],
        importance=importance,
        network=_summary(network),
        settings=chosen.to_json(),
        seconds=clock.seconds,
    )
    model.facts = {"metrics": metrics, "rows": run.rows, "settings": run.settings}
    return TrainedTable(model, run)


def _fit(
    network: Any,
    rows: Callable[[np.ndarray], Any],
    encoded: np.ndarray,
    parts: Any,
    options: Options,
    weights: dict[int, float] | None,
    callbacks: Iterable[Any],
    verbose: int,
) -> tuple[dict[str, list[float]], int]:
    """Train the network; return the history and the epoch whose weights it keeps."""
    held_out = len(parts.validation) > 0
    stopping = EarlyStopping(
        "val_loss" if held_out else "loss",
        patience=options.patience or options.epochs or 1,
        restore_best_weights=held_out,
    )
    history = network.fit(
        rows(parts.train),
        encoded[parts.train],
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=(rows(parts.validation), encoded[parts.validation]) if held_out else None,
        validation_batch_size=1024,
        class_weight=weights,
        callbacks=[stopping, *callbacks],
        verbose=verbose,
    )
    best = stopping.best_epoch if held_out else len(history.epoch) - 1
    return history.history, best


def _check_names(options: Iterable[str]) -> None:
    known = accepted_arguments(Options)
    for name in options:
        if name not in known:
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )


def _leave_out(columns: list[Column], names: Iterable[str], target: str) -> None:
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name or name == target:
            others = [known for known in by_name if known != target]
            raise UnknownNameError(
                f"The column {name!r} cannot be left out: "
                + ("it is the target." if name == target else f"there is none.{nearest(name, others)}")
            )
        by_name[name].used, by_name[name].reason = False, "it was left out on request"
    if not any(column.used for column in columns):
        reasons = "; ".join(f"{c.name!r}: {c.reason}" for c in columns[:5])
        raise DataError(f"No column is left to learn from ({reasons}).")


def _notes(columns: list[Column]) -> list[str]:
    return [note for column in columns for note in column.notes]


def _balance(classes: np.ndarray) -> dict[int, float]:
    """Return weights with which every class counts the same (scikit-learn's "balanced")."""
    present, counts = np.unique(classes, return_counts=True)
    return {int(k): len(classes) / (len(present) * int(n)) for k, n in zip(present, counts)}


def _values(goal: Any, encoded: np.ndarray) -> np.ndarray:
    return goal.decode(encoded) if goal.task == "regression" else encoded


def _without_numbers(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays with one constant in place of no numbers at all."""
    rows = len(arrays["numbers"])
    return {**arrays, "numbers": np.zeros((rows, 1), np.float32)}


def _summary(network: Any) -> str:
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    return "\n".join(lines)
