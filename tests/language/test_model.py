"""Language models: what they learn, write, keep and refuse."""

import math

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.language import LanguageModel, LanguageOptions, train_language_model
from maeum.language.training import LanguageData
from maeum.layers import Dense, Input
from maeum.models import Sequential

SMALL = {"units": 24, "layers": 1, "learning_rate": 0.02, "dropout": 0.0}
NAMES = ["anna", "hanna", "nana", "ann", "hana", "johanna"] * 12


@pytest.fixture(scope="module")
def running():
    return train_language_model(["abcd\n" * 150], epochs=12, window=16, **SMALL)


@pytest.fixture(scope="module")
def names():
    return train_language_model(NAMES, epochs=12, window=16, **SMALL)


def test_a_pattern_is_learnt_and_written(running):
    assert running.metrics["perplexity"] < 1.3
    model = running.model
    assert model.generate("ab", 8, temperature=0) == "abcd\nabcd\n"
    assert model.generate(["ab", "cd\na"], 3, temperature=0) == ["abcd\n", "cd\nabcd"]
    assert model.generate("ab", 8, beam=3) == "abcd\nabcd\n"


def test_an_empty_prompt_begins_behind_a_line_end(running):
    assert running.model.generate("", 4, temperature=0) == "abcd"
    assert running.model.generate("\n", 4, temperature=0) == "\nabcd"


def test_several_texts_have_a_beginning_and_an_end(names):
    model = names.model
    made = model.generate([""] * 20, 30, temperature=0.5, seed=1)
    assert all(1 <= len(name) < 30 for name in made)
    assert {name[0] for name in made} <= set("ahnj")
    assert sum(name in NAMES for name in made) > 10
    assert model.generate("joh", 20, temperature=0) == "johanna"
    assert model.generate("", 20, beam=4) in NAMES


def test_streamed_text_is_the_same(running, names):
    for model in (running.model, names.model):
        options = {"temperature": 0.8, "seed": 4}
        assert "".join(model.stream("a", 12, **options)) == model.generate("a", 12, **options)


def test_a_file_keeps_the_vocabulary(names, tmp_path):
    names.model.save(tmp_path / "names.maeum")
    again = LanguageModel.load(tmp_path / "names.maeum")
    assert again.generate("ha", 9, seed=3) == names.model.generate("ha", 9, seed=3)
    assert again.facts["metrics"] == names.metrics
    assert (again.start, again.end) == (names.model.start, names.model.end)


def test_perplexity_is_that_of_the_probabilities(names):
    model = names.model
    tokens = [model.start, *model.encoder.encode("hana"), model.end]
    chances = model.network.predict(np.array([tokens[:-1]]), verbose=0)[0]
    loss = -np.log(chances[np.arange(5), tokens[1:]]).mean()
    found = model.evaluate("hana")
    assert found["loss"] == pytest.approx(loss, rel=1e-4)
    assert found["perplexity"] == pytest.approx(math.exp(loss), rel=1e-4)
    assert found["bits_per_character"] == pytest.approx(loss * 5 / 4 / math.log(2), rel=1e-4)


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
    given = {**SMALL, "window": 8, "epochs": 1, **options}
    model = train_language_model([text], **given).model
    made = model.generate("나는", 30, seed=0)
    assert made.startswith("나는")
    assert "[UNK]" not in made
    model.save(tmp_path / "model.maeum")
    again = LanguageModel.load(tmp_path / "model.maeum")
    assert again.generate("나는", 30, seed=0) == made


def test_a_file_is_one_text_and_its_lines_are_several(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(["ann", "", *NAMES]), encoding="utf-8")
    whole = LanguageData.prepare(path, LanguageOptions(window=16))
    assert whole.end is None
    assert whole.encoder.vocabulary.token(whole.start) == "\n"
    lines = LanguageData.prepare(path, LanguageOptions(window=16, lines=True))
    assert lines.end is not None
    assert "\n" not in lines.encoder.vocabulary
    assert "Empty texts, left out: 1." in lines.notes
    assert len(lines.held_out) == round(0.1 * len(["ann", *NAMES]))


def test_the_same_seed_trains_the_same_network():
    one, two = (
        train_language_model(["to be or not to be\n" * 30], epochs=1, window=8, seed=7, **SMALL)
        for _ in range(2)
    )
    for a, b in zip(one.model.network.get_weights(), two.model.network.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_unknown_characters_in_a_prompt_are_named(running):
    with pytest.raises(DataError, match=r"The prompt cannot be read: The token 'z'"):
        running.model.generate("abz", 3)
    with pytest.raises(DataError, match="The text cannot be read"):
        running.model.evaluate("z")


def test_unknown_words_are_read_as_unknown_and_never_written():
    text = "the cat sat on the mat . " * 60
    model = train_language_model([text], unit="words", epochs=1, window=8, **SMALL).model
    made = model.generate("the zebra", 40, temperature=3.0, seed=0)
    assert made.count("[UNK]") == 1  # that of the prompt


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([""], "empty"),
        (["  \n "], "empty"),
        (["short"], "too few characters for a window"),
        ([3.5], "A text was expected"),
        (["fine", None], "A text was expected"),
        (5, "list of texts"),
    ],
)
def test_texts_that_cannot_be_learnt(source, said):
    with pytest.raises(DataError, match=said):
        train_language_model(source, epochs=1)


def test_files_that_cannot_be_learnt(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        train_language_model(tmp_path / "none.txt")
    path = tmp_path / "latin.txt"
    path.write_bytes("caf\xe9 ol\xe9 ".encode("latin-1") * 100)
    with pytest.raises(DataError, match="latin-1"):
        train_language_model(path)
    data = LanguageData.prepare(path, LanguageOptions(window=8), encoding="latin-1")
    assert "é" in data.encoder.vocabulary


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"networks": "lstm"}, "Did you mean 'network'"),
        ({"network": "lstn"}, "network is one of"),
        ({"unit": "letters"}, "unit is one of"),
        ({"window": 0}, "window"),
        ({"dropout": 1}, "dropout"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"validation_size": -0.1}, "validation_size"),
        ({"network": "transformer", "units": 10, "heads": 3}, "heads"),
    ],
)
def test_options_that_make_no_sense(options, said):
    with pytest.raises(ConfigError, match=said):
        train_language_model(["abc " * 400], epochs=1, **options)


def test_a_beam_search_takes_no_temperature(running):
    with pytest.raises(ConfigError, match="draws nothing"):
        running.model.generate("a", 3, beam=2, temperature=0.5)


def test_other_model_files_are_refused(tmp_path):
    model = Sequential([Input((2,)), Dense(1)])
    model.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="no language model"):
        LanguageModel.load(tmp_path / "plain.maeum")
