"""Where a table may come from, and what is refused by its name."""

import bz2
import io
import lzma
import os
import zipfile

import pytest

from maeum.core.errors import DataError
from maeum.tables.reading import read_table

PLAIN = "name,age\nAnn,31\nBob,27\n"


def zipped(**files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv.bz2", bz2.compress(PLAIN.encode())),
        ("t.csv.xz", lzma.compress(PLAIN.encode())),
        ("t.zip", zipped(t_csv=PLAIN)),
        ("t.csv.zip", zipped(data__t_csv=PLAIN, MACOSX_csv="x")),
        ("t.zip", zipped(t_csv=PLAIN, README_txt="read me", LICENSE_md="mine")),
        ("t.zip", zipped(t_json='[{"name": "Ann", "age": "31"}, {"name": "Bob", "age": "27"}]')),
        ("t.zip", zipped(t_zip=zipped(t_csv=PLAIN))),
    ],
)
def test_what_is_packed_is_unpacked(write, name, content):
    content = content.replace(b"MACOSX.csv", b"._t____csv")
    frame = read_table(write(content, name)).frame
    assert frame.to_dict("list") == {"name": ["Ann", "Bob"], "age": ["31", "27"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(a_csv=PLAIN, b_csv=PLAIN), r"several tables \(a\.csv, b\.csv\)"),
        (zipped(a_png="x", b_png="y"), r"holds no table: a\.png"),
        (zipped(word__document_xml="<x/>"), "Word document"),
        (zipped(content_xml="<x/>", mimetype="x"), "OpenDocument"),
        (zipped(model_json="{}"), "model of Maeum"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"old Excel workbook \(\.xls\).*Save it as \.xlsx"),
        (b"SQLite format 3\x00", "SQLite database.*sqlite3"),
        (b"\x89HDF\r\n", "HDF5 file"),
        (b"%PDF-1.7", "PDF"),
        (b"ARROW1\x00\x00", "Arrow"),
        (b"\x80\x04\x95", "pickle"),
        (b"\x28\xb5\x2f\xfd1234", "Zstandard.*Unpack"),
        (b"<!DOCTYPE html>\n<html><table></table></html>", "web page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"-- dump\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);", "dump of a database"),
    ],
)
def test_other_kinds_are_refused_by_name(write, content, said):
    with pytest.raises(DataError, match=said):
        read_table(write(content, "x.bin"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://me:secret@host/db", "address of a database.*CSV"),
        ("postgresql:/me:secret@host/db", "address of a database"),  # as a path shortens it
        ("sqlite:///my.db", "address of a database"),
        ("mysql+pymysql://host/db", "address of a database"),
        ("https://example.org/t.csv", "Download it first"),
        ("s3://bucket/t.csv", "Download it first"),
    ],
)
def test_addresses_are_refused_without_their_password(address, said):
    with pytest.raises(DataError, match=said) as caught:
        read_table(address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("start", ["-" * 4000, "--" + " -- a" * 800, " \n" * 2000, "/*" * 2000])
def test_odd_beginnings_take_no_time(write, start):
    frame = read_table(write(start + "\n" + PLAIN), trim=False, header=False, separator=";").frame
    assert len(frame) >= 3


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAIN.encode())))
    table = read_table("-")
    assert table.frame["age"].tolist() == ["31", "27"]
    assert (table.path, table.name) == (None, "standard input")


def test_several_files_are_put_below_each_other(write):
    paths = [write(PLAIN, "a.csv"), write("age;name\n5;Cid\n", "b.csv")]
    table = read_table(paths)
    assert table.frame.to_dict("list") == {"name": ["Ann", "Bob", "Cid"], "age": ["31", "27", "5"]}
    assert table.name == "a.csv and 1 more"
    assert table.notes[0] == "The rows of several files, one below the other: a.csv (2), b.csv (1)."
    assert any(note.startswith("b.csv: ") for note in table.notes)
    with pytest.raises(DataError, match=r"c\.csv does not have the columns of a\.csv.*lacks 'age'"):
        read_table([paths[0], write("name,city\nDan,Rome\n", "c.csv")])


def test_a_missing_file_names_its_folder_as_it_is(write, tmp_path, monkeypatch):
    write(PLAIN, "customers.csv")
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    for path in ("../custmers.csv", os.path.join("..", "inner", "..", "custmers.csv")):
        with pytest.raises(DataError) as caught:
            read_table(path)
        assert str(caught.value) == (
            f"There is no file custmers.csv in {tmp_path}. Did you mean 'customers.csv'?"
        )


def test_a_folder_names_a_table_in_it(write, tmp_path):
    write(PLAIN, "customers.csv")
    with pytest.raises(DataError, match=r"is a folder; give .*customers\.csv"):
        read_table(tmp_path)


def test_characters_that_were_lost_before_are_told(write):
    table = read_table(write("name,n\nfoo\ufffd,1\nbär,2\n"))
    assert table.frame["name"].tolist() == ["foo\ufffd", "bär"]
    assert table.notes == ["Characters that were lost before the file was written (\ufffd): 1."]
