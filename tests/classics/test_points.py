"""A table as points: what counts, by how much, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from maeum.classics import cluster_table, map_table
from maeum.classics.options import ColumnOptions
from maeum.classics.points import MOST_LEVELS, points_of
from maeum.core.errors import ConfigError, DataError, UnknownNameError


def points(frame, distance="euclidean", **options):
    return points_of(pd.DataFrame(frame), ColumnOptions(**options), distance)


def away(values, distance):
    between = np.abs(values[:, None] - values[None])
    return between.sum(axis=2) if distance == "manhattan" else (between**2).sum(axis=2) ** 0.5


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
def test_rows_that_differ_in_one_category_are_1_apart(distance):
    found = points({"c": ["x", "y", "z"] * 3, "n": [1.0] * 8 + [2.0]}, distance, ignore=["n"])
    expected = 1 - np.eye(3)
    np.testing.assert_allclose(away(found.values[:3], distance), expected, atol=1e-12)


def test_numbers_are_standardised_and_yes_or_no_is_0_or_1():
    rng = np.random.default_rng(0)
    found = points({"n": rng.normal(50, 9, 200), "b": ["yes", "no"] * 100})
    assert found.names == ["n", "b"]
    assert found.values[:, 0].mean() == pytest.approx(0, abs=1e-6)
    assert found.values[:, 0].std() == pytest.approx(1, abs=1e-6)
    assert set(found.values[:, 1]) == {0.0, 1.0}


def test_the_parts_of_a_date_share_the_weight_of_one_column():
    days = pd.date_range("2020-01-01", periods=400).astype(str)
    found = points({"day": days, "n": np.random.default_rng(0).normal(size=400)})
    parts = [place for place, name in enumerate(found.of) if name == "day"]
    assert len(parts) > 2
    assert found.values[:, parts].var(axis=0).sum() == pytest.approx(1, rel=1e-4)


def test_missing_cells_are_filled_and_flagged_and_told():
    found = points({"n": [1.0, 2.0, np.nan, np.inf, 3.0, 4.0]})
    assert np.isfinite(found.values).all()
    assert "n is missing" in found.names
    assert any("missing" in note for note in found.notes)


def test_a_value_far_outside_does_not_hide_the_others():
    found = points({"n": [*np.linspace(0, 1, 99), 1e9]})
    assert found.values[:99].std() > 0.5
    assert found.values.max() < 10


def test_of_very_many_values_the_most_frequent_have_axes_and_that_is_told():
    words = [f"w{i % 40}" for i in range(400)]
    found = points({"c": words, "n": np.arange(400.0) % 7})
    assert found.of.count("c") == MOST_LEVELS
    assert any("of its 40 values" in note for note in found.notes)


def test_keys_and_texts_are_excluded_with_their_reason():
    frame = pd.DataFrame({"n": [1.0, 5.0, 2.0, 9.0] * 10})
    frame["id"] = [f"K{i:04d}" for i in range(40)]
    found = points(frame)
    assert [column.name for column in found.excluded] == ["id"]
    assert "key" in found.excluded[0].reason


def test_nothing_of_the_rows_is_lost():
    frame = pd.DataFrame({"n": ["1", "", "3", "x9", "2", "2"], "group": list("aabbaa")})
    found = cluster_table(frame, groups=2, beside=False)
    table = found.table()
    assert table.columns.tolist() == ["n", "group", "group_2"]
    pd.testing.assert_frame_equal(table[["n", "group"]], frame)
    assert len(found.groups) == 6


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"n": [1.0]}, "one row"),
        ({"n": [3.0, 3.0, 3.0]}, "every cell is 3"),
        ({"n": [None, None, None], "m": ["", "", ""]}, "all its cells are missing"),
        (
            {"t": [f"a long text with its own words, number {i}, of many" for i in range(30)]},
            "free text",
        ),
        ({}, "no rows"),
    ],
    ids=["one row", "constant", "empty", "texts", "nothing"],
)
def test_a_table_without_differences_is_refused_with_the_reason(frame, said):
    for compute in (cluster_table, map_table):
        with pytest.raises(DataError, match=said):
            compute(pd.DataFrame(frame))


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"groups": 1}, ConfigError, "2 or more"),
        ({"groups": 7}, ConfigError, "only 6 of the 12 rows differ"),
        ({"groups": 2, "method": "dbscan"}, ConfigError, "finds the number of groups itself"),
        ({"method": "mixture", "distance": "manhattan"}, ConfigError, "no Manhattan"),
        (
            {"method": "hierarchical", "linkage": "ward", "distance": "manhattan"},
            ConfigError,
            "Euclidean",
        ),
        ({"eps": 1.0}, ConfigError, "is for the method 'dbscan'"),
        ({"eps": float("nan"), "method": "dbscan"}, ConfigError, "above 0"),
        ({"method": "kmean"}, UnknownNameError, "Did you mean 'kmeans'"),
        ({"distance": "cosine"}, UnknownNameError, "euclidean"),
        ({"group": 3}, ConfigError, "Did you mean 'groups'"),
        ({"ignore": ["b"]}, UnknownNameError, "there is none"),
        ({"ignore": ["a"]}, DataError, "No column is left"),
        ({"seed": -1}, ConfigError, "seed"),
    ],
    ids=str,
)
def test_choices_that_make_no_sense_are_refused(options, error, said):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 10.0, 11.0, 12.5] * 2})
    with pytest.raises(error, match=said):
        cluster_table(frame, **options)


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "dbscan", "mixture"])
def test_few_and_equal_rows_are_divided_without_trouble(method):
    few = cluster_table(pd.DataFrame({"a": [1.0, 5.0]}), method=method)
    assert len(few.groups) == 2
    equal = pd.DataFrame({"a": [1.0] * 20 + [2.0] * 10, "b": ["x"] * 20 + ["y"] * 10})
    found = cluster_table(equal, method=method)
    if method != "dbscan":
        assert found.groups.tolist() == [1] * 20 + [2] * 10


def test_as_many_groups_as_different_rows():
    found = cluster_table(pd.DataFrame({"a": [1.0, 2.0, 4.0, 8.0]}), groups=4)
    assert sorted(found.groups) == [1, 2, 3, 4]
    assert np.isnan(found.silhouette)
