"""From a table to forecasts that were tested: what is learnt, and how."""

import signal

import numpy as np
import pytest

from maeum.callbacks import LambdaCallback
from maeum.core.errors import ConfigError
from maeum.experiment.training import train
from maeum.forecasting import SeriesModel, SeriesSet, SeriesTask, train_on, train_series
from maeum.forecasting.options import NETWORKS

QUICK = {"network": "linear", "epochs": 3, "report": False}


def test_a_pattern_is_learnt_better_than_by_any_simple_rule(trained):
    _frame, done = trained
    errors = {model["name"]: model["metrics"]["mae"] for model in done.run.models}
    assert list(errors) == ["Maeum network", "Last value", "Same as one season before",
                            "Straight line", "Moving average"]  # fmt: skip
    assert min(errors, key=errors.get) == "Maeum network"
    assert 0.6 < done.run.coverage < 0.95
    assert [len(steps) for steps in done.run.by_step.values()] == [4] * 5
    assert done.run.windows == done.run.rows == done.run.data.sizes
    assert set(done.run.seconds) == {"preparing", "training", "testing", "comparing", "examining"}


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_every_network_learns(network, tmp_path):
    options = {"horizon": 2, "epochs": 2, "window": 10, "report": False, "network": network}
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
    done = train_series(wave, horizon=6, recursive=True, network="linear", epochs=200, window=12,
                        learning_rate=0.01, patience=0, report=False)  # fmt: skip
    assert done.model.network.output_shape == (None, 1, 1)
    assert done.run.metrics["mae"] < 0.05
    made = done.model.predict(wave)["value"].to_numpy()
    one = done.model.predict(np.append(wave, made[0]))["value"].to_numpy()
    np.testing.assert_allclose(made[1:], one[:-1], atol=1e-5)


def test_several_targets_without_validation_have_no_intervals(sales):
    sales["cost"] = 2 * sales["units"] + 1
    done = train_series(sales, ["units", "cost"], time="date", validation_size=0, **QUICK)
    assert done.run.truth.shape[2] == 2
    assert done.model.intervals is None
    assert done.model.predict(sales).columns.tolist() == ["date", "step", "units", "cost"]


def test_an_array_holds_several_series():
    noise = np.random.default_rng(0).normal(size=(5, 60))
    done = train_series(SeriesSet.from_array(noise), **QUICK)
    assert len(done.model.preparation.scalers) == 5


@pytest.mark.parametrize("at_once", [1 << 28, 0])
def test_a_training_that_broke_off_goes_on_bit_for_bit(sales, tmp_path, monkeypatch, at_once):
    monkeypatch.setattr("maeum.forecasting.data._AT_ONCE", at_once)
    task = SeriesTask()
    options = {"target": "units", "time": "date", "network": "dense", "hidden": 4, "dropout": 0.2}
    data = task.prepare(sales, *task.split({**options, "epochs": 4}))
    whole = train(task, data, report=False)

    def break_off(epoch, logs):
        if epoch == 1:
            raise RuntimeError("power failure")

    with pytest.raises(RuntimeError, match="power failure"):
        train(task, data, report=False, backup=tmp_path,
              callbacks=[LambdaCallback(on_epoch_end=break_off)])  # fmt: skip
    again = train(task, data, report=False, backup=tmp_path)
    assert again.run.history == whole.run.history
    for one, other in zip(again.model.network.get_weights(), whole.model.network.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_ctrl_c_in_the_backtest_keeps_the_network(sales, monkeypatch):
    told = []
    task = SeriesTask()
    options = {"target": "units", "time": "date", "folds": 3, "epochs": 4, "network": "linear"}
    data = task.prepare(sales, *task.split(options))
    cut = type(data).cut

    def interrupted(*given):
        signal.raise_signal(signal.SIGINT)
        return cut(*given)

    monkeypatch.setattr(type(data), "cut", interrupted)
    done = train_on(data, tell=told.append)
    assert done.run.backtest is None
    assert len(done.run.models) == 5
    assert "The comparison with other models was stopped by hand." in done.run.notes
    assert done.run.notes[-1] in told
    assert "Backtest 1 of 3 ..." in told


def test_without_report_simple_rules_are_compared_but_nothing_is_backtested(sales):
    done = train_series(sales, "units", time="date", folds=3, **QUICK)
    assert len(done.run.models) == 5
    assert done.run.backtest is None


def test_unknown_option(sales):
    with pytest.raises(ConfigError, match=r"no option 'windw'.*Did you mean 'window'"):
        train_series(sales, "units", windw=3)


def test_predictions_of_the_test_say_what_came_and_what_was_forecast(trained, monkeypatch):
    frame, done = trained
    found, run = done.run.table(), done.run
    columns = ["store", "date", "step", "units", "units forecast", "units from", "units to"]
    assert found.columns.tolist() == columns
    horizon = 4
    assert len(found) == run.rows["test"] * horizon
    mae = (found["units"] - found["units forecast"]).abs().mean()
    assert mae == pytest.approx(run.metrics["mae"], rel=1e-6)
    known = found.merge(frame, on=["store", "date"])
    assert len(known) == len(found)
    assert known["units_x"].tolist() == known["units_y"].tolist()
    monkeypatch.setattr("maeum.forecasting.result.MOST_ROWS", 3 * horizon)
    few = run.table()
    assert len(few) == 3 * horizon
    assert few.iloc[-horizon:].to_numpy().tolist() == found.iloc[-horizon:].to_numpy().tolist()


def test_predictions_of_whole_numbers_without_times_are_whole_and_have_rows():
    counts = np.arange(120) % 7
    run = train_series(counts, horizon=2, **QUICK).run
    found = run.table()
    assert found.columns.tolist()[:3] == ["row", "step", "value"]
    assert {kind.kind for kind in found.dtypes} == {"i"}
    assert found["value"].tolist() == counts[found["row"] - 1].tolist()
