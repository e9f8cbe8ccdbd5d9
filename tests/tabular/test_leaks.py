import numpy as np
import pandas as pd
import pytest

from maeum.tabular import Dataset, Options

RANDOM = np.random.default_rng(0)
N = 300
X = RANDOM.normal(size=(N, 3))
VALUE = 3 * X[:, 0] + X[:, 1] + RANDOM.normal(size=N)
LEFT = np.where(VALUE > 1, "left", "stayed")
TABLE = pd.DataFrame(X, columns=["a", "b", "c"])


def alerts(target, columns, **options):
    ready = Dataset.prepare(TABLE.assign(y=target, **columns), "y", Options(**options))
    assert all(alert.text in ready.notes for alert in ready.alerts)
    return [(alert.kind, alert.columns) for alert in ready.alerts]


@pytest.mark.parametrize(
    ("target", "column"),
    [
        (VALUE, VALUE),
        (VALUE, -0.01 * VALUE + 4),
        (VALUE.round(2), [f"{v:.2f}" for v in 100 * VALUE]),
        (LEFT, LEFT == "left"),
        (LEFT, np.where(LEFT == "left", "gone", "here")),
        (LEFT, np.where(LEFT == "left", 7, 3)),
        (np.digitize(VALUE, [-2, 2]), np.array(["x", "y", "z"])[np.digitize(VALUE, [-2, 2])]),
    ],
)
def test_copy_of_the_target_is_told_in_whatever_form(target, column):
    assert alerts(target, {"copy": column}) == [("copy", ["copy"])]


@pytest.mark.parametrize(
    ("target", "column"),
    [
        (VALUE, np.exp(VALUE)),
        (np.exp(VALUE), VALUE),
        (VALUE**2, np.abs(VALUE)),
        (VALUE, VALUE + 0.05 * RANDOM.normal(size=N)),
        (LEFT, np.where(LEFT == "left", pd.date_range("2020-01-01", periods=N).astype(str), "")),
        (LEFT, np.where(LEFT == "left", RANDOM.choice(["pay", "boss"], N), "")),
        (LEFT, np.where((LEFT == "left") & (RANDOM.random(N) < 0.97), X[:, 2], np.nan)),
        (LEFT, np.where(LEFT == "left", 10, -10) + X[:, 2]),
    ],
    ids=["exp", "log", "root", "noisy", "date", "reason", "gaps", "apart"],
)
def test_column_that_is_known_only_afterwards_is_told(target, column):
    assert alerts(target, {"late": column}) == [("leak", ["late"])]


def test_what_a_column_may_know_is_not_told():
    decent = {"decent": VALUE + 2 * RANDOM.normal(size=N), "day": np.arange(N) % 7}
    assert alerts(VALUE, decent) == []
    assert alerts(np.exp(VALUE), decent) == []
    assert alerts(LEFT, decent) == []
    assert alerts(LEFT, {"gaps": np.where(RANDOM.random(N) < 0.3, np.nan, X[:, 2])}) == []


def test_sum_of_columns_is_told():
    first, second = RANDOM.poisson(20, N), RANDOM.poisson(50, N)
    found = alerts(first + second, {"casual": first, "registered": second})
    assert found == [("sum", ["casual", "registered"])]


def test_columns_that_are_left_out_do_not_matter():
    assert alerts(LEFT, {"copy": LEFT == "left"}, ignore="copy") == []


@pytest.mark.parametrize("folds", [1, 3])
def test_rows_that_stand_in_both_parts_are_told_and_can_be_left_out(folds):
    table = TABLE.assign(y=LEFT)
    table = pd.concat([table, table.head(60)])
    found = Dataset.prepare(table, "y", Options(folds=folds)).alerts
    assert [alert.kind for alert in found] == ["duplicates"]
    ready = Dataset.prepare(table, "y", Options(folds=folds, drop_duplicates=True))
    assert ready.alerts == []
    assert len(ready.frame) == N
    assert "Rows that are alike in every column, of which one is kept: 60 ignored." in ready.notes


def test_key_does_not_keep_rows_apart_that_are_otherwise_alike():
    table = TABLE.assign(y=LEFT)
    table = pd.concat([table, table.head(60)], ignore_index=True)
    table.insert(0, "key", [f"K{i * 7919 % 99991}" for i in range(len(table))])
    ready = Dataset.prepare(table, "y", Options(drop_duplicates=True))
    assert (len(ready.frame), ready.alerts) == (N, [])
    assert any("not learnt from ('key')" in note for note in ready.notes)


def test_rows_that_are_alike_by_chance_are_not_told():
    few = pd.DataFrame({"p": RANDOM.choice(list("ab"), N), "q": RANDOM.choice(list("cd"), N)})
    assert Dataset.prepare(few.assign(y=LEFT), "y", Options()).alerts == []


@pytest.mark.parametrize("name", ["patient_id", "Customer", "userID", "환자"])
def test_same_person_in_both_parts_is_told_unless_it_is_kept_together(name):
    person = RANDOM.integers(0, 50, N)
    ids = {name: [f"P{i}" for i in person]}
    assert alerts(LEFT, ids) == [("group", [name])]
    assert alerts(LEFT, ids, group=name) == []
    ready = Dataset.prepare(TABLE.assign(y=LEFT, **ids), "y", Options(group=name))
    test, rest = (set(person[rows]) for rows in (ready.parts.test, ready.parts.rest))
    assert not test & rest
    assert name not in ready.preparation.columns
    assert f"Rows with the same {name!r} stay together: {len(set(person))} groups." in ready.notes


def test_thing_is_known_by_its_traits_whatever_it_is_called():
    thing = RANDOM.integers(0, 50, N)
    traits = RANDOM.normal(size=(50, 2))[thing]
    columns = {"who": [f"w{i}" for i in thing], "height": traits[:, 0], "weight": traits[:, 1]}
    assert ("group", ["who"]) in alerts(LEFT, columns)
    assert alerts(LEFT, {"city": [f"c{i}" for i in thing]}) == []


def test_time_split_tells_where_the_border_is_and_needs_an_order():
    when = pd.date_range("2020-01-01", periods=N).astype(str)
    table = TABLE.assign(y=LEFT, when=when, kind=LEFT).sample(frac=1, random_state=0)
    ready = Dataset.prepare(table, "y", Options(time_split="when", ignore="kind"))
    assert any("tested on those from 2020-07-29 on" in note for note in ready.notes)
    past, future = (ready.frame["when"].iloc[r] for r in (ready.parts.rest, ready.parts.test))
    assert past.max() < future.min()
    with pytest.raises(ValueError, match="neither dates nor numbers"):
        Dataset.prepare(table, "y", Options(time_split="kind"))
    with pytest.raises(ValueError, match=r"no column 'wen'.* Did you mean 'when'"):
        Dataset.prepare(table, "y", Options(time_split="wen"))
    with pytest.raises(ValueError, match="cannot divide the rows"):
        Dataset.prepare(table, "y", Options(group="y"))
    with pytest.raises(ValueError, match="goes neither with groups"):
        Options(time_split="when", group="kind")


def test_group_of_which_no_value_repeats_is_told():
    table = TABLE.assign(y=LEFT, when=pd.date_range("2020-01-01", periods=N).astype(str))
    notes = Dataset.prepare(table, "y", Options(group="when")).notes
    assert any("No value of 'when' repeats" in note for note in notes)
