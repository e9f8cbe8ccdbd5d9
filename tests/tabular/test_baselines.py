import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge

from maeum.core.errors import ConfigError
from maeum.tabular.baselines import fit_baselines, score

NETWORK_OF_TRUTH = np.array([1.5, -2.0, 0.5])


def data(task, rows=300, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3)).astype(np.float32)
    value = x @ NETWORK_OF_TRUTH + 0.5 * random.normal(size=rows)
    if task == "regression":
        return x, value
    return x, (value > 0).astype(int) if task == "binary" else np.digitize(value, [-1, 0, 1])


def test_binary_metrics_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    y, p = random.integers(0, 2, 200), random.random(200)
    guess = p >= 0.5
    assert score("binary", y, p[:, None]) == pytest.approx(
        {
            "roc_auc": metrics.roc_auc_score(y, p),
            "pr_auc": metrics.average_precision_score(y, p),
            "accuracy": np.mean(y == guess),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, guess),
            "f1": metrics.f1_score(y, guess),
            "precision": metrics.precision_score(y, guess),
            "recall": metrics.recall_score(y, guess),
            "log_loss": metrics.log_loss(y, p),
            "brier": metrics.brier_score_loss(y, p),
        }
    )


def test_metrics_of_several_classes_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    y, p = random.integers(0, 4, 200), random.dirichlet([1] * 4, 200)
    guess = p.argmax(1)
    assert score("multiclass", y, p, "abcd") == pytest.approx(
        {
            "accuracy": np.mean(y == guess),
            "macro_f1": metrics.f1_score(y, guess, average="macro"),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, guess),
            "roc_auc": metrics.roc_auc_score(y, p, multi_class="ovr"),
            "top_3_accuracy": metrics.top_k_accuracy_score(y, p, k=3),
            "log_loss": metrics.log_loss(y, p),
        }
    )


def test_regression_metrics_are_those_of_their_formulas():
    random = np.random.default_rng(0)
    y, p = random.normal(5, 1, 100), random.normal(5, 1, 100)
    assert score("regression", y, p[:, None]) == pytest.approx(
        {
            "rmse": np.sqrt(((p - y) ** 2).mean()),
            "mae": abs(p - y).mean(),
            "r2": 1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum(),
            "mape": (abs(p - y) / abs(y)).mean(),
        }
    )


def test_what_the_rows_leave_undefined_is_none():
    one = score("binary", np.zeros(4), np.array([0.1, 0.7, 0.2, 0.3]))
    assert (one["roc_auc"], one["pr_auc"], one["accuracy"]) == (None, None, 0.75)
    lacking = score("multiclass", np.array([0, 1, 1]), np.eye(3)[[0, 1, 2]], "abc")
    assert lacking["accuracy"] == pytest.approx(2 / 3)
    assert lacking["roc_auc"] is not None
    assert score("multiclass", np.array([1]), np.eye(3)[[1]], "abc")["roc_auc"] is None
    flat = score("regression", np.array([0.0, 0.0]), np.array([1.0, -1.0]))
    assert (flat["r2"], flat["mape"], flat["rmse"]) == (None, None, 1)
    with pytest.raises(ConfigError, match="A task is"):
        score("clustering", np.zeros(2), np.zeros(2))


@settings(max_examples=50)
@given(st.sampled_from(["binary", "multiclass", "regression"]), st.integers(1, 9), st.data())
def test_scores_are_plain_finite_numbers(task, rows, draw):
    classes = {"binary": 2, "multiclass": 5, "regression": 0}[task]
    y = draw.draw(st.lists(st.integers(0, max(classes - 1, 3)), min_size=rows, max_size=rows))
    y = np.minimum(y, classes - 1) if classes else np.array(y, float)
    random = np.random.default_rng(rows)
    p = random.dirichlet([1] * classes, rows) if task == "multiclass" else random.random(rows)
    json.dumps(score(task, y, p, "abcde"[:classes]), allow_nan=False)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_baselines_learn_and_beat_the_constant_guess(task):
    x, y = data(task)
    classes = {"binary": "ab", "multiclass": "abcd", "regression": ""}[task]
    results = fit_baselines(task, x[:200], y[:200], x[200:], y[200:], 0, classes)
    linear, boosting, constant = (r["metrics"] for r in results)
    best, least = ("r2", 0.8) if task == "regression" else ("roc_auc", 0.85)
    assert linear[best] > least
    assert boosting[best] > least > constant[best]
    assert all(r["seconds"] > 0 for r in results)
    again = fit_baselines(task, x[:200], y[:200], x[200:], y[200:], 0, classes)
    assert [r["metrics"] for r in again] == [r["metrics"] for r in results]


def test_linear_baselines_are_those_of_scikit_learn():
    x, y = data("binary")
    p = LogisticRegression(max_iter=2000).fit(x[:200], y[:200]).predict_proba(x[200:])[:, 1]
    found = fit_baselines("binary", x[:200], y[:200], x[200:], y[200:])[0]["metrics"]
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(y[200:], p))
    x, y = data("regression")
    p = Ridge().fit(x[:200], y[:200]).predict(x[200:])
    found = fit_baselines("regression", x[:200], y[:200], x[200:], y[200:])[0]["metrics"]
    assert found["r2"] == pytest.approx(metrics.r2_score(y[200:], p), abs=1e-5)


def test_embedded_categories_are_used():
    random = np.random.default_rng(0)
    index = random.integers(0, 30, 400).astype(np.int32)
    y = (index % 2 == 0).astype(int)  # nothing but the category tells
    inputs = {"numbers": np.zeros((400, 0), np.float32), "town": index}
    train, test = (
        {k: v[rows] for k, v in inputs.items()} for rows in (slice(300), slice(300, 400))
    )
    linear, boosting, _ = fit_baselines("binary", train, y[:300], test, y[300:])
    assert linear["metrics"]["roc_auc"] > 0.95
    assert boosting["metrics"]["roc_auc"] > 0.7


def test_training_without_a_class_or_with_only_one():
    x, y = data("multiclass")
    keep = y[:200] != 2
    results = fit_baselines("multiclass", x[:200][keep], y[:200][keep], x[200:], y[200:], 0, "abcd")
    assert all(np.isfinite(r["metrics"]["log_loss"]) for r in results)
    results = fit_baselines("binary", x[:200], np.ones(200), x[200:], y[200:] > 0)
    assert [r["name"] for r in results] == ["Constant guess"]
