"""How a forecast would have done in the past: from origins that roll on through time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.experiment.events import Event, Listener, Stopped, ignore
from maeum.experiment.task import NETWORK, Task
from maeum.experiment.training import train
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import Errors
from maeum.forecasting.options import SeriesOptions, SeriesReading
from maeum.forecasting.series import SeriesSet
from maeum.forecasting.times import time_text
from maeum.forecasting.windows import TimeSplit
from maeum.report.answers import bars_of
from maeum.report.sections import Bars, Chapter, Page, Section, Table, Text, Tile
from maeum.report.wording import number


@dataclass(frozen=True)
class Fold:
    """One origin of a backtest.

    Attributes:
        begins: the time of the first step that is forecast.
        trained: how many windows were learnt from.
        tested: how many forecasts were made.
        errors: by the name of the forecaster; the network comes first.
    """

    begins: Any
    trained: int
    tested: int
    errors: dict[str, Errors]


@dataclass(frozen=True)
class OriginBegan(Event):
    """A network is trained up to an origin of a backtest, and forecasts from it."""

    number: int
    origins: int

    def __str__(self) -> str:
        return _("Backtest {n} of {all} ...", n=self.number, all=self.origins)


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
        """Return a metric for each origin (a row) and forecaster (a column)."""
        found = [
            {name: errors[metric] for name, errors in fold.errors.items()} for fold in self.folds
        ]
        about = [(fold.begins, fold.trained, fold.tested) for fold in self.folds]
        return pd.DataFrame(about, columns=["begins", "train", "test"]).join(pd.DataFrame(found))

    def mean(self, metric: str = "mae") -> dict[str, float]:
        """Return a metric's mean over the origins, by forecaster."""
        return {
            name: float(np.mean([fold.errors[name][metric] for fold in self.folds]))
            for name in self.folds[0].errors
            if all(fold.errors.get(name, {}).get(metric) is not None for fold in self.folds)
        }

    def to_json(self) -> list[dict[str, Any]]:
        """Return the origins as plain data."""
        return [
            {"begins": str(fold.begins), "train": fold.trained, "test": fold.tested,
             "errors": fold.errors}
            for fold in self.folds
        ]  # fmt: skip

    def sections(self) -> list[Section]:
        """Return what a report shows: how it was done, the mean errors, those from each origin."""
        return [Text(self._described()), self._bars(), self._table()]

    def write_report(self, path: str | os.PathLike) -> Path:
        """Write the backtest as one HTML page; returns its path."""
        from maeum.report.html import write_page  # with jinja2

        title = ngettext(
            "Backtest from {n:,} origin", "Backtest from {n:,} origins", len(self.folds)
        )
        tiles = [
            Tile(_(name), number(value, 3), _("mean absolute error"))
            for name, value in self.mean().items()
        ]
        chapter = Chapter("errors", _("The errors"), [self._bars(), self._table()])
        span = tuple(time_text(fold.begins) for fold in (self.folds[0], self.folds[-1]))
        return write_page(Page(title, span, title, [self._described()], tiles, [chapter]), path)

    def _described(self) -> str:
        """How it was done."""
        if self.refit:
            said = _("A new network was trained up to each origin and forecast what came after it.")
        else:
            said = _("One network was trained up to the first origin and forecast what came after "
                     "each.")  # fmt: skip
        slid = _("The training part kept its length.")
        return f"{said} {slid if self.sliding else _('The training part grew with each origin.')}"

    def _bars(self) -> Bars:
        """The mean error over all origins."""
        return bars_of(_("Mean absolute error over all origins"), self.mean())

    def _table(self) -> Table:
        """The mean absolute error from each origin, the smallest marked, and the mean of all."""
        names, means = list(self.folds[0].errors), self.mean()
        rows, strong = error_rows(
            ([time_text(fold.begins), f"{fold.trained:,}", f"{fold.tested:,}"],
             [fold.errors.get(name, {}).get("mae") for name in names])
            for fold in self.folds
        )  # fmt: skip
        rows.append([_("Mean"), "", "", *(number(means.get(name), 3) for name in names)])
        head = [_("From"), _("Windows learnt"), _("Forecasts"), *map(_, names)]
        title = _("Mean absolute error from each origin")
        return Table(title, head, rows, strong, style="wide numbers times")


def error_rows(
    given: Iterable[tuple[list[str], list[float | None]]],
) -> tuple[list[list[str]], frozenset[tuple[int, int]]]:
    """Return rows of texts and errors as cells, and the places of the least error of each row."""
    rows, strong = [], set()
    for i, (texts, errors) in enumerate(given):
        cells = [number(value, 3) for value in errors]
        known = [value for value in errors if value is not None]
        least = cells[errors.index(min(known))] if known else None
        strong |= {(i, len(texts) + j) for j, cell in enumerate(cells) if cell == least}
        rows.append([*texts, *cells])
    return rows, frozenset(strong)


def roll(
    task: Task,
    series: SeriesSet,
    reading: SeriesReading,
    options: SeriesOptions,
    sliding: bool = False,
    refit: bool = True,
    events: Listener = ignore,
) -> Backtest:
    """Train up to an origin and forecast what comes after it, as often as ``options.folds`` says.

    Args:
        task: trains and tests a network.
        series, reading, options: what is learnt.
        sliding, refit: see `maeum.forecasting.backtest`.
        events: is told of each origin.

    Raises:
        DataError: for too few steps.
        KeyboardInterrupt: for Ctrl-C in a training.
    """

    def listen(event: Event) -> None:
        if isinstance(event, Stopped):
            raise KeyboardInterrupt

    folds: list[Fold] = []
    first: SeriesData | None = None
    fractions = options.test_size, options.validation_size
    splits = TimeSplit.rolling(series.moments, options.horizon, *fractions, options.folds, sliding)
    for place, split in enumerate(splits, start=1):
        events(OriginBegan(place, options.folds))
        if first is None or refit:
            data = SeriesData.cut(series, reading, options, split)
            trained = train(task, data, events=listen, report=False)
            model, metrics = trained.model, trained.run.metrics
            first = first or data
        else:  # the windows of the new part, seen as the first network saw its own
            parts = split.parts(data.preparation.windows(data.series), data.steps.moments)
            data = replace(data, split=split, parts={**first.parts, "test": parts["test"]})
            if not len(parts["test"]):
                raise DataError("No whole window is in part {n} of the backtest.", n=place)
            metrics = task.score(model, data)["metrics"]
        errors = {NETWORK: metrics}
        errors |= {each["name"]: each["metrics"] for each in task.baselines(model, data)}
        begins = data.times_of(data.parts["test"]).min()
        folds.append(Fold(begins, data.sizes["train"], data.sizes["test"], errors))
    return Backtest(folds, sliding, refit)
