import numpy as np
import pytest
from sklearn.metrics import f1_score

from maeum.experiment.rare import best_threshold, crossed_thresholds, rare_class


def ranked(rows=400, fraction=0.05, seed=0):
    random = np.random.default_rng(seed)
    truth = (random.random(rows) < fraction).astype(int)
    return truth, 1 / (1 + np.exp(3 - 2.5 * truth - random.normal(size=rows)))


@pytest.mark.parametrize("seed", range(3))
def test_threshold_finds_about_as_many_as_the_best_there_is(seed):
    truth, p = ranked(seed=seed)
    best = max(f1_score(truth, p >= t) for t in np.sort(p)[-60:])
    assert f1_score(truth, p >= best_threshold(truth, p)) >= 0.9 * best
    assert f1_score(truth, p >= 0.5) < 0.9 * best


def test_rare_first_class_is_the_mirror_image():
    truth, p = ranked()
    assert best_threshold(1 - truth, 1 - p, rare=0) == pytest.approx(1 - best_threshold(truth, p))


def test_threshold_lies_between_the_probabilities_that_it_parts():
    assert best_threshold(np.array([0] * 50 + [1] * 5), np.array([0.1] * 50 + [0.3] * 5)) == 0.2


@pytest.mark.parametrize(
    ("truth", "p"),
    [([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9]), ([1, 1], [0.1, 0.2]), ([0, 1, 1], 3 * [0.4])],
)
def test_nothing_is_chosen_by_too_few_rows_or_by_a_constant(truth, p):
    assert best_threshold(np.array(truth), np.array(p)) is None


def test_threshold_of_a_row_does_not_know_its_fold():
    truth, p = ranked(600)
    fold = np.arange(600) % 3
    whole, each = crossed_thresholds(truth, p, fold, 1)
    assert whole == best_threshold(truth, p)
    for number in range(3):
        mine, others = fold == number, fold != number
        assert set(each[mine]) == {best_threshold(truth[others], p[others])}


@pytest.mark.parametrize(
    ("counts", "rare"),
    [
        ([81, 19], 1),
        ([19, 81], 0),
        ([80, 20], None),
        ([5], None),
        ([9, 1, 1], None),
        ([0, 0], None),
    ],
)
def test_one_of_two_classes_is_rare_below_a_fifth(counts, rare):
    assert rare_class(counts) == rare
