"""Weights of classes for ``fit(class_weight=...)``."""

from __future__ import annotations

from typing import Any

import numpy as np


def balanced_class_weights(labels: Any) -> dict[int, float]:
    """Return weights with which every class counts the same (scikit-learn's ``"balanced"``).

    Args:
        labels: ``(n,)`` class numbers; a class that does not occur gets no weight.

    >>> balanced_class_weights([0, 0, 0, 1])
    {0: 0.6666666666666666, 1: 2.0}
    """
    from sklearn.utils.class_weight import compute_class_weight

    classes = np.unique(labels)
    weights = compute_class_weight("balanced", classes=classes, y=np.asarray(labels))
    return dict(zip(classes.tolist(), weights.tolist()))
