"""How a text is read, divided and cut, and which are refused."""

import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.language import LanguageOptions, train_language_model
from maeum.language.data import LanguageData

NAMES = ["anna", "hanna", "nana", "ann", "hana", "johanna"] * 12


def test_a_file_is_one_text_and_its_lines_are_several(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("\n".join(["ann", "", *NAMES]), encoding="utf-8")
    whole = LanguageData.prepare(path, LanguageOptions(window=16))
    assert whole.end is None
    assert whole.encoder.vocabulary.token(whole.start) == "\n"
    lines = LanguageData.prepare(path, LanguageOptions(window=16, lines=True))
    assert lines.end is not None
    assert "\n" not in lines.encoder.vocabulary
    assert "Empty texts, ignored: 1." in lines.notes
    assert len(lines.held_out) == round(0.1 * len(["ann", *NAMES]))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([""], "empty"),
        (["  \n "], "empty"),
        (["short"], "too few characters for a window"),
        (["a" * 300], "single token, 'a'"),
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
        ({"separator": ","}, "no option 'separator'"),
        ({"network": "lstn"}, "network is one of"),
        ({"unit": "letters"}, "unit is one of"),
        ({"window": 0}, "window"),
        ({"vocabulary": 4}, "vocabulary"),
        ({"dropout": 1}, "dropout"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"validation_size": -0.1}, "validation_size"),
        ({"network": "transformer", "units": 10, "heads": 3}, "heads"),
    ],
)
def test_options_that_make_no_sense(options, said):
    with pytest.raises(ConfigError, match=said):
        train_language_model(["abc " * 400], epochs=1, **options)


def test_what_is_chosen_by_itself_depends_on_the_tokens():
    small, large = (LanguageOptions().resolved(n) for n in (20_000, 2_000_000))
    assert (small.units, small.epochs, small.patience, small.batch_size) == (128, 40, 8, 20)
    assert (large.units, large.epochs, large.patience, large.batch_size) == (256, 20, 4, 64)
    assert LanguageOptions(epochs=5, units=3).resolved(20_000).patience == 2
    assert LanguageOptions(network="transformer").resolved(2_000_000).layers == 4
