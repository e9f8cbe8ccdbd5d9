"""``maeum train`` as a customer uses it."""

import csv
import json
import os
import re
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from maeum.cli import display
from maeum.experiment import files
from maeum.experiment.events import EpochEnded, TrainingBegan
from maeum.tabular import TabularModel, read_table

CUSTOMERS = Path(__file__).parents[2] / "examples" / "customers.csv"


def yes_no_table(rows=60, seed=0):
    """A small table whose target is yes where ``a`` is positive."""
    a = np.random.default_rng(seed).normal(size=rows)
    lines = [f"{x:.3f},{'uvw'[i % 3]},{'yes' if x > 0 else 'no'}" for i, x in enumerate(a)]
    return "\n".join(["a,b,y", *lines]) + "\n"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(yes_no_table())
    return path


@pytest.fixture(scope="module")
def customers(maeum, tmp_path_factory):
    """The example, trained for two epochs into a folder with blanks and Korean letters."""
    folder = tmp_path_factory.mktemp("results") / "고객 이탈" / "first try"
    ran = maeum("train", CUSTOMERS, "--target", "Churn", "--out", folder, "--epochs", 2)
    return ran, folder


class TestExample:
    def test_succeeds_and_writes_five_files(self, customers):
        ran, folder = customers
        assert ran.code == 0, ran.err
        names = ["history.csv", "metrics.json", "model.maeum", "predictions.csv", "report.html"]
        assert sorted(path.name for path in folder.iterdir()) == names

    def test_tells_the_table_the_classes_and_what_was_left_out_before_it_trains(self, customers):
        ran, _ = customers
        before, _, after = ran.out.partition("epoch 1/2")
        assert "7,043 rows, 19 columns used as 30 features" in before
        assert "'Churn': 2 classes, No 73.5%, Yes 26.5%" in before
        assert "4,930 to train and 2,113 to test. 8 networks learn" in before
        assert "Excluded 'customerID': looks like a key or a name" in before
        assert "TotalCharges: 11 missing cells filled" in before
        assert "--balance" not in before  # one in four is no rarity
        assert "Logistic regression" in after
        assert "2,113 rows never seen" in after

    def test_says_where_the_report_is_on_a_line_of_its_own(self, customers):
        ran, folder = customers
        assert f"Report: {folder / 'report.html'}" in ran.out.splitlines()

    def test_fits_a_terminal_of_80_columns(self, customers):
        ran, _ = customers
        table = ran.out.partition("Model  ")[2].partition("\n\n")[0].splitlines()
        assert len(table) >= 4
        assert max(len(line.rstrip()) for line in table) <= 80

    def test_metrics_are_those_of_the_saved_model_on_the_test_rows(self, customers):
        _, folder = customers
        metrics = json.loads((folder / "metrics.json").read_text())
        model = TabularModel.load(folder / "model.maeum")
        assert model.facts["metrics"] == metrics["metrics"]
        assert metrics["rows"] == {"train": 4930, "validation": 0, "test": 2113}
        assert metrics["models"][0]["name"] == "Maeum network"
        assert len(metrics["importance"]) == 19

    def test_history_has_a_row_for_each_epoch(self, customers):
        _, folder = customers
        rows = list(csv.DictReader((folder / "history.csv").open()))
        assert [row["epoch"] for row in rows] == ["1", "2"]
        assert float(rows[1]["val_loss"]) > 0

    def test_report_says_how_to_use_the_model_and_what_importance_measures(self, customers):
        _, folder = customers
        report = (folder / "report.html").read_text()
        assert 'TabularModel.load("model.maeum")' in report.replace("&#34;", '"')
        assert "How much worse the score on the test rows (ROC AUC) becomes" in report


