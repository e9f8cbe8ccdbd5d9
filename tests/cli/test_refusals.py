"""Bad input on the command line: one clear sentence, exit code 2, nothing lost."""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import Dense

GOOD = "a,b,y\n" + "".join(f"{i},{'uvw'[i % 3]},{'yn'[i % 2]}\n" for i in range(40))


def pairs(*cells):
    return "a,y\n" + "".join(f"{cells[0]},{cells[i % len(cells[1:]) + 1]}\n" for i in range(30))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "table.csv is empty"),
        ("\n \n", "table.csv is empty"),
        ("a,b,y\n", "only a header"),
        ("a,y\n1,x\n", "too few to learn from"),
        ("a,y\n1,x\n2,z\n", "More rows are needed"),
        (pairs("1", "x"), "'y' is 'x' in every row"),
        (pairs("1", ""), "'y' has a value in 0 rows"),
        (pairs("", "x", "z"), "'a': all its cells are missing"),
        (pairs("7", "x", "z"), "'a': every cell is '7'"),
        ("y\nx\nz\nx\n", "no column besides 'y'"),
        ('a,y\n1,"x\n2,z\n3,x\n4,z\n', "quotation mark"),
        ("a,y\n1,x\n2,z,3,4\n", "line 3 has 4 cells"),
        (b"PK\x03\x04" + bytes(100), "Excel workbook"),
        (bytes(range(256)) * 8, "not a text file"),
    ],
)
def test_table_that_cannot_be_learnt_from(refuse, tmp_path, content, said):
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "table.csv").write_bytes(data)
    assert said in refuse("train", "table.csv", "--target", "y")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--target Y", "Did you mean 'y'?"),
        ("--target churn", "The table has no column 'churn'"),
        ("--target 9", "the table has 3 columns"),
        ("--target y --hidden abc", "--hidden is a whole number of 1 or more; got 'abc'"),
        ("--target y --hidden 8,0", "hidden is a whole number of 1 or more; got 0"),
        ("--target y --dropout 1.5", "dropout takes numbers from 0, below 1; got 1.5"),
        ("--target y --dropout half", "--dropout takes numbers from 0, below 1; got 'half'"),
        ("--target y --hidden 8 --dropout 0.1,0.2", "2 rates for 1 hidden layers"),
        ("--target y --scale minmix", "Did you mean 'minmax'?"),
        ("--target y --epochs 0", "epochs is a whole number of 1 or more; got 0"),
        ("--target y --patience -1", "patience is a whole number of 0 or more; got -1"),
        ("--target y --batch-size 0", "--batch-size is a whole number of 1 or more"),
        ("--target y --optimizer admm", "Did you mean 'adam'?"),
        ("--target y --activation rely", "Did you mean 'relu'?"),
        ("--target y --learning-rate -1", "--learning-rate takes numbers above 0; got -1.0"),
        ("--target y --learning-rate inf", "--learning-rate takes numbers above 0; got inf"),
        ("--target y --learning-rate 1e30 --epochs 9", "smaller learning rate"),
        ("--target y --test-size 1", "--test-size takes numbers above 0, below 1; got 1.0"),
        (
            "--target y --validation-size 1",
            "--validation-size takes numbers from 0, below 1",
        ),
        ("--target y --task guess", "--task is one of"),
        ("--target y --task regression", "cannot be learnt as a number"),
        ("--target y --positive yy", "Did you mean 'y'?"),
        ("--target y --ignore q", "'q' cannot be excluded: there is none"),
        ("--target y --ignore y", "it is the target"),
        ("--target y --ignore a --ignore b", "No column is left to learn from"),
        ("--target y --seed -1", "A seed lies between 0 and"),
        ("--target y --separator ab", "A separator is one character"),
        ("--target y --encoding utf-99", "There is no encoding 'utf-99'"),
        ("--target y --out good.csv", "cannot be written to (it is a file)"),
        ("--target y --out good.csv/deeper", "cannot be written to (it is a file)"),
    ],
)
def test_option_that_makes_no_sense(refuse, tmp_path, options, said):
    (tmp_path / "good.csv").write_text(GOOD)
    assert said in refuse("train", "good.csv", *options.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train goof.csv --target y", "Did you mean 'good.csv'?"),
        ("train . --target y", "--target is for tables"),
        ("train good.csv", "Missing option '--target': the column to learn. The columns of good."),
        ("train ../goof.csv --target y", "There is no file goof.csv in /"),
        ("train postgresql://me:pw@host/db --target y", "address of a database"),
        ("train good.csv goof.csv --target y", "There is no file goof.csv"),
        ("train nowhere/t.csv --target y", "the folder nowhere does not exist"),
        ("predict nowhere.maeum good.csv", "There is no model file 'nowhere.maeum'"),
        ("predict good.csv good.csv", "is not a model of Maeum"),
        ("predict cut.maeum good.csv", "is not a model of Maeum"),
        ("predict plain.maeum good.csv", "it does not say how raw data are prepared"),
        ("evaluate plain.maeum good.csv", "it does not say how raw data are prepared"),
        ("show good.csv", "is not a model of Maeum"),
        ("predict plain.maeum good.csv --out good.csv", "is what is read here"),
        ("predict plain.maeum good.csv --out ./plain.maeum", "is what is read here"),
    ],
)
def test_file_that_is_not_what_it_should_be(refuse, tmp_path, arguments, said):
    (tmp_path / "good.csv").write_text(GOOD)
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.save(tmp_path / "plain.maeum")
    (tmp_path / "cut.maeum").write_bytes((tmp_path / "plain.maeum").read_bytes()[:300])
    assert said in refuse(*arguments.split())


