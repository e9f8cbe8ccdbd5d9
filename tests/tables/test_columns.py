import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import DataError, UnknownNameError
from maeum.tables.cells import cells_of, decimal_sign, parse_numbers
from maeum.tables.columns import convert, find_column, recognise
from maeum.tables.reading import read_table

NAN = float("nan")


def column_of(values, name="x"):
    """Recognise one column; return its description and its typed values."""
    typed, (column,) = recognise(pd.DataFrame({name: values}))
    return column, typed[name]


def cycle(*values, rows=100):
    return [values[i % len(values)] for i in range(rows)]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12", ".", 12), ("-1.5e3", ".", -1500), (".5", ".", 0.5), ("5.", ".", 5),
        ("1,234", ".", 1234), ("1,234,567.25", ".", 1234567.25), ("1 234", ".", 1234),
        ("1'234.5", ".", 1234.5), ("$1,200", ".", 1200), ("-$5", ".", -5), ("₩ 1,000", ".", 1000),
        ("1000원", ".", 1000), ("12%", ".", 12), ("−3", ".", -3), ("3 €", ".", 3),
        ("1,5", ",", 1.5), ("1.234,5", ",", 1234.5), ("1.234.567", ",", 1234567), ("7", ",", 7),
        ("12,50 €", ",", 12.5), ("abc", ".", NAN), ("1,2,3", ".", NAN), ("12,5", ".", NAN),
        ("1_000", ".", NAN), ("0x1A", ".", NAN), ("", ".", NAN), ("1.5", ",", NAN),
        ("2020-01-01", ".", NAN), ("5 apples", ".", NAN), ("--1", ".", NAN),
    ],
)  # fmt: skip
def test_numbers_are_read_in_many_spellings(text, decimal, number):
    assert parse_numbers(np.array([text], object), decimal) == pytest.approx(number, nan_ok=True)


@given(st.floats(allow_nan=False, width=64))
def test_every_number_that_python_writes_is_read_back(number):
    assert parse_numbers(np.array([repr(number)], object))[0] == number


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_grouped_numbers_are_read_back(whole, hundredths):
    text = f"{whole:,}.{hundredths:02d}"
    expected = float(text.replace(",", ""))
    turned = text.translate(str.maketrans(",.", ".,"))
    assert parse_numbers(np.array([text], object))[0] == expected
    assert parse_numbers(np.array([turned], object), ",")[0] == expected


def test_decimal_sign_follows_the_unambiguous_cells():
    assert decimal_sign(np.array(["1,234", "1,5"], object)) == ","
    assert decimal_sign(np.array(["1,234", "1,234.5"], object)) == "."
    assert decimal_sign(np.array(["1,234", "abc"], object)) is None


@pytest.mark.parametrize(
    "missing", ["", " ", "NA", "N/A", "nan", "NaN", "null", "None", "-", "?", None, NAN, pd.NA]
)
def test_missing_cells_are_recognised(missing):
    column, typed = column_of([*cycle("1.5", "2", "3"), missing])
    assert (column.kind, column.count, column.missing, column.distinct) == ("number", 100, 1, 3)
    assert np.isnan(typed.iloc[-1])


def test_texts_are_compared_without_the_blanks_around_them():
    cells = cells_of(pd.Series([" a", "b", "a ", None, "NA", "b"]))
    assert cells.texts.tolist() == ["a", "b"]
    assert cells.codes.tolist() == [0, 1, 0, -1, -1, 1]
    assert cells.counts.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("no", "yes"),
    [("No", "Yes"), ("N", "Y"), ("false", "TRUE"), ("아니오", "예"), ("0", "1"), ("0.0", "1.0"),
     ("0.00", "01"), (False, True), (0, 1), (0.0, 1.0)],
)  # fmt: skip
def test_yes_and_no_are_recognised(no, yes):
    column, typed = column_of(cycle(no, yes, yes))
    assert column.kind == "yesno"
    assert len(column.levels) == 2
    assert (typed == column.levels[1]).tolist() == cycle(False, True, True)


