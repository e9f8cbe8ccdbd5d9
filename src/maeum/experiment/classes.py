"""What trainings on classes share: weights, metrics, and other models beside the network."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.report.scores import score

MOST_FREQUENT = N_("Always the most frequent class")
SMALL = 50_000  # with fewer rows, threads wait for each other longer than they work


def score_classes(
    truth: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> dict[str, float | None]:
    """Return the metrics of probabilities ``(n, k)``, the most telling first.

    Args:
        truth: ``(n,)`` class numbers.
        probabilities: ``(n, k)``.
        classes: the names of the ``k`` classes.
    """
    if len(classes) == 2:
        return score("binary", truth, probabilities[:, 1])
    found = score("multiclass", truth, probabilities, classes)
    return {k: v for k, v in found.items() if k != "top_3_accuracy" or v is not None}


def fit_others(
    models: Iterable[tuple[str, Any, Any, Any]],
    y: np.ndarray,
    truth: np.ndarray,
    classes: Sequence[str],
) -> list[dict[str, Any]]:
    """Train scikit-learn's classifiers and score them.

    Args:
        models: the name (inside ``N_``), the model, and what it is trained and tested on, each.
        y: the class numbers to train with.
        truth: those to test with.
        classes: the names of the classes.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` for each.
    """
    from threadpoolctl import threadpool_limits

    found = []
    for name, model, x, x_test in models:
        began = time.perf_counter()
        with threadpool_limits(1 if len(y) < SMALL else None), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence: the score shows how good it is
            model.fit(x, y)
            p = np.zeros((len(truth), len(classes)))
            p[:, model.classes_.astype(int)] = model.predict_proba(x_test)
        seconds = time.perf_counter() - began
        metrics = score_classes(truth, p, classes)
        found.append({"name": name, "metrics": metrics, "seconds": seconds})
    return found
