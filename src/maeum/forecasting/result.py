"""What one training on series leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.experiment.model import rounded
from maeum.experiment.run import Run
from maeum.experiment.task import NETWORK
from maeum.forecasting.backtesting import Backtest
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import Errors
from maeum.tables.reading import tidy

MOST_ROWS = 100_000  # of predictions.csv


@dataclass(kw_only=True)
class SeriesRun(Run):
    """Everything that is known after a network was trained and tested on series.

    ``n`` is the number of test windows, ``k`` of targets.

    Attributes:
        data: the series, in their parts.
        truth: ``(n, horizon, k)`` the values to forecast, in the test.
        forecasts: ``(n, horizon, k)`` by the name of the forecaster; the network comes first.
        low, high: ``(n, horizon, k)`` the ends of the network's intervals; None without.
        by_step: the errors of each step, by name as ``forecasts``.
        coverage: the fraction of the truth that is within the intervals.
        naive_error: ``(k,)`` what ``mase`` counts in, the mean of the series.
        backtest: the same on rolling parts of the time; None if there was none.
        rule: the simple rule that was best on the validation part.
        weight: the part of the network in the forecasts, which that rule makes up to 1.
    """

    data: SeriesData
    truth: np.ndarray
    forecasts: dict[str, np.ndarray]
    by_step: dict[str, list[Errors]]
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    coverage: float | None = None
    naive_error: list[float] = field(default_factory=list)
    backtest: Backtest | None = None
    rule: str = ""
    weight: float = 1.0

    @property
    def windows(self) -> dict[str, int]:
        """The number of windows in each part; ``rows`` by its former name."""
        return self.rows

    def table(self) -> pd.DataFrame:
        """Return what ``predictions.csv`` holds: each step of each window of the test, with what
        came, the forecast and the ends of its interval; of many windows, some at equal distances.
        """
        data, horizon = self.data, self.data.options.horizon
        series, windows = data.series, data.parts["test"]
        most = max(1, MOST_ROWS // horizon)
        kept = np.linspace(0, len(windows) - 1, min(len(windows), most)).astype(int)
        windows = windows.take(kept)
        columns: dict[str, Any] = {}
        if series.group is not None:
            names = np.array([one.name for one in series], object)
            columns[series.group] = np.repeat(names[windows.owners], horizon)
        if series.time is not None:
            columns[series.time] = windows.behind(series.times).reshape(-1)
        else:
            columns["row"] = windows.behind(series.times).reshape(-1) + 1
        columns["step"] = np.tile(np.arange(1, horizon + 1), len(windows))
        said = {"": self.truth, " forecast": self.forecasts[NETWORK], " from": self.low,
                " to": self.high}  # fmt: skip
        for place, name in enumerate(series.targets):
            for what, values in said.items():
                if values is not None:
                    column = values[kept][:, :, place].reshape(-1)
                    whole = data.preparation.is_whole(place) and (column == column.round()).all()
                    columns[name + what] = column.astype(np.int64) if whole else column
        return rounded(tidy(pd.DataFrame(columns))[0])

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        series = self.data.series
        return {
            **super().to_json(),
            "targets": series.targets,
            "series": len(series),
            "steps": series.steps,
            "frequency": None if series.frequency is None else series.frequency.to_json(),
            "by_step": self.by_step,
            "coverage": self.coverage,
            "rule": self.rule or None,
            "weight": self.weight,
            "backtest": None if self.backtest is None else self.backtest.to_json(),
        }
