import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap
from sklearn import metrics

from maeum.experiment.comparison import paired_difference


def two_models(rows=300, seed=0):
    random = np.random.default_rng(seed)
    truth = (random.random(rows) < 0.3).astype(int)
    both = [np.clip(0.3 + s * truth + 0.15 * random.normal(size=rows), 0, 1) for s in (0.3, 0.2)]
    return truth, *(np.column_stack([1 - p, p.round(2)]) for p in both)


SCORES = {
    "accuracy": lambda y, p: np.mean((p[:, 1] >= 0.5) == y),
    "f1": lambda y, p: metrics.f1_score(y, p[:, 1] >= 0.5),
    "roc_auc": lambda y, p: metrics.roc_auc_score(y, p[:, 1]),
    "pr_auc": lambda y, p: metrics.average_precision_score(y, p[:, 1]),
}


@pytest.mark.parametrize("key", SCORES)
def test_difference_is_that_of_scikit_learn_and_its_error_that_of_scipy(key):
    truth, ours, theirs = two_models()
    found = paired_difference(key, truth, ours, theirs)
    score = SCORES[key]
    assert found.value == pytest.approx(score(truth, ours) - score(truth, theirs))

    def difference(rows):
        rows = rows.astype(int)
        return score(truth[rows], ours[rows]) - score(truth[rows], theirs[rows])

    drawn = bootstrap((np.arange(len(truth)),), difference, vectorized=False, n_resamples=200,
                      method="basic", rng=np.random.default_rng(1))  # fmt: skip
    assert found.error == pytest.approx(drawn.standard_error, rel=0.3)


@pytest.mark.parametrize("key", ["rmse", "mae"])
def test_errors_of_values(key):
    random = np.random.default_rng(0)
    truth = random.normal(size=500)
    ours, theirs = (truth + s * random.normal(size=500) for s in (1.0, 1.5))
    score = {"rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error}[key]
    found = paired_difference(key, truth, ours, theirs)
    assert found.value == pytest.approx(score(truth, ours) - score(truth, theirs))
    assert found.sure


@pytest.mark.parametrize("better", [2, 6, 18, 30])
def test_sure_is_what_mcnemar_calls_significant(better):
    """Of 40 rows that only one of two models gets right, the first gets 20 + better / 2."""
    truth = np.zeros(400, int)
    ours, theirs = np.tile([1.0, 0.0], (400, 1)), np.tile([1.0, 0.0], (400, 1))
    mine = 20 + better // 2
    theirs[:mine], ours[mine:40] = [0.0, 1.0], [0.0, 1.0]
    found = paired_difference("accuracy", truth, ours, theirs)
    p = binomtest(mine, 40).pvalue
    assert found.sure == (p < 0.05)


def test_macro_f1_of_several_classes():
    random = np.random.default_rng(0)
    truth, ours = random.integers(0, 4, 200), random.dirichlet([1] * 4, 200)
    theirs = np.eye(4)[truth]
    found = paired_difference("macro_f1", truth, ours, theirs)
    expected = metrics.f1_score(truth, ours.argmax(1), average="macro") - 1
    assert found.value == pytest.approx(expected)
    assert found.sure


def test_alike_is_never_sure_and_what_is_undefined_is_none():
    truth, ours, _theirs = two_models()
    assert not paired_difference("roc_auc", truth, ours, ours).sure
    assert paired_difference("roc_auc", np.zeros(300, int), ours, ours) is None
    assert paired_difference("log_loss", truth, ours, ours) is None
