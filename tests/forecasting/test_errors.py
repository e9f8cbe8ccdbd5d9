"""Errors and simple forecasts beside scikit-learn and plain loops."""

import numpy as np
import pytest
from sklearn import metrics

from maeum.core.errors import DataError, ShapeError
from maeum.forecasting import baselines, errors_by_step, forecast_errors
from maeum.forecasting.errors import naive_error

RNG = np.random.default_rng(3)
TRUTH = RNG.uniform(1, 9, (20, 4, 2))
FORECAST = TRUTH + RNG.normal(size=TRUTH.shape)


def test_errors_are_those_of_scikit_learn():
    found = forecast_errors(TRUTH, FORECAST)
    flat = TRUTH.reshape(-1), FORECAST.reshape(-1)
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(*flat))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(*flat))
    assert found["mape"] == pytest.approx(metrics.mean_absolute_percentage_error(*flat))
    assert found["mase"] is None


def test_smape_and_mase_by_hand():
    # |1 - 3| = 2 in naive errors of 4 is 0.5; 2 * 2 / (1 + 3) = 1
    found = forecast_errors(np.full((1, 1, 1), 1.0), np.full((1, 1, 1), 3.0), np.array([[4.0]]))
    assert found["mase"] == 0.5
    assert found["smape"] == 1.0
    assert naive_error(np.array([[1.0], [5.0], [2.0]])).tolist() == [3.5]
    assert naive_error(np.array([[1.0], [5.0], [2.0]]), 2).tolist() == [1.0]


def test_zeros_leave_mape_undefined_and_smape_finite():
    truth = np.array([[[0.0], [2.0]]])
    found = forecast_errors(truth, truth)
    assert found["mape"] is None
    assert found["smape"] == 0.0
    assert forecast_errors(truth, truth, 0.0)["mase"] is None


def test_errors_by_step():
    found = errors_by_step(TRUTH, FORECAST)
    assert len(found) == 4
    assert found[2]["mae"] == pytest.approx(np.abs(TRUTH - FORECAST)[:, 2].mean())
    assert forecast_errors(TRUTH[:0], FORECAST[:0])["mae"] is None
    with pytest.raises(ShapeError, match="the same shape"):
        forecast_errors(TRUTH, FORECAST[:, :2])


def test_simple_forecasts_step_by_step():
    history = RNG.normal(size=(3, 10, 2))
    for horizon in (1, 5, 9):
        seasonal = baselines.seasonal(history, horizon, 4)
        line, mean = (
            baselines.drift(history, horizon),
            baselines.moving_average(history, horizon, 3),
        )
        for step in range(horizon):
            np.testing.assert_array_equal(seasonal[:, step], history[:, 6 + step % 4])
            slope = (history[:, 9] - history[:, 0]) / 9
            np.testing.assert_allclose(line[:, step], history[:, 9] + (step + 1) * slope)
            np.testing.assert_allclose(mean[:, step], history[:, 7:].mean(axis=1))
            np.testing.assert_array_equal(baselines.last_value(history, horizon)[:, step],
                                          history[:, 9])  # fmt: skip
    with pytest.raises(DataError, match="season of 11 steps"):
        baselines.seasonal(history, 2, 11)
    assert list(baselines.forecasts(history[:, :1], 2, 7)) == ["Last value"]
