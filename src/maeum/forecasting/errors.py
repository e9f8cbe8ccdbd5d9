"""The errors of forecasts: over all steps, and for each step of the horizon."""

from __future__ import annotations

import numpy as np

from maeum.core.errors import ShapeError

Errors = dict[str, float | None]


def forecast_errors(
    truth: np.ndarray, forecast: np.ndarray, scale: np.ndarray | float | None = None
) -> Errors:
    """Return the errors of forecasts.

    Args:
        truth: ``(n, horizon, k)``.
        forecast: as ``truth``.
        scale: the error of a naive forecast, for each window ``(n, k)`` or one for all; for
            ``mase``.

    Returns:
        ``mae`` (mean absolute error), ``rmse`` (root mean squared error), ``mase`` (mean absolute
        error in naive errors of the training part; Hyndman and Koehler, 2006), ``smape`` (mean of
        ``2 |e| / (|truth| + |forecast|)``; where both are 0, 0) and ``mape`` (mean of ``|e| /
        |truth|``). What is not defined is None: ``mape`` with a truth of 0, ``mase`` without a
        scale or where that is 0.

    Raises:
        ShapeError: for arrays of different shapes.

    >>> truth = np.array([[[1.0], [2.0]]])
    >>> forecast_errors(truth, truth + 1, 0.5)
    {'mae': 1.0, 'rmse': 1.0, 'mase': 2.0, 'smape': 0.5333333333333333, 'mape': 0.75}
    """
    truth, forecast = np.asarray(truth, np.float64), np.asarray(forecast, np.float64)
    if truth.shape != forecast.shape or truth.ndim != 3:
        raise ShapeError("Truth and forecast have the same shape (windows, steps, targets); got "
                         "{truth} and {forecast}.", truth=truth.shape,
                         forecast=forecast.shape)  # fmt: skip
    error = np.abs(forecast - truth)
    if not error.size:
        return dict.fromkeys(("mae", "rmse", "mase", "smape", "mape"))
    size = np.abs(truth) + np.abs(forecast)
    relative = np.divide(2 * error, size, out=np.zeros_like(error), where=size > 0)
    return {
        "mae": float(error.mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "mase": _scaled(error, scale),
        "smape": float(relative.mean()),
        "mape": float((error / np.abs(truth)).mean()) if (truth != 0).all() else None,
    }


def errors_by_step(
    truth: np.ndarray, forecast: np.ndarray, scale: np.ndarray | float | None = None
) -> list[Errors]:
    """Return the errors of each step of the horizon, as `forecast_errors` names them."""
    return [
        forecast_errors(truth[:, i : i + 1], forecast[:, i : i + 1], scale)
        for i in range(truth.shape[1])
    ]


def naive_error(values: np.ndarray, lag: int = 1) -> np.ndarray:
    """Return ``mean |values[t] - values[t - lag]|`` for each column of ``(n, k)``; NaN if short.

    >>> naive_error(np.array([[1.0], [2.0], [4.0]])).tolist()
    [1.5]
    """
    if len(values) <= lag:
        return np.full(values.shape[1], np.nan)
    return np.abs(values[lag:] - values[:-lag]).mean(axis=0)


def _scaled(error: np.ndarray, scale: np.ndarray | float | None) -> float | None:
    if scale is None:
        return None
    scale = np.asarray(scale, np.float64)
    scale = np.broadcast_to(scale[:, None] if scale.ndim == 2 else scale, error.shape)
    usable = np.isfinite(scale) & (scale > 0)
    return float((error[usable] / scale[usable]).mean()) if usable.any() else None
