"""From series to a tested network: prepare, train, test, compare with simple forecasts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.wording import plural
from maeum.forecasting.backtesting import (
    NETWORK,
    Backtest,
    backtest_on,
    simple_forecasts,
    split_options,
)
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import errors_by_step, forecast_errors
from maeum.forecasting.intervals import Intervals
from maeum.forecasting.learning import learn
from maeum.forecasting.model import SeriesModel
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.series import SeriesSet
from maeum.models import Model
from maeum.tables.reading import Table

Tell = Callable[[str], Any]


@dataclass
class TrainedSeries:
    """What `train_series` returns.

    Attributes:
        model: the network, with how it reads and prepares series.
        run: everything that is known of the training; what the report shows.
    """

    model: SeriesModel
    run: SeriesRun


def train_series(
    source: Table | pd.DataFrame | str | os.PathLike | SeriesSet | np.ndarray,
    target: Any = "value",
    *,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedSeries:
    """Train a network to forecast series, and test it on the end of their time.

    The time is divided into three parts: one to train with, one that decides when to stop, and one
    for the test. Ctrl-C ends the training: the network of the best epoch so far is tested and
    returned.

    Args:
        source: a table or its path, a `SeriesSet`, or numbers in the order of time.
        target: the column to forecast, or several.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (a backtest that was asked for).
        options: see `SeriesReading` (``time``, ``group``, ``future``, ...) and `SeriesOptions`
            (``ahead``, ``window``, ``network``, ...).

    Raises:
        DataError, UnknownNameError, ConfigError: for a table or an option that cannot be used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> trained = train_series(np.sin(np.arange(200) / 5), ahead=3, epochs=2, report=False)
        >>> trained.run.windows
        {'train': 114, 'validation': 28, 'test': 28}
    """
    reading, chosen = split_options(target, options)
    if isinstance(source, (np.ndarray, list)):
        source = SeriesSet.from_array(source)
    data = SeriesData.prepare(source, reading, chosen)
    return train_on(data, callbacks=callbacks, verbose=verbose, report=report)


def train_on(
    data: SeriesData,
    *,
    tell: Tell = lambda text: None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
) -> TrainedSeries:
    """Train a network on series that are ready; see `train_series`.

    Args:
        data: the series.
        tell: is told, in a sentence, what is being done.
        callbacks, verbose, report: as for `train_series`.
    """
    options, seconds, notes = data.options, dict(data.seconds), list(data.notes)
    many = data.many
    with _timed(seconds, "training"):
        learnt = learn(data, callbacks, verbose)
    if learnt.interrupted:
        epochs = plural(len(learnt.history["loss"]), "epoch")
        notes.append(f"The training was stopped by hand after {epochs}.")
    model = SeriesModel(
        learnt.network,
        data.preparation,
        replace(
            data.reading,
            target=tuple(many.targets),
            time=many.time,
            group=many.group,
            past=tuple(many.past),
            future=tuple(many.future),
            ignore=(),
        ),
        many.frequency,
        options.season,
        options.recursive,
    )
    with _timed(seconds, "testing"):
        if len(data.parts["validation"]):
            off = model.residuals(data.flat, data.parts["validation"], data.many)
            model.intervals = Intervals.fit(off, options.interval)
        windows = data.parts["test"]
        values, low, high = model.forecast(data.preparation.look(data.flat, windows), data.many)
        truth, scales = windows.behind(data.flat.values), data.scales
        forecasts = {NETWORK: values, **simple_forecasts(data)}
        scale = scales[windows.owners]
        models: list[dict[str, Any]] = [
            {"name": name, "metrics": forecast_errors(truth, made, scale)}
            for name, made in forecasts.items()
        ]
        models[0]["seconds"] = seconds["training"]
    done: Backtest | None = None
    if report and options.folds:
        try:
            with _timed(seconds, "backtest"):
                done = backtest_on(data.many, data.reading, options, tell=tell)
        except KeyboardInterrupt:
            if learnt.interrupted:  # asked twice
                raise
            notes.append("The backtest was stopped by hand.")
            tell(notes[-1])
    run = SeriesRun(
        data=data,
        history=learnt.history,
        best_epoch=learnt.best_epoch,
        truth=truth,
        forecasts=forecasts,
        low=low,
        high=high,
        metrics=models[0]["metrics"],
        by_step={name: errors_by_step(truth, made, scale) for name, made in forecasts.items()},
        models=models,
        coverage=_coverage(truth, low, high),
        naive_error=np.nanmean(scales, axis=0).tolist() if np.isfinite(scales).any() else [],
        backtest=done,
        notes=notes,
        network=_summary(learnt.network),
        settings=options.to_json(),
        seconds=seconds,
    )
    model.facts = {
        "source": run.source,
        "metrics": run.metrics,
        "windows": run.windows,
        "settings": run.settings,
        "coverage": run.coverage,
        "naive_error": run.naive_error or None,
    }
    return TrainedSeries(model, run)


def _coverage(truth: np.ndarray, low: Any, high: Any) -> float | None:
    return None if low is None else float(((truth >= low) & (truth <= high)).mean())


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - began


def _summary(network: Model) -> str:
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    return "\n".join(lines)
