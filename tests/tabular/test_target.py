import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, DataError, UnknownNameError
from maeum.tables.columns import find_column
from maeum.tables.reading import read_table
from maeum.tabular.target import Target, recognise_target


def cycle(*values, rows=100):
    return pd.Series([values[i % len(values)] for i in range(rows)], name="y", dtype=object)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["Yes", "No", "No"], ["No", "Yes"]),
        (["예", "아니오", "예"], ["아니오", "예"]),
        (["0", "1", "1"], ["0", "1"]),
        ([1.0, 0.0, 1.0], ["0", "1"]),
        ([True, False, True], ["False", "True"]),
        ([-1, 1, 1], ["-1", "1"]),
        ([2, 1, 1], ["1", "2"]),
        ([0.5, 1.5, 0.5], ["0.5", "1.5"]),
        (["stayed", "left", "stayed"], ["stayed", "left"]),  # the rarer class is the positive one
        (["yes", "YES", "no", "No"], ["no", "yes"]),
    ],
)
def test_two_values_are_a_binary_task(values, classes):
    target = recognise_target(cycle(*values))
    assert (target.task, target.classes, target.positive) == ("binary", classes, classes[1])
    assert sum(target.counts) == 100


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (cycle("a", "b", "c"), "multiclass"),
        (cycle(*range(7)), "multiclass"),
        (cycle(3, 4, 5, 6, 7, 8), "multiclass"),
        (cycle(0, 1, 2, rows=9), "multiclass"),
        (cycle(*range(50)), "regression"),
        (cycle(1.5, 2.5, 3.5), "regression"),
        (cycle(10, 25, 70, rows=9), "regression"),
        (pd.Series(np.random.default_rng(0).normal(size=100)), "regression"),
        (cycle("1,5", "2,25", "3,75", "8"), "regression"),
    ],
)
def test_task_is_recognised(values, task):
    assert recognise_target(values, "y").task == task


def test_classes_are_in_natural_order():
    assert recognise_target(cycle("10", "9", "2", "x", "b")).classes == ["2", "9", "10", "b", "x"]


def test_task_and_positive_class_can_be_given():
    assert recognise_target(cycle(*range(7)), task="regression").task == "regression"
    assert recognise_target(cycle(*range(30)), task="multiclass").task == "multiclass"
    assert recognise_target(cycle(1.5, 2.5, 3.5), task="classification").classes[0] == "1.5"
    assert recognise_target(cycle("Yes", "No"), positive="No").classes == ["Yes", "No"]
    with pytest.raises(UnknownNameError, match="Did you mean 'Yes'"):
        recognise_target(cycle("Yes", "No"), positive="Yess")
    with pytest.raises(ConfigError, match="3 classes"):
        recognise_target(cycle("a", "b", "c"), task="binary")
    with pytest.raises(ConfigError, match="cannot be learnt as a number"):
        recognise_target(cycle("a", "b", "c"), task="regression")
    with pytest.raises(ConfigError, match="Did you mean 'regression'"):
        recognise_target(cycle("a", "b"), task="regresion")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (cycle("same"), "'same' in every row"),
        (cycle("1", "1.0"), "in every row"),
        (cycle(None, ""), "a value in 0 rows"),
        (pd.Series(["x"]), "a value in 1 row,"),
        (pd.Series(["x", None, ""]), "a value in 1 row,"),
        (pd.Series([f"{i}-{i * 7}-key" for i in range(100)]), "looks like a key or free text"),
        (pd.Series(pd.date_range("2020-01-01", periods=50)), "holds dates"),
    ],
)
def test_targets_that_cannot_be_learnt_are_refused(values, says):
    with pytest.raises(DataError, match=says):
        recognise_target(values, "y")


def test_missing_targets_are_counted_and_left_out():
    series = pd.Series(["Yes", "", "No", None, "Yes", "?"])
    target = recognise_target(series, "y")
    assert target.missing == 3
    assert "Rows without a 'y', ignored: 3." in target.notes
    assert any("Taken as missing: '?', 1 cell" in note for note in target.notes)
    known = target.known(series)
    assert known.tolist() == [True, False, True, False, True, False]
    assert target.encode(series[known]).tolist() == [1, 0, 1]
    with pytest.raises(DataError, match="missing in 3 rows"):
        target.encode(series)


def test_single_member_is_told():
    target = recognise_target(pd.Series([*"aabbccaabbccd"]), "y")
    assert target.counts == [4, 4, 4, 1]
    assert "single row ('d')" in target.notes[0]


