import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold, train_test_split

from maeum.core.errors import ConfigError, DataError
from maeum.tables.reading import read_table
from maeum.tabular.splitting import cross_validation, split, usual_folds


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_test_part_is_that_of_scikit_learn(task):
    y = np.random.default_rng(0).integers(0, 3, 500)
    parts = split(y, task, 0.3, 0.2, seed=42)
    stratify = None if task == "regression" else y
    rest, test = train_test_split(np.arange(500), test_size=0.3, random_state=42, stratify=stratify)
    assert (parts.test == test).all()
    assert sorted([*parts.train, *parts.validation]) == sorted(rest)
    assert len(parts.validation) == 70  # a fifth of 350
    assert (split(y, task, 0.3, 0).train == rest).all()


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5), min_size=6, max_size=60),
    st.sampled_from([0, 0.1, 0.3, 0.5]),
    st.sampled_from([0, 0.2]),
    st.sampled_from(["multiclass", "regression"]),
    st.integers(0, 99),
)
def test_every_row_is_in_one_part(y, test_size, validation_size, task, seed):
    parts = split(np.array(y), task, test_size, validation_size, seed)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together) == list(range(len(y)))
    assert len(parts.train)
    assert bool(len(parts.test)) == bool(test_size)
    again = split(np.array(y), task, test_size, validation_size, seed)
    assert all((getattr(parts, p) == getattr(again, p)).all() for p in ("train", "test"))


def test_shares_of_classes_are_kept():
    y = np.repeat([0, 1, 2], [700, 200, 100])
    for rows in (parts := split(y, "multiclass")).train, parts.validation, parts.test:
        np.testing.assert_allclose(np.bincount(y[rows]) / len(rows), [0.7, 0.2, 0.1], atol=0.01)


def test_classes_with_a_single_row_stay_in_training():
    y = np.array([0] * 50 + [1] * 50 + [2])
    parts = split(y, "multiclass")
    assert 100 in parts.train
    assert parts.notes == ["Rows that are alone in their class, which stay in training: 1."]


def test_tables_too_small_to_stratify_are_split_at_random_and_told():
    parts = split(np.arange(10) // 2, "multiclass", 0.3, 0)
    assert len(parts.test) == 3
    assert "too few" in parts.notes[0]


def test_one_row_and_senseless_shares_are_refused():
    with pytest.raises(DataError, match=r"1 row cannot be split"):
        split(np.array([1.0]), "regression")
    for size in (1, -0.1, 30):
        with pytest.raises(ConfigError, match="test_size takes numbers from 0, below 1"):
            split(np.zeros(10), "binary", test_size=size)


def test_churn_table_leaves_4930_rows_beside_the_test(public_data):
    y = read_table(public_data("tabular/churn_data.csv")).frame["Churn"] == "Yes"
    parts = split(y.to_numpy(int), "binary", 0.3, 0.2, seed=42)
    assert len(parts.train) + len(parts.validation) == 4930
    assert len(parts.test) == 2113


def parts_of(split):
    return split.train, split.validation, split.test


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("seed", [0, 1])
def test_groups_are_never_divided(task, seed):
    random = np.random.default_rng(seed)
    groups = random.integers(-1, 40, 600)  # -1: a row that is alone
    y = groups % 4 == 0
    once = split(y, task, 0.3, 0.2, seed, groups=groups)
    for parts in (once, *cross_validation(y, task, 4, 0.2, seed, groups=groups)):
        met = [set(groups[rows]) - {-1} for rows in parts_of(parts)]
        assert sum(map(len, met)) == len(set.union(*met))
        assert sorted(np.concatenate(parts_of(parts))) == list(range(600))
    assert len(once.test) / 600 == pytest.approx(0.3, abs=0.05)
    assert y[once.test].mean() == pytest.approx(y.mean(), abs=0.08)


def test_time_is_divided_into_past_and_future():
    times = np.random.default_rng(0).integers(0, 50, 200).astype(float)
    times[:3] = np.nan
    train, validation, test = parts_of(split(np.zeros(200), "regression", 0.3, 0.2, times=times))
    assert set(range(3)) <= set(train)
    assert np.nanmax(times[train]) < times[validation].min()
    assert times[validation].max() < times[test].min()
    assert len(test) / 200 == pytest.approx(0.3, abs=0.03)


def test_cross_validation_is_that_of_scikit_learn_and_tests_each_row_once():
    y = np.random.default_rng(0).integers(0, 3, 60)
    folds = cross_validation(y, "multiclass", 5, 0.25, seed=7)
    expected = StratifiedKFold(5, shuffle=True, random_state=7).split(y, y)
    for parts, (rest, test) in zip(folds, expected, strict=True):
        assert (parts.test == test).all()
        assert sorted([*parts.train, *parts.validation]) == rest.tolist()
        assert len(parts.validation) == len(rest) // 4
    assert sorted(np.concatenate([parts.test for parts in folds])) == list(range(60))


def test_row_alone_in_its_class_is_never_tested():
    folds = cross_validation(np.array([*"aaaabbbbc"]), "multiclass", 3)
    assert all(8 in parts.train or 8 in parts.validation for parts in folds)


def test_what_cannot_be_divided_is_refused():
    with pytest.raises(DataError, match="cannot be divided for a cross-validation"):
        cross_validation(np.arange(3), "multiclass", 5)
    with pytest.raises(DataError, match="all are of the same one"):
        split(np.zeros(9), "regression", groups=np.ones(9))
    with pytest.raises(DataError, match="9 rows have the same time, or none"):
        split(np.zeros(9), "regression", times=np.ones(9))


@pytest.mark.parametrize(
    ("counts", "rows", "folds"),
    [
        ([], 10, 5), ([], 39, 5), ([], 40, 1), ([5, 5], 10, 5), ([50, 50], 100, 1),
        ([5988, 12], 6000, 5), ([5900, 100], 6000, 1), ([30_000, 12], 30_012, 1),
        ([1, 1], 2, 1), ([500, 500, 2], 1002, 1),
    ],
)  # fmt: skip
def test_few_rows_are_cross_validated_by_themselves(counts, rows, folds):
    assert usual_folds(counts, rows, 0.3) == folds
