"""Figures over seeds, against SciPy."""

import numpy as np
import pytest
from scipy import stats

from maeum.core.errors import DataError
from maeum.rl import interquartile_mean, learning_curve


def test_the_interquartile_mean_is_that_of_the_middle_half():
    scores = np.random.default_rng(0).normal(5, 2, 24)
    found = interquartile_mean(scores)
    middle = np.sort(scores)[6:18]
    assert found.value == pytest.approx(middle.mean())
    there = stats.bootstrap(
        (scores,), lambda x, axis: stats.trim_mean(x, 0.25, axis), method="percentile",
        n_resamples=4000, rng=1,
    ).confidence_interval  # fmt: skip
    assert found.low == pytest.approx(there.low, abs=0.08)
    assert found.high == pytest.approx(there.high, abs=0.08)


def test_each_task_is_drawn_by_itself():
    # Whatever is drawn, one task has 0 everywhere and the other 1: no interval is left.
    table = np.tile([0.0, 1.0], (6, 1))
    assert interquartile_mean(table) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("scores", [[], [[[1.0]]], [1.0, np.nan]])
def test_scores_that_are_none_are_an_error(scores):
    with pytest.raises(DataError, match=r"\(seeds, tasks\)"):
        interquartile_mean(scores)


def test_a_learning_curve_is_the_median_between_quartiles():
    histories = [{"return": [np.nan, 1.0, 5.0]}, {"return": [np.nan, 3.0, 7.0]},
                 {"return": [np.nan, 2.0]}]  # fmt: skip
    curve = learning_curve(histories)
    np.testing.assert_array_equal(curve.median, [np.nan, 2.0, 6.0])
    np.testing.assert_array_equal(curve.low, [np.nan, 1.5, 5.5])
    np.testing.assert_array_equal(curve.high, [np.nan, 2.5, 6.5])
    with pytest.raises(DataError, match="'retrun'"):
        learning_curve(histories, "retrun")
