"""What the network has to beat: models that see small grey thumbnails, and a constant answer."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from maeum.images.experiment.data import ImageData, Part
from maeum.report.scores import score

SIDE = 12  # rows and columns of a thumbnail
MOST = 10_000  # pictures that they learn from: more of them take long and change little


def task_of(classes: int) -> str:
    """Return what `maeum.report.scores.score` calls a choice among so many classes."""
    return "binary" if classes == 2 else "multiclass"


def score_pictures(truth: np.ndarray, probabilities: np.ndarray, classes: list[str]) -> dict:
    """Return the metrics of probabilities ``(n, k)``, accuracy first."""
    task = task_of(len(classes))
    found = score(task, truth, probabilities[:, 1] if task == "binary" else probabilities, classes)
    if found.get("top_3_accuracy") is None:  # with three classes it says nothing
        found.pop("top_3_accuracy", None)
    return {"accuracy": found.pop("accuracy"), **found}


def thumbnails(part: Part, rows: np.ndarray | None = None) -> np.ndarray:
    """Return pictures as rows of ``SIDE * SIDE`` grey values from 0 to 1."""
    from PIL import Image

    def small(pixels: np.ndarray) -> np.ndarray:
        plain = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).convert("L")
        return np.asarray(plain.resize((SIDE, SIDE), Image.Resampling.BOX)).reshape(-1)

    def blocks() -> Iterator[np.ndarray]:
        if rows is None:
            yield from part.blocks()
        else:
            for start in range(0, len(rows), 256):
                yield part.pictures(rows[start : start + 256])

    return np.stack([small(p) for block in blocks() for p in block]).astype(np.float32) / 255


def fit_baselines(data: ImageData) -> list[dict[str, Any]]:
    """Train scikit-learn's models on the pictures that the network had, and score them.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each, the constant answer last.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from threadpoolctl import threadpool_limits

    parts = [part for part in (data.train, data.validation) if part]
    x = np.concatenate([thumbnails(part, _some(part, data.options.seed)) for part in parts])
    y = np.concatenate([part.y[_some(part, data.options.seed)] for part in parts])
    x_test, truth = thumbnails(data.test), data.test.y.astype(int)
    models: list[tuple[str, Any]] = [
        ("Logistic regression", LogisticRegression(max_iter=300, C=0.1)),
        ("5 nearest neighbours", KNeighborsClassifier(min(5, len(x)))),
        ("Always the commonest class", DummyClassifier(strategy="prior")),
    ]
    found = []
    for name, model in models:
        began = time.perf_counter()
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence: the score shows how good it is
            model.fit(x, y)
            p = np.zeros((len(x_test), len(data.classes)))
            p[:, model.classes_.astype(int)] = model.predict_proba(x_test)
        metrics = score_pictures(truth, p, data.classes)
        found.append({"name": name, "metrics": metrics, "seconds": time.perf_counter() - began})
    return found


def _some(part: Part, seed: int) -> np.ndarray:
    if len(part) <= MOST:
        return np.arange(len(part))
    drawn = np.random.Generator(np.random.Philox(key=seed)).permutation(len(part))[:MOST]
    return np.sort(drawn)
