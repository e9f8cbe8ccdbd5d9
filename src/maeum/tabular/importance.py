"""Which columns a network goes by: what it loses when a column is shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.report.scores import score

if TYPE_CHECKING:
    from maeum.tabular.model import TabularModel

Importance = list[tuple[str, float, float]]

_REPEATS = 5
_MOST_ROWS = 2_000  # more do not make it clearer
_MANY_COLUMNS = 100  # with more, each is shuffled once


def permutation_importance(
    model: TabularModel, arrays: dict[str, np.ndarray], truth: np.ndarray, seed: int
) -> Importance:
    """Return for each column the mean drop of the score when it is shuffled, and its deviation.

    The score is the area under the ROC curve of two classes, the accuracy of several, and R2 of
    numbers. All features of a column are shuffled together (Breiman, 2001).

    Args:
        model: the trained network with its preparation.
        arrays: prepared rows, as `Preparation.transform` returns them.
        truth: their class numbers or values.
        seed: what the shuffling follows from.

    Returns:
        ``(column, mean, deviation)``, the most important first; empty where there is no score.
    """
    task = model.target.task
    random = np.random.default_rng(seed)
    rows = random.permutation(len(truth))[:_MOST_ROWS]
    arrays = {key: array[rows] for key, array in arrays.items()}
    truth = truth[rows]
    whole = quick_score(task, truth, model.predict_arrays(arrays))
    if whole is None:
        return []
    places = _places(model)
    repeats = _REPEATS if len(places) <= _MANY_COLUMNS else 1
    found = []
    for column, (key, features) in places.items():
        kept, drops = arrays[key][..., features].copy(), []
        for _ in range(repeats):
            arrays[key][..., features] = kept[random.permutation(len(truth))]
            score = quick_score(task, truth, model.predict_arrays(arrays))
            drops.append(whole - (score or 0.0))
        arrays[key][..., features] = kept
        found.append((column, float(np.mean(drops)), float(np.std(drops))))
    return sorted(found, key=lambda entry: -entry[1])


def quick_score(task: str, truth: np.ndarray, prediction: np.ndarray) -> float | None:
    """Return the one score that importance is measured by; None where it is not defined."""
    if task == "binary":
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(truth, prediction)) if len(np.unique(truth)) == 2 else None
    if task == "multiclass":
        return float(np.mean(prediction.argmax(axis=1) == truth))
    return score(task, truth, prediction)["r2"]


def _places(model: TabularModel) -> dict[str, tuple[str, Any]]:
    """Return the array that holds each column's features, and their places on its last axis."""
    preparation = model.preparation
    of = np.asarray(preparation.feature_columns, object)
    places: dict[str, tuple[str, Any]] = {
        column: ("numbers", np.flatnonzero(of == column)) for column in dict.fromkeys(of)
    }
    embedded = [encoder.column for encoder in preparation.encoders if encoder.embedded]
    places |= {column: (key, slice(None)) for column, key in zip(embedded, preparation.embedded)}
    return places | {text.column: (key, slice(None)) for key, text in preparation.texts.items()}
