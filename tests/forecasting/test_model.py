"""A network with its preparation: forecasts from tables, errors on them, the file."""

import json

import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.forecasting import SeriesModel, train_series


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


def test_file_is_read_as_it_is_said_to_be_written(trained, tmp_path):
    frame, done = trained
    rows = frame[frame["date"] < "2023-03-01"]
    rows.to_csv(tmp_path / "rows.txt", index=False, sep="|", encoding="cp949")
    read = {"separator": "|", "encoding": "cp949"}
    made = done.model.predict(tmp_path / "rows.txt", origin="2023-02-01", **read)
    pd.testing.assert_frame_equal(made, done.model.predict(rows, origin="2023-02-01"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda f: f.head(5),
            "서울: the series has 5 steps, one for each day; a forecast looks back on 14",
        ),
        (lambda f: f, "0 rows behind its last value; a forecast needs 4, with the future"),
        (lambda f: f.drop(columns="promo"), "no column 'promo'"),
        (lambda f: f.drop(columns="units"), "no column 'units'"),
    ],
)
def test_rows_that_cannot_be_forecast_from(trained, change, said):
    frame, done = trained
    with pytest.raises((DataError, ConfigError), match=said):
        done.model.predict(change(frame))


def test_short_series_are_excluded_from_a_forecast_with_a_warning(trained):
    frame, done = trained
    short = frame[(frame["store"] != "부산") | (frame["date"] > "2023-07-10")]
    with pytest.warns(UserWarning, match="Excluded, too short to look back on 14 steps: 부산"):
        made = done.model.predict(short, origin="2023-07-15")
    assert made["store"].tolist() == ["서울"] * 4


def test_a_series_that_is_new_is_scaled_by_itself(trained):
    frame, done = trained
    new = frame[frame["store"] == "서울"].assign(store="새 곳", units=lambda t: 1000 * t["units"])
    made = done.model.predict(new, origin="2023-06-01")
    assert made["units"].between(30_000, 90_000).all()


def test_files_that_hold_no_series_model(tmp_path):
    network = mm.Sequential([mm.Input((2,)), mm.layers.Dense(1)])
    network.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="does not say how raw data are prepared"):
        SeriesModel.load(tmp_path / "plain.maeum")
    bad = {"preprocessing.json": json.dumps({"kind": "series"}).encode()}
    mm.saving.archive.save_model(network, tmp_path / "bad.maeum", extras=bad)
    with pytest.raises(ModelFileError, match="damaged"):
        SeriesModel.load(tmp_path / "bad.maeum")


def test_values_far_outside_of_the_training_and_known_marks_are_told(sales, tmp_path):
    holed = sales.assign(units=np.where(np.arange(len(sales)) % 50 == 9, -999, sales["units"]))
    made = train_series(holed, "units", time="date", network="linear", epochs=1, report=False)
    made.model.save(tmp_path / "m.maeum")
    model = SeriesModel.load(tmp_path / "m.maeum")
    assert model.marks == {"units": [-999.0]}
    assert model.predictions(sales)[1] == []
    later = sales[-40:].assign(units=lambda table: table["units"] * 1000)
    later.loc[later.index[5], "units"] = -999
    notes = " ".join(model.predictions(later)[1])
    assert "units: Taken as missing" in notes
    assert "units: 40 cells far outside of what was usual in training (" in notes


def test_evaluating_the_times_of_the_training_is_told(trained):
    frame, done = trained
    [said] = [n for n in done.model.evaluate(frame)["notes"] if "times of the training" in n]
    assert said.startswith("Of these forecasts, 100% are")
    later = frame.assign(date=frame["date"] + pd.Timedelta(days=3650))
    assert not any("of the training" in note for note in done.model.evaluate(later)["notes"])
