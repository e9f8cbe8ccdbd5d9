"""Forecasts that need no learning: what every network has to beat.

Each takes ``history (n, steps, k)`` and returns ``(n, ahead, k)``. Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, 5.2.
"""

from __future__ import annotations

import numpy as np

from maeum.core.errors import DataError


def last_value(history: np.ndarray, ahead: int) -> np.ndarray:
    """Return the last value for every step ahead.

    >>> last_value(np.array([[[1.0], [4.0]]]), 2)[0, :, 0].tolist()
    [4.0, 4.0]
    """
    return np.repeat(history[:, -1:], ahead, axis=1)


def seasonal(history: np.ndarray, ahead: int, season: int) -> np.ndarray:
    """Return the values of one season before.

    Raises:
        DataError: if the history is shorter than a season.

    >>> seasonal(np.array([[[1.0], [4.0]]]), 3, 2)[0, :, 0].tolist()
    [1.0, 4.0, 1.0]
    """
    if not 1 <= season <= history.shape[1]:
        raise DataError(
            f"A season of {season} steps cannot be repeated from {history.shape[1]} steps before."
        )
    return history[:, history.shape[1] - season + np.arange(ahead) % season]


def drift(history: np.ndarray, ahead: int) -> np.ndarray:
    """Return the straight line from the first value through the last one.

    >>> drift(np.array([[[1.0], [2.0], [5.0]]]), 2)[0, :, 0].tolist()
    [7.0, 9.0]
    """
    slope = (history[:, -1:] - history[:, :1]) / max(history.shape[1] - 1, 1)
    return history[:, -1:] + slope * np.arange(1, ahead + 1)[None, :, None]


def moving_average(history: np.ndarray, ahead: int, steps: int | None = None) -> np.ndarray:
    """Return the mean of the last so many values, all by default, for every step ahead.

    >>> moving_average(np.array([[[9.0], [2.0], [4.0]]]), 1, 2)[0, :, 0].tolist()
    [3.0]
    """
    mean = history[:, -(steps or history.shape[1]) :].mean(axis=1, keepdims=True)
    return np.repeat(mean, ahead, axis=1)


def forecasts(history: np.ndarray, ahead: int, season: int | None) -> dict[str, np.ndarray]:
    """Return what each simple rule forecasts, by its name; the last value comes first."""
    found = {"Last value": last_value(history, ahead)}
    if season is not None and 1 < season <= history.shape[1]:
        found[f"Same as {season} steps before"] = seasonal(history, ahead, season)
    if history.shape[1] > 1:
        found["Straight line"] = drift(history, ahead)
        found["Moving average"] = moving_average(history, ahead, season)
    return found
