"""What the networks have to beat: scikit-learn's detectors of outliers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.generative.anomaly.model import judge_scores

MOST_ROWS = 20_000  # of a method that compares each row with all others
NEIGHBOURS = 20
EXPLAINED = 0.9  # of the variance, by the principal components


def isolation_forest(x: np.ndarray, seed: int) -> np.ndarray:
    """Return how soon random splits isolate each row."""
    from sklearn.ensemble import IsolationForest

    return -IsolationForest(random_state=seed).fit(x).score_samples(x)


def local_outlier_factor(x: np.ndarray, seed: int) -> np.ndarray:
    """Return how much thinner it is around each row than around its neighbours."""
    from sklearn.neighbors import LocalOutlierFactor

    neighbours = min(NEIGHBOURS, len(x) - 1)
    return -LocalOutlierFactor(neighbours).fit(x).negative_outlier_factor_


def pca_reconstruction(x: np.ndarray, seed: int) -> np.ndarray:
    """Return how far each row is from where the principal components put it."""
    from sklearn.decomposition import PCA

    found = PCA(EXPLAINED, random_state=seed).fit(x)
    return np.square(x - found.inverse_transform(found.transform(x))).mean(1)


_METHODS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    N_("Isolation forest"): isolation_forest,
    N_("Local outlier factor"): local_outlier_factor,
    N_("PCA reconstruction"): pca_reconstruction,
}


def fit_baselines(
    x: np.ndarray, known: np.ndarray, truth: np.ndarray, unusual: float, seed: int
) -> list[dict[str, Any]]:
    """Return what scikit-learn's methods make of the same rows.

    Args:
        x: all rows, as the network takes them.
        known: ``(n,)`` which of them have a label.
        truth: whether these are unusual.
        unusual: the fraction of the rows that each method says are unusual.
        seed: of what is drawn.
    """
    x = x[:, x.std(0) > 0].astype(np.float64)
    found = []
    for name, method in _METHODS.items():
        if method is local_outlier_factor and len(x) > MOST_ROWS:
            continue
        began = time.perf_counter()
        scores = method(x, seed)
        threshold = float(np.sort(scores)[-max(1, round(unusual * len(x)))])
        metrics = judge_scores(truth, scores[known], threshold)
        found.append({"name": name, "metrics": metrics, "seconds": time.perf_counter() - began})
    return found
