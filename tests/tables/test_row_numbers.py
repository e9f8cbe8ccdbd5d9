"""Columns that only number the rows are left out and told; times and features are not."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError
from maeum.tables.columns import recognise
from maeum.tables.reading import read_table
from maeum.tabular.dataset import Dataset
from maeum.tabular.options import TableOptions

N = 200
RNG = np.random.default_rng(0)
WORTH = {"worth": RNG.normal(size=N), "y": ["a", "b"] * (N // 2)}


def used(frame):
    return [column.name for column in recognise(frame, "y")[1] if column.used]


@pytest.mark.parametrize(
    "values",
    [range(N), range(1, N + 1), range(N, 0, -1), range(1000, 1000 + N), RNG.permutation(N),
     RNG.permutation(10 * N)[:N], np.sort(RNG.permutation(5 * N)[:N])],
)  # fmt: skip
@pytest.mark.parametrize("name", ["serial", "z", "Unnamed: 0", "column_1"])
def test_a_column_that_counts_rows_is_left_out(values, name):
    frame = pd.DataFrame({name: [*values], **WORTH})
    for cells in (frame, frame.astype(str)):
        columns = recognise(cells, "y")[1]
        assert not columns[0].used
        assert columns[0].reason
        assert columns[1].used


@pytest.mark.parametrize(
    "values",
    [RNG.integers(0, 1000, N), np.arange(N) // 2, np.arange(N) / 2, np.arange(N) ** 2,
     RNG.permutation(10**6)[:N], np.arange(N) * 100.0],
)  # fmt: skip
def test_features_are_kept(values):
    assert used(pd.DataFrame({"z": values, **WORTH})) == ["z", "worth"]


@pytest.mark.parametrize(
    "name",
    ["day", "Year", "time_step", "t", "Age (years)", "시점", "dose", "temperature_c", "온도"],
)
def test_times_are_kept_with_a_note(name):
    columns = recognise(pd.DataFrame({name: range(N), **WORTH}), "y")[1]
    assert columns[0].used
    assert "--ignore" in columns[0].notes[0]


def test_the_only_column_is_kept():
    assert used(pd.DataFrame({"z": range(N), "y": WORTH["y"]})) == ["z"]


def test_few_rows_may_happen_to_count():
    assert used(pd.DataFrame({"z": [1, 2, 3, 4], "w": [5, 1, 5, 8], "y": [*"abab"]})) == ["z", "w"]


def test_an_index_without_a_name_is_left_out_though_rows_are_there_twice(write):
    frame = pd.DataFrame(WORTH).sample(N, replace=True, random_state=0)
    table = read_table(write(frame.to_csv()))
    assert used(table.frame) == ["worth"]


def test_a_column_can_be_kept():
    frame = pd.DataFrame({"z": range(N), "id": range(N), **WORTH, "one": 1})
    assert [c.name for c in Dataset.prepare(frame, "y", TableOptions()).left_out] == [
        "z", "id", "one",
    ]  # fmt: skip
    ready = Dataset.prepare(frame, "y", TableOptions(keep=("z", "id")))
    assert ready.preparation.columns == ["z", "id", "worth"]
    with pytest.raises(ConfigError, match="'one' cannot be used: every cell is 1"):
        Dataset.prepare(frame, "y", TableOptions(keep="one"))
    with pytest.raises(ConfigError, match="no column 'zz'"):
        Dataset.prepare(frame, "y", TableOptions(keep="zz"))
