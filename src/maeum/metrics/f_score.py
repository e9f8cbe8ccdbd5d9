"""F scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice, check_number, check_positive
from maeum.core.settings import epsilon
from maeum.metrics.metric import Metric, check_columns
from maeum.metrics.reduction import RunningSum
from maeum.ops.alignment import align, as_array, class_numbers, fit_weights, is_sparse

AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """``(1 + beta^2) precision recall / (beta^2 precision + recall)``.

    Args:
        average: None for one score for each class, ``"micro"`` for all decisions together,
            ``"macro"`` for the mean of the classes, ``"weighted"`` for their mean weighted by
            how often they occur.
        beta: how much more recall counts than precision.
        threshold: predictions greater than it are positive; None takes the largest of each row.
        name: see `Metric`.
        dtype: see `Metric`.

    Raises:
        ConfigError: for an unknown average, or a beta or threshold out of range.
        ShapeError: unless predictions have shape ``(batch, classes)`` and targets that shape, or
            ``(batch,)`` or ``(batch, 1)`` with class numbers.

    >>> score = FBetaScore(average="macro", beta=2.0, threshold=0.5)
    >>> round(float(score([[1], [1], [0]], [[0.9], [0.2], [0.1]])), 4)
    0.5556
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        check_choice(average, AVERAGES, "average")
        if threshold is not None:
            check_positive(check_number(threshold, "threshold", most=1), "threshold")
        self.average = average
        self.beta = check_positive(beta, "beta")
        self.threshold = threshold

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Make the state: true positives, false positives and false negatives of each class."""
        if self._counts is not None:
            return
        check_columns(type(self).__name__, y_pred_shape)
        classes = () if self.average == "micro" else (y_pred_shape[-1],)
        self._counts = RunningSum(self, (3, *classes), "counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = as_array(y_true), as_array(y_pred, self.dtype)
        if y_pred.ndim > 1 and is_sparse(y_true.shape, y_pred.shape):
            labels, _ = class_numbers(y_true, y_pred)
            y_true = jax.nn.one_hot(labels, y_pred.shape[-1], dtype=self.dtype)
        y_true, y_pred = align(y_true, y_pred)
        self.build(y_true.shape, y_pred.shape)
        if self.threshold is None:
            largest = jnp.max(y_pred, axis=-1, keepdims=True)
            found = (y_pred >= largest) & (jnp.abs(y_pred) > 1e-9)
        else:
            found = y_pred > self.threshold
        found = found.astype(self.dtype)
        cells = jnp.stack([found * y_true, found * (1 - y_true), (1 - found) * y_true])
        if weights is not None:
            cells = cells * fit_weights(y_pred, weights)[1]
        self._counts.add(jnp.sum(cells, axis=(1, 2) if self.average == "micro" else 1))

    def result(self) -> jax.Array:
        """Return the score, or one for each class if there is no average."""
        if self._counts is None:
            return jnp.zeros((), self.dtype)
        tp, fp, fn = self._counts.value
        precision = tp / (tp + fp + epsilon())
        recall = tp / (tp + fn + epsilon())
        scores = precision * recall / (self.beta**2 * precision + recall + epsilon())
        scores = scores * (1 + self.beta**2)
        if self.average == "weighted":
            return jnp.sum(scores * (tp + fn)) / (jnp.sum(tp + fn) + epsilon())
        return scores if self.average is None else jnp.mean(scores)


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall.

    Args:
        average: see `FBetaScore`.
        threshold: see `FBetaScore`; for a single sigmoid output give one, such as 0.5.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> float(F1Score(threshold=0.5)([[1], [0], [1]], [[0.9], [0.8], [0.1]])[0]) > 0.49
    True
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: Any = None,
    ):
        super().__init__(average, 1.0, threshold, name, dtype)
