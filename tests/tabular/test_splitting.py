import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from maeum.core.errors import ConfigError, DataError
from maeum.tables.reading import read_table
from maeum.tabular.splitting import split


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
