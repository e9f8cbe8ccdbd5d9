"""The metrics that a prediction is judged by, on rows that were not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maeum.core.errors import ConfigError

METRICS_OF = {  # the names that `score` returns, for each task
    "binary": ("roc_auc", "pr_auc", "accuracy", "balanced_accuracy", "f1", "precision", "recall",
               "log_loss", "brier"),
    "multiclass": ("accuracy", "macro_f1", "balanced_accuracy", "roc_auc", "top_3_accuracy",
                   "log_loss"),
    "regression": ("rmse", "mae", "r2", "mape"),
}  # fmt: skip


def score(
    task: str,
    y_true: np.ndarray,
    prediction: np.ndarray,
    classes: Sequence[str] = (),
    threshold: float | np.ndarray = 0.5,
) -> dict[str, float | None]:
    """Return the metrics of a prediction on rows that were not trained on.

    Args:
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        y_true: ``(n,)`` class numbers or values.
        prediction: binary ``(n,)`` or ``(n, 1)``, the probability of class 1; multiclass
            ``(n, k)``, the probability of each class; regression ``(n,)`` or ``(n, 1)``.
        classes: the names of the ``k`` classes; by default as many as the prediction has.
        threshold: binary, the probability from which on class 1 is answered; or ``(n,)``.

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
        return _score_binary(y_true.astype(int), prediction.reshape(-1), threshold)
    if task == "multiclass":
        number = len(classes) or prediction.shape[1]
        return _score_classes(y_true.astype(int), prediction, number)
    raise ConfigError("A task is 'binary', 'multiclass' or 'regression'; got {task!r}.", task=task)


def _score_binary(
    y: np.ndarray, p: np.ndarray, threshold: float | np.ndarray
) -> dict[str, float | None]:
    from sklearn import metrics

    guess = (p >= threshold).astype(int)
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
        "brier": float(metrics.brier_score_loss(y, p, pos_label=1)),
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
    from sklearn import metrics

    return {
        "rmse": float(metrics.root_mean_squared_error(y, p)),
        "mae": float(metrics.mean_absolute_error(y, p)),
        "r2": float(metrics.r2_score(y, p)) if np.ptp(y) > 0 else None,
        "mape": float(metrics.mean_absolute_percentage_error(y, p)) if (y != 0).all() else None,
    }
