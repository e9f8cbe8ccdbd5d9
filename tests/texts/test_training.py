"""Text classification from texts to a tested network, in one call."""

import signal

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.experiment import events
from maeum.texts import TextClassifier, TextData, train_on, train_text, write_results
from maeum.texts import task as texts_task


def test_what_is_learnt_is_right_for_new_texts(trained, reviews):
    assert trained.run.metrics["accuracy"] > 0.9
    found = trained.model.predict(["a lovely plot", "quite terrible"])
    assert found["prediction"].tolist() == ["pos", "neg"]
    assert trained.model.evaluate(reviews(40, seed=9))["accuracy"] > 0.9


@pytest.mark.parametrize("network", ["cnn", "gru"])
def test_other_networks_learn_it_too(table, network):
    run = train_text(
        table, "review", "label", network=network, epochs=8, units=16, learning_rate=0.01,
        dropout=0.1, batch_size=16, report=False,
    ).run  # fmt: skip
    assert run.metrics["accuracy"] > 0.85


def test_simple_models_stand_beside_it(trained):
    names = [model["name"] for model in trained.run.models]
    assert names == [
        "Maeum network",
        "TF-IDF and logistic regression",
        "Always the most frequent class",
    ]
    assert trained.run.models[1]["metrics"]["accuracy"] > 0.9
    assert trained.run.models[2]["metrics"]["accuracy"] == pytest.approx(0.5, abs=0.1)


def test_listeners_are_told_what_happens(table):
    heard, said = [], []
    data = TextData.prepare(table, "review", "label")
    train_on(data, tell=said.append, events=heard.append, report=False)
    found = next(event for event in heard if isinstance(event, events.Found))
    assert found.facts["classes"] == {"neg": 80, "pos": 80}
    assert found.facts["train"] == len(data.rows["train"])
    assert said == [str(event) for event in heard]
    assert said[0].splitlines()[0] == "a table: 160 texts"


@pytest.fixture
def ctrl_c_in_the_comparison(monkeypatch):
    """Press Ctrl-C when the first of the other models was trained."""
    fit = texts_task.fit_baselines

    def interrupted(data):
        fit(data)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(texts_task, "fit_baselines", interrupted)


def test_ctrl_c_in_the_comparison_keeps_the_classifier(
    table, reviews, tmp_path, ctrl_c_in_the_comparison
):
    trained = train_text(table, "review", "label", epochs=4, seed=1)
    assert trained.run.notes[-1] == "The comparison with other models was stopped by hand."
    assert [model["name"] for model in trained.run.models] == ["Maeum network"]
    paths = write_results(trained, tmp_path)
    again = TextClassifier.load(paths["model"])
    assert again.evaluate(reviews(40, seed=9))["accuracy"] > 0.9
    page = paths["report"].read_text(encoding="utf-8")
    assert "stopped by hand" in page
    assert "TF-IDF" not in page


def test_ctrl_c_in_the_training_keeps_the_best_network(table):
    def press(event):
        if isinstance(event, events.EpochEnded) and event.epoch == 1:
            signal.raise_signal(signal.SIGINT)

    trained = train_text(table, "review", "label", epochs=50, patience=0, events=press)
    assert len(trained.run.history["loss"]) == 2
    assert "The training was stopped by hand after 2 epochs." in trained.run.notes
    assert len(trained.run.models) == 3  # the comparison is not stopped by that


def test_training_that_was_broken_off_goes_on(table, tmp_path):
    def broken(event):
        if isinstance(event, events.TrainingEnded):  # all epochs are over, nothing is tested yet
            raise RuntimeError

    def train(**more):
        return train_text(table, "review", "label", epochs=4, seed=2, report=False, **more)

    with pytest.raises(RuntimeError):
        train(events=broken, backup=tmp_path / "backup")
    heard = []
    again, whole = train(events=heard.append, backup=tmp_path / "backup"), train()
    assert not any(isinstance(event, events.EpochEnded) for event in heard)
    assert again.run.history == whole.run.history
    for ours, theirs in zip(again.model.network.get_weights(), whole.model.network.get_weights()):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("change", "options", "error", "said"),
    [
        (lambda t: t, {"text": "revue"}, UnknownNameError, "Did you mean 'review'"),
        (lambda t: t, {"text": "label"}, ConfigError, "same column"),
        (lambda t: t, {"target": "mood"}, UnknownNameError, "mood"),
        (lambda t: t, {"target": None}, ConfigError, "which column holds the labels"),
        (lambda t: t.assign(x=1), {"text": None}, ConfigError, "Say which column"),
        (lambda t: t, {"target": "review", "text": "label"}, DataError, "different labels"),
        (lambda t: t.assign(label="pos"), {}, DataError, "of the class 'pos'"),
        (lambda t: t.assign(review="same"), {}, DataError, r"40 texts \(1 different\)"),
        (lambda t: t, {"network": "bog"}, ConfigError, "Did you mean 'bag'"),
        (lambda t: t, {"netwrk": "bag"}, ConfigError, "Did you mean 'network'"),
        (lambda t: t, {"test_size": 0.6, "validation_size": 0.5}, ConfigError, "leave nothing"),
        (lambda t: t, {"units": 0}, ConfigError, "units"),
        (lambda t: t, {"vocabulary": 2}, ConfigError, "vocabulary"),
        (lambda t: t, {"test_size": 0.0}, ConfigError, "test_size"),
        (lambda t: t, {"length": 0}, ConfigError, "length"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_refused(reviews, change, options, error, said):
    columns = {"text": "review", "target": "label", **options}
    with pytest.raises(error, match=said):
        train_text(change(reviews(40)), epochs=1, **columns)
