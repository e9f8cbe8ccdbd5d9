"""Workbooks and Parquet are read with the types of their cells."""

import datetime
import importlib
import io
import sys

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError
from maeum.core.extras import Explained
from maeum.tables.columns import recognise
from maeum.tables.reading import read_table

DAYS = [datetime.datetime(2024, 1, day) for day in range(1, 5)]


@pytest.fixture
def workbook(tmp_path):
    """Write sheets of rows and return the path."""
    openpyxl = pytest.importorskip("openpyxl")

    def write(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
        path = tmp_path / "book.xlsx"
        book.save(path)
        return path

    return write


def test_cells_of_a_workbook_keep_their_type(workbook):
    rows = [["name", "n", "price", "day", "ok"],
            *([f"x{i}", i, i / 2, DAYS[i], bool(i % 2)] for i in range(4))]  # fmt: skip
    table = read_table(workbook(data=rows))
    frame = table.frame
    assert frame["n"].tolist() == [0, 1, 2, 3]
    assert frame["price"].dtype == np.float64
    assert frame["day"].tolist() == [pd.Timestamp(day) for day in DAYS]
    assert table.notes == []
    assert [c.kind for c in recognise(frame)[1]][1:] == ["number", "number", "date", "yesno"]


def test_titles_totals_and_gaps_of_a_sheet(workbook):
    rows = [["Sales of 2024"], [], ["name", "day", "sold", None],
            ["Ann", DAYS[0], 5], ["Bob", None, 7], ["Cid", DAYS[2], None],
            ["Dan", DAYS[3], 4], ["TOTAL", None, 16], [], ["Source: nowhere"]]  # fmt: skip
    table = read_table(workbook(data=rows))
    assert list(table.frame) == ["name", "day", "sold"]
    assert table.frame["name"].tolist() == ["Ann", "Bob", "Cid", "Dan"]
    np.testing.assert_array_equal(table.frame["sold"], [5, 7, np.nan, 4])
    assert pd.isna(table.frame["day"][1])
    assert any("line 8 ('TOTAL, 16'), 10" in note for note in table.notes)


def test_mixed_cells_and_errors_of_formulas(workbook):
    rows = [["a", "b"], [1, "#N/A"], ["n/a", 2.5], [3.0, "#DIV/0!"], [4, 1.5]]
    frame = read_table(workbook(data=rows)).frame
    assert frame["a"].tolist() == ["1", "n/a", "3", "4"]
    np.testing.assert_array_equal(frame["b"], [np.nan, 2.5, np.nan, 1.5])


def test_a_table_may_begin_anywhere_and_have_gaps(workbook):
    rows = [[], [None, "day"], [None, "a", "ok"], [None, 1, True], [None, 2], [None, 3, False]]
    table = read_table(workbook(empty=[], data=rows))
    assert table.frame["a"].tolist() == [1, 2, 3]
    assert table.frame["ok"].tolist() == ["True", "", "False"]
    assert not any("fewer cells" in note for note in table.notes)
    assert "The sheet 'data' was read" in table.notes[0]


def test_a_sheet_is_chosen_and_told(workbook):
    path = workbook(first=[["a"], [1], [2]], second=[["b"], [3], [4]])
    table = read_table(path)
    assert list(table.frame) == ["a"]
    assert table.notes == ["The sheet 'first' was read; --sheet reads another: second."]
    assert list(read_table(path, sheet="second").frame) == ["b"]
    assert list(read_table(path, sheet="2").frame) == ["b"]
    with pytest.raises(ConfigError, match=r"no sheet 'secnd'. Did you mean 'second'"):
        read_table(path, sheet="secnd")
    with pytest.raises(ConfigError, match="is for text files"):
        read_table(path, separator=";")


def test_sheet_of_a_text_is_refused(write):
    with pytest.raises(ConfigError, match="is not a workbook"):
        read_table(write("a,b\n1,2\n"), sheet="x")


def test_a_broken_workbook_is_told(write):
    pytest.importorskip("openpyxl")
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(DataError, match="Excel workbook"):
        read_table(write(archive.getvalue(), "book.xlsx"))


def test_parquet_keeps_types_and_flattens(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = arrow.table(
        {
            "n": [1, 2, None],
            "x": [0.5, 1.5, 2.5],
            "day": arrow.array([d.date() for d in DAYS[:3]]),
            "kind": arrow.array(["1", "2", "1"]).dictionary_encode(),
            "at": [{"lat": 1.0, "lon": 2.0}] * 3,
            "tags": [["a", "b"], [], None],
            "took": arrow.array([datetime.timedelta(seconds=90)] * 3),
        }
    )
    path = tmp_path / "t.parquet"
    parquet.write_table(table, path)
    read = read_table(path)
    frame = read.frame
    assert list(frame) == ["n", "x", "day", "kind", "at.lat", "at.lon", "tags", "took"]
    assert frame["x"].tolist() == [0.5, 1.5, 2.5]
    assert frame["day"].tolist() == [pd.Timestamp(day) for day in DAYS[:3]]
    assert frame["tags"].tolist()[0] == '["a", "b"]'
    assert frame["took"].tolist() == [90.0] * 3
    kinds = {c.name: c.kind for c in recognise(frame)[1]}
    assert kinds["day"] == "date"
    assert kinds["kind"] == "category"  # though its levels look like numbers
    assert len(read.notes) == 2


@pytest.mark.parametrize(
    ("module", "content", "extra"),
    [("openpyxl", b"PK\x03\x04", "excel"), ("pyarrow", b"PAR1", "parquet")],
)
def test_a_missing_library_is_named_with_its_extra(write, monkeypatch, module, content, extra):
    import zipfile

    read_table(write(b"a,b\n1,2\n", "first.csv"))  # imports what any table needs
    importlib.import_module(module)
    monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [Explained()])  # as if it were not installed
    if module == "openpyxl":
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("xl/workbook.xml", "<x/>")
        content = archive.getvalue()
    with pytest.raises(ImportError, match=rf"pip install 'maeum\[{extra}\]'"):
        read_table(write(content, "t.bin"))
