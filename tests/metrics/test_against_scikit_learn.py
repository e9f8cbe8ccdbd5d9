"""Metrics on a whole data set, streamed in batches, beside scikit-learn."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from maeum import metrics

ROWS = 47  # in batches of 10, 10, 10, 10 and 7
few = settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
seeds = st.integers(0, 2**16)


def counted(metric, y_true, y_pred, weight=None):
    for start in range(0, ROWS, 10):
        rows = slice(start, start + 10)
        metric.update_state(y_true[rows], y_pred[rows], None if weight is None else weight[rows])
    return np.asarray(metric.result())


@few
@given(seed=seeds)
def test_roc_auc_is_exact_where_thresholds_tell_predictions_apart(seed):
    rng = np.random.default_rng(seed)
    y_true = rng.permutation(np.arange(ROWS) % 2)
    y_pred = (rng.integers(0, 199, ROWS) + 0.5) / 199  # between two thresholds
    weight = rng.uniform(0.1, 2, ROWS)
    for w in (None, weight):
        expected = sk.roc_auc_score(y_true, y_pred, sample_weight=w)
        assert counted(metrics.AUC(), y_true, y_pred, w) == pytest.approx(expected, abs=1e-5)


def test_roc_and_pr_auc_of_many_predictions_come_near_the_exact_ones():
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, 20_000)
    y_pred = 1 / (1 + np.exp(-rng.normal(size=20_000) - y_true))
    roc, pr = metrics.AUC(), metrics.AUC(curve="PR")
    assert float(roc(y_true, y_pred)) == pytest.approx(sk.roc_auc_score(y_true, y_pred), abs=1e-4)
    assert float(pr(y_true, y_pred)) == pytest.approx(
        sk.average_precision_score(y_true, y_pred), abs=5e-3
    )


@few
@given(seed=seeds)
def test_precision_recall_and_f1_of_two_classes(seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 2, (ROWS, 1)), rng.random((ROWS, 1))
    weight = rng.uniform(0.1, 2, ROWS)
    found = y_pred > 0.5
    for name, theirs in (("Precision", sk.precision_score), ("Recall", sk.recall_score)):
        expected = theirs(y_true, found, sample_weight=weight, zero_division=0)
        value = counted(getattr(metrics, name)(), y_true, y_pred, weight)
        assert value == pytest.approx(expected, abs=1e-5)
    f1 = metrics.resolve("f1", y_true.shape, y_pred.shape)
    expected = sk.f1_score(y_true, found, sample_weight=weight, zero_division=0)
    assert counted(f1, y_true, y_pred, weight) == pytest.approx(expected, abs=1e-5)


@few
@given(seed=seeds, sparse=st.booleans())
def test_f1_of_several_classes(seed, sparse):
    rng = np.random.default_rng(seed)
    labels, scores = rng.integers(0, 4, ROWS), rng.dirichlet(np.ones(4), ROWS)
    y_true = labels if sparse else np.eye(4)[labels]
    for average in (None, "micro", "macro", "weighted"):
        expected = sk.f1_score(labels, scores.argmax(1), average=average, zero_division=0)
        value = counted(metrics.F1Score(average), y_true, scores)
        np.testing.assert_allclose(value, expected, atol=1e-5)


@few
@given(seed=seeds, kind=st.sampled_from(["sparse", "column", "one_hot"]))
def test_confusion_matrix_of_several_classes(seed, kind):
    rng = np.random.default_rng(seed)
    labels, scores = rng.integers(0, 3, ROWS), rng.dirichlet(np.ones(3), ROWS)
    weight = rng.uniform(size=ROWS)
    y_true = {"sparse": labels, "column": labels[:, None], "one_hot": np.eye(3)[labels]}[kind]
    expected = sk.confusion_matrix(labels, scores.argmax(1), sample_weight=weight, labels=range(3))
    matrix = counted(metrics.ConfusionMatrix(), y_true, scores, weight)
    np.testing.assert_allclose(matrix, expected, rtol=1e-5, atol=1e-5)


@few
@given(seed=seeds)
def test_confusion_matrix_of_one_output(seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 2, ROWS), rng.random((ROWS, 1))
    expected = sk.confusion_matrix(y_true, y_pred > 0.3)
    matrix = counted(metrics.ConfusionMatrix(threshold=0.3), y_true, y_pred)
    assert matrix.tolist() == expected.tolist()


@few
@given(seed=seeds, offset=st.sampled_from([0.0, 1e3, 8e5]))
def test_r2_loses_no_digits_far_from_zero(seed, offset):
    """Stock prices of 800,000 that differ by tens: a sum of squares in float32 would be lost."""
    rng = np.random.default_rng(seed)
    y_true = np.float32(offset + rng.normal(size=(ROWS, 2)) * 50)
    y_pred = np.float32(y_true + rng.normal(size=(ROWS, 2)) * 20)
    weight = rng.uniform(0.1, 2, ROWS)
    expected = sk.r2_score(y_true.astype(float), y_pred.astype(float), sample_weight=weight)
    assert counted(metrics.R2Score(), y_true, y_pred, weight) == pytest.approx(expected, abs=2e-6)


def test_r2_of_equal_targets_is_zero():
    assert float(metrics.R2Score()(np.ones((4, 1)), np.zeros((4, 1)))) == 0


@few
@given(seed=seeds)
def test_log_loss(seed):
    rng = np.random.default_rng(seed)
    labels, p = rng.integers(0, 3, ROWS), rng.dirichlet(np.ones(3), ROWS)
    value = counted(metrics.SparseCategoricalCrossentropy(), labels, p)
    assert value == pytest.approx(sk.log_loss(labels, p, labels=range(3)), rel=1e-4)


@few
@given(seed=seeds)
def test_jaccard_score_is_the_overlap(seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 2, ROWS), rng.random(ROWS)
    expected = sk.jaccard_score(y_true, y_pred >= 0.5)
    value = counted(metrics.BinaryIoU(target_class_ids=[1]), y_true, y_pred)
    assert value == pytest.approx(expected, abs=1e-5)
