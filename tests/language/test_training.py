"""From a text to a trained model: seeds, what is told, what is kept, going on after a stop."""

import numpy as np
import pytest

from maeum.callbacks import LambdaCallback
from maeum.experiment.events import Compared, Found, Note
from maeum.language import LanguageOptions, train_language_model
from maeum.language.baselines import BIGRAMS, UNIFORM, UNIGRAMS
from maeum.language.training import LanguageData, train_on

TINY = {"units": 8, "layers": 1, "window": 8, "heads": 2, "dropout": 0.2, "report": False}
TEXT = ["to be or not to be\n" * 30]


def same(one, two):
    weights = (trained.model.network.get_weights() for trained in (one, two))
    return all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def test_run_tells_everything_of_a_training(names):
    run = names.run
    assert run.rows == {"train": len(run.data.train), "validation": len(run.data.validation)}
    assert [model["name"] for model in run.models][1:] == [BIGRAMS, UNIGRAMS, UNIFORM]
    assert run.models[0]["metrics"] == run.metrics
    assert set(run.history) == {"loss", "val_loss", "perplexity", "val_perplexity"}
    assert run.history["perplexity"] == pytest.approx(np.exp(run.history["loss"]))
    assert set(run.seconds) == {"preparing", "training", "testing", "comparing", "examining"}
    again = names.model.evaluate(run.data.held_out)  # the very same steps
    assert run.metrics == pytest.approx({name: again[name] for name in run.metrics}, rel=1e-5)


def test_what_belongs_to_the_run_is_found_where_it_was_before(names):
    for name in ("data", "history", "best_epoch", "metrics", "notes", "seconds"):
        assert getattr(names, name) is getattr(names.run, name)
    with pytest.raises(AttributeError, match="no attribute 'rows'"):
        names.rows  # noqa: B018


@pytest.mark.parametrize("network", ["lstm", "transformer"])
def test_a_seed_gives_one_network_and_a_training_that_broke_off_goes_on_to_it(network, tmp_path):
    options = {**TINY, "network": network, "epochs": 3}
    whole = train_language_model(TEXT, seed=7, **options)
    with pytest.raises(OSError, match="power cut"):
        train_language_model(TEXT, seed=7, backup=tmp_path, callbacks=[LambdaCallback(
            on_epoch_end=lambda epoch, logs: fail() if epoch else None)], **options)  # fmt: skip
    resumed = train_language_model(TEXT, seed=7, backup=tmp_path, **options)
    assert same(whole, resumed)
    assert resumed.run.history == whole.run.history


def fail():
    raise OSError("power cut")


def test_listeners_are_told_what_is_found_and_how_it_compares():
    options = LanguageOptions(units=8, layers=1, window=8, epochs=1)
    data = LanguageData.prepare(["a name", "", *["another name"] * 20], options)
    told, said = [], []
    train_on(data, events=told.append, tell=said.append)
    found = next(event for event in told if isinstance(event, Found))
    assert found.facts["running"] is False
    assert found.lines[0].startswith("texts: characters, ")
    assert Note("Empty texts, ignored: 1.") in told
    assert [len(event.models) for event in told if isinstance(event, Compared)] == [4]
    assert said == [str(event) for event in told]
