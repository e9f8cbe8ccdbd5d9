"""From a table to forecasts: learning, saving, predicting, evaluating, the backtest."""

import json

import numpy as np
import pandas as pd
import pytest
from maeum.forecasting.learning import WindowBatches

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.forecasting import SeriesModel, SeriesSet, backtest, train_series
from maeum.forecasting.intervals import Intervals
from maeum.forecasting.network import build_network
from maeum.forecasting.options import NETWORKS, SeriesOptions

from .conftest import daily

QUICK = {"network": "linear", "epochs": 3, "report": False}


@pytest.fixture(scope="module")
def trained():
    parts = [daily(seed=i).assign(store=name) for i, name in enumerate(["서울", "부산"])]
    frame = pd.concat(parts).assign(promo=lambda t: np.arange(len(t)) % 3)
    return frame, train_series(
        frame, "units", time="date", group="store", future="promo", ahead=4, network="linear",
        epochs=30, learning_rate=0.01, report=False,
    )  # fmt: skip


def test_a_pattern_is_learnt_better_than_by_any_simple_rule(trained):
    _, done = trained
    errors = {model["name"]: model["metrics"]["mae"] for model in done.run.models}
    assert list(errors) == ["Maeum network", "Last value", "Same as 7 steps before",
                            "Straight line", "Moving average"]  # fmt: skip
    assert min(errors, key=errors.get) == "Maeum network"
    assert 0.6 < done.run.coverage < 0.95
    assert [len(steps) for steps in done.run.by_step.values()] == [4] * 5


def test_saved_model_forecasts_the_same(trained, tmp_path):
    frame, done = trained
    done.model.save(tmp_path / "model.maeum")
    again = SeriesModel.load(tmp_path / "model.maeum")
    rows = frame[frame["date"] < "2023-07-15"].copy()
    rows.loc[rows["date"] >= "2023-07-11", "units"] = np.nan
    first, second = done.model.predict(rows), again.predict(rows)
    pd.testing.assert_frame_equal(first, second)
    assert first.columns.tolist() == ["store", "date", "step", "units", "units from", "units to"]
    assert first["store"].tolist() == ["서울"] * 4 + ["부산"] * 4
    assert first["date"].dt.day.tolist() == [11, 12, 13, 14] * 2
    assert (first["units from"] < first["units"]).all()
    assert again.facts["metrics"] == done.model.facts["metrics"]
    assert again.evaluate(frame)["mae"] == pytest.approx(done.model.evaluate(frame)["mae"])


def test_forecast_from_an_origin_uses_nothing_after_it(trained):
    frame, done = trained
    changed = frame.copy()
    changed.loc[changed["date"] > "2023-05-01", "units"] = 7.0
    first = done.model.predict(frame, origin="2023-05-01")
    pd.testing.assert_frame_equal(first, done.model.predict(changed, origin="2023-05-01"))
    assert str(first["date"][0])[:10] == "2023-05-02"
    with pytest.raises(DataError, match="no rows up to"):
        done.model.predict(frame, origin="1999-01-01")


def test_evaluate_agrees_with_forecasts_from_each_origin(trained):
    frame, done = trained
    rows = frame[(frame["store"] == "서울")].head(24)
    found = done.model.evaluate(rows)
    errors = []
    for origin in range(14, 21):
        made = done.model.predict(rows, origin=rows["date"].iloc[origin - 1])
        errors.append(np.abs(made["units"].to_numpy() - rows["units"][origin : origin + 4]).mean())
    assert found["rows"] == len(errors)
    assert found["mae"] == pytest.approx(np.mean(errors), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.head(5), "'서울' has 5 steps; a forecast looks back on 14"),
        (lambda f: f, "0 rows behind its last value; a forecast needs 4, with what is known ahead"),
        (lambda f: f.drop(columns="promo"), "no column 'promo'"),
        (lambda f: f.drop(columns="units"), "no column 'units'"),
    ],
)
def test_rows_that_cannot_be_forecast_from(trained, change, said):
    frame, done = trained
    with pytest.raises((DataError, ConfigError), match=said):
        done.model.predict(change(frame))


def test_short_series_are_left_out_of_a_forecast_with_a_warning(trained):
    frame, done = trained
    short = frame[(frame["store"] != "부산") | (frame["date"] > "2023-07-10")]
    with pytest.warns(UserWarning, match="Too short to look back on 14 steps, left out: 부산"):
        made = done.model.predict(short, origin="2023-07-15")
    assert made["store"].tolist() == ["서울"] * 4


def test_a_series_that_is_new_is_scaled_by_itself(trained):
    frame, done = trained
    new = frame[frame["store"] == "서울"].assign(store="새 곳", units=lambda t: 1000 * t["units"])
    made = done.model.predict(new, origin="2023-06-01")
    assert made["units"].between(30_000, 90_000).all()


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_every_network_learns(network, tmp_path):
    options = {"ahead": 2, "epochs": 2, "window": 10, "report": False, "network": network}
    units = () if network == "linear" else (6,) * len(NETWORKS[network])
    wave = np.sin(np.arange(120) / 3)
    done = train_series(wave, hidden=units or None, dropout=0.1, **options)
    assert done.run.truth.shape == (17, 2, 1)
    assert np.isfinite(done.run.history["loss"]).all()
    if network in ("lstm", "cnn"):
        done.model.save(tmp_path / "m.maeum")
        again = SeriesModel.load(tmp_path / "m.maeum").predict(wave)
        np.testing.assert_allclose(again["value"], done.model.predict(wave)["value"], rtol=1e-6)


