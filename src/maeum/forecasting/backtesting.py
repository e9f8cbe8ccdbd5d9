"""How a forecast would have done in the past: from origins that roll on through time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError
from maeum.core.wording import plural
from maeum.forecasting import baselines
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import Errors, forecast_errors
from maeum.forecasting.learning import forecast, learn
from maeum.forecasting.options import SeriesOptions
from maeum.forecasting.reading import SeriesReading, read_table_of
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.windows import Cuts
from maeum.tables.reading import Table

NETWORK = "Maeum network"


@dataclass(frozen=True)
class Fold:
    """One origin of a backtest.

    Attributes:
        begins: the time of the first step that is forecast.
        trained: how many windows were learnt from.
        tested: how many forecasts were made.
        errors: by the name of who forecast; the network comes first.
    """

    begins: Any
    trained: int
    tested: int
    errors: dict[str, Errors]


@dataclass(frozen=True)
class Backtest:
    """What `backtest` returns.

    Attributes:
        folds: the origins, in the order of time.
        sliding: whether the training part slid along, or grew.
        refit: whether a new network was trained for each.
    """

    folds: list[Fold]
    sliding: bool
    refit: bool

    def to_frame(self, metric: str = "mae") -> pd.DataFrame:
        """Return a metric for each origin (a row) and who forecast (a column)."""
        rows = [
            {"begins": fold.begins, "train": fold.trained, "test": fold.tested}
            | {name: errors[metric] for name, errors in fold.errors.items()}
            for fold in self.folds
        ]
        return pd.DataFrame(rows)

    def mean(self, metric: str = "mae") -> dict[str, float]:
        """Return a metric's mean over the origins, by who forecast."""
        names = self.folds[0].errors
        return {
            name: float(np.mean([fold.errors[name][metric] for fold in self.folds]))
            for name in names
            if all(fold.errors.get(name, {}).get(metric) is not None for fold in self.folds)
        }

    def write_report(self, path: str | os.PathLike) -> Path:
        """Write the backtest as one HTML page; returns its path."""
        from maeum.forecasting.report import render_backtest  # with matplotlib and jinja2
        from maeum.report.page import write_page

        return write_page(render_backtest(self), path)


def backtest(
    source: Table | pd.DataFrame | str | os.PathLike | SeriesSet,
    target: Any = "value",
    *,
    folds: int = 5,
    sliding: bool = False,
    refit: bool = True,
    tell: Callable[[str], Any] = lambda text: None,
    **options: Any,
) -> Backtest:
    """Train up to an origin and forecast what comes after it, again and again.

    The test's share of the time is divided into equal parts, one for each origin. What a network
    is stopped by (the validation part) lies before its origin, so nothing is known too early.

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

    Example:
        >>> done = backtest(np.sin(np.arange(150.0)), folds=2, ahead=2, epochs=1, network="linear")
        >>> done.to_frame().columns.tolist()[:4]
        ['begins', 'train', 'test', 'Maeum network']
    """
    reading, chosen = split_options(target, options)
    if isinstance(source, (np.ndarray, list)):
        source = SeriesSet.from_array(source)
    many = source if isinstance(source, SeriesSet) else read_table_of(source, reading)
    return backtest_on(many, reading, replace(chosen, folds=folds), sliding, refit, tell)


