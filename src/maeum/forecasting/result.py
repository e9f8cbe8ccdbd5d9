"""What one training on series leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.forecasting.backtesting import Backtest
from maeum.forecasting.data import SeriesData
from maeum.forecasting.errors import Errors


@dataclass
class SeriesRun:
    """Everything that is known after a network was trained and tested on series.

    ``n`` is the number of test windows, ``k`` of targets.

    Attributes:
        data: the series, in their parts.
        history: values per epoch of ``loss``, ``val_loss`` and so on.
        best_epoch: the epoch whose weights were kept, counted from 0.
        truth: ``(n, ahead, k)`` what came, in the test.
        forecasts: ``(n, ahead, k)`` by the name of who forecast it; the network comes first.
        low, high: ``(n, ahead, k)`` the ends of the network's intervals; None without.
        metrics: the network's errors over all steps ahead.
        by_step: the errors of each step ahead, by name as ``forecasts``.
        models: ``{"name": str, "metrics": dict, "seconds": float}`` each, as ``forecasts``.
        coverage: the share of the truth that lay within the intervals.
        naive_error: ``(k,)`` what ``mase`` counts in, the mean of the series.
        backtest: the same on rolling parts of the time; None if there was none.
        notes: what was recognised, left out, and happened, as sentences.
        network: the model's summary.
        settings: the options of the run.
        seconds: how long each part took.
    """

    data: SeriesData
    history: dict[str, list[float]]
    best_epoch: int
    truth: np.ndarray
    forecasts: dict[str, np.ndarray]
    low: np.ndarray | None
    high: np.ndarray | None
    metrics: Errors
    by_step: dict[str, list[Errors]]
    models: list[dict[str, Any]]
    coverage: float | None
    naive_error: list[float]
    backtest: Backtest | None
    notes: list[str]
    network: str
    settings: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The name of the file that was learnt from."""
        return self.data.source

    @property
    def windows(self) -> dict[str, int]:
        """The number of windows in each part."""
        return {name: len(part) for name, part in self.data.parts.items()}
