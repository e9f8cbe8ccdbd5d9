import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import DataError, UnknownNameError
from maeum.tables.cells import cells_of
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
    column, _ = column_of(cycle("1", "2", "3", "a few"))
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
    typed, (column,) = recognise(frame[["size"]])
    assert typed["size"].iloc[0] == 1234
    assert "1,234 are read as 1234" in column.notes[0]  # and that it was a guess is told
    assert recognise(frame[["size"]], decimal=",")[0]["size"].iloc[0] == 1.234


def test_every_column_has_its_own_decimal_sign():
    columns = {
        "income": cycle("1723.05", "888.5"), "z": cycle("-0.513", "0.25"),
        "tags": cycle("1,5", "2,7,9", "3"), "rate": cycle("0,25", "12,5"),
    }  # fmt: skip
    typed, described = recognise(pd.DataFrame(columns))
    assert [c.kind for c in described] == ["number", "number", "category", "number"]
    assert typed.drop(columns="tags").iloc[0].tolist() == [1723.05, -0.513, 0.25]
    assert described[3].notes == ["Its numbers are written with a decimal comma."]


def test_texts_with_commas_do_not_decide_for_numbers():
    frame = pd.DataFrame({"said": cycle("3,5 or so", "about 2,5 of"), "n": cycle("1,250", "2,500")})
    assert recognise(frame)[0]["n"].iloc[0] == 1250


def test_stand_ins_for_missing_are_told_and_missing():
    values = cycle("-999", "1.5", "2.5", "3.25")
    column, typed = column_of(values)
    assert (column.missing, column.marks, column.statistics["min"]) == (25, ["-999"], 1.5)
    assert typed.isna().tolist() == cycle(True, False, False, False)
    assert "lies outside the rest: -999, 25 cells" in column.notes[0]
    again, unread = convert(pd.Series(["-999.0", "2"]), "number", marks=column.marks)
    assert np.isnan(again[0])
    assert not unread
    typed, (column,) = recognise(pd.DataFrame({"x": values}), missing=())
    assert (column.missing, typed["x"].min()) == (0, -999)
    typed, (column,) = recognise(pd.DataFrame({"x": values}), missing=[1.5])
    assert (column.missing, typed["x"].min()) == (25, -999)


def test_stand_ins_among_dates():
    column, typed = column_of(cycle("1900-01-01", "2020-02-03", "2021-03-04", "2021-05-06"))
    assert (column.kind, column.missing) == ("date", 25)
    assert typed.min() == pd.Timestamp(2020, 2, 3)


def test_a_cell_far_outside_the_rest_is_told_with_its_row():
    column, _ = column_of([*range(60), 1e12])
    assert "far outside the rest (0 to 59): 1000000000000, row 61" in column.notes[0]


def test_marks_for_missing_are_values_among_words_that_are_written_like_them():
    column, _ = column_of(cycle("none", "mild", "severe", None))
    assert (column.levels, column.missing) == (["mild", "none", "severe"], 25)
    assert "like the others: 'none'." in column.notes[0]
    levels = column.levels
    assert convert(pd.Series(["none", "NA"]), "category", levels=levels)[0].tolist()[0] == "none"
    column, _ = column_of(cycle("NA", "red", "green"))
    assert (column.levels, column.missing) == (["green", "red"], 33 + 1)
    assert "Taken as missing: 'NA', 34 cells" in column.notes[0]
    _, (column,) = recognise(pd.DataFrame({"x": cycle("none", "mild")}), missing=["mild"])
    assert (column.missing, column.marks) == (50, [])


def test_units_are_kept_in_the_format_and_told():
    column, typed = column_of(cycle("72.5kg", "80 kg", "160 lb"))
    assert (column.kind, column.format) == ("number", ".kg")
    assert typed.tolist()[:3] == pytest.approx([72.5, 80, 72.5748], abs=1e-4)
    assert column.notes == ["Its numbers are in kg.", "Cells in 'lb' were converted."]


def test_amounts_in_several_currencies_are_told_and_not_mixed():
    column, _ = column_of([f"{['EUR', 'USD'][i % 2]} {i}.50" for i in range(60)])
    assert not column.used
    assert "several units (EUR and USD)" in column.reason


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
        ([f"+49 171 {i:03}4 {i * 7 + 1000}" for i in range(60)], "phone", "identifier"),
        ([str(2_000_000_000 + 99_999_989 * i) for i in range(60)], "x", "identifier"),
        ([str(2_000_000_000 + 99_999_989 * i) for i in range(90)], "x", "number"),
        ([str(1_000_000_000 + 99_999_989 * i) for i in range(60)], "x", "number"),
        (
            [f"{i * 7919 % 90000 + 10000}{'A' if i % 5 == 0 else ''}" for i in range(60)],
            "x",
            "identifier",
        ),
        (
            [f"C{536379 + i}" if i % 30 == 0 else f"{536365 + i}" for i in range(60)] * 5,
            "x",
            "category",
        ),
        (
            [f"PC {17599 + i}" if i % 4 == 0 else f"{i * 7919 % 900000}" for i in range(60)],
            "x",
            "identifier",
        ),
        ([f"{i * 7 % 900 + 100}{'k' if i % 5 == 0 else ''}" for i in range(60)], "x", "number"),
        ([f"{1960 + i}{'p' if i > 56 else ''}" for i in range(60)], "x", "number"),
        (cycle("1.1", "1.10", "2.0"), "app_version", "category"),
        (cycle("1.1", "1.10", "2.0"), "conversion", "number"),
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


def test_what_is_missing_among_yes_and_no_is_told():
    column, _ = column_of(cycle("yes", "no", "unknown"))
    assert (column.kind, column.missing) == ("yesno", 33)
    assert "'unknown', 33 cells" in column.notes[0]


def test_a_stand_in_among_dates_is_told_once():
    column, _ = column_of([*(f"2023-05-{i:02}" for i in range(1, 29)), *["1970-01-01"] * 5])
    assert column.missing == 5
    assert sum("1970-01-01" in note for note in column.notes) == 1


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


@pytest.mark.parametrize(
    ("times", "kind"), [(7, "category"), (5, "category"), (4, "identifier"), (2, "identifier")]
)
def test_many_names_are_categories_where_each_comes_again(times, kind):
    cells = pd.Series([f"person {i:04d}" for i in range(1_500)] * times)
    _typed, (column,) = recognise(pd.DataFrame({"who": cells}))
    assert column.kind == kind
    assert column.used == (kind == "category")