def test_classes_that_were_not_trained_are_named():
    target = recognise_target(cycle("a", "b", "c"))
    with pytest.raises(DataError, match=r"'d' in 2 rows.*a, b, c"):
        target.encode(pd.Series(["a", "d", "d"]))


@given(st.lists(st.sampled_from(["red", "green", "blue", "7"]), min_size=20))
def test_decoding_the_certain_answer_gives_the_cells_back(cells):
    series = pd.Series(cells)
    if series.nunique() < 2:
        return
    target = recognise_target(series, "y")
    codes = target.encode(series)
    certain = codes if target.task == "binary" else np.eye(len(target.classes))[codes]
    assert codes.dtype == np.int32
    assert target.decode(certain).tolist() == cells


def test_regression_is_standardised_and_given_back():
    series = pd.Series(["1,000.5", "2,000", "4,000", "7,500"])
    target = recognise_target(series, "price", task="regression").standardised(series)
    values = target.encode(series)
    assert values.dtype == np.float32
    assert values.mean() == pytest.approx(0, abs=1e-6)
    assert values.std() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(
        target.decode(values[:, None]), [1000.5, 2000, 4000, 7500], rtol=1e-6
    )


def test_target_travels_as_json():
    target = recognise_target(cycle("a", "b", "c"))
    assert Target.from_json(json.loads(json.dumps(target.to_json()))) == target


@pytest.mark.parametrize(
    ("name", "column", "task", "classes"),
    [
        ("churn_data.csv", "Churn", "binary", 2),
        ("data-02-stock_daily.csv", "Close", "regression", 0),
        ("data-03-diabetes.csv", "column_9", "binary", 2),
        ("data-04-zoo.csv", "last", "multiclass", 7),
    ],
)
def test_public_tables(public_data, name, column, task, classes):
    frame = read_table(public_data("tabular", name)).frame
    target = recognise_target(frame[find_column(frame, column)])
    assert (target.task, len(target.classes)) == (task, classes)


def test_classes_that_look_like_marks_for_missing_are_classes():
    target = recognise_target(cycle("none", "none", "mild", "severe"))
    assert target.classes == ["mild", "none", "severe"]
    marks, order = target.notes
    assert "have an order (none, mild and severe)" in order
    assert "like the others: 'none'." in marks
    assert target.encode(pd.Series(["none", "mild"])).tolist() == [1, 0]
    target = recognise_target(cycle("none", "mild", "severe"), missing=["none"])
    assert (target.classes, target.missing) == (["mild", "severe"], 34)
    assert target.known(pd.Series(["none", "mild"])).tolist() == [False, True]


def test_an_impossible_number_in_the_target_is_ignored_and_told():
    values = np.random.default_rng(0).normal(300, 50, 500)
    values[16] = 99999999
    target = recognise_target(pd.Series(values), "y")
    assert target.missing == 1
    assert "99999999, 1 cell, row 17" in target.notes[0]
    assert target.known(pd.Series([99999999, 250.0])).tolist() == [False, True]
    values[16] = 1.7e8  # no value that programs write
    target = recognise_target(pd.Series(values), "y")
    assert "170000000, 1 cell, row 17" in target.notes[0]
    kept = recognise_target(pd.Series(values), "y", missing=())
    assert kept.missing == 0


def test_targets_far_outside_do_not_count_for_scale_and_training():
    series = pd.Series([*np.linspace(0, 10, 99), 1e9])
    target = recognise_target(series, "y", missing=()).standardised(series)
    assert (target.low, target.high) == (0, 10)
    encoded = target.encode(series)
    assert encoded[-1] > 1e6
    limited = target.limited(encoded)
    assert limited[-1] == pytest.approx(limited[-2])
    assert (limited[:-1] == encoded[:-1]).all()
    assert target.decode(encoded)[-1] == pytest.approx(1e9)
    assert "usual in training (0 to 10): 1000000000, row 100" in target.told(series)[0]


def test_a_target_that_is_written_otherwise_is_recognised_by_its_range():
    series = pd.Series([f"{v / 8:.3f}" for v in range(8, 40)])
    target = recognise_target(series, "y").standardised(series)
    target = Target.from_json(json.loads(json.dumps(target.to_json())))
    new = pd.Series(["1,250", "3,375"])
    assert target.decode(target.encode(new)).tolist() == pytest.approx([1.25, 3.375])
    assert "y: Its numbers are written with a decimal comma here" in target.told(new)[0]
