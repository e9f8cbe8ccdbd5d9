"""Text classification, at its edges."""

import csv

import pandas as pd
import pytest

from maeum.core.errors import DataError
from maeum.texts import train_text
from maeum.texts.reading import read_labelled


def texts(n=40):
    said = [f"{'good' if i % 2 else 'bad'} film {i}" for i in range(n)]
    return pd.DataFrame({"said": said, "mood": [i % 2 for i in range(n)]})


def test_texts_as_long_as_books_are_read_from_a_table(tmp_path):
    table = texts()
    table["said"] += " word" * 40_000  # beyond what the reader of tables takes for a cell
    path = tmp_path / "books.csv"
    table.to_csv(path, index=False)
    limit = csv.field_size_limit()
    assert read_labelled(path, "said", "mood").texts == table["said"].tolist()
    assert csv.field_size_limit() == limit


def test_texts_that_are_all_the_same_are_counted_as_one():
    with pytest.raises(DataError, match=r"40 texts \(1 different\)"):
        train_text(texts().assign(said="same"), target="mood")


def test_a_zero_byte_makes_no_class_of_its_own():
    table = texts().assign(mood=["pos\0" if i == 3 else "pos" if i % 2 else "neg"
                                 for i in range(40)])  # fmt: skip
    trained = train_text(table, target="mood", epochs=1, report=False)
    assert trained.model.classes == ["neg", "pos"]
