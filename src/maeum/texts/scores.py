"""The metrics of classified texts, and the simple models that a network has to beat."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from maeum.report.scores import score
from maeum.texts.data import TextData


def score_texts(truth: np.ndarray, probabilities: np.ndarray, classes: list[str]) -> dict:
    """Return the metrics of probabilities ``(n, k)``, accuracy first."""
    task = "binary" if len(classes) == 2 else "multiclass"
    found = score(task, truth, probabilities[:, 1] if task == "binary" else probabilities, classes)
    if found.get("top_3_accuracy") is None:
        found.pop("top_3_accuracy", None)
    return {"accuracy": found.pop("accuracy"), **found}


def fit_baselines(data: TextData) -> list[dict[str, Any]]:
    """Train scikit-learn's models on the texts that the network had, and score them.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each, the constant answer last.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    texts = data.part("train") + data.part("validation")
    y = np.concatenate([data.y("train"), data.y("validation")])
    truth, found = data.y("test"), []
    cut = data.encoder.tokenizer.tokenize
    began = time.perf_counter()
    counting = TfidfVectorizer(
        tokenizer=cut, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True
    )
    x, x_test = counting.fit_transform(texts), counting.transform(data.part("test"))
    counted = time.perf_counter() - began
    models: list[tuple[str, Any, float]] = [
        ("TF-IDF and logistic regression", LogisticRegression(C=10.0, max_iter=300), counted),
        ("Always the commonest class", DummyClassifier(strategy="prior"), 0.0),
    ]
    for name, model, before in models:
        began = time.perf_counter()
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence: the score shows how good it is
            model.fit(x, y)
            p = np.zeros((len(truth), len(data.classes)))
            p[:, model.classes_.astype(int)] = model.predict_proba(x_test)
        seconds = before + time.perf_counter() - began
        metrics = score_texts(truth, p, data.classes)
        found.append({"name": name, "metrics": metrics, "seconds": seconds})
    return found
