"""Prediction intervals of numbers: by hand with NumPy, and as often right as they say."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.linear_model import Ridge

from maeum.core.errors import ConfigError
from maeum.tabular import TabularModel, train_table
from maeum.tabular.intervals import FEWEST, Intervals, coverage, named

RANDOM = np.random.default_rng(7)


def drawn(rows, noise, seed):
    """Features, the best prediction, and truths around it: of one noise, or of more with x0."""
    random = np.random.default_rng(seed)
    x = random.uniform(0, 4, (rows, 3))
    scale = 0.2 + x[:, 0] if noise == "growing" else 1.0
    prediction = 2 * x[:, 1]
    return x, prediction, prediction + scale * random.normal(size=rows)


def plausible(hits, level, calibrated):
    """Whether so many of many rows are within; the errors that tell vary, too."""
    rows = len(hits)
    slack = 3.5 * np.sqrt(level * (1 - level) * (1 / rows + 1 / calibrated))
    return abs(hits.mean() - level) < slack


@pytest.mark.parametrize("noise", ["even", "growing"])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("rows", [100, 3_000])
def test_intervals_hold_as_many_new_values_as_they_say(noise, level, rows):
    fitted = Intervals.fit(*drawn(rows, noise, seed=1))
    x, prediction, truth = drawn(20_000, noise, seed=2)
    low, high = fitted.around(x, prediction, level)
    assert plausible((low <= truth) & (truth <= high), level, rows)


def test_widths_follow_a_noise_that_grows_and_stay_one_for_an_even_one():
    even = Intervals.fit(*drawn(3_000, "even", 3))
    assert even.expected is None
    growing = Intervals.fit(*drawn(3_000, "growing", 3))
    x, prediction, truth = drawn(20_000, "growing", 4)
    low, high = growing.around(x, prediction, 0.9)
    true_width = 2 * 1.645 * (0.2 + x[:, 0])
    assert np.corrcoef(high - low, true_width)[0, 1] > 0.9
    for part in (x[:, 0] < 1, x[:, 0] > 3):  # one width holds 100% here and 78% there
        held = ((low <= truth) & (truth <= high))[part].mean()
        assert 0.84 < held < 0.96
    errors = np.abs(truth - prediction)
    assert (high - low).mean() < 0.95 * 2 * np.quantile(errors, 0.9)


def test_one_width_is_the_conformal_quantile_by_hand():
    errors = RANDOM.exponential(size=57)
    sign = RANDOM.choice([-1, 1], 57)
    fitted = Intervals.fit(np.zeros((57, 1)), np.full(57, 5.0), 5.0 + sign * errors)
    for level in (0.5, 0.8, 0.9, 0.95):
        low, high = fitted.around(np.zeros((1, 1)), np.array([10.0]), level)
        # the 58 * level-th smallest: a new error is as likely in any of 58 places
        by_hand = np.sort(errors)[int(np.ceil(58 * level)) - 1]
        np.testing.assert_allclose([low[0], high[0]], [10 - by_hand, 10 + by_hand], rtol=1e-5)


def test_expected_errors_are_a_ridge_regression_of_logarithms():
    x, prediction, truth = drawn(1_000, "growing", 5)
    fitted = Intervals.fit(x, prediction, truth).expected
    errors, seen = np.abs(truth - prediction), np.column_stack([x, prediction])
    z = np.clip((seen - seen.mean(0)) / seen.std(0), -3, 3)
    logarithms = np.log(np.maximum(errors, 0.1 * np.median(errors)))
    by_penalty = []
    for penalty in (1.0, 0.3, 0.1):
        ridge = Ridge(alpha=1_000 * penalty, fit_intercept=False)
        by_penalty.append(ridge.fit(z, logarithms - logarithms.mean()).coef_)
    assert any(np.allclose(fitted.weights, each, atol=1e-8) for each in by_penalty)
    new = np.array([[4.0, 2.0, 2.0]]), np.array([4.0])
    z = np.clip((np.column_stack(new) - seen.mean(0)) / seen.std(0), -3, 3)
    np.testing.assert_allclose(fitted.of(*new), np.exp(z @ fitted.weights))


def test_of_many_errors_few_are_kept_and_none_too_small():
    errors = np.arange(1.0, 12_346.0)
    fitted = Intervals.fit(np.zeros((12_345, 0)), np.zeros(12_345), errors)
    assert len(fitted.errors) == 1_000
    for level in (0.123, 0.9, 0.999):
        high = fitted.around(np.zeros((1, 0)), np.zeros(1), level)[1][0]
        exact = np.ceil(12_346 * level)
        assert exact <= high <= exact + 13


def test_expected_errors_of_very_many_features_go_by_the_prediction():
    x, prediction, truth = drawn(400, "growing", 6)
    wide = RANDOM.normal(size=(400, 300))
    found = Intervals.fit(wide, x[:, 0], x[:, 0] + truth - prediction)
    assert len(found.expected.weights) == 1
    low, high = found.around(wide[:2], np.array([0.0, 4.0]), 0.9)
    assert high[1] - low[1] > 1.5 * (high[0] - low[0])


def test_too_few_or_perfect_or_undefined_errors():
    zeros = np.zeros(FEWEST)
    assert Intervals.fit(zeros[:-1, None], zeros[:-1], zeros[:-1]) is None
    assert Intervals.fit(zeros[:, None], zeros, zeros + np.nan) is None
    perfect = Intervals.fit(np.zeros((300, 1)), np.ones(300), np.ones(300))
    assert perfect.around(zeros[:1, None], zeros[:1], 0.9) == (0, 0)
    few = Intervals.fit(zeros[:, None], zeros, RANDOM.normal(size=FEWEST))
    few.around(zeros[:1, None], zeros[:1], 0.96)
    with pytest.raises(ConfigError, match=r"measured by 30 rows, which tell levels up to 96\.77%"):
        few.around(zeros[:1, None], zeros[:1], 0.99)


def test_intervals_are_plain_data():
    for noise in ("even", "growing"):
        fitted = Intervals.fit(*drawn(500, noise, 8))
        assert Intervals.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


def test_columns_and_coverage_are_named_and_counted():
    low, high = np.array([0.0, 0.0, 5.0]), np.array([1.0, 2.0, 9.0])
    assert list(named(0.95, low, high)) == ["lower (95%)", "upper (95%)"]
    assert coverage(np.array([1.0, 3.0, 5.0]), low, high) == {
        "coverage": pytest.approx(2 / 3), "interval_width": 2.0,
    }  # fmt: skip


# ---- of a trained network ------------------------------------------------------------------------


def table(rows=900, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(0, 4, (rows, 2))
    y = 100 + 30 * x[:, 1] + (2 + 8 * x[:, 0]) * random.normal(size=rows)
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": y})


@pytest.fixture(scope="module", params=["ensemble", "mlp"])
def trained(request):
    return train_table(table(), "y", network=request.param, epochs=15, members=2
                       if request.param == "ensemble" else None, hidden=(16,), report=False,
                       learning_rate=0.02)  # fmt: skip


def test_network_tells_its_intervals_and_keeps_them(trained, tmp_path):
    model, new = trained.model, table(2_000, seed=1)
    found = model.predict(new)
    assert list(found) == ["prediction", "lower (90%)", "upper (90%)"]
    within = (found["lower (90%)"] <= new["y"]) & (new["y"] <= found["upper (90%)"])
    assert binom.cdf(within.sum(), 2_000, 0.8) > 0.01  # 126 to 158 rows tell the errors
    assert binom.sf(within.sum(), 2_000, 0.97) > 0.01
    assert model.evaluate(new)["coverage"] == pytest.approx(within.mean())
    assert model.evaluate(new)["interval_width"] == pytest.approx(
        (found["upper (90%)"] - found["lower (90%)"]).median()
    )
    narrow = model.predict(new, interval=0.5)
    assert list(narrow) == ["prediction", "lower (50%)", "upper (50%)"]
    assert (narrow["lower (50%)"] >= found["lower (90%)"]).all()
    assert list(model.predict(new, interval=0)) == ["prediction"]
    assert "coverage" not in model.evaluate(new, interval=0)
    model.save(tmp_path / "model.maeum")
    pd.testing.assert_frame_equal(TabularModel.load(tmp_path / "model.maeum").predict(new), found)


def test_run_tells_of_the_test_rows(trained):
    run, said = trained.run, trained.run.to_json()
    inside = (run.low <= run.truth) & (run.truth <= run.high)
    assert said["coverage"] == inside.mean()
    assert said["interval"] == 0.9
    assert said["interval_width"] == np.median(run.high - run.low)
    assert list(run.table())[-3:] == ["prediction", "lower (90%)", "upper (90%)"]
    [told] = [line for line in trained.task.closing(trained) if "intervals" in line]
    assert told.startswith("90% of the intervals around predictions were meant to hold")


def test_intervals_go_no_further_than_predictions():
    rows = table(400)
    rows["y"] = rows["y"].clip(100, 180)
    model = train_table(rows, "y", members=2, epochs=3, report=False).model
    low, high = model.target.ends
    found = model.predict(rows, interval=0.95)
    assert found["lower (95%)"].min() >= low
    assert found["upper (95%)"].max() <= high


def test_models_of_earlier_versions_have_no_intervals(trained):
    saved = {k: v for k, v in trained.model.to_json().items() if k != "intervals"}
    earlier = TabularModel.from_json(trained.model.network, json.loads(json.dumps(saved)))
    assert list(earlier.predict(table(3))) == ["prediction"]
    assert "coverage" not in earlier.evaluate(table(3))
    with pytest.raises(ConfigError, match="does not know how far off"):
        earlier.predict(table(3), interval=0.9)


@pytest.mark.parametrize("interval", [2, 1, -1, float("nan"), "wide", True, [0.9]])
def test_what_is_no_level_is_refused(trained, interval):
    with pytest.raises(ConfigError, match="interval takes numbers from 0, below 1"):
        trained.model.predict(table(3), interval=interval)
    with pytest.raises(ConfigError, match="interval takes numbers from 0, below 1"):
        trained.model.evaluate(table(3), interval=interval)


def test_classes_have_probabilities_instead():
    rows = table(200)
    rows["y"] = np.where(rows["y"] > 150, "high", "low")
    model = train_table(rows, "y", members=2, epochs=1, report=False).model
    with pytest.raises(ConfigError, match="An interval is for numbers, and the target 'y' has"):
        model.predict(rows, interval=0.9)


def test_few_rows_have_intervals_by_cross_validation():
    trained = train_table(table(38), "y", epochs=5, report=False)
    assert trained.run.settings["folds"] == 5
    assert trained.model.intervals.rows == 38
    errors = np.sort(np.abs(trained.run.truth - trained.run.values))
    np.testing.assert_allclose(trained.model.intervals.errors, errors, rtol=1e-4)
    assert not len(trained.run.low)  # the networks of the test had too few rows for intervals
    tiny = train_table(table(24), "y", epochs=2, report=False).model
    assert list(tiny.predict(table(3))) == ["prediction"]
