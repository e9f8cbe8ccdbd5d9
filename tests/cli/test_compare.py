"""``maeum compare`` as a customer uses it."""

import json

import numpy as np
import pandas as pd
import pytest

QUICK = ("--epochs", 2, "--hidden", 4, "--folds", 2, "--models", "linear,knn")


@pytest.fixture
def exam(tmp_path):
    random = np.random.default_rng(0)
    hours = random.integers(0, 10, 40)
    passed = np.where(hours + random.normal(0, 2, 40) > 5, "yes", "no")
    frame = pd.DataFrame({"hours": hours, "passed": passed, "id": [f"P{i:03d}" for i in range(40)]})
    frame.to_csv(tmp_path / "exam.csv", index=False, sep=";")
    return tmp_path / "exam.csv"


def test_compare_writes_a_line_for_each_model_and_fold_and_a_page(maeum, exam, tmp_path):
    out = tmp_path / "results"
    ran = maeum("compare", exam, "--target", "passed", *QUICK, "--separator", ";", "--out", out)
    assert ran.code == 0, ran.err
    assert sorted(p.name for p in out.iterdir()) == [
        "comparison.csv", "comparison.json", "report.html"]  # fmt: skip
    table = pd.read_csv(out / "comparison.csv")
    assert table[["model", "fold"]].values.tolist() == [
        [model, fold] for fold in (1, 2) for model in ("network", "linear", "knn")]  # fmt: skip
    told = json.loads((out / "comparison.json").read_text())
    assert (told["metric"], told["rows"], told["options"]["models"]) == (
        "roc_auc", 40, ["linear", "knn"])  # fmt: skip
    assert "Excluded 'id': looks like a key" in ran.out
    assert "Fold 2 of 2, ROC AUC: Network" in ran.out
    assert "of 3 models by ROC AUC" in ran.out
    assert f"Report: {out / 'report.html'}" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["there-is-none.csv", "--target", "a"], "there-is-none.csv"),
        (["{data}"], "Missing option '--target'"),
        (["{data}", "--target", "pased"], "Did you mean 'passed'"),
        (["{data}", "--target", "passed", "--folds", "1"], "--folds is a whole number of 2"),
        (["{data}", "--target", "passed", "--metric", "auc"], "Did you mean"),
        (["{data}", "--target", "passed", "--metric", "rmse"], "not for this target"),
        (["{data}", "--target", "passed", "--models", "knn,net"], "forest"),
        (["{data}", "--target", "passed", "--neighbors", "33"], "trained on 32 rows"),
        (["{data}", "--target", "passed", "--group", "grp"], "grp"),
        (["{data}", "--target", "passed", "--ignore", "hours"], "No column is left"),
    ],
    ids=lambda value: " ".join(value[1:]) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_refused(refuse, exam, arguments, said):
    given = (str(exam) if each == "{data}" else each for each in arguments)
    assert said in refuse("compare", *given)


def test_ctrl_c_writes_the_folds_that_are_finished(maeum, exam, tmp_path, monkeypatch):
    from maeum.classics.comparing.trials import Fold

    train = Fold.network

    def network(self):
        if self.number == 2:
            raise KeyboardInterrupt
        return train(self)

    monkeypatch.setattr(Fold, "network", network)
    ran = maeum("compare", exam, "--target", "passed", *QUICK, "--out", tmp_path / "results")
    assert ran.code == 0, ran.err
    assert "It was stopped by hand" in ran.out
    assert set(pd.read_csv(tmp_path / "results" / "comparison.csv")["fold"]) == {1}