def test_spellings_of_yes_are_one_level():
    column, typed = column_of(["Yes", "yes", "Y", "No", "Yes", "NO", None])
    assert column.levels == ["No", "Yes"]
    assert typed.tolist()[:6] == ["Yes", "Yes", "Yes", "No", "Yes", "No"]
    assert column.statistics["counts"] == {"No": 2, "Yes": 4}


def test_few_words_among_numbers_are_missing_and_many_make_a_category():
    column, _ = column_of([*(str(i / 7) for i in range(98)), "abc", "xyz"])
    assert (column.kind, column.missing) == ("number", 2)
    assert "'abc', 'xyz'" in column.notes[0]
    column, _ = column_of(cycle("1", "2", "3", "4 or more"))
    assert (column.kind, column.distinct) == ("category", 4)


def test_many_words_among_many_numbers_leave_numbers():
    column, _ = column_of([*(str(i / 7) for i in range(70)), *["refused"] * 30])
    assert (column.kind, column.missing) == ("number", 30)


def test_infinite_numbers_are_missing_and_told():
    for values in (
        ["inf", "-inf", *cycle("1", "2", "3")],
        [np.inf, -np.inf, *cycle(1.0, 2.0, 3.0)],
    ):
        column, typed = column_of(values)
        assert (column.kind, column.missing, column.statistics["max"]) == ("number", 2, 3)
        [note] = column.notes
        assert re.fullmatch(r"2 infinite cells \(.*'inf'.*\); taken as missing\.", note)
        assert np.isfinite(typed.dropna()).all()


def test_codes_with_leading_zeros_stay_texts():
    column, typed = column_of(cycle("00120", "04109", "99999"))
    assert (column.kind, typed.iloc[0]) == ("category", "00120")


def test_decimal_commas_elsewhere_decide_an_ambiguous_column():
    frame = pd.DataFrame({"price": cycle("12,5", "7,25"), "size": cycle("1,234", "2,345", "3,456")})
    assert recognise(frame)[0]["size"].iloc[0] == 1.234
    assert recognise(frame[["size"]])[0]["size"].iloc[0] == 1234


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        ([f"{i:04d}-{'ABXYZ'[i % 5]}{i}" for i in range(60)], "x", "identifier"),
        (list(range(60)), "customer_id", "identifier"),
        ([str(i) for i in range(60)], "PassengerId", "identifier"),
        (list(range(60)), "Unnamed: 0", "identifier"),
        (list(range(60)), "고객번호", "identifier"),
        (list(range(60)), "paid", "number"),
        (list(range(60)), "x", "number"),
        (cycle(1, 2, 3), "customer_id", "number"),
        ([f"the customer said {i} things about {i * 7} others" for i in range(60)], "x", "text"),
        ([f"{a}. Braund, Mr. Owen" for a in range(60)], "x", "text"),
        (cycle("red", "green", "blue"), "x", "category"),
        ([f"town {i // 3}" for i in range(90)], "x", "category"),
        (cycle(3, 4, 5), "x", "number"),
        (["same"] * 50, "x", "constant"),
        ([7.0] * 50, "x", "constant"),
        (["7", "7.0", "7.00"] * 10, "x", "constant"),
        ([None] * 50, "x", "empty"),
        ([np.nan] * 50, "x", "empty"),
        (["", "?", "NA"] * 5, "x", "empty"),
        (["inf"] * 50, "x", "constant"),
        (["inf", "-inf"] * 50, "x", "empty"),
        (pd.date_range("2020-01-01", periods=50), "x", "date"),
        (pd.date_range("2020-01-01", periods=50, tz="Asia/Seoul"), "x", "date"),
        ([dt.date(2020, 1, 1 + i) for i in range(20)], "x", "date"),
        ([f"202001{i:02d}" for i in range(1, 31)], "x", "date"),
        (pd.Categorical(cycle("a", "b")), "x", "category"),
        (pd.array(cycle(1, 2, None), "Int64"), "x", "number"),
        (pd.array(cycle(True, False, None), "boolean"), "x", "yesno"),
        (cycle(1, 2.5, "3"), "x", "number"),
        (cycle([1], [2, 3]), "x", "category"),
    ],
)
def test_kinds(values, name, kind):
    column, typed = column_of(values, name)
    assert column.kind == kind
    assert column.used == (kind in ("number", "yesno", "category", "date"))
    assert bool(column.reason) != column.used
    assert column.count + column.missing == len(values) == len(typed)


