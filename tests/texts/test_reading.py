"""Labelled texts from tables, data frames and folders."""

import csv

import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.texts.reading import is_folder_of_texts, read_labelled, read_texts


def test_texts_as_long_as_books_are_read_from_a_table(reviews, tmp_path):
    table = reviews(20)
    table["review"] += " word" * 40_000  # beyond what the reader of tables takes for a cell
    path = tmp_path / "books.csv"
    table.to_csv(path, index=False)
    limit = csv.field_size_limit()
    assert read_labelled(path, "review", "label").texts == table["review"].tolist()
    assert csv.field_size_limit() == limit


def test_folders_of_text_files_are_read(folder):
    found = read_labelled(folder)
    assert found.source == "films"
    assert found.labels == ["neg"] * 20 + ["pos"] * 20
    assert found.notes == ["Files that are not text files, ignored: 1."]
    texts, names = read_texts(folder, None)
    assert sorted(texts) == sorted(found.texts)
    assert names[0].startswith("neg")


def test_folder_of_texts_is_told_from_one_of_images(folder, tmp_path):
    assert is_folder_of_texts(folder)
    assert not is_folder_of_texts(folder / "pos" / "notes.csv")
    for i in range(40):  # texts that describe as many images
        (folder / "neg" / f"{i}.PNG").touch()
    assert not is_folder_of_texts(folder)


def test_tables_in_other_encodings_are_read(reviews, tmp_path):
    table = reviews(40)
    table["review"] += " 영화"
    path = tmp_path / "영화.csv"
    table.to_csv(path, index=False, encoding="cp949")
    found = read_labelled(path, "review", "label")
    assert found.texts[0].endswith("영화")
    assert any("CP949" in note.upper() for note in found.notes)


def test_empty_and_missing_texts_and_labels_are_ignored_and_told(table):
    extra = pd.DataFrame({"review": ["", None, "  ", "fine"], "label": ["pos", "neg", "pos", None]})
    found = read_labelled(pd.concat([table, extra]), "review", "label")
    assert len(found.texts) == len(table)
    assert "Empty texts, ignored: 3." in found.notes
    assert "Rows without a 'label', ignored: 1." in found.notes


def test_labels_may_be_numbers(reviews):
    table = pd.DataFrame({"t": reviews(4)["review"], "y": [0.0, 1.0, 0.0, None]})
    assert read_labelled(table, target="y").labels == ["0", "1", "0"]


def test_lines_of_a_text_file_are_texts(tmp_path):
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    assert read_texts(tmp_path / "lines.txt", "review") == (["one", "two"], ["line 1", "line 2"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"t": [1.5, 2, 3], "y": list("aba")}), "'t' holds numbers"),
        (pd.DataFrame({"t": ["", None], "y": list("ab")}), "empty or missing"),
    ],
)
def test_columns_without_texts_are_refused(table, said):
    with pytest.raises(DataError, match=said):
        read_labelled(table, "t", "y")


def test_folder_without_texts_and_columns_of_a_folder_are_refused(tmp_path, folder):
    (tmp_path / "empty" / "a").mkdir(parents=True)
    with pytest.raises(DataError, match="folder for each class"):
        read_labelled(tmp_path / "empty")
    with pytest.raises(DataError, match="no text files"):
        read_texts(tmp_path / "empty", None)
    with pytest.raises(ConfigError, match="leave the columns"):
        read_labelled(folder, "a", "b")


def test_options_of_tables_are_refused_for_text_files(folder, tmp_path):
    (tmp_path / "lines.txt").write_text("one\ntwo\n")
    with pytest.raises(ConfigError, match="'separator' is for tables"):
        read_labelled(folder, separator=";")
    with pytest.raises(ConfigError, match="'header' is for tables"):
        read_texts(tmp_path / "lines.txt", "review", header=True)
    assert len(read_labelled(folder, encoding="utf-8", separator=None).texts) == 40
