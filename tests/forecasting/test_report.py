"""The page says what came out, in whatever names the columns have, and stands alone."""

import json

import numpy as np
import pandas as pd
import pytest

from maeum.forecasting import train_series, write_results
from maeum.forecasting.report import render
from maeum.forecasting.verdict import headline, sentences

from ..pages import check
from .conftest import daily

QUICK = {"network": "linear", "epochs": 3}


def test_files_and_page_of_stores(stores, tmp_path):
    frame = stores.rename(columns={"units": "<b>판매</b>"}).drop(index=[20, 21])
    done = train_series(frame, "<b>판매</b>", time="date", group="store", ahead=5, folds=2, **QUICK)
    paths = write_results(done, tmp_path / "out")
    page = paths["report"].read_text()
    check(page)
    assert "<b>판매</b>" not in page
    for said in (
        "서울",
        "부산",
        "Beside simple rules",
        "By step ahead",
        "Series by series",
        "Backtest",
        "straight line",
        "Same as 7 steps before",
    ):
        assert said in page
    numbers = json.loads(paths["numbers"].read_text())
    assert numbers["windows"] == done.run.windows
    assert len(numbers["by_step"]["Maeum network"]) == 5
    assert len(numbers["backtest"]) == 2


@pytest.mark.parametrize("ahead", [1, 3])
def test_page_of_numbers_without_times(ahead):
    done = train_series(np.sin(np.arange(150) / 3), ahead=ahead, **QUICK)
    check(render(done))
    assert (
        "steps ahead" in headline(done.run) if ahead > 1 else "1 step ahead" in headline(done.run)
    )


def test_page_of_two_targets_with_zeros_and_gaps(tmp_path):
    frame = daily(150).assign(cost=lambda t: np.arange(150) % 2)
    frame = frame.drop(index=[30, 31])
    done = train_series(frame, ["cost", "units"], time="date", gaps="skip", **QUICK)
    check(render(done))
    assert any("so MAPE is not defined" in said for said in sentences(done.run))


def test_verdict_says_when_a_simple_rule_is_better():
    walk = np.cumsum(np.random.default_rng(0).normal(size=200))
    frame = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=200), "x": walk})
    done = train_series(frame, "x", time="t", network="linear", epochs=2, scale="none",
                        learning_rate=1e-6)  # fmt: skip
    assert "use that rule" in sentences(done.run)[0]
    constant = train_series(np.full(100, 5.0), **QUICK)
    assert "exact" in sentences(constant.run)[0]
    check(render(constant))