def test_options_reach_the_network(maeum, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = "--hidden 8,4 --dropout 0.1,0.2 --epochs 2 --batch-size 7 --optimizer rmsprop"
    options += " --learning-rate 0.01 --scale minmax --balance --test-size 0.25 --seed 3"
    options += " --validation-size 0.1 --patience 0 --activation tanh --positive no --ignore b"
    ran = maeum("train", small, "--target", "last", *options.split())
    assert ran.code == 0, ran.err
    assert "Excluded 'b': it was excluded on request" in ran.out
    assert "15 to test" in ran.out
    model = TabularModel.load("maeum-small/model.maeum")  # the folder when none is named
    assert [w.shape for w in model.network.get_weights()][::2] == [(1, 8), (8, 4), (4, 1)]
    assert type(model.network.optimizer).__name__ == "RMSprop"
    assert float(model.network.optimizer.learning_rate) == pytest.approx(0.01)
    assert model.target.classes == ["yes", "no"]
    settings = json.loads(Path("maeum-small/metrics.json").read_text())["settings"]
    assert settings["batch_size"] == 7
    assert settings["balance"] is True
    assert settings["scale"] == "minmax"
    assert settings["seed"] == 3


def test_numbers_of_a_semicolon_separated_latin_1_file(maeum, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i / 4:.2f};{'né' if i % 3 else 'été'};{2 * i + 0.5:.1f}" for i in range(80)]
    text = "\n".join(["âge;saison;prix", *rows]).replace(".", ",")
    Path("données.csv").write_bytes(text.encode("latin-1"))
    ran = maeum("train", "données.csv", "--target", "prix", "--epochs", 2)
    assert ran.code == 0, ran.err
    assert "cells are separated by semicolons" in ran.out
    assert "encoding was recognised as cp1252" in ran.out
    assert "'prix': a number from 0.5 to 158.5, on average 79.5" in ran.out
    assert "(R²) becomes" in Path("maeum-données/report.html").read_text()
    predicted = maeum("predict", "maeum-données/model.maeum", "données.csv", "--out", "-")
    assert predicted.out.splitlines()[0] == "âge,saison,prix,prediction"


def test_400_columns_are_told_and_reported_briefly(maeum, tmp_path):
    path = tmp_path / "wide.csv"
    numbers = np.random.default_rng(0).normal(size=(80, 400)).round(2).astype(str)
    numbers[::7, ::2] = ""
    lines = [",".join([*row, "xz"[i % 2]]) for i, row in enumerate(numbers)]
    path.write_text("\n".join([",".join([*(f"c{i}" for i in range(400)), "y"]), *lines]))
    ran = maeum("train", path, "--target", "y", "--epochs", 1, "--out", tmp_path / "wide")
    assert ran.code == 0, ran.err
    assert "400 columns used as 600 features" in ran.out
    assert re.search(r"and 1\d\d more", ran.out)
    lines = [line for line in ran.out.splitlines() if not line.endswith("...")]  # of slow steps
    assert len(lines) <= 45
    assert (tmp_path / "wide" / "report.html").stat().st_size < 1_000_000


def test_rare_class_is_looked_for_and_the_headline_is_about_it(maeum, tmp_path):
    path = tmp_path / "rare.csv"
    rare = "".join(f"{i % 20 + i / 1e3},{'fraud' if i % 20 == 0 else 'ok'}\n" for i in range(400))
    path.write_text("a,y\n" + rare)
    out = tmp_path / "o"
    ran = maeum("train", path, "--target", "y", "--epochs", 3, "--hidden", 8, "--out", out)
    assert "'y': 2 classes, ok 95.0%, fraud 5.0%" in ran.out
    assert "“fraud” is answered from a probability of" in ran.out
    assert re.search(r"y: finds .* of the 6 rows never seen before that are “fraud”", ran.out)
    settings = json.loads((out / "metrics.json").read_text())["settings"]
    assert settings["threshold"] == TabularModel.load(out / "model.maeum").target.threshold != 0.5
    rows = list(csv.DictReader((out / "predictions.csv").open()))
    assert len(rows) == 120
    for row in rows:
        named = float(row["probability of fraud"]) >= settings["threshold"]
        assert row["prediction"] == ("fraud" if named else "ok")
    found = maeum("predict", out / "model.maeum", path, "--threshold", 1e-9, "--out", "-")
    answers = list(csv.DictReader(found.out.splitlines()))
    assert {row["prediction"] for row in answers} == {"fraud"}


def test_earlier_results_are_kept_or_replaced_with_a_word(maeum, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short = ["--target", "y", "--epochs", 1, "--hidden", 4]
    assert "earlier" not in maeum("train", small, *short).out
    first = Path("maeum-small/model.maeum").read_bytes()
    ran = maeum("train", small, *short, "--seed", 1)
    assert "maeum-small holds the results of an earlier training" in ran.out
    assert "Report: maeum-small-2/report.html" in ran.out
    assert Path("maeum-small/model.maeum").read_bytes() == first
    ran = maeum("train", small, *short, "--out", "maeum-small", "--seed", 1)
    assert "which these will replace" in ran.out
    assert Path("maeum-small/model.maeum").read_bytes() != first


def test_ctrl_c_tests_and_saves_the_network_so_far(maeum, small, tmp_path, monkeypatch):
    shown = display.Terminal.__call__

    def interrupt(self, event):
        shown(self, event)
        if isinstance(event, EpochEnded) and event.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(display.Terminal, "__call__", interrupt)
    ran = maeum("train", small, "--target", "y", "--epochs", 500, "--out", tmp_path / "o")
    assert ran.code == 0, ran.err
    assert "Trained 3 epochs" in ran.out
    assert TabularModel.load(tmp_path / "o" / "model.maeum").facts["settings"]["refit"] is False
    notes = json.loads((tmp_path / "o" / "metrics.json").read_text())["notes"]
    assert "The training was stopped by hand after 3 epochs." in notes


def test_ctrl_c_before_the_first_epoch_is_over_writes_nothing(maeum, small, tmp_path, monkeypatch):
    def interrupt(self, event):
        if isinstance(event, TrainingBegan):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(display.Terminal, "__call__", interrupt)
    ran = maeum("train", small, "--target", "y", "--out", tmp_path / "o")
    assert ran.code == 130
    assert "there is no network yet" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "o").exists()


def test_file_whose_name_is_not_utf_8_is_learnt_from_saved_and_used(maeum, small, tmp_path):
    path = tmp_path / os.fsdecode("café.csv".encode("latin-1"))
    path.write_bytes(small.read_bytes())
    out = tmp_path / "o"
    ran = maeum("train", path, "--target", "y", "--epochs", 1, "--out", out)
    assert ran.code == 0, ran.err
    assert TabularModel.load(out / "model.maeum").facts["source"] == path.name
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8"))["source"] == path.name
    assert (out / "report.html").read_text(encoding="utf-8")
    assert maeum("evaluate", out / "model.maeum", path).code == 0


def test_speaks_korean_where_it_is_asked_to(maeum, small, tmp_path):
    ran = maeum("train", small, "--target", "y", "--epochs", 1, "--language", "ko",
                "--out", tmp_path / "o")  # fmt: skip
    assert ran.code == 0, ran.err
    assert "60행, 2열을 특성 3개로 사용" in ran.out
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert "얼마나 좋은가" in page
    assert "모델을" not in maeum("show", tmp_path / "o" / "model.maeum").out  # English again


def test_disk_that_fills_leaves_the_files_of_before(maeum, small, tmp_path, monkeypatch):
    out = tmp_path / "o"
    assert maeum("train", small, "--target", "y", "--epochs", 1, "--out", out).code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write = files.write_results

    def write_on_a_full_disk(*arguments):
        _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        try:
            return write(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    monkeypatch.setattr(files, "write_results", write_on_a_full_disk)
    ran = maeum("train", small, "--target", "y", "--epochs", 2, "--out", out)
    assert ran.code == 2
    assert ran.err.startswith("maeum: ")
    assert "could not be written" in ran.err
    assert "Traceback" not in ran.err
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    monkeypatch.undo()  # the training is not lost
    ran = maeum("train", small, "--target", "y", "--epochs", 2, "--out", out, "--resume")
    assert ran.code == 0
    assert {path.name for path in out.iterdir()} == set(before)


def test_odd_cells_are_learnt_from_and_told(maeum, tmp_path):
    path = tmp_path / "odd.csv"
    numbers = ["inf", "nan", "1", "2", "", "3"] * 10
    mixed = [str(i % 5) if i % 30 else "lots" for i in range(60)]
    lines = [
        f'{n},{m},{m},"one\ntwo",{"xz"[i % 2]}' for i, (n, m) in enumerate(zip(numbers, mixed))
    ]
    path.write_text("\ufeff" + "\n".join(["a,b,b,c,y", *lines]))
    ran = maeum("train", path, "--target", "y", "--epochs", 1, "--out", tmp_path / "o")
    assert ran.code == 0, ran.err
    assert "'b' is now 'b_2'" in ran.out
    assert "a: 10 infinite cells ('inf'); taken as missing." in ran.out
    assert "b: 2 cells not a number ('lots'); taken as missing." in ran.out
    assert "Excluded 'c': every cell is 'one two'" in ran.out.replace("\\n", " ")
    assert len(read_table(path).frame) == 60
