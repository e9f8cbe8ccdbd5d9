"""JSON is read however its rows are arranged."""

import json

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError
from maeum.tables.columns import recognise
from maeum.tables.json import read_json
from maeum.tables.reading import read_table

FRAME = pd.DataFrame({"name": ["Ann", "Bob", "Cid"], "n": [5, 7, 9], "x": [0.5, None, 2.5]})


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table", "list"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_pandas_writes_is_read(write, orient, encoding):
    text = json.dumps(FRAME.to_dict("list")) if orient == "list" else FRAME.to_json(orient=orient)
    frame = read_table(write(text.replace("NaN", "null").encode(encoding), "t.json")).frame
    frame = frame[["name", "n", "x"]]
    assert frame["name"].tolist() == ["Ann", "Bob", "Cid"]
    assert frame["n"].tolist() == [5, 7, 9]
    np.testing.assert_array_equal(frame["x"].astype(float), [0.5, np.nan, 2.5])


def test_lines_of_records(write):
    text = FRAME.to_json(orient="records", lines=True)
    for name in ("t.jsonl", "t.ndjson", "t.json", "t.txt"):
        assert read_table(write(text, name)).frame["n"].tolist() == [5, 7, 9]


def test_nested_values_are_told(write):
    rows = [{"id": i, "at": {"lat": i / 2, "lon": 1}, "tags": ["a"] * i} for i in range(3)]
    for document in (rows, {"ok": True, "result": {"items": rows}}):
        table = read_table(write(json.dumps(document), "t.json"))
        assert {"id", "at.lat", "at.lon", "tags"} == set(table.frame)
        assert table.frame["at.lat"].tolist() == [0, 0.5, 1]
        assert table.frame["tags"].tolist() == ["[]", '["a"]', '["a", "a"]']
        assert any("columns of their own: at.lat, at.lon" in note for note in table.notes)
        assert any("Columns of lists" in note for note in table.notes)
    assert any("'result.items'" in note for note in table.notes)


def test_rows_as_lists_with_and_without_names(write):
    frame = read_table(write('[["a", "b"], [1, "x"], [2, "y"]]', "t.json")).frame
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert list(read_table(write("[[1, 2], [3, 4]]", "t.json")).frame) == ["column_1", "column_2"]


def test_types_stay(write):
    rows = [{"n": i, "x": i / 2, "ok": i > 5, "kind": "ab"[i % 2]} for i in range(12)]
    columns = recognise(read_table(write(json.dumps(rows), "t.json")).frame)[1]
    assert [c.kind for c in columns][1:] == ["number", "yesno", "category"]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": ', "a,b\n1,2\n", '{"a": 1}\n{"a": 2\n'])
def test_what_is_no_json_is_told_with_its_line(write, text):
    with pytest.raises(DataError, match="is not JSON from line"):
        read_table(write(text, "t.json"))


@pytest.mark.parametrize("text", ["[]", "{}", "[{}]"])
def test_json_without_rows_is_told(write, text):
    with pytest.raises(DataError, match="holds no rows"):
        read_table(write(text, "t.json"))


def test_separated_values_that_begin_with_a_bracket_are_no_json(write):
    frame = read_table(write("[a],{b}\n1,2\n3,4\n")).frame
    assert list(frame) == ["[a]", "{b}"]


RECORDS = [{"a": str(i * 3 % 7), "y": str(i % 2)} for i in range(9)]
ROWS = [[record["a"], record["y"]] for record in RECORDS]


@pytest.mark.parametrize(
    "document",
    [
        {"response": {"header": {"resultCode": "00"},
                      "body": {"items": {"item": RECORDS}, "numOfRows": 9, "pageNo": 1}}},
        {"count": 9, "links": [{"rel": "self"}], "results": RECORDS},
        {"meta": {"view": {"columns": [{"name": "a"}, {"name": "y"}]}}, "data": ROWS},
        [{"type": "header", "version": "5"}, {"type": "database", "name": "d"},
         {"type": "table", "name": "t", "data": RECORDS}],
    ],
    ids=["data.go.kr", "REST", "Socrata", "phpMyAdmin"],
)  # fmt: skip
def test_what_portals_and_tools_put_around_the_rows(write, document):
    frame = read_table(write(json.dumps(document), "t.json")).frame
    assert frame.to_dict("records") == RECORDS


ROWS = [{"a": i, "b": "x"} for i in range(4)]


@pytest.mark.parametrize(
    ("document", "rows", "told"),
    [
        ({"meta": {"n": 4}, "result": {"items": ROWS}}, 4, "under 'result.items'"),
        ({"train": ROWS[:2], "test": ROWS[2:]}, 4, "under 'train', 'test'"),
        ({"train": ROWS[:3], "test": ROWS[3:]}, 4, "under 'train', 'test'"),
        ({"rows": ROWS, "log": [{"at": 1}]}, 4, "under 'rows'"),
        ({"1": ROWS[0], "2": ROWS[1]}, 2, ""),
    ],
)
def test_lists_of_records_are_found_beside_what_tells_of_them(document, rows, told):
    notes = []
    frame = read_json(json.dumps(document), "t.json", notes)
    assert frame.columns.tolist() == ["a", "b"]
    assert frame["a"].tolist() == list(range(rows))
    assert told in " ".join(notes)


def test_several_lists_of_other_records_are_refused():
    document = {"people": ROWS, "places": [{"c": 1}] * 4}
    with pytest.raises(DataError, match="'people', 'places'"):
        read_json(json.dumps(document), "t.json", [])
