import csv
import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError
from maeum.tables.reading import read_table, tidy

PLAIN = "name,age,city\nAnn,31,Rome\nBob,27,Oslo\n"
KOREAN = "이름,나이,도시\n김철수,31,서울\n이영희,27,부산\n"
GERMAN = "Straße;Größe\nMüllerstraße;1,5\nBärenweg;2,25\n"


def cells(path, **options):
    return read_table(path, **options).frame.to_dict("list")


def test_plain_file_is_read_as_text_cells(write):
    table = read_table(write(PLAIN))
    assert table.frame.to_dict("list") == {
        "name": ["Ann", "Bob"],
        "age": ["31", "27"],
        "city": ["Rome", "Oslo"],
    }
    assert table.notes == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "utf-8"),
        (KOREAN, "utf-8-sig"),
        (KOREAN, "utf-16"),
        (KOREAN, "utf-16-le"),
        (KOREAN, "utf-16-be"),
        (KOREAN, "utf-32"),
        (KOREAN, "cp949"),
        (GERMAN, "latin-1"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16"),
        (PLAIN, "utf-16"),
    ],
)
def test_encoding_is_recognised(write, text, encoding):
    path = write(text.encode(encoding))
    lines = [line.split(";" if ";" in text else ",") for line in text.splitlines()]
    frame = read_table(path).frame
    assert [list(frame.columns), *frame.to_numpy().tolist()] == lines


def test_one_korean_cell_in_a_large_ascii_file_is_enough_to_see_cp949(write):
    text = "name,n\n" + "abc,1\n" * 500 + "홍길동,2\n"
    assert cells(write(text.encode("cp949")))["name"][-1] == "홍길동"


def test_one_french_cell_is_not_taken_for_korean(write):
    text = "nom,n\n" + "abc,1\n" * 500 + "déjà vu à Orléans,2\n"
    assert cells(write(text.encode("latin-1")))["nom"][-1] == "déjà vu à Orléans"


def test_a_few_broken_characters_do_not_spoil_utf8(write):
    table = read_table(write(("이름,n\n" + "가나다,1\n" * 30).encode() + b"\xff,2\n"))
    assert table.frame["이름"][0] == "가나다"
    assert table.notes == ["Broken characters, read as \ufffd: 1."]


def test_given_encoding_is_used_and_a_wrong_one_is_told(write):
    path = write("é,b\n1,2\n".encode("latin-1"))
    assert list(cells(path, encoding="cp1250")) == ["é", "b"]
    with pytest.raises(DataError, match="is not utf-8 text"):
        read_table(path, encoding="utf-8")
    with pytest.raises(ConfigError, match="no encoding 'utf-9'"):
        read_table(path, encoding="utf-9")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separator_and_line_ending_are_recognised(write, separator, ending):
    rows = [["a", "b", "c"], ["1", "x y", "2.5"], ["2", "z", "3.5"]]
    path = write(ending.join(separator.join(row) for row in rows) + ending)
    frame = read_table(path).frame
    assert [list(frame.columns), *frame.to_numpy().tolist()] == rows


def test_separators_inside_quotes_do_not_mislead(write):
    path = write('id;text\n1;"a, b, c; d"\n2;"one\ntwo ""three"", four"\n3;"x, y"\n')
    assert cells(path) == {
        "id": ["1", "2", "3"],
        "text": ["a, b, c; d", 'one\ntwo "three", four', "x, y"],
    }


def test_decimal_commas_do_not_mislead_even_without_a_header(write):
    path = write("1,5;2,25;3\n2,5;3,25;4\n")
    assert cells(path)["column_2"] == ["2,25", "3,25"]


def test_separator_can_be_given(write):
    path = write("a,b c,d\n1,2 3,4\n")
    assert cells(path, separator=" ") == {"a,b": ["1,2"], "c,d": ["3,4"]}
    assert list(cells(write("a\tb\n1\t2\n"), separator="tab")) == ["a", "b"]
    with pytest.raises(ConfigError, match="one character"):
        read_table(path, separator=";;")


def test_comments_at_the_top_are_skipped_and_the_last_may_name_the_columns(write):
    table = read_table(write("# from somewhere\r\n# Open,Close\r\n1.5,2\r\n2.5,3\r\n"))
    assert table.frame.to_dict("list") == {"Open": ["1.5", "2.5"], "Close": ["2", "3"]}
    assert table.notes == [
        "Comment lines at the top, skipped: 2.",
        "The last comment line names the columns.",
    ]


def test_padded_comments_are_no_header(write):
    table = read_table(write('# 17. kind (values [0",6]),\n1,0\n2,1\n'))
    assert list(table.frame) == ["column_1", "column_2"]


def test_header_under_comments_is_found(write):
    assert list(cells(write("# one,two\na,b\n1,2\n"))) == ["a", "b"]


def test_header_that_begins_with_a_hash_is_no_comment(write):
    assert cells(write("#,Name\n1,Ann\n2,Bob\n")) == {"#": ["1", "2"], "Name": ["Ann", "Bob"]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,2\n3,4\n", ["column_1", "column_2"]),
        ("5.1,setosa\n4.9,setosa\n6.0,virginica\n", ["column_1", "column_2"]),
        ("p,x\ne,x\np,b\ne,x\n", ["column_1", "column_2"]),  # letters that recur below: data
        ("a,b\n1,x\n", ["a", "b"]),
        ("kind,size\np,x\ne,x\np,b\ne,x\n", ["kind", "size"]),
        (",0,1,2\n0,5,6,7\n1,8,9,5\n", ["column_1", "0", "1", "2"]),  # pandas without names
        ("name,2019,2020\nAnn,5,6\n", ["name", "2019", "2020"]),
    ],
)
def test_header_is_recognised(write, text, names):
    assert list(cells(write(text))) == names


