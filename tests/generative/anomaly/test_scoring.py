"""Scores, thresholds and what is told of a row, by worked numbers."""

import numpy as np
import pytest

from maeum.generative.anomaly.scoring import LEAST_SPREAD, Scale, ranks, telling

SURPRISES = np.array([[1.0, 0.0], [3.0, 4.0], [1.0, 4.0], [3.0, 0.0]])  # 2 ± 1 and 2 ± 2


def test_a_score_counts_what_is_beyond_the_usual():
    scale = Scale.of(SURPRISES, 0.25)
    assert (scale.usual, scale.spread) == ([2.0, 2.0], [1.0, 2.0])
    np.testing.assert_allclose(scale.scores(SURPRISES), [0, 2**0.5, 1, 1])
    np.testing.assert_allclose(scale.scores(np.array([[5.0, 10.0]])), [5.0])  # 3, 4, 5
    np.testing.assert_allclose(scale.parts(np.array([[5.0, 10.0]])), [[9 / 25, 16 / 25]])


@pytest.mark.parametrize("contamination", [None, 0.2])
def test_where_nothing_surprises_nothing_is_unusual(contamination):
    scale = Scale.of(np.ones((5, 1)), contamination)
    assert scale.spread == [LEAST_SPREAD]
    assert (scale.scores(np.ones((5, 1))) < scale.threshold).all()


@pytest.mark.parametrize(
    ("contamination", "threshold"), [(0.25, 2**0.5), (0.5, 1.0), (0.001, 2**0.5)]
)
def test_contamination_takes_so_many_rows(contamination, threshold):
    assert Scale.of(SURPRISES, contamination).threshold == pytest.approx(threshold)


def test_by_default_the_threshold_is_the_outer_fence():
    scores = np.arange(1.0, 101.0)
    surprises = np.concatenate([scores, -scores])[:, None]  # mean 0: half of the scores are 0
    found = Scale.of(surprises).threshold
    first, third = np.quantile(np.maximum(surprises[:, 0], 0) / surprises.std(), [0.25, 0.75])
    assert found == pytest.approx(third + 3 * (third - first))


def test_the_fraction_below_is_that_of_the_training():
    scale = Scale.of(SURPRISES)
    np.testing.assert_allclose(scale.below(np.array([-1.0, 0.0, 2**0.5, 9.0])), [0, 0, 1, 1])


def test_a_scale_is_saved_as_it_is():
    scale = Scale.of(SURPRISES)
    assert Scale.from_json(scale.to_json()) == scale


def test_ranks_and_telling_columns():
    assert ranks(np.array([1.0, 3.0, 1.0])).tolist() == [2, 1, 3]
    assert telling(np.array([0.0, 1.0])) == [1]
    assert telling(np.array([0.2, 0.3, 0.25, 0.25])) == [1, 2, 3]
    assert telling(np.zeros(3)) == []
