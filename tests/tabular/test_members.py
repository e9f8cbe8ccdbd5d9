"""The rows that each member of an ensemble for a table has."""

import numpy as np
import pytest

from maeum.tabular.members import filled_batches, folds_of, of_ensemble, own_rows

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("rows", [100, 103, 999, 5_003])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_each_row_validates_a_member_that_does_not_learn_from_it(rows, task):
    y = RANDOM.normal(size=rows) if task == "regression" else RANDOM.integers(0, 3, rows)
    chosen = of_ensemble(rows, task != "regression")
    folds = folds_of(y, task, chosen["members"], chosen["batch_size"], 42)
    assert len(folds) == 8
    held_out = np.concatenate([out for _own, out in folds])
    assert len(held_out) == len({*held_out}) > rows - 8
    assert len({len(out) for _own, out in folds}) == 1
    for own, out in folds:
        assert not {*own} & {*out}
        assert len(own) % chosen["batch_size"] == 0
        assert len(own) >= min(16, rows // 100) * chosen["batch_size"]
        seen, times = np.unique(own, return_counts=True)
        assert len({*times}) == 1  # whole passes
        assert len(seen) > 0.95 * own_rows(rows, 8)


def test_classes_are_spread_over_the_folds():
    y = np.repeat([0, 1], [960, 40])
    counts = [int(y[out].sum()) for _own, out in folds_of(y, "binary", 8, 100, 42)]
    assert counts == [5] * 8


def test_groups_stay_together():
    y = RANDOM.normal(size=1_000)
    for groups in (RANDOM.integers(0, 40, 1_000), np.arange(1_000) // 3):  # unlike, and alike folds
        for own, out in folds_of(y, "regression", 8, 1, 42, groups):
            assert not {*groups[own]} & {*groups[out]}


def test_rows_that_follow_one_another_stay_together():
    times = RANDOM.permutation(800).astype(float)
    for _own, out in folds_of(RANDOM.normal(size=800), "regression", 8, 100, 42, times=times):
        assert np.ptp(times[out]) == len(out) - 1


def test_members_beyond_the_folds_divide_the_rows_anew():
    groups = np.repeat([0, 1, 2], 100)
    folds = folds_of(RANDOM.normal(size=300), "regression", 8, 50, 42, groups)
    assert len(folds) == 8


def test_of_many_rows_few_validate():
    folds = folds_of(RANDOM.normal(size=400_000), "regression", 2, 1_000, 42)
    assert [len(out) for _own, out in folds] == [20_000] * 2


@pytest.mark.parametrize("rows", [1, 50, 128, 650, 3_333, 17_500])
def test_full_batches_leave_few_rows_over(rows):
    size = filled_batches(rows, 128)
    assert rows % size <= 0.02 * rows
    assert size == rows or 96 <= size <= 160


def test_the_work_grows_no_faster_than_the_rows():
    def work(rows):
        chosen = of_ensemble(rows, True)
        return chosen["members"] * chosen["epochs"] * rows

    assert work(100_000) <= 10 * work(10_000)
    assert work(1_000_000) <= 10 * work(100_000)
