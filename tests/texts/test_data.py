"""Labelled texts are divided, and the vocabulary is that of the training part."""

import pandas as pd
import pytest

from maeum.texts import TextData, TextOptions
from maeum.texts.data import _essence


def test_vocabulary_is_that_of_the_training_part(table):
    data = TextData.prepare(table, "review", "label", TextOptions(network="cnn"))
    seen = {word for text in data.part("train") for word in text.split()}
    assert set(data.encoder.vocabulary.tokens[2:]) <= seen


def test_every_text_is_in_one_part_and_every_part_has_the_same_fractions(table):
    data = TextData.prepare(table, "review", "label")
    parts = [set(rows.tolist()) for rows in data.rows.values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(table)
    assert data.sizes == {name: len(rows) for name, rows in data.rows.items()}
    for part in data.rows:
        assert data.y(part).mean() == pytest.approx(0.5, abs=0.05)


def test_same_text_is_never_in_two_parts():
    texts = [f"text {i % 30} so {'good' if i % 2 else 'bad'}" for i in range(120)]
    data = TextData.prepare(pd.DataFrame({"t": texts, "y": [i % 2 for i in range(120)]}), "t", "y")
    parts = [set(data.part(part)) for part in data.rows]
    assert sum(map(len, parts)) == len(set(texts))
    assert any("more than once" in note for note in data.notes)


def test_zero_byte_makes_no_class_of_its_own(reviews):
    table = reviews(40)
    table.loc[3, "label"] = "pos\0"
    assert TextData.prepare(table, "review", "label").classes == ["neg", "pos"]


def test_classes_that_cannot_be_tested_are_told(reviews):
    table = reviews(40)
    table.loc[3, "label"] = "so-so"
    notes = TextData.prepare(table, "review", "label").notes
    assert "No text is left to test these classes: so-so." in notes


def test_units_of_a_network_without_layers_are_told_to_be_ignored(reviews):
    data = TextData.prepare(reviews(40), "review", "label", TextOptions(units=8))
    assert any("bag has no layers of units" in note for note in data.notes)
    data = TextData.prepare(reviews(40), "review", "label", TextOptions(units=8, network="gru"))
    assert not data.notes
    assert data.options.units == 8


def test_few_different_texts_are_told(reviews):
    table = pd.concat([reviews(20)] * 5, ignore_index=True)
    table["review"] = [text.upper() + "!" if i % 2 else text for i, text in enumerate(table.review)]
    data = TextData.prepare(table, "review", "label")
    assert any("Only 20 of the 100 texts are different" in note for note in data.notes)
    parts = [{_essence(text) for text in data.part(part)} for part in ("train", "test")]
    assert not parts[0] & parts[1]


def test_texts_under_several_classes_are_told(reviews):
    table = reviews(40)
    both = table.iloc[:3].assign(label=["pos", "neg", "pos"])
    notes = TextData.prepare(pd.concat([table, both]), "review", "label").notes
    disputed = int((table["label"][:3] != both["label"]).sum())
    assert f"Texts that also stand under another class: {disputed:,}." in notes


@pytest.mark.parametrize(("unit", "used"), [(None, "characters"), ("words", "words")])
def test_texts_without_blanks_are_cut_into_characters(unit, used):
    good, bad = "这家店的服务很好", "这家店的服务真差"
    table = pd.DataFrame({"t": [f"{bad if i % 2 else good}{chr(0x4E00 + i)}" for i in range(60)]})
    table["y"] = ["bad" if i % 2 else "good" for i in range(60)]
    data = TextData.prepare(table, "t", "y", TextOptions(unit=unit))
    assert data.options.unit == used
    assert any("no blanks between words" in note for note in data.notes) == (unit is None)
