"""Series, as a task of `maeum.experiment`: rows in the order of time, whose next are forecast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.experiment.events import Event, Found, Listener, Note, ignore, parts_line
from maeum.experiment.task import NETWORK, Task
from maeum.experiment.training import Trained, fit_arguments, train
from maeum.experiment.verdict import Verdict
from maeum.forecasting import baselines, verdict
from maeum.forecasting.backtesting import Backtest, roll
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import errors_by_step, forecast_errors
from maeum.forecasting.frequency import STEPS, steps_of
from maeum.forecasting.intervals import Intervals
from maeum.forecasting.model import SeriesModel, coverage
from maeum.forecasting.network import build_network
from maeum.forecasting.options import SeriesOptions, SeriesReading
from maeum.forecasting.reading import Source, series_of
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.times import TimeForm
from maeum.forecasting.values import ranges_of
from maeum.forecasting.windows import Windows
from maeum.models import Model

TrainedSeries = Trained[SeriesModel, SeriesRun]


class SeriesTask(Task):
    """Series in a table: what comes after their last rows is forecast."""

    kind = "series"
    title = N_("series")
    told_by = N_("say --time COLUMN or --horizon N")
    options = SeriesOptions
    reading = SeriesReading
    model = SeriesModel
    report = "maeum.forecasting.report"
    run = SeriesRun
    commands = ("maeum predict model.maeum new-rows.csv", "maeum evaluate model.maeum new-rows.csv")
    usage = 'print(model.predict("new-rows.csv"))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take what is said to be in the order of time."""
        return bool({"time", "horizon", "newest_first"} & {*chosen})

    def prepare(self, source: Any, reading: SeriesReading, options: SeriesOptions) -> SeriesData:
        """Read series, divide their time into three parts, and scale them."""
        return SeriesData.prepare(source, reading, options)

    def describe(self, data: SeriesData) -> Iterable[Event]:
        """Yield what the series are, and what was out of the ordinary."""
        series, options = data.series, data.options
        names = enumeration([shorten(name, 30) for name in series.targets])
        yield Found(
            data.source,
            {"series": len(series), "steps": series.steps, "targets": series.targets, **data.sizes},
            (
                _("{source}: {series}, {steps}", source=data.source,
                  steps=steps_of(series.steps, series.frequency),
                  series=ngettext("{n:,} series", "{n:,} series", len(series))),
                _("Forecast: {names}, {steps} ahead from {window} before", names=names,
                  steps=STEPS.count(options.horizon), window=STEPS.count(options.window or 1)),
                _("Windows: {parts}", parts=parts_line(data.sizes)),
            ),
        )  # fmt: skip
        yield from map(Note, data.notes)

    def build(self, data: SeriesData) -> Model:
        """Return the network for the series."""
        made = data.preparation
        return build_network(made.window, made.channels, made.future_channels, made.targets,
                             data.options)  # fmt: skip

    def fit_arguments(self, data: SeriesData, refitting: bool) -> dict[str, Any]:
        """Return the windows to train on and to validate with."""
        train, validation = data.for_fit("train", shuffle=True), data.for_fit("validation")
        return fit_arguments(data.options, train, validation, at_once=1024)

    def wrap(self, network: Model, data: SeriesData) -> SeriesModel:
        """Return the network with how series are read, and how far off it was in validation."""
        series, options = data.series, data.options
        reading = replace(
            data.reading, target=tuple(series.targets), time=series.time, group=series.group,
            past_covariates=tuple(series.past_covariates), ignore=(), separator=None,
            future_covariates=tuple(series.future_covariates), encoding=None, header=None,
        )  # fmt: skip
        model = SeriesModel(
            network, data.preparation, reading, series.frequency, options.season,
            options.recursive, marks=series.marks, ranges=ranges_of(series),
        )  # fmt: skip
        if series.time is not None and series.dated:
            ends = (str(series.times.min()), str(series.times.max()))
            model.times = TimeForm(series.time_form, *ends)
        if data.sizes["validation"]:
            if options.combine:
                model.weigh(data.steps, data.parts["validation"], data.parts["train"])
            residuals = model.residuals(data.steps, data.parts["validation"], series)
            model.intervals = Intervals.fit(residuals, options.interval)
        return model

    def score(self, model: SeriesModel, data: SeriesData) -> dict[str, Any]:
        """Test the network, and the simple rules, on the windows of the test."""
        windows, scales = data.parts["test"], data.scales
        contexts = data.preparation.contexts(data.steps, windows)
        values, low, high = model.forecast(contexts, data.series)
        truth, scale = windows.behind(data.steps.values), scales[windows.owners]
        forecasts = {NETWORK: values, **_simple_forecasts(data)}
        naive = np.nanmean(scales, axis=0).tolist() if np.isfinite(scales).any() else []
        by_step = {n: errors_by_step(truth, made, scale) for n, made in forecasts.items()}
        return {"data": data, "metrics": forecast_errors(truth, values, scale), "truth": truth,
                "forecasts": forecasts, "low": low, "high": high, "by_step": by_step,
                "coverage": coverage(truth, low, high), "naive_error": naive,
                "rule": model.rule, "weight": model.weight}  # fmt: skip

    def baselines(self, model: SeriesModel, data: SeriesData) -> list[dict[str, Any]]:
        """Test the rules that need no learning."""
        windows = data.parts["test"]
        truth, scale = windows.behind(data.steps.values), data.scales[windows.owners]
        return [
            {"name": name, "metrics": forecast_errors(truth, values, scale), "seconds": None}
            for name, values in _simple_forecasts(data).items()
        ]

    def examine(
        self, model: SeriesModel, data: SeriesData, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Forecast from earlier origins too, if a backtest was asked for."""
        if not data.options.folds:
            return {}
        return {"backtest": roll(self, data.series, data.reading, data.options, events=tell)}

    def facts(self, run: SeriesRun) -> dict[str, Any]:
        """Return how wide the intervals are, and what scales the errors."""
        return {"coverage": run.coverage, "naive_error": run.naive_error or None}

    def verdict(self, run: SeriesRun) -> Verdict:
        """Say how good the forecasts are."""
        return verdict.of(run)

    def eyebrow(self, run: SeriesRun) -> tuple[str, ...]:
        """Return what is forecast, and how far."""
        names = shorten(", ".join(run.data.series.targets), 60)
        return (_("{names}, {steps} ahead", names=names, steps=run.data.horizon),)


def _simple_forecasts(data: SeriesData) -> dict[str, np.ndarray]:
    """Return what the simple rules forecast in the test, by name."""
    windows, series, season = data.parts["test"], data.series.series, data.options.season
    steps = max(windows.window, season or 1)
    longer = Windows.over(series, [one.breaks for one in series], steps, windows.horizon)
    if not np.isin(windows.origins, longer.origins).all():  # a season is not before each of them
        steps = windows.window
    return baselines.forecasts(windows.before(data.steps.values, steps), windows.horizon, season)


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
        >>> wave = np.sin(np.arange(150.0))
        >>> done = backtest(wave, folds=2, horizon=2, epochs=1, network="linear")
        >>> done.to_frame().columns.tolist()[:4]
        ['begins', 'train', 'test', 'Maeum network']
    """
    task = SeriesTask()
    check_whole(folds, "folds")
    reading, chosen = task.split({"target": target, **options, "folds": folds})
    series = series_of(source, reading)
    return roll(task, series, reading, chosen, sliding, refit, lambda event: tell(str(event)))
