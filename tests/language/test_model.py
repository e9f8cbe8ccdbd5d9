"""Language models: what they write, predict, keep and refuse."""

import json
import math

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.experiment.task import open_model
from maeum.language import LanguageModel, train_language_model
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.saving import archive

SMALL = {"units": 24, "layers": 1, "window": 8, "epochs": 1, "dropout": 0.0, "report": False}


def test_a_pattern_is_learnt_and_written(running):
    assert running.run.metrics["perplexity"] < 1.3
    model = running.model
    assert model.generate("so l", 8, temperature=0) == "so long,\tand"
    assert model.generate(["so l", "s\nso"], 3, temperature=0) == ["so long", "s\nso lo"]
    assert model.generate("so l", 8, beam=3) == "so long,\tand"


def test_an_empty_prompt_begins_after_a_line_end(running):
    assert running.model.generate("", 4, temperature=0) == "so l"
    assert running.model.generate("\n", 4, temperature=0) == "\nso l"


def test_several_texts_have_a_beginning_and_an_end(names):
    model, known = names.model, {*names.run.data.learnt, *names.run.data.held_out}
    made = model.generate([""] * 20, 30, temperature=0.5, seed=1)
    assert all(1 <= len(name) < 30 for name in made)
    assert {name[0] for name in made} <= set("ahnj")
    assert sum(name in known for name in made) > 10
    assert model.generate("joh", 20, temperature=0) == "johanna"
    assert model.generate("", 20, beam=4) in known


def test_streamed_text_is_the_same(running, names):
    for model in (running.model, names.model):
        options = {"temperature": 0.8, "seed": 4}
        assert "".join(model.stream("a", 12, **options)) == model.generate("a", 12, **options)


def test_a_file_keeps_the_vocabulary(names, tmp_path):
    names.model.save(tmp_path / "names.maeum")
    for again in (
        LanguageModel.load(tmp_path / "names.maeum"),
        open_model(tmp_path / "names.maeum"),
    ):
        assert again.generate("ha", 9, seed=3) == names.model.generate("ha", 9, seed=3)
        assert again.facts["metrics"] == names.run.metrics
        assert (again.start, again.end) == (names.model.start, names.model.end)


def test_perplexity_is_that_of_the_probabilities(names, tmp_path):
    model = names.model
    tokens = [model.start, *model.encoder.encode("hana"), model.end]
    p = model.network.predict(np.array([tokens[:-1]]), verbose=0)[0]
    loss = -np.log(p[np.arange(5), tokens[1:]]).mean()
    found = model.evaluate("hana")
    assert found["rows"] == 5
    assert found["loss"] == pytest.approx(loss, rel=1e-4)
    assert found["perplexity"] == pytest.approx(math.exp(loss), rel=1e-4)
    assert found["bits_per_character"] == pytest.approx(loss * 5 / 4 / math.log(2), rel=1e-4)
    (tmp_path / "names.txt").write_text("hana\n\nanna\n")
    of_file = model.evaluate(tmp_path / "names.txt")
    assert of_file.pop("notes") == ["Empty texts, ignored: 1."]
    assert of_file == {k: v for k, v in model.evaluate(["hana", "anna"]).items() if k != "notes"}


@pytest.mark.parametrize(
    "options",
    [
        {"network": "transformer", "heads": 2, "units": 16},
        {"network": "gru", "unit": "words"},
        {"network": "rnn", "unit": "bpe", "vocabulary": 270},
    ],
)
def test_every_network_and_unit_trains_writes_and_is_kept(options, tmp_path):
    text = "나는 책을 읽는다. I read, you don't!\n" * 40
    model = train_language_model([text], **{**SMALL, **options}).model
    prompt = "나는 zebra" if "unit" in options else "나는"
    made = model.generate(prompt, 30, seed=0, temperature=3.0)
    assert made.startswith("나는")
    assert made.count("[UNK]") == (options.get("unit") == "words")  # read, and never written
    model.save(tmp_path / "model.maeum")
    again = LanguageModel.load(tmp_path / "model.maeum")
    assert again.generate(prompt, 30, seed=0, temperature=3.0) == made


def test_unknown_characters_in_a_prompt_are_named(running):
    with pytest.raises(DataError, match=r"The prompt cannot be read: The token 'z'"):
        running.model.generate("soz", 3)
    with pytest.raises(DataError, match="The text cannot be read"):
        running.model.evaluate("z")
    with pytest.raises(DataError, match="no token to predict"):
        running.model.evaluate("s")


def test_a_beam_search_takes_no_temperature(running):
    with pytest.raises(ConfigError, match="draws nothing"):
        running.model.generate("a", 3, beam=2, temperature=0.5)


@pytest.mark.parametrize("prompt", [None, 5, b"to"])
def test_prompts_that_are_not_texts(running, prompt):
    with pytest.raises(DataError, match="prompt is a text or a list of texts"):
        running.model.generate(prompt, 3)
    with pytest.raises(DataError, match="text is a text or a list of texts"):
        running.model.evaluate(prompt)


def test_a_language_model_says_that_it_does_not_predict(running):
    with pytest.raises(ConfigError, match="it writes, with maeum generate"):
        running.model.predict("so")


def test_other_model_files_are_refused(running, tmp_path):
    model = Sequential([Input((2,)), Dense(1)])
    model.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="does not say how raw data are prepared"):
        LanguageModel.load(tmp_path / "plain.maeum")
    path = tmp_path / "model.maeum"
    running.model.save(path)
    entries = dict(archive.read_entries(path))
    saved = json.loads(entries["preprocessing.json"])
    for changed, said in (({"kind": "table"}, "of the kind 'table'"), ({"end": 9999}, "damaged")):
        entries["preprocessing.json"] = json.dumps({**saved, **changed}).encode()
        with pytest.raises(ModelFileError, match=said):
            LanguageModel.from_entries(entries, "model")
