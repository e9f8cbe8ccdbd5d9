import pandas as pd
import pytest

from maeum.core.errors import DataError, UnknownNameError
from maeum.images import read_frame


@pytest.fixture
def folder(save):
    for name in ("a", "b", "c", "고양이"):
        folder = save(f"images/{name}.png").parent
    return folder


def test_columns_are_found_by_their_usual_names(folder):
    frame = pd.DataFrame(
        {"id": [1, 2, 3], "File": ["a.png", "b.png", "c.png"], "label": ["x", "y", "x"]}
    )
    images = read_frame(frame, folder=folder)
    assert images.class_names == ["x", "y"]
    assert images.labels.tolist() == [0, 1, 0]
    assert [path.rsplit("/")[-1] for path in images.paths] == ["a.png", "b.png", "c.png"]


def test_columns_can_be_named(folder):
    frame = pd.DataFrame({"where": ["a.png", "b.png"], "breed": ["x", "y"], "label": [0, 0]})
    assert read_frame(frame, "where", "breed", folder).class_names == ["x", "y"]
    with pytest.raises(UnknownNameError, match="Did you mean 'where'"):
        read_frame(frame, "wher", "breed", folder)
    with pytest.raises(UnknownNameError, match="path_column"):
        read_frame(frame[["breed"]], folder=folder)


def test_columns_are_found_by_what_they_hold(folder):
    frame = pd.DataFrame({"id": [7, 8, 9], "what": ["a", "b", "c"], "kind": ["x", "y", "x"]})
    images = read_frame(frame, folder=folder)
    assert images.class_counts == {"x": 2, "y": 1}
    assert [path.rsplit("/")[-1] for path in images.paths] == ["a.png", "b.png", "c.png"]
    hot = frame[["what"]].assign(cat=[1, 0, 1], dog=[0, 1, 0])
    assert read_frame(hot, folder=folder.parent).class_counts == {"cat": 2, "dog": 1}


def test_numbers_as_labels_are_sorted_as_numbers(folder):
    frame = pd.DataFrame({"path": ["a.png", "b.png", "c.png"], "y": [10.0, 9.0, 9.0]})
    assert read_frame(frame, folder=folder).class_names == ["9", "10"]


def test_rows_without_a_file_or_a_label_are_left_out_and_noted(folder):
    frame = pd.DataFrame({"path": ["a.png", None, "c.png", " "], "label": ["x", "y", None, "x"]})
    images = read_frame(frame, folder=folder)
    assert len(images) == 1
    assert images.notes == ["3 rows without a file or a label ignored."]
    with pytest.raises(DataError, match="no row with a file"):
        read_frame(frame.iloc[1:3], folder=folder)


def test_classes_can_be_chosen(folder):
    frame = pd.DataFrame({"path": ["a.png", "b.png", "c.png"], "label": ["x", "y", "z"]})
    images = read_frame(frame, folder=folder, class_names=["z", "x"])
    assert images.labels.tolist() == [1, 0]
    assert images.notes == ["1 row of other classes ignored."]


def test_a_csv_file_with_korean_names_beside_it(folder):
    table = folder / "표.csv"
    table.write_text("image,label\n고양이.png,1\na.png,0\n", encoding="utf-8")
    assert read_frame(table).labels.tolist() == [1, 0]


def test_files_that_are_not_there(folder):
    frame = pd.DataFrame({"path": ["a.png", "no.png"], "label": [0, 1]})
    assert len(read_frame(frame, folder=folder)) == 2  # the loader names and skips it
    with pytest.raises(DataError, match=r"None of the files is there.*folder=\.\.\."):
        read_frame(frame, folder=folder / "elsewhere")


def test_what_is_no_table_is_refused(folder):
    with pytest.raises(DataError, match="got list"):
        read_frame(["a.png"])
    with pytest.raises(FileNotFoundError, match="no such table"):
        read_frame(folder / "no.csv")
    (folder / "empty.csv").touch()
    with pytest.raises(DataError, match="is no table"):
        read_frame(folder / "empty.csv")
