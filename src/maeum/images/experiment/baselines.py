"""What the network has to beat: models that see small grey thumbnails, and a constant answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.experiment.classes import MOST_FREQUENT, fit_others
from maeum.images.experiment.data import ImageData, Part

SIDE = 12  # rows and columns of a thumbnail
MOST = 10_000  # images that they learn from: more of them take long and change little


def thumbnails(part: Part, rows: np.ndarray) -> np.ndarray:
    """Return some of the images as rows of ``SIDE * SIDE`` grey values from 0 to 1."""
    from PIL import Image

    def small(pixels: np.ndarray) -> np.ndarray:
        plain = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).convert("L")
        return np.asarray(plain.resize((SIDE, SIDE), Image.Resampling.BOX)).reshape(-1)

    blocks = (part.pixels(rows[start : start + 256]) for start in range(0, len(rows), 256))
    return np.stack([small(p) for block in blocks for p in block]).astype(np.float32) / 255


def fit_baselines(data: ImageData) -> list[dict[str, Any]]:
    """Train scikit-learn's models on the images that the network had, and score them.

    Returns:
        ``{"name": ..., "metrics": ..., "seconds": ...}`` each, the constant answer last.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    parts = [part for part in (data.train, data.validation) if part]
    rows = [part.images.take(MOST, data.options.seed).rows for part in parts]
    x = np.concatenate([thumbnails(part, own) for part, own in zip(parts, rows)])
    y = np.concatenate([part.y[own] for part, own in zip(parts, rows)])
    x_test, truth = thumbnails(data.test, np.arange(len(data.test))), data.test.y.astype(int)
    models: list[tuple[str, Any]] = [
        (N_("Logistic regression"), LogisticRegression(max_iter=300, C=0.1)),
        (N_("5 nearest neighbours"), KNeighborsClassifier(min(5, len(x)))),
        (MOST_FREQUENT, DummyClassifier(strategy="prior")),
    ]
    return fit_others([(n, m, x, x_test) for n, m in models], y, truth, data.classes)