def test_recursive_forecasts_go_on_from_what_was_forecast():
    wave = np.sin(np.arange(160) / 4)
    done = train_series(wave, ahead=6, recursive=True, network="linear", epochs=200, window=12,
                        learning_rate=0.01, patience=0, report=False)  # fmt: skip
    assert done.model.network.output_shape == (None, 1, 1)
    assert done.run.metrics["mae"] < 0.05
    made = done.model.predict(wave)["value"].to_numpy()
    one = done.model.predict(np.append(wave, made[0]))["value"].to_numpy()
    np.testing.assert_allclose(made[1:], one[:-1], atol=1e-5)


def test_several_targets_and_several_series_of_an_array(sales):
    sales["cost"] = 2 * sales["units"] + 1
    done = train_series(sales, ["units", "cost"], time="date", ahead=2, **QUICK)
    assert done.run.truth.shape[2] == 2
    assert {"units", "cost"} <= set(done.model.predict(sales).columns)
    many = train_series(
        SeriesSet.from_array(np.random.default_rng(0).normal(size=(5, 60))), **QUICK
    )
    assert len(many.model.preparation.scalers) == 5


def test_the_same_seed_gives_the_same_network(sales):
    first, second = (train_series(sales, "units", time="date", **QUICK) for _ in range(2))
    assert first.run.history == second.run.history


def test_no_validation_no_intervals(sales):
    done = train_series(sales, "units", time="date", validation_size=0, **QUICK)
    assert done.model.intervals is None
    assert done.model.predict(sales).columns.tolist() == ["date", "step", "units"]


def test_batches_of_windows_hold_what_the_arrays_hold(sales):
    done = train_series(sales, "units", time="date", ahead=2, **QUICK)
    data = done.run.data
    batches = list(WindowBatches(data, data.parts["train"], shuffle=False))
    (x, known), y = data.arrays(data.parts["train"])
    np.testing.assert_array_equal(np.concatenate([b[0][0] for b in batches]), x)
    np.testing.assert_array_equal(np.concatenate([b[0][1] for b in batches]), known)
    np.testing.assert_array_equal(np.concatenate([b[1] for b in batches]), y)


def test_training_from_batches_works_too(sales, monkeypatch):
    monkeypatch.setattr("maeum.forecasting.learning._AT_ONCE", 0)
    done = train_series(sales, "units", time="date", **QUICK)
    assert len(done.run.history["val_loss"]) == 3


def test_intervals_hold_their_share():
    rng = np.random.default_rng(0)
    residuals = rng.exponential(size=(400, 2, 1)) - 1
    found = Intervals.fit(residuals, 0.8)
    later = rng.exponential(size=(4000, 2, 1)) - 1
    held = ((later > found.low) & (later < found.high)).mean(axis=0)
    np.testing.assert_allclose(held, 0.8, atol=0.05)
    assert Intervals.fit(residuals[:3], 0.8) is None


def test_zero_head_begins_with_the_last_value():
    options = SeriesOptions(ahead=3, network="dense", hidden=(4,)).resolved(None, 90)
    network = build_network(8, 2, 0, 1, options)
    x = np.random.default_rng(0).normal(size=(5, 8, 2)).astype("float32")
    assert not network.predict(x, verbose=0).any()


@pytest.mark.parametrize("sliding", [False, True])
def test_backtest_rolls_on_without_looking_ahead(sales, sliding):
    done = backtest(sales, "units", time="date", folds=3, sliding=sliding, ahead=2, epochs=2,
                    network="linear")  # fmt: skip
    assert len(done.folds) == 3
    begins = [fold.begins for fold in done.folds]
    assert begins == sorted(begins)
    trained = [fold.trained for fold in done.folds]
    assert len(set(trained)) == (1 if sliding else 3)
    assert "Last value" in done.to_frame().columns
    assert set(done.mean()) == set(done.folds[0].errors)
    if sliding:
        return
    changed = sales.copy()
    changed.loc[changed["date"] >= begins[1] + np.timedelta64(3, "D"), "units"] = 0.0
    again = backtest(changed, "units", time="date", folds=3, sliding=sliding, ahead=2, epochs=2,
                     network="linear")  # fmt: skip
    assert again.folds[0].errors == done.folds[0].errors


def test_backtest_with_one_network_and_its_page(sales, tmp_path):
    done = backtest(sales, "units", time="date", folds=2, refit=False, ahead=2, epochs=2,
                    network="linear")  # fmt: skip
    assert done.folds[0].trained == done.folds[1].trained
    page = done.write_report(tmp_path / "backtest.html").read_text()
    assert "One network was trained up to the first origin" in page
    with pytest.raises(DataError, match="too few for a backtest from 60 origins"):
        backtest(sales, "units", time="date", folds=60, ahead=4)
    with pytest.raises(ConfigError, match="folds"):
        backtest(sales, "units", time="date", folds=0)


def test_files_that_hold_no_series_model(trained, tmp_path):
    network = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
    network.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="not one for series"):
        SeriesModel.load(tmp_path / "plain.maeum")
    bad = {"preprocessing.json": json.dumps({"kind": "series"}).encode()}
    mm.saving.archive.save_model(network, tmp_path / "bad.maeum", extras=bad)
    with pytest.raises(ModelFileError, match="damaged"):
        SeriesModel.load(tmp_path / "bad.maeum")


def test_unknown_option(sales):
    with pytest.raises(ConfigError, match=r"no option 'windw'.*Did you mean 'window'"):
        train_series(sales, "units", windw=3)
