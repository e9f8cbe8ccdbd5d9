"""Forecasts that need no learning: what every network has to beat.

Each takes ``history (n, steps, k)`` and returns ``(n, horizon, k)``. Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, 5.2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from maeum.core.errors import DataError
from maeum.core.former import formerly
from maeum.core.messages import N_

LAST_VALUE = N_("Last value")
SEASON_BEFORE = N_("Same as one season before")


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


# In the order in which they are shown; each takes the history, the horizon and the season.
RULES: dict[str, Callable[[np.ndarray, int, int | None], np.ndarray]] = {
    LAST_VALUE: lambda history, horizon, season: last_value(history, horizon),
    SEASON_BEFORE: lambda history, horizon, season: seasonal(history, horizon, season or 1),
    N_("Straight line"): lambda history, horizon, season: drift(history, horizon),
    N_("Moving average"): moving_average,
}


def usable(steps: int, season: int | None) -> list[str]:
    """Return the names of the rules that a history of so many steps is enough for.

    >>> usable(5, 7)
    ['Last value', 'Straight line', 'Moving average']
    """
    seasonal_ = season is not None and 1 < season <= steps
    enough = {LAST_VALUE: True, SEASON_BEFORE: seasonal_}
    return [name for name in RULES if enough.get(name, steps > 1)]


@formerly(ahead="horizon")
def forecasts(history: np.ndarray, horizon: int, season: int | None) -> dict[str, np.ndarray]:
    """Return what each simple rule forecasts, by its name; the last value comes first."""
    names = usable(history.shape[1], season)
    return {name: RULES[name](history, horizon, season) for name in names}
