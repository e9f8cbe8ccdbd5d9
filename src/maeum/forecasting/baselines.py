"""Forecasts that need no learning: what every network has to beat.

Each takes ``history (n, steps, k)`` and returns ``(n, horizon, k)``. Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, 5.2.
"""

from __future__ import annotations

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.messages import N_

LAST_VALUE = N_("Last value")


@formerly(ahead="horizon")
def last_value(history: np.ndarray, horizon: int) -> np.ndarray:
    """Return the last value for every step.

    >>> last_value(np.array([[[1.0], [4.0]]]), 2)[0, :, 0].tolist()
    [4.0, 4.0]
    """
    return np.repeat(history[:, -1:], horizon, axis=1)


@formerly(ahead="horizon")
def seasonal(history: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Return the values of one season before.

    Raises:
        DataError: if the history is shorter than a season.

    >>> seasonal(np.array([[[1.0], [4.0]]]), 3, 2)[0, :, 0].tolist()
    [1.0, 4.0, 1.0]
    """
    steps = history.shape[1]
    if not 1 <= season <= steps:
        raise DataError("A season of {season} steps cannot be repeated from {steps} steps before.",
                        season=season, steps=steps)  # fmt: skip
    return history[:, steps - season + np.arange(horizon) % season]


@formerly(ahead="horizon")
def drift(history: np.ndarray, horizon: int) -> np.ndarray:
    """Return the straight line from the first value through the last one.

    >>> drift(np.array([[[1.0], [2.0], [5.0]]]), 2)[0, :, 0].tolist()
    [7.0, 9.0]
    """
    slope = (history[:, -1:] - history[:, :1]) / max(history.shape[1] - 1, 1)
    return history[:, -1:] + slope * np.arange(1, horizon + 1)[None, :, None]


@formerly(ahead="horizon")
def moving_average(history: np.ndarray, horizon: int, steps: int | None = None) -> np.ndarray:
    """Return the mean of the last so many values, all by default, for every step.

    >>> moving_average(np.array([[[9.0], [2.0], [4.0]]]), 1, 2)[0, :, 0].tolist()
    [3.0]
    """
    mean = history[:, -(steps or history.shape[1]) :].mean(axis=1, keepdims=True)
    return np.repeat(mean, horizon, axis=1)


@formerly(ahead="horizon")
def forecasts(history: np.ndarray, horizon: int, season: int | None) -> dict[str, np.ndarray]:
    """Return what each simple rule forecasts, by its name; the last value comes first."""
    found = {LAST_VALUE: last_value(history, horizon)}
    if season is not None and 1 < season <= history.shape[1]:
        found[N_("Same as one season before")] = seasonal(history, horizon, season)
    if history.shape[1] > 1:
        found[N_("Straight line")] = drift(history, horizon)
        found[N_("Moving average")] = moving_average(history, horizon, season)
    return found
