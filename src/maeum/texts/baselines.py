"""The simple models that a network for texts has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.experiment.classes import MOST_FREQUENT, fit_others
from maeum.texts.data import TextData

TF_IDF = N_("TF-IDF and logistic regression")


def fit_baselines(data: TextData) -> list[dict[str, Any]]:
    """Train scikit-learn's models on the texts that the network had, and score them.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each, the constant answer last.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    tf_idf = TfidfVectorizer(
        tokenizer=data.encoder.tokenizer.tokenize, token_pattern=None, lowercase=False,
        ngram_range=(1, 2), sublinear_tf=True,
    )  # fmt: skip
    regression = make_pipeline(tf_idf, LogisticRegression(C=10.0, max_iter=300))
    texts, test = data.part("train") + data.part("validation"), data.part("test")
    y = np.concatenate([data.y("train"), data.y("validation")])
    models = [
        (TF_IDF, regression, texts, test),
        (MOST_FREQUENT, DummyClassifier(strategy="prior"), texts, test),
    ]
    return fit_others(models, y, data.y("test"), data.classes)