def backtest_on(
    many: SeriesSet,
    reading: SeriesReading,
    options: SeriesOptions,
    sliding: bool = False,
    refit: bool = True,
    tell: Callable[[str], Any] = lambda text: None,
) -> Backtest:
    """Do what `backtest` does with series that are ready; `SeriesOptions.folds` says how often."""
    if options.folds < 1:
        raise ConfigError(f"folds takes whole numbers of 1 or more; got {options.folds!r}.")
    made, first = [], None
    for number, cuts in enumerate(rolling_cuts(many, options, sliding), start=1):
        tell(f"Backtest {number} of {options.folds} ...")
        if first is None or refit:
            data = SeriesData.cut(many, reading, options, cuts)
            network = learn(data).network
            first = first or data
        else:  # the windows of the new part, seen as the first network saw its own
            parts = cuts.parts(data.preparation.windows(data.many), data.flat.when)
            data = replace(data, cuts=cuts, parts={**first.parts, "test": parts["test"]})
            if not len(parts["test"]):
                raise DataError(f"No whole window lies in part {number} of the backtest.")
        windows = data.parts["test"]
        scaled = forecast(
            network, data.preparation, data.preparation.look(data.flat, windows), options.recursive
        )
        found = {NETWORK: decoded(data, scaled, windows.owners), **simple_forecasts(data)}
        truth, scale = windows.behind(data.flat.values), data.scales[windows.owners]
        errors = {name: forecast_errors(truth, values, scale) for name, values in found.items()}
        begins = np.concatenate([one.times for one in data.many])[windows.origins].min()
        made.append(Fold(begins, len(data.parts["train"]), len(windows), errors))
    return Backtest(made, sliding, refit)


def rolling_cuts(many: SeriesSet, options: SeriesOptions, sliding: bool) -> list[Cuts]:
    """Return the cuts of each origin."""
    when = np.unique(np.concatenate([one.times.astype(np.int64) for one in many]))
    n, folds = len(when), options.folds
    size = max(options.ahead, round(options.test_size * n / folds))
    validated = max(options.ahead, round(options.validation_size * n))
    validated = validated if options.validation_size else 0
    start = n - folds * size
    if start - validated < options.ahead + 2:
        raise DataError(
            f"{n:,} steps are too few for a backtest from {plural(folds, 'origin')} with forecasts "
            f"of {options.ahead} steps. Fewer of them, or more rows, would help."
        )
    cuts = []
    for fold in range(folds):
        test = start + fold * size
        end = int(when[test + size]) if test + size < n else None
        first = int(when[fold * size]) if sliding else None
        cuts.append(Cuts(first, int(when[test - validated]), int(when[test]), end))
    return cuts


def simple_forecasts(data: SeriesData) -> dict[str, np.ndarray]:
    """Return what the simple rules forecast in the test, by name."""
    windows, options = data.parts["test"], data.options
    steps = windows.window
    if options.season is not None and _reaches(data, options.season):
        steps = max(steps, options.season)
    history = windows.before(data.flat.values, steps)
    return baselines.forecasts(history, windows.ahead, options.season)


def _reaches(data: SeriesData, steps: int) -> bool:
    """Tell whether so many steps lie before every test window, in its own stretch."""
    firsts, offset = [], 0
    for one in data.many:
        firsts += [offset, *(offset + place for place in one.breaks)]
        offset += len(one)
    origins = data.parts["test"].origins
    begins = np.array(firsts)[np.searchsorted(firsts, origins, "right") - 1]
    return bool((origins - begins >= steps).all())


def decoded(data: SeriesData, scaled: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return scaled forecasts of the test windows in the series' own units."""
    preparation, windows = data.preparation, data.parts["test"]
    scalers = [preparation.scaler(one, data.many) for one in data.many]
    looks = preparation.look(data.flat, windows)
    return preparation.decode(preparation.levels(scaled, looks, scalers)[0])


def split_options(target: Any, options: dict[str, Any]) -> tuple[SeriesReading, SeriesOptions]:
    """Tell the options of the reading from those of the training.

    Raises:
        ConfigError: for one that there is not.
    """
    from maeum.core.config import accepted_arguments
    from maeum.core.errors import nearest

    reading = [name for name in accepted_arguments(SeriesReading) if name != "target"]
    training = accepted_arguments(SeriesOptions)
    for name in options:
        if name not in (*reading, *training):
            known = [*reading, *training]
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )
    return (
        SeriesReading(target, **{k: v for k, v in options.items() if k in reading}),
        SeriesOptions(**{k: v for k, v in options.items() if k in training}),
    )
