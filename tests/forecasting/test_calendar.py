import numpy as np
import pandas as pd

from maeum.forecasting import Frequency, calendar_features, calendar_parts
from maeum.forecasting.frequency import DAY


def test_parts_are_those_that_vary_and_come_round():
    hourly, daily = Frequency("time", DAY // 24), Frequency("time", DAY)
    assert calendar_parts(hourly, 900) == ["hour", "weekday", "day", "day of year"]
    assert calendar_parts(hourly, 20) == ["hour", "weekday"]
    assert calendar_parts(daily, 10) == []
    assert calendar_parts(Frequency("business", 1), 900) == ["weekday", "day", "day of year"]
    assert calendar_parts(Frequency("time", 7 * DAY), 900) == ["day", "day of year"]
    assert calendar_parts(Frequency("month", 1), 900) == ["month"]
    assert calendar_parts(Frequency("month", 12), 9000) == []
    assert calendar_parts(Frequency("number", 1), 9000) == []
    assert calendar_parts(None, 9000) == []


def test_features_are_those_of_pandas():
    index = pd.date_range("2023-11-05 03:30", periods=800, freq="17h")
    parts = ["hour", "weekday", "day", "month", "day of year"]
    made = calendar_features(index.to_numpy("datetime64[us]"), parts)
    values = [
        ((index.hour + index.minute / 60), 24),
        (index.day_of_week, 7),
        (index.day - 1, 31),
        (index.month - 1, 12),
        (index.day_of_year - 1, 365.25),
    ]
    for place, (value, size) in enumerate(values):
        angle = 2 * np.pi * np.asarray(value) / size
        np.testing.assert_allclose(made[:, 2 * place], np.sin(angle), atol=1e-5)
        np.testing.assert_allclose(made[:, 2 * place + 1], np.cos(angle), atol=1e-5)
