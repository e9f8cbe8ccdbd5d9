"""The page says what came out, in whatever names the columns have, and stands alone."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maeum.experiment.report import page_of
from maeum.forecasting import SeriesTask, train_series, write_results
from maeum.forecasting.verdict import of
from maeum.report.charts import Chart
from maeum.report.html import render
from maeum.report.sections import Folded

from ..pages import check
from .conftest import daily

QUICK = {"network": "linear", "epochs": 3}


def test_files_and_page_of_stores(trained, tmp_path):
    _frame, done = trained
    paths = write_results(done, tmp_path / "out")
    assert list(paths) == ["model", "metrics", "history", "report", "predictions"]
    page = paths["report"].read_text()
    check(page)
    for said in (
        "서울",
        "부산",
        "Compared with other models",
        "Mean absolute error by step",
        "Series by series",
        "Backtest",
        "Same as one season before",
        "A season is 7 steps.",
        "4 further rows with the future covariates (promo)",
        "the day of the week",
    ):
        assert said in page
    found = json.loads(paths["metrics"].read_text())
    assert found["rows"] == done.run.rows
    assert found["settings"]["horizon"] == 4
    assert len(found["by_step"]["Maeum network"]) == 4
    assert len(found["backtest"]) == 2


def test_page_of_two_targets_with_zeros_gaps_and_hostile_names():
    frame = daily(150, name="<b>판매</b>").assign(cost=lambda t: np.arange(150) % 2)
    frame = frame.drop(index=[30, 31])
    done = train_series(frame, ["cost", "<b>판매</b>"], time="date", gaps="skip", **QUICK)
    page = render(page_of(done))
    check(page)
    assert "<b>판매</b>" not in page
    assert any("so MAPE is not defined" in said for said in of(done.run).sentences)


def test_page_of_numbers_that_never_change():
    done = train_series(np.full(100, 5.0), **QUICK)
    check(render(page_of(done)))
    found = of(done.run)
    assert found.headline.startswith("value, 1 step ahead: off by")
    assert "exact" in found.sentences[0]
    assert any("this is a rough measure" in said for said in found.sentences)


def test_the_report_begins_with_what_comes_next():
    done = train_series(daily(150, name="sales"), "sales", time="date", horizon=3, **QUICK)
    first, *rest = page_of(done).chapters
    assert first.name == "ahead"
    assert "quality" in [chapter.name for chapter in rest]
    [chart] = [section for section in first.sections if isinstance(section, Chart)]
    frame = done.model.predict(done.run.data.series)
    line = chart.marks[-1]
    assert line.y[1:].tolist() == pytest.approx(frame["sales"].tolist())
    assert line.y[0] == done.run.data.series.series[0].values[-1, 0]  # joined to the last value
    [folded] = [section for section in first.sections if isinstance(section, Folded)]
    [table] = folded.sections
    assert [row[:2] for row in table.rows] == [
        [str(day.date()), str(step)] for day, step in zip(frame["date"], (1, 2, 3))
    ]


def test_what_is_needed_to_forecast_is_said_where_it_is_missing(trained):
    _frame, done = trained  # with a future covariate that ends with the rows
    [text] = page_of(done).chapters[0].sections
    assert "promo" in text.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (0.5, "That is 50% less than the best simple rule (“Last value”, off by 1)."),
        (0.99, "level with the best simple rule"),
        (1.5, "That is 50% more than the best simple rule (“Last value”, off by 1): use that rule"),
    ],
)
def test_verdict_beside_the_best_simple_rule(trained, error, said):
    run = replace(
        trained[1].run,
        metrics={"mae": error},
        models=[
            {"name": name, "metrics": {"mae": mae}, "seconds": None}
            for name, mae in [("Maeum network", error), ("Straight line", 2), ("Last value", 1)]
        ],
    )
    assert said in of(run).sentences[0]


@pytest.mark.parametrize(
    ("coverage", "said"),
    [(0.6, "too narrow"), (0.8, "hold 80% of the true values."), (0.95, "wider than needed")],
)
def test_verdict_on_the_intervals(trained, coverage, said):
    run = replace(trained[1].run, coverage=coverage)
    assert any(said in sentence for sentence in of(run).sentences)


def test_task_says_what_is_learnt(trained):
    assert SeriesTask().eyebrow(trained[1].run) == ("units, 4 days ahead",)


@pytest.mark.filterwarnings("error:overflow")
def test_page_of_irregular_times_counts_the_steps_ahead():
    rows = np.random.default_rng(0).permutation(900)[:120]
    frame = daily(120).assign(date=pd.Timestamp("2024-01-01") + pd.to_timedelta(rows * 37, "min"))
    page = render(page_of(train_series(frame, "units", time="date", **QUICK)))
    check(page)
    assert "NaT" not in page