def test_statistics_are_those_of_pandas():
    values = np.random.default_rng(0).normal(3, 2, 500)
    column, _ = column_of(values)
    described = pd.Series(values).describe()
    for ours, theirs in [("mean", "mean"), ("std", "std"), ("min", "min"), ("q25", "25%"),
                         ("median", "50%"), ("q75", "75%"), ("max", "max")]:  # fmt: skip
        assert column.statistics[ours] == pytest.approx(described[theirs])
    column, _ = column_of(["b", "a", "b", "c", "b", "a"])
    assert column.levels == ["b", "a", "c"]
    assert column.statistics["counts"] == {"b": 3, "a": 2, "c": 1}


def test_ambiguous_dates_are_told():
    column, _ = column_of(cycle("01/02/2020", "03/04/2021", "05/06/2022"))
    assert "month/day" in column.notes[0]


def test_target_is_described_but_not_used():
    _, columns = recognise(pd.DataFrame({"a": cycle(1, 2, 3), "y": cycle("u", "v")}), "y")
    assert [(c.name, c.used) for c in columns] == [("a", True), ("y", False)]


def test_tables_without_anything_to_learn_from_are_refused():
    with pytest.raises(DataError, match="no rows"):
        recognise(pd.DataFrame({"a": []}))
    with pytest.raises(DataError, match="no column besides 'y'"):
        recognise(pd.DataFrame({"y": [1, 2]}), "y")


def test_duplicate_names_in_a_frame_are_kept_apart():
    frame = pd.DataFrame([[1, "a"], [2, "b"], [3, "a"]], columns=["x", "x"])
    assert [c.name for c in recognise(frame)[1]] == ["x", "x_2"]


cell = st.one_of(
    st.none(), st.floats(), st.integers(-5, 5), st.booleans(), st.text(max_size=4),
    st.sampled_from(["yes", "no", "1,5", "2020-01-01", "inf", "NA", "12%"]),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(cell, min_size=1, max_size=30))
def test_any_column_is_recognised_and_reading_it_again_changes_nothing(values):
    typed, (column,) = recognise(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
    again, unread = convert(typed["x"], column.kind, form=column.format, levels=column.levels)
    assert not unread
    pd.testing.assert_series_equal(again, typed["x"], check_names=False)
    assert typed["x"].isna().sum() == column.missing
    assert column.count == len(values) - column.missing


def test_churn_table_is_recognised(public_data):
    _, columns = recognise(read_table(public_data("tabular/churn_data.csv")).frame, "Churn")
    kinds = {c.name: c.kind for c in columns}
    assert kinds["customerID"] == "identifier"
    assert kinds["SeniorCitizen"] == kinds["Partner"] == kinds["Churn"] == "yesno"
    assert kinds["Contract"] == kinds["gender"] == "category"
    assert {n for n, k in kinds.items() if k == "number"} == {
        "tenure", "MonthlyCharges", "TotalCharges",
    }  # fmt: skip
    assert {c.name: c.missing for c in columns if c.missing} == {"TotalCharges": 11}


FRAME = pd.DataFrame(columns=["tenure", "9", "Churn"])


@pytest.mark.parametrize(
    ("given_as", "name"),
    [("Churn", "Churn"), (" Churn ", "Churn"), ("last", "Churn"), ("-1", "Churn"), (-1, "Churn"),
     (3, "Churn"), ("1", "tenure"), ("9", "9")],
)  # fmt: skip
def test_a_column_is_found_by_name_or_place(given_as, name):
    assert find_column(FRAME, given_as) == name


@pytest.mark.parametrize(
    ("given_as", "says"),
    [("chrun", "Did you mean 'Churn'"), ("xyz", "columns are: tenure, 9, Churn"),
     ("4", "no column 4: the table has 3 columns"), ("0", "counted from 1")],
)  # fmt: skip
def test_a_misspelt_column_names_the_nearest(given_as, says):
    with pytest.raises(UnknownNameError, match=says):
        find_column(FRAME, given_as)
