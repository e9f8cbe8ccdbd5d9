"""What the network has to beat: scikit-learn's usual models, scored in the same way."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError

Inputs = np.ndarray | Mapping[str, np.ndarray]
ONE_HOT_LEVELS = 50  # of an embedded category, for models that know no embedding
SMALL = 50_000  # with fewer rows, threads wait for each other longer than they work


def score(
    task: str, y_true: np.ndarray, prediction: np.ndarray, classes: Sequence[str] = ()
) -> dict[str, float | None]:
    """Return the metrics of a prediction on rows that were not trained on.

    Args:
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        y_true: ``(n,)`` class numbers or values.
        prediction: binary ``(n,)`` or ``(n, 1)``, the probability of class 1; multiclass
            ``(n, k)``, the probability of each class; regression ``(n,)`` or ``(n, 1)``.
        classes: the names of the ``k`` classes; by default as many as the prediction has.

    Returns:
        Name to value, the most telling first. A metric that these rows leave undefined (the area
        under the curve where only one class occurs) is None.

    Raises:
        ConfigError: for an unknown task.

    >>> score("regression", np.array([1.0, 2.0]), np.array([1.0, 4.0]))["mae"]
    1.0
    """
    y_true = np.asarray(y_true).reshape(-1)
    prediction = np.asarray(prediction, np.float64)
    if task == "regression":
        return _score_values(y_true.astype(np.float64), prediction.reshape(-1))
    if task == "binary":
        return _score_binary(y_true.astype(int), prediction.reshape(-1))
    if task == "multiclass":
        number = len(classes) or prediction.shape[1]
        return _score_classes(y_true.astype(int), prediction, number)
    raise ConfigError(f"A task is 'binary', 'multiclass' or 'regression'; got {task!r}.")


def fit_baselines(
    task: str,
    x_train: Inputs,
    y_train: np.ndarray,
    x_test: Inputs,
    y_test: np.ndarray,
    seed: int = 42,
    classes: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Train a linear model, gradient boosting and a constant guess, and score them.

    Args:
        task: as for `score`.
        x_train, x_test: ``(n, features)``, or what `Preparation.transform` returns.
        y_train, y_test: ``(n,)`` class numbers or values.
        seed: of the gradient boosting.
        classes: the names of the classes.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` for each model that could be trained; if
        the training rows have one class only, that is the constant guess alone.

    >>> x = np.arange(20.0)[:, None]
    >>> [b["name"] for b in fit_baselines("regression", x, x[:, 0], x, x[:, 0])]
    ['Ridge regression', 'Gradient boosting', 'Constant guess']
    """
    from threadpoolctl import threadpool_limits

    y_train = np.asarray(y_train).reshape(-1)
    threads = 1 if len(y_train) < SMALL else None
    number = len(classes) or int(max(np.max(y_train), np.max(y_test, initial=0))) + 1
    number = 2 if task == "binary" else number
    constant_only = task != "regression" and len(np.unique(y_train)) < 2
    rows = []
    for name, model, one_hot in _models(task, seed)[2 * constant_only :]:
        start = time.perf_counter()
        with threadpool_limits(threads), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence: the score shows how good it is
            model.fit(_matrix(x_train, x_train, one_hot), y_train)
            x = _matrix(x_test, x_train, one_hot)
            if task == "regression":
                prediction = model.predict(x)
            else:
                prediction = np.zeros((len(x), number))
                prediction[:, model.classes_.astype(int)] = model.predict_proba(x)
        if task == "binary":
            prediction = prediction[:, 1]
        metrics = score(task, y_test, prediction, classes)
        rows.append({"name": name, "metrics": metrics, "seconds": time.perf_counter() - start})
    return rows


def _models(task: str, seed: int) -> list[tuple[str, Any, bool]]:
    """Return name, untrained model and whether it needs its categories one-hot."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    if task == "regression":
        return [
            ("Ridge regression", Ridge(), True),
            ("Gradient boosting", HistGradientBoostingRegressor(random_state=seed), False),
            ("Constant guess", DummyRegressor(), False),
        ]
    return [
        ("Logistic regression", LogisticRegression(max_iter=2000), True),
        ("Gradient boosting", HistGradientBoostingClassifier(random_state=seed), False),
        ("Constant guess", DummyClassifier(strategy="prior"), False),
    ]


def _matrix(x: Inputs, x_train: Inputs, one_hot: bool) -> np.ndarray:
    """Lay prepared inputs side by side; indices (frequent levels first) as they are or one-hot."""
    if not isinstance(x, Mapping):
        return np.asarray(x)
    assert isinstance(x_train, Mapping)
    blocks = [np.asarray(x["numbers"])]
    for key in [key for key in x if key != "numbers"]:
        index = np.asarray(x[key]).reshape(-1, 1)
        most = min(int(np.max(x_train[key], initial=0)), ONE_HOT_LEVELS)
        blocks.append(index == np.arange(1, most + 1) if one_hot else index)
    return np.concatenate([block.astype(np.float32) for block in blocks], axis=1)


def _score_binary(y: np.ndarray, p: np.ndarray) -> dict[str, float | None]:
    from sklearn import metrics

    guess = (p >= 0.5).astype(int)
    both = len(np.unique(y)) == 2
    zero = {"zero_division": 0.0}
    return {
        "roc_auc": float(metrics.roc_auc_score(y, p)) if both else None,
        "pr_auc": float(metrics.average_precision_score(y, p)) if (y == 1).any() else None,
        "accuracy": float(metrics.accuracy_score(y, guess)),
        "balanced_accuracy": float(metrics.recall_score(y, guess, average="macro", **zero))
        if both else None,
        "f1": float(metrics.f1_score(y, guess, **zero)),
        "precision": float(metrics.precision_score(y, guess, **zero)),
        "recall": float(metrics.recall_score(y, guess, **zero)),
        "log_loss": float(metrics.log_loss(y, p, labels=[0, 1])),
        "brier": float(np.mean((p - y) ** 2)),
    }  # fmt: skip


def _score_classes(y: np.ndarray, p: np.ndarray, number: int) -> dict[str, float | None]:
    from sklearn import metrics

    labels = list(range(number))
    p = np.clip(p, 1e-15, None) / np.clip(p, 1e-15, None).sum(axis=1, keepdims=True)
    guess, there = p.argmax(axis=1), np.unique(y)
    # One against the rest is defined for the classes that occur, if there is a rest.
    areas = [metrics.roc_auc_score(y == k, p[:, k]) for k in there] if len(there) > 1 else []
    top = np.argsort(-p, axis=1, kind="stable")[:, :3]
    return {
        "accuracy": float(metrics.accuracy_score(y, guess)),
        "macro_f1": float(metrics.f1_score(y, guess, labels=there, average="macro")),
        "balanced_accuracy": float(metrics.recall_score(y, guess, labels=there, average="macro")),
        "roc_auc": float(np.mean(areas)) if areas else None,
        "top_3_accuracy": float((top == y[:, None]).any(axis=1).mean()) if number > 3 else None,
        "log_loss": float(metrics.log_loss(y, p, labels=labels)),
    }


def _score_values(y: np.ndarray, p: np.ndarray) -> dict[str, float | None]:
    error = p - y
    spread = float(np.sum((y - y.mean()) ** 2))
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(np.abs(error))),
        "r2": 1 - float(np.sum(error**2)) / spread if spread > 0 else None,
        "mape": float(np.mean(np.abs(error / y))) if (y != 0).all() else None,
    }
