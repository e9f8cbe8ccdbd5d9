"""The made-up table of the examples: reproducible, and like the table it stands in for."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from maeum.tables.columns import recognise
from maeum.tables.reading import read_table
from maeum.tabular.baselines import fit_baselines
from maeum.tabular.preparation import Preparation
from maeum.tabular.splitting import split
from maeum.tabular.target import recognise_target

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def frame():
    return read_table(EXAMPLES / "customers.csv").frame


def test_script_writes_the_file_again_byte_for_byte(tmp_path):
    main = runpy.run_path(str(EXAMPLES / "make_customers.py"))["main"]
    main(tmp_path / "customers.csv")
    assert (tmp_path / "customers.csv").read_bytes() == (EXAMPLES / "customers.csv").read_bytes()


def test_table_has_the_size_and_the_traps_of_the_real_one(frame):
    assert frame.shape == (7043, 21)
    blank = frame["TotalCharges"].str.strip() == ""
    assert blank.sum() == 11
    assert (frame["tenure"][blank] == "0").all()
    assert not (frame["tenure"][~blank] == "0").any()
    assert frame["customerID"].str.fullmatch(r"\d{4}-[A-Z]{5}").all()
    assert frame["customerID"].is_unique
    assert (frame["Churn"] == "Yes").mean() == pytest.approx(0.265, abs=0.005)


def test_total_is_about_months_times_charges(frame):
    paid = frame[frame["tenure"] != "0"].astype({"tenure": float, "MonthlyCharges": float})
    ratio = paid["TotalCharges"].astype(float) / (paid["tenure"] * paid["MonthlyCharges"])
    assert ratio.mean() == pytest.approx(1, abs=0.01)
    assert 0.01 < ratio.std() < 0.1


def test_columns_and_levels_are_those_of_the_real_table_and_its_customers_are_not(
    frame, public_data
):
    real = read_table(public_data("tabular/churn_data.csv")).frame
    assert frame.columns.tolist() == real.columns.tolist()
    for name in real:
        if real[name].nunique() < 10:
            assert set(frame[name]) == set(real[name])
    assert not set(frame["customerID"]) & set(real["customerID"])


def test_churn_can_be_learnt_as_well_as_in_the_real_table(frame):
    target = recognise_target(frame["Churn"])
    y = target.encode(frame["Churn"])
    parts = split(y, "binary", 0.3, 0)
    prepared = Preparation.fit(frame.iloc[parts.train], recognise(frame, "Churn")[1])
    assert len(prepared.feature_names) == 30
    x = prepared.transform(frame)[0]["numbers"]
    results = fit_baselines("binary", x[parts.train], y[parts.train], x[parts.test], y[parts.test])
    assert 0.83 < np.max([r["metrics"]["roc_auc"] for r in results]) < 0.87
