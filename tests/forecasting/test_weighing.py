import numpy as np
import pandas as pd
import pytest

from maeum.forecasting import train_series
from maeum.forecasting.baselines import RULES, forecasts, usable
from maeum.forecasting.weighing import best_of, best_weight

DAYS = pd.date_range("2022-01-01", periods=300)
QUICK = {"time": "day", "report": True, "network": "linear", "epochs": 20}


def table(values):
    return pd.DataFrame({"day": DAYS[: len(values)], "sold": values})


def errors(done):
    return {each["name"]: each["metrics"]["mae"] for each in done.run.models}


def test_what_may_be_chance_has_no_weight():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(400, 3, 1))
    assert best_weight(truth, np.zeros_like(truth), 0.9 * truth) == 1.0
    assert best_weight(truth, np.zeros_like(truth), 2 * truth) == 0.5
    assert best_weight(truth, np.zeros_like(truth), rng.normal(size=truth.shape)) == 0.0
    assert (
        best_of(truth, {"first": 0 * truth, "other": 0.001 * rng.normal(size=truth.shape)})
        == "first"
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_random_walk_is_forecast_no_worse_than_by_the_last_value(seed):
    walk = 100 + np.cumsum(np.random.default_rng(seed).normal(size=300))
    done = train_series(table(walk), "sold", horizon=3, **QUICK)
    found = errors(done)
    assert found["Maeum network"] <= 1.02 * found["Last value"]
    if done.model.weight == 0:
        said = " ".join(done.task.closing(done))
        assert "best simple rule" in said
        assert "not clearly better than “Last value”" in said


def test_a_jump_of_the_level_is_forecast_like_what_is_around_it():
    rng = np.random.default_rng(0)
    level = np.repeat([10.0, 300.0, 60.0], 100)
    values = level + 3 * np.sin(2 * np.pi * np.arange(300) / 7) + rng.normal(0, 0.5, 300)
    done = train_series(table(values), "sold", horizon=3, **QUICK)
    assert errors(done)["Maeum network"] < 1.0
    scaler = done.model.preparation.scalers[""]
    assert scaler.spread[0] < 5  # not the 120 of the jumps


def test_a_pattern_keeps_the_whole_network():
    wave = 10 * np.sin(np.arange(300) / 5) + np.random.default_rng(0).normal(0, 0.1, 300)
    done = train_series(table(wave), "sold", horizon=3, **{**QUICK, "learning_rate": 0.02})
    assert done.model.weight > 0.7
    found = errors(done)
    assert found.pop("Maeum network") < 0.5 * min(found.values())
    alone = train_series(table(wave), "sold", horizon=3, combine=False, **QUICK)
    assert (alone.model.weight, alone.model.rule) == (1.0, "")


def test_counts_stay_whole_and_above_zero():
    counts = np.random.default_rng(0).poisson(1.5, 300)
    done = train_series(table(counts), "sold", horizon=3, **QUICK)
    made = done.model.predict(table(counts))
    assert [str(kind) for kind in made.dtypes[2:]] == ["int64"] * 3
    assert (made["sold from"] >= 0).all()
    assert (made["sold from"] <= made["sold"]).all()
    assert (made["sold"] <= made["sold to"]).all()
    assert (done.run.low >= 0).all()


def test_values_that_fall_below_zero_are_not_bounded():
    values = np.random.default_rng(0).normal(size=200)
    done = train_series(table(values), "sold", **QUICK)
    assert done.run.low.min() < 0
    assert done.model.predict(table(values))["sold"].dtype == float


def test_few_validation_forecasts_make_rough_intervals_or_a_reason():
    months = pd.DataFrame({"day": pd.date_range("2015-01-01", periods=84, freq="MS"),
                           "sold": np.random.default_rng(0).poisson(20, 84)})  # fmt: skip
    done = train_series(months, "sold", horizon=12, **QUICK)
    assert done.run.rows["validation"] == 2
    assert done.model.intervals.pooled
    assert np.ptp(done.model.intervals.high) == 0
    assert "a rough measure" in " ".join(done.task.closing(done))
    done = train_series(months.head(50), "sold", horizon=1, **QUICK)
    assert done.model.intervals is None
    assert "are too few" in " ".join(done.task.closing(done))
    assert "There are no intervals" in done.model.predictions(months)[1][-1]


def test_usual_rules_are_those_that_are_compared():
    history = np.arange(12.0).reshape(1, 12, 1)
    for season in (None, 1, 4, 20):
        assert list(forecasts(history, 2, season)) == usable(12, season)
    assert len(RULES) == 4
