"""From series to tested forecasts, in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from maeum.core.checks import check_whole
from maeum.experiment.events import Listener, ignore
from maeum.experiment.training import train
from maeum.forecasting.backtesting import Backtest, roll
from maeum.forecasting.data import SeriesData
from maeum.forecasting.reading import Source, series_of
from maeum.forecasting.task import SeriesTask, TrainedSeries

__all__ = ["TrainedSeries", "backtest", "train_on", "train_series"]


def train_series(
    source: Source,
    target: Any = "value",
    *,
    events: Listener = ignore,
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
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to do a backtest, if one was asked for.
        options: see `SeriesReading` (``time``, ``group``, ``future_covariates``, ...) and
            `SeriesOptions` (``horizon``, ``window``, ``network``, ...).

    Raises:
        DataError, UnknownNameError, ConfigError: for a table or an option that cannot be used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> import numpy as np
        >>> trained = train_series(np.sin(np.arange(200) / 5), horizon=3, epochs=2, report=False)
        >>> trained.run.rows
        {'train': 114, 'validation': 28, 'test': 28}
    """
    task = SeriesTask()
    data = task.prepare(source, *task.split({"target": target, **options}))
    return train_on(data, events=events, callbacks=callbacks, verbose=verbose, report=report)


def train_on(data: SeriesData, *, report: bool = True, **arguments: Any) -> TrainedSeries:
    """Train a network on series that are ready.

    Args:
        data: the series.
        report: whether to do a backtest, if one was asked for.
        arguments: further ones of `maeum.experiment.train`.
    """
    if not report:  # the simple rules cost nothing, they are always compared
        data = replace(data, options=replace(data.options, folds=0))
    return train(SeriesTask(), data, **arguments)


def backtest(
    source: Source,
    target: Any = "value",
    *,
    folds: int = 5,
    sliding: bool = False,
    refit: bool = True,
    tell: Callable[[str], Any] = lambda text: None,
    **options: Any,
) -> Backtest:
    """Train up to an origin and forecast what comes after it, again and again.

    The fraction of the time that is for the test is divided into equal parts, one for each origin.
    What stops a training (the validation part) is before its origin, so nothing is known too early.

    Args:
        source: the series.
        target: the column to forecast, or several.
        folds: how many origins there are.
        sliding: whether the training part keeps its length, or grows with each origin.
        refit: whether a new network is trained for each origin; otherwise the first one is used.
        tell: is told, in a sentence, what is being done.
        options: see `SeriesReading` and `SeriesOptions`.

    Raises:
        DataError, ConfigError, UnknownNameError: for what cannot be used.
        KeyboardInterrupt: for Ctrl-C.

    Example:
        >>> import numpy as np
        >>> wave = np.sin(np.arange(150.0))
        >>> done = backtest(wave, folds=2, horizon=2, epochs=1, network="linear")
        >>> done.to_frame().columns.tolist()[:4]
        ['begins', 'train', 'test', 'Maeum network']
    """
    task = SeriesTask()
    check_whole(folds, "folds")
    reading, chosen = task.split({"target": target, **options, "folds": folds})
    return roll(task, series_of(source, reading), reading, chosen, sliding, refit, tell)
