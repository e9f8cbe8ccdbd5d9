"""``maeum tune`` as a customer uses it."""

import json

import numpy as np
import pandas as pd
import pytest

from .. import pages

QUICK = ("--hidden", "8", "--epochs", "2", "--batch-size", "64", "--target", "passed")


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"hours": rng.uniform(0, 9, 200).round(2), "home": list("ab") * 100})
    frame["passed"] = np.where(frame.hours + rng.normal(size=200) > 5, "yes", "no")
    frame.to_csv(tmp_path / "exam.csv", index=False)
    return tmp_path / "exam.csv"


def test_tune_writes_the_model_its_test_the_search_and_the_trials_and_goes_on(
    maeum, table, tmp_path
):
    out = tmp_path / "results"
    ran = maeum("tune", table, *QUICK, "--trials", "3", "--out", out)
    assert ran.code == 0, ran.err
    names = {path.name for path in out.iterdir()}
    assert names >= {"model.maeum", "report.html", "search.html", "trials.csv", "search"}
    assert "Searching: 3 trials at most, for 5 min at most" in ran.out
    assert "Searched 3 trials in" in ran.out
    assert f"Search: {out / 'search.html'}" in ran.out.splitlines()
    report = (out / "report.html").read_text("utf-8")
    pages.check(report)
    assert '<a href="search.html">' in report
    page = (out / "search.html").read_text("utf-8")
    pages.check(page)
    assert "exam.csv" in page
    trials = pd.read_csv(out / "trials.csv")
    assert trials["trial"].tolist() == [0, 1, 2]
    assert {"val_loss", "learning_rate", "dropout", "weight_decay"} <= {*trials}
    settings = json.loads((out / "metrics.json").read_text())["settings"]
    assert (settings["hidden"], settings["trials"], settings["folds"]) == ([8], 3, 1)
    ran = maeum("predict", out / "model.maeum", table, "--out", tmp_path / "said.csv")
    assert ran.code == 0, ran.err

    ran = maeum("tune", table, *QUICK, "--trials", "4", "--out", out, "--resume")
    assert ran.code == 0, ran.err
    assert "3 were there before" in ran.out
    again = pd.read_csv(out / "trials.csv")
    pd.testing.assert_frame_equal(again.head(3), trials)
    assert len(again) == 4


def test_a_search_for_another_table_does_not_go_on(maeum, table, tmp_path):
    out = tmp_path / "results"
    assert maeum("tune", table, *QUICK, "--trials", "1", "--out", out).code == 0
    pd.read_csv(table).head(150).to_csv(table, index=False)
    ran = maeum("tune", table, *QUICK, "--trials", "2", "--out", out, "--resume")
    assert ran.code == 2
    assert "was begun with other data" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["there-is-none.csv", "--target", "y"], "there-is-none.csv"),
        (["{data}"], "--target"),
        (["{data}", "--target", "past"], "Did you mean 'passed'"),
        (["{data}", "--target", "passed", "--trials", "0"], "--trials is a whole number of 1"),
        (["{data}", "--target", "passed", "--minutes", "0"], "--minutes"),
        (["{data}", "--target", "passed", "--ensemble", "0"], "--ensemble"),
        (["{data}", "--target", "passed", "--search", "randm"], "Did you mean 'random'"),
        (["{data}", "--target", "passed", "--objective", "val_acc"], "val_accuracy"),
        (["{data}", "--target", "passed", "--validation-size", "0"], "rows to validate with"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_refused(refuse, table, arguments, said):
    asked = (str(table) if each == "{data}" else each for each in arguments)
    assert said in refuse("tune", *asked)


def test_an_option_of_a_training_that_a_search_lacks_is_none(maeum, table):
    ran = maeum("tune", table, "--target", "passed", "--folds", "5")
    assert ran.code == 2
    assert "--folds" in ran.err