def test_header_can_be_given(write):
    path = write("2019,2020\n5,6\n7,8\n")
    assert cells(path, header=True) == {"2019": ["5", "7"], "2020": ["6", "8"]}
    assert len(cells(path, header=False)["column_1"]) == 3


def test_duplicate_and_missing_names_are_numbered_and_told(write):
    table = read_table(write("a,b,a,,a_2\n1,x,2,3,4\n"))
    assert list(table.frame) == ["a", "b", "a_3", "column_4", "a_2"]
    assert table.notes == ["Column names that occur twice: 'a' is now 'a_3'."]


def test_short_rows_are_filled_and_named(write):
    table = read_table(write("a,b,c\n1,x,2\n\n3,y\n"))
    assert table.frame["c"].tolist() == ["2", ""]
    assert any("line 4" in note for note in table.notes)


def test_long_row_is_an_error_with_its_line(write):
    with pytest.raises(DataError, match=r"line 4 has 3 cells, but the table has 2"):
        read_table(write('a,b\n"x\ny",2\n3,4,5\n'))


def test_trailing_separators_are_cut_off(write):
    table = read_table(write("a,b\n1,2,\n3,4,\n"))
    assert table.frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}
    assert any("cut off: 2" in note for note in table.notes)


def test_row_names_without_a_header_are_kept(write):
    assert cells(write('"mpg","cyl"\n"Mazda",21,6\n"Fiat",32,4\n')) == {
        "column_1": ["Mazda", "Fiat"],
        "mpg": ["21", "32"],
        "cyl": ["6", "4"],
    }


def test_blank_lines_and_rows_of_separators_are_skipped(write):
    table = read_table(write("\n\na,b\n1,2\n\n,\n3,4\n\n"))
    assert table.frame.to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}
    assert table.notes == ["Rows without any value, skipped: 1."]


def test_quote_that_is_never_closed_is_told_with_its_line(write):
    with pytest.raises(DataError, match=r"line 3.*never closed"):
        read_table(write('a,b\n1,2\n3,"4\n5,6\n'))


def test_quote_within_a_cell_is_harmless(write):
    assert cells(write('size,n\n5" pipe,3\n7" pipe,4\n'))["size"] == ['5" pipe', '7" pipe']


def test_compressed_and_tab_files(write):
    assert cells(write(gzip.compress(PLAIN.encode()), "t.csv.gz"))["age"] == ["31", "27"]
    assert cells(write("a\tb, c\n1\tx, y\n", "t.tsv"))["b, c"] == ["x, y"]
    with pytest.raises(DataError, match="cannot be read"):
        read_table(write(gzip.compress(PLAIN.encode())[:-12], "broken.csv.gz"))


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "\ufeff", ",,\n,,\n"])
def test_empty_file_is_told(write, content):
    with pytest.raises(DataError, match="is empty"):
        read_table(write(content))


def test_file_with_only_a_header_is_told(write):
    with pytest.raises(DataError, match="only a header and no rows"):
        read_table(write("name,age,city\n"))


def test_missing_file_names_the_nearest(write, tmp_path):
    write(PLAIN, "customers.csv")
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'customers\.csv'"):
        read_table(tmp_path / "custmers.csv")
    with pytest.raises(DataError, match=r"folder .* does not exist"):
        read_table(tmp_path / "nowhere" / "customers.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)


def test_what_is_no_text_is_refused(write):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(DataError, match="Excel workbook"):
        read_table(write(archive.getvalue(), "book.xlsx"))
    with pytest.raises(DataError, match="not a text file"):
        read_table(write(np.random.default_rng(0).bytes(5000)))
    with pytest.raises(DataError, match="not a text file"):
        read_table(write(b"a,b\n1,2\n" + b"\x00" * 500))


def test_wide_table(write):
    width = 2000
    text = "\n".join(",".join(f"{prefix}{i}" for i in range(width)) for prefix in ("v", "", "1"))
    assert read_table(write(text)).frame.shape == (2, width)


# Cells as they may stand in a file; blanks around them and empty rows are not kept.
cell = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(cell, min_size=3, max_size=3).filter(any), min_size=1, max_size=8),
    separator=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_python_writes_is_read_back(write, rows, separator):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([["a", "b", "c"], *rows])
    frame = read_table(write(text.getvalue()), separator=separator, header=True).frame
    assert frame.to_numpy().tolist() == rows


def test_tidy_takes_any_frame():
    frame = pd.DataFrame([[1, 2, 3]], columns=[0, " x ", "x"])
    tidied, notes = tidy(frame)
    assert tidied.columns.tolist() == ["0", "x", "x_2"]
    assert len(notes) == 1
    assert read_table(frame).frame.columns.tolist() == ["0", "x", "x_2"]
    with pytest.raises(DataError, match="got list"):
        tidy([[1]])


@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("churn_data.csv", (7043, 21), "customerID"),
        ("data-02-stock_daily.csv", (732, 5), "Open"),
        ("data-03-diabetes.csv", (759, 9), "column_1"),
        ("data-04-zoo.csv", (101, 17), "column_1"),
    ],
)
def test_public_tables(public_data, name, shape, first):
    frame = read_table(public_data("tabular", name)).frame
    assert frame.shape == shape
    assert frame.columns[0] == first


def test_empty_cells_of_a_single_column_are_rows(write):
    table = read_table(write('said\ngood\n""\n\nbad\n'))
    assert table.frame["said"].tolist() == ["good", "", "bad"]
