"""Values brought to a scale that a network learns well, and back again, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from maeum.core.errors import DataError
from maeum.core.json import Saved

SCALES = ("last", "standard", "minmax", "window", "none")


def logarithm(values: np.ndarray, what: str = "the series") -> np.ndarray:
    """Return ``log(1 + values)``, which takes zeros as well.

    Raises:
        DataError: for values below 0.
    """
    if (values < 0).any():
        raise DataError("A logarithm is for values of 0 and above; the lowest of {name} is "
                        "{lowest:g}. Train without log, or use difference instead.", name=what,
                        lowest=values.min())  # fmt: skip
    return np.log1p(values)


def differences(values: np.ndarray, lag: int) -> np.ndarray:
    """Return ``values[t] - values[t - lag]``, ``(n - lag, k)``.

    >>> differences(np.array([[1.0], [3.0], [6.0]]), 1)[:, 0].tolist()
    [2.0, 3.0]
    """
    return values[lag:] - values[:-lag]


def undo_differences(changes: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the values that changes lead to, from the values before them.

    Args:
        changes: ``(n, steps, k)``.
        before: ``(n, lag, k)`` the last values before the first change.

    >>> undo_differences(np.array([[[2.0], [3.0]]]), np.array([[[1.0]]]))[0, :, 0].tolist()
    [3.0, 6.0]
    """
    lag, steps = before.shape[1], changes.shape[1]
    values = np.concatenate([before, changes], axis=1)
    for step in range(steps):
        values[:, lag + step] += values[:, step]
    return values[:, lag:]


@dataclass(frozen=True)
class Scaler(Saved):
    """A shift and a factor for each column of one series.

    Attributes:
        center: ``(k,)`` what is taken off.
        spread: ``(k,)`` what is divided by; 1 where a column does not vary.
    """

    center: np.ndarray
    spread: np.ndarray

    def __post_init__(self) -> None:
        for name in ("center", "spread"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))
        if (
            self.center.ndim != 1
            or self.center.shape != self.spread.shape
            or not (self.spread > 0).all()
        ):
            raise ValueError("not a scaler")

    @classmethod
    def fit(cls, values: np.ndarray, scale: str, window: int = 0) -> Scaler:
        """Return the scaler of values ``(n, k)``.

        With a ``window``, the spread is that within windows of so many steps where the values vary
        much more as a whole: their level wanders or jumps then, which is not what is to be learnt.

        >>> Scaler.fit(np.array([[1.0], [3.0]]), "minmax").apply(np.array([[2.0]])).tolist()
        [[0.5]]
        """
        if scale == "none":
            return cls(np.zeros(values.shape[1]), np.ones(values.shape[1]))
        if scale == "minmax":
            center, spread = values.min(axis=0), np.ptp(values, axis=0)
        else:
            center, spread = values.mean(axis=0), values.std(axis=0)
        if window > 1 and len(values) >= window:
            within = np.median(sliding_window_view(values, window, axis=0).std(axis=-1), axis=0)
            spread = np.where(within < spread / 2, within, spread)
        tiny = 1e-9 * np.maximum(np.abs(center), 1e-3)  # rounding, not variation
        return cls(center, np.where(spread > tiny, spread, 1.0))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Return scaled values."""
        return (values - self.center) / self.spread

    def undo(self, values: np.ndarray) -> np.ndarray:
        """Return the values that were scaled."""
        return values * self.spread + self.center


def window_level(windows: np.ndarray, scale: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what is taken off each window, and what it is divided by, ``(n, 1, k)`` each.

    ``"last"`` takes off the last value, so that a network that answers 0 forecasts it;
    ``"window"`` makes the mean of each window 0 and its deviation 1 (instance normalization, Kim
    et al., 2022), with a floor for windows that do not vary.

    Args:
        windows: ``(n, window, k)``, scaled by their series.
        scale: one of `SCALES`.
    """
    if scale == "last":
        return windows[:, -1:], np.ones_like(windows[:, -1:])
    if scale == "window":
        spread = windows.std(axis=1, keepdims=True)
        return windows.mean(axis=1, keepdims=True), np.maximum(spread, 0.01)
    zero = np.zeros_like(windows[:, -1:])
    return zero, zero + 1