def test_show_takes_a_model_without_preparation(maeum, tmp_path):
    model = mm.Sequential([mm.Input((3,)), Dense(1)])
    model.predict(np.zeros((1, 3)), verbose=0)
    model.save(tmp_path / "plain.maeum")
    ran = maeum("show", tmp_path / "plain.maeum")
    assert ran.code == 0
    assert "Total params: 4" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train good.csv --targt y", "No such option '--targt'"),
        ("train good.csv --target y --epochs many", "--epochs is a whole number"),
        ("trian good.csv", "Did you mean 'train'?"),
        ("predict model.maeum", "Missing argument"),
    ],
)
def test_command_line_that_cannot_be_read(maeum, arguments, said):
    ran = maeum(*arguments.split())
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", ["", "train", "predict", "evaluate", "show"])
def test_help_fits_80_columns(maeum, command):
    ran = maeum(*command.split(), "--help")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80


def test_version(maeum):
    ran = maeum("--version")
    assert ran.code == 0
    assert ran.out.startswith("maeum ")


def test_ctrl_c_without_a_word_is_told_in_one(maeum, tmp_path, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("maeum.tabular.task.read_table", stop)
    ran = maeum("train", tmp_path / "t.csv", "--target", "y", "--out", tmp_path / "o")
    assert ran.code == 130
    assert ran.err == "maeum: stopped; nothing was written.\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train y --target table.csv", "Perhaps: maeum train table.csv --target y"),
        ("train table.csv --target y --hidden 64,,32", "in '64,,32' one is missing"),
        ("train table.csv --target a --balance", "balance is for classes, and the target 'a'"),
        ("train table.csv --target a --positive 3", "positive is for classes, and the target"),
    ],
)
def test_arguments_in_odd_places_are_answered(refuse, tmp_path, command, said):
    (tmp_path / "table.csv").write_text(GOOD)
    assert said in " ".join(refuse(*command.split()).split())


def test_data_in_the_place_of_a_command_are_answered_with_the_command(maeum, tmp_path):
    (tmp_path / "table.csv").write_text(GOOD)
    ran = maeum(tmp_path / "table.csv", "--target", "y")
    assert ran.code == 2
    assert "To learn from what is there: maeum train" in ran.err
