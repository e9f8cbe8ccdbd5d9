"""``maeum train sales.csv --time date --ahead 7`` and what becomes of it."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from maeum.cli import display
from maeum.forecasting import SeriesModel


def sales(n=160):
    step = np.arange(n)
    values = 50 + 10 * np.sin(2 * np.pi * step / 7) + np.random.default_rng(0).normal(0, 1, n)
    days = pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d")
    return pd.DataFrame(
        {"date": days, "store": "서울", "units": values.round(1), "promo": step % 2}
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "매출.csv"
    frame = sales().drop(index=[40]).iloc[::-1]
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def ran(maeum, data, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "out"
    options = ["--time", "date", "--target", "units", "--horizon", "3"]
    options += ["--network", "linear", "--epochs", "4", "--dropout", "0", "--seed", "3"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(display.console, "width", 200)
        return maeum("train", data, "--out", out, *options), out


def test_train_tells_and_writes_five_files(ran):
    told, out = ran
    assert told.code == 0, told.err
    names = ["history.csv", "metrics.json", "model.maeum", "predictions.csv", "report.html"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert "매출.csv: 1 series, 160 steps, one for each day" in told.out
    assert "Forecast: units, 3 steps ahead from 14 steps before" in told.out
    assert "The rows were newest first" in told.out
    assert "Not used: store, promo." in told.out
    assert "1 gap: 2024-02-10. Filled" in told.out
    assert "Same as one season before" in told.out
    assert "units, 3 days ahead: off by" in told.out
    numbers = json.loads((out / "metrics.json").read_text())
    assert numbers["settings"]["seed"] == 3
    assert numbers["metrics"] == SeriesModel.load(out / "model.maeum").facts["metrics"]


def test_predict_evaluate_show(maeum, ran, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = ran[1] / "model.maeum"
    told = maeum("predict", model, data)
    assert told.code == 0, told.err
    rows = list(csv.DictReader((tmp_path / "매출-predictions.csv").open()))
    assert [row["date"] for row in rows] == ["2024-06-09", "2024-06-10", "2024-06-11"]
    assert float(rows[0]["units from"]) < float(rows[0]["units"]) < float(rows[0]["units to"])
    told = maeum("evaluate", model, data)
    assert told.code == 0, told.err
    assert "매출.csv: 144 forecasts" in told.out
    assert "MAE of the last value" in told.out
    told = maeum("show", model)
    assert told.code == 0, told.err
    assert "Forecasts units, 3 days ahead" in told.out.replace("\n", " ")


def test_rows_in_order_newest_first(maeum, tmp_path):
    path = tmp_path / "stock.csv"
    rows = "\n".join(f"{i % 9}.5,{i}" for i in range(120))
    path.write_text(f"# a comment\n# Open,Close\n{rows}\n")
    told = maeum("train", path, "--target", "last", "--newest-first", "--ahead", "2",
                 "--network", "linear", "--epochs", "2", "--out", tmp_path / "o")  # fmt: skip
    assert told.code == 0, told.err
    assert SeriesModel.load(tmp_path / "o" / "model.maeum").reading.target == ("Close",)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--time dat", "Did you mean 'date'?"),
        ("--time date --ahead 0", "horizon is a whole number of 1 or more"),
        ("--time date --ahead 90", "too few to train, validate and test"),
        ("--time date --window 900", "No series is long enough"),
        ("--time date --balance", "--balance is for tables, images and text classification"),
        (
            "--time date --task regression",
            "--task is for tables, and sales.csv is taken",
        ),
        ("--time date --size 64", "--size is for images"),
        ("--time date --network small", "network is one of 'lstm'"),
        ("--time date --gaps fille", "Did you mean 'fill'?"),
        ("--time date --dropout 0.1,0.2", "--dropout takes numbers from 0"),
        ("--time date --future-covariates holiday", "no column 'holiday'"),
        ("--time date --future holiday", "no column 'holiday' (the future covariate)"),
        ("--time date --newest-first", "without a time column"),
        ("--time store", "holds no times: '서울'"),
        ("--window 5", "--window is for series (say --time COLUMN or --horizon N)"),
        ("--network lstm", "'ensemble', 'mlp'; got 'lstm'"),  # those of tables
    ],
)
def test_refusals(refuse, tmp_path, options, said):
    sales().to_csv(tmp_path / "sales.csv", index=False)
    assert said in refuse("train", "sales.csv", "--target", "units", *options.split())


def test_duplicates_are_refused_with_a_hint(refuse, tmp_path):
    pd.concat([sales(), sales().assign(store="부산")]).to_csv(tmp_path / "two.csv", index=False)
    told = refuse("train", "two.csv", "--time", "date", "--target", "units", "--ahead", "2")
    assert "use group='store' (--group)" in told
