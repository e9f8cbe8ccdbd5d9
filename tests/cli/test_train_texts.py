"""``maeum train`` on texts, ``maeum generate``, and what becomes of their models."""

import io
import json
import signal

import numpy as np
import pandas as pd
import pytest

from maeum.cli import display
from maeum.texts import task as texts_task

GOOD, BAD = ["lovely", "great", "nice"], ["ugly", "terrible", "dull"]


def reviews(n=80):
    random = np.random.default_rng(0)
    fillers = ["film", "plot", "really", "quite", "actor", "music", "the"]
    texts = [
        " ".join([*random.choice(fillers, 4), random.choice(GOOD if i % 2 else BAD)])
        for i in range(n)
    ]
    return pd.DataFrame({"review": texts, "label": ["pos" if i % 2 else "neg" for i in range(n)]})


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "시.txt"
    path.write_text("to be or not to be\n" * 120, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def written(maeum, text, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "out"
    options = ["--epochs", "2", "--units", "12", "--layers", "1", "--window", "16"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(display.console, "width", 200)
        return maeum("train", text, "--out", out, *options), out


@pytest.fixture(scope="module")
def labelled(maeum, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    reviews().to_csv(folder / "reviews.csv", index=False)
    options = ["--text", "review", "--target", "label", "--epochs", "2", "--seed", "3"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(display.console, "width", 200)
        return maeum("train", folder / "reviews.csv", "--out", folder / "out", *options), folder


def test_a_text_file_gives_a_language_model_and_a_report(written):
    told, out = written
    assert told.code == 0, told.err
    assert "시.txt: characters, 2,052 to train and 228 to validate" in told.out
    assert "Bigram frequencies" in told.out
    assert "It narrows the next character down to" in told.out
    assert "It writes, at temperature 0.8:" in told.out
    assert f"Report: {out / 'report.html'}" in told.out.splitlines()
    names = ["history.csv", "metrics.json", "model.maeum", "report.html"]
    assert sorted(path.name for path in out.iterdir()) == names
    numbers = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert numbers["rows"] == {"train": 2052, "validation": 228}
    assert "시.txt" in (out / "report.html").read_text(encoding="utf-8")


def test_generate_writes_the_same_for_the_same_seed(maeum, written):
    model = written[1] / "model.maeum"
    first, second = (
        maeum("generate", model, "--prompt", "to be", "--length", "20", "--seed", "1")
        for _ in range(2)
    )
    assert first == second
    assert first.out.startswith("to be")
    assert len(first.out) == 26
    three = maeum("generate", model, "--count", "3", "--length", "5", "--seed", "1").out
    assert len(three.splitlines()) >= 3
    assert maeum("generate", model, "--beam", "2", "--length", "4").code == 0
    assert maeum("generate", model, "--temperature", "0", "--top-p", "0.5").code == 0


def test_show_and_evaluate_know_language_models(maeum, written, text):
    model = written[1] / "model.maeum"
    shown = maeum("show", model)
    assert "Writes running text, character by character; learnt from 시.txt" in shown.out
    found = maeum("evaluate", model, text)
    assert found.code == 0, found.err
    assert "시.txt: 2,279 tokens" in found.out
    assert "Perplexity" in found.out


def test_labelled_texts_give_a_classifier_and_a_report(labelled):
    told, folder = labelled
    assert told.code == 0, told.err
    assert "reviews.csv: 80 texts" in told.out
    assert "TF-IDF and logistic regression" in told.out
    assert "Right for" in told.out
    metrics = json.loads((folder / "out" / "metrics.json").read_text())
    assert metrics["settings"]["seed"] == 3
    assert (metrics["text"], metrics["target"]) == ("review", "label")
    assert (folder / "out" / "report.html").is_file()


def test_ctrl_c_in_the_comparison_keeps_the_classifier(maeum, labelled, monkeypatch, tmp_path):
    folder = labelled[1]

    def interrupted(data):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(texts_task, "fit_baselines", interrupted)
    options = ["--text", "review", "--target", "label", "--epochs", "2"]
    told = maeum("train", folder / "reviews.csv", "--out", tmp_path / "out", *options)
    assert told.code == 0, told.err
    assert "The comparison with other models was stopped by hand." in told.out
    found = maeum("predict", tmp_path / "out" / "model.maeum", folder / "reviews.csv", "--out", "-")
    assert found.out.count("pos") >= 40
    assert "stopped by hand" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_predict_evaluate_and_show_know_classifiers(maeum, labelled, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = labelled[1]
    model = folder / "out" / "model.maeum"
    (tmp_path / "new.txt").write_text("a lovely film\nso dull\n", encoding="utf-8")
    assert maeum("predict", model, "new.txt").code == 0
    found = pd.read_csv("new-predictions.csv")
    assert found["prediction"].tolist() == ["pos", "neg"]
    assert "pos" in maeum("predict", model, folder / "reviews.csv", "--out", "-").out
    told = maeum("evaluate", model, folder / "reviews.csv")
    assert "reviews.csv: 80 texts" in told.out
    assert "Accuracy" in told.out
    assert "Predicts one of 2 classes of a text" in maeum("show", model).out


def test_a_table_of_nothing_but_texts_is_taken_for_text_classification(maeum, labelled, tmp_path):
    folder, out = labelled[1], tmp_path / "out"
    table = pd.read_csv(folder / "reviews.csv")
    table["review"] += [f" {i}" for i in range(len(table))]
    table.to_csv(tmp_path / "plain.csv", index=False)
    given = ["train", tmp_path / "plain.csv", "--target", "label", "--epochs", "1", "--out"]
    told = maeum(*given, out)
    assert told.code == 0, told.err
    assert "plain.csv: 80 texts" in told.out
    assert "Taken for text classification, as with --text review." in told.out
    shown = maeum("predict", out / "model.maeum", tmp_path / "plain.csv", "--out", "-").out
    assert pd.read_csv(io.StringIO(shown))["review"].tolist() == table["review"].tolist()
    told = maeum(*given, tmp_path / "table", "--hidden", "8")
    assert "plain.csv: 80 rows, 1 column used" in told.out


def test_a_folder_of_text_files_gives_a_classifier(maeum, tmp_path):
    for i, row in enumerate(reviews(40).itertuples()):
        folder = tmp_path / "films" / row.label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i}.txt").write_text(row.review, encoding="utf-8")
    told = maeum("train", tmp_path / "films", "--out", tmp_path / "out", "--epochs", "1")
    assert told.code == 0, told.err
    assert "films: 40 texts" in told.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train empty.txt", "empty.txt is empty"),
        ("train none.txt", "cannot be read"),
        ("train short.txt", "too few characters for a window"),
        ("train latin.txt", "latin-1"),
        ("train short.txt --hidden 3", "--hidden is for tables, series"),
        ("train short.txt --separator ;", "--separator is for tables"),
        ("train short.txt --heads none", "heads is a whole number"),
        ("train short.txt --unit letters", "unit is one of"),
        ("train short.txt --dropout half", "--dropout takes numbers"),
        ("train table.csv --text a --target y --size 8", "--size is for images"),
        ("train table.csv --text n --target y", "'n' holds numbers"),
        ("train table.csv --text nn --target y", "Did you mean 'n'"),
        ("train table.csv --text a", "Say which column holds the labels"),
        ("train table.csv --target y --units 3", "--units is for text classification"),
        ("generate table.csv", "not a model"),
        ("generate none.maeum", "no model file"),
    ],
)
def test_what_makes_no_sense_is_refused(refuse, tmp_path, arguments, said):
    (tmp_path / "empty.txt").write_text("\n \n")
    (tmp_path / "short.txt").write_text("short")
    (tmp_path / "latin.txt").write_bytes("caf\xe9 ".encode("latin-1") * 50)
    reviews(30).rename(columns={"review": "a", "label": "y"}).assign(n=range(30)).to_csv(
        tmp_path / "table.csv", index=False
    )
    assert said in refuse(*arguments.split())


def test_a_language_model_does_not_predict(maeum, written, text, refuse):
    assert "maeum generate" in refuse("predict", written[1] / "model.maeum", text)
    assert "'Z'" in refuse("generate", written[1] / "model.maeum", "--prompt", "Z")
