"""The area under the curve that a moving threshold draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError
from maeum.core.settings import epsilon
from maeum.metrics.metric import check_columns
from maeum.metrics.thresholds import Cells, ThresholdMetric, check_thresholds, even_thresholds
from maeum.ops import divide_no_nan, sigmoid
from maeum.ops.alignment import as_array

CURVES = ("ROC", "PR", "PRGAIN")
METHODS = ("interpolation", "minoring", "majoring")


class AUC(ThresholdMetric):
    """The area under the ROC or precision-recall curve, from counts at fixed thresholds.

    The state stays small for any number of samples. With the 200 thresholds of the default the
    area is within a few thousandths of the exact one (`sklearn.metrics.roc_auc_score`).

    Args:
        num_thresholds: how many thresholds from 0 to 1.
        curve: ``"ROC"`` (true positive rate over false positive rate), ``"PR"`` (precision over
            recall; its interpolation is that of Davis and Goadrich, 2006) or ``"PRGAIN"``
            (Flach and Kull, 2015).
        summation_method: ``"interpolation"`` (trapezoids), ``"minoring"`` or ``"majoring"``.
        name: see `Metric`.
        dtype: see `Metric`.
        thresholds: thresholds of your own, instead of ``num_thresholds``.
        multi_label: average the areas of the columns instead of flattening the predictions.
        num_labels: the number of columns, for ``multi_label``; found on first use by default.
        label_weights: one weight for each column.
        from_logits: whether the predictions are logits.

    Raises:
        ConfigError: for an unknown curve or method, or thresholds that make no sense.

    >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ):
        if thresholds is None:
            inner = even_thresholds(check_whole(num_thresholds, "num_thresholds", 2))[1:-1]
        else:
            inner = sorted(check_thresholds(thresholds))
        super().__init__([-epsilon(), *inner, 1 + epsilon()], name=name, dtype=dtype)
        self.num_thresholds = len(inner) + 2
        self.curve = check_choice(str(curve).upper(), CURVES, "curve")
        self.summation_method = check_choice(
            str(summation_method).lower(), METHODS, "summation_method"
        )
        if num_labels and not multi_label:
            raise ConfigError("num_labels belongs to multi_label=True.")
        self.multi_label = multi_label
        self.label_weights = None if label_weights is None else jnp.asarray(label_weights)
        self.from_logits = from_logits
        if num_labels or not multi_label:
            self.count(num_labels)

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Make the state for as many columns as the predictions have."""
        if self._counts is None:
            check_columns("AUC(multi_label=True)", y_pred_shape)
            self.count(y_pred_shape[-1])

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch of labels and predictions of one shape."""
        y_true, y_pred = as_array(y_true), as_array(y_pred, self.dtype)
        self.build(y_true.shape, y_pred.shape)
        if self.from_logits:
            y_pred = sigmoid(y_pred)
        super().update_state(y_true, y_pred, sample_weight)

    def _add(self, positive: jax.Array, y_pred: jax.Array, weights: jax.Array | None) -> None:
        if self.label_weights is not None and not self.multi_label:
            weights = self.label_weights * (1 if weights is None else weights)
        super()._add(positive, y_pred, weights)

    def result(self) -> jax.Array:
        """Return the area, the (weighted) mean of the columns' areas with ``multi_label``."""
        cells = self._cells()
        if (self.curve, self.summation_method) == ("PR", "interpolation"):
            area = _davis_goadrich(cells)
        else:
            x, y = _points(self.curve, cells)
            left, right = y[..., :-1], y[..., 1:]
            heights = {
                "interpolation": (left + right) / 2,
                "minoring": jnp.minimum(left, right),
                "majoring": jnp.maximum(left, right),
            }[self.summation_method]
            area = jnp.sum((x[..., :-1] - x[..., 1:]) * heights, axis=-1)
        if not self.multi_label:
            return area
        if self.label_weights is None:
            return jnp.mean(area)
        return divide_no_nan(jnp.sum(area * self.label_weights), jnp.sum(self.label_weights))


def _points(curve: str, cells: Cells) -> tuple[jax.Array, jax.Array]:
    """Return the x and y of the curve at each threshold."""
    tp, fp, tn, fn = cells
    if curve == "ROC":
        return divide_no_nan(fp, fp + tn), cells.recall
    if curve == "PR":
        return cells.recall, cells.precision
    odds = divide_no_nan(tp + fn, tn + fp)
    recall_gain = jnp.where(tp == 0, 0, 1 - odds * divide_no_nan(fn, tp))
    precision_gain = jnp.where(tp == 0, 1, 1 - odds * divide_no_nan(fp, tp))
    return jnp.maximum(recall_gain, 0), precision_gain


def _davis_goadrich(cells: Cells) -> jax.Array:
    """Return the area under the precision-recall curve, interpolated between its points.

    Between two thresholds the true positives are taken as linear in the predicted ones,
    ``tp = a + b p``, so that the precision ``tp / p`` integrates to ``b (dtp + a log(p1 / p0))``.
    """
    tp, fp, _tn, fn = cells
    p = tp + fp
    more, less = p[..., :-1], p[..., 1:]
    gained = tp[..., :-1] - tp[..., 1:]
    slope = divide_no_nan(gained, jnp.maximum(more - less, 0))
    intercept = tp[..., 1:] - slope * less
    ratio = jnp.where((more > 0) & (less > 0), divide_no_nan(more, less), 1)
    parts = slope * (gained + intercept * jnp.log(ratio))
    return jnp.sum(divide_no_nan(parts, tp[..., 1:] + fn[..., 1:]), axis=-1)
