"""True and false positives at many thresholds at once, counted with one scatter per batch.

A prediction is positive at every threshold below it. So it is enough to count, for each number
of thresholds, how many predictions of each label exceed that many; sums over these counts give
the four cells of the confusion matrix at every threshold when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.settings import epsilon
from maeum.metrics.metric import Metric
from maeum.metrics.reduction import RunningSum
from maeum.ops import divide_no_nan
from maeum.ops.alignment import align, as_array, fit_weights


class Cells(NamedTuple):
    """The confusion matrix at each threshold; ``(thresholds,)`` or ``(labels, thresholds)``."""

    tp: jax.Array
    fp: jax.Array
    tn: jax.Array
    fn: jax.Array

    @property
    def precision(self) -> jax.Array:
        """The fraction of true positives among the predicted ones."""
        return divide_no_nan(self.tp, self.tp + self.fp)

    @property
    def sensitivity(self) -> jax.Array:
        """The fraction of positives that are found."""
        return divide_no_nan(self.tp, self.tp + self.fn)

    @property
    def recall(self) -> jax.Array:
        """Another name of the sensitivity."""
        return self.sensitivity

    @property
    def specificity(self) -> jax.Array:
        """The fraction of negatives that are found."""
        return divide_no_nan(self.tn, self.tn + self.fp)


def _cell(name: str, description: str) -> property:
    return property(lambda self: getattr(self._cells(), name), doc=description)


class ThresholdMetric(Metric):
    """Base of the metrics that compare predictions with thresholds.

    Targets that are not 0 are positive; predictions greater than a threshold are. The arrays may
    have any shape and are flattened, unless there are ``labels``.

    Args:
        thresholds: the thresholds.
        top_k: only the ``top_k`` largest predictions along the last axis can be positive.
        class_id: count this index of the last axis only.
        name: see `Metric`.
        dtype: see `Metric`.
    """

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        self.thresholds = [float(t) for t in thresholds]
        self.top_k = top_k
        self.class_id = class_id

    def count(self, labels: int | None = None) -> None:
        """Make the state: counts of shape ``(2, labels, thresholds + 1)``, positives first."""
        size = len(self.thresholds) + 1
        self._counts = RunningSum(self, (2, labels or 1, size), "counts")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch.

        Args:
            y_true: labels, 0 or 1.
            y_pred: predictions of the same shape.
            sample_weight: one weight for each sample, or for each label.
        """
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = align(y_true, as_array(y_pred, self.dtype))
        if y_true.shape != y_pred.shape:
            y_true, y_pred = jnp.broadcast_arrays(y_true, y_pred)
        if self.top_k is not None:
            y_pred = _only_largest(y_pred, self.top_k)
        if self.class_id is not None:
            if y_pred.ndim < 2 or not 0 <= self.class_id < y_pred.shape[-1]:
                raise ShapeError(
                    "class_id={class_id} needs predictions with that many columns; got shape "
                    "{shape}.",
                    class_id=self.class_id,
                    shape=y_pred.shape,
                )
            at = slice(self.class_id, self.class_id + 1)
            y_true, y_pred = y_true[..., at], y_pred[..., at]
        if weights is not None:
            y_true, _ = fit_weights(y_true, weights)
            y_pred, weights = fit_weights(y_pred, weights)
        self._add(y_true != 0, y_pred, weights)

    def _add(self, positive: jax.Array, y_pred: jax.Array, weights: jax.Array | None) -> None:
        """Add labels and predictions of one shape, and weights that broadcast to it."""
        shape = self._counts.variable.shape[1:]
        exceeded = self._exceeded(y_pred)
        label = jnp.arange(shape[1]) if shape[1] > 1 else 0
        one = jnp.ones((), self.dtype) if weights is None else weights
        cells = jnp.broadcast_arrays((~positive).astype(jnp.int32), label, exceeded, one)
        row, label, exceeded, one = (a.reshape(-1) for a in cells)
        self._counts.add(jnp.zeros(shape, self.dtype).at[row, label, exceeded].add(one))

    def _exceeded(self, y_pred: jax.Array) -> jax.Array:
        """Return how many thresholds each prediction exceeds."""
        thresholds = np.sort(np.asarray(self.thresholds))
        steps = len(thresholds) - 1
        if steps < 2 or not np.allclose(thresholds, np.linspace(0, 1, steps + 1), atol=epsilon()):
            return jnp.searchsorted(
                jnp.asarray(thresholds, y_pred.dtype), y_pred, side="left", method="compare_all"
            )
        lowest = 1 if thresholds[0] < 0 else 0
        return jnp.clip(jnp.ceil(y_pred * steps), lowest, steps).astype(jnp.int32)

    def _cells(self) -> Cells:
        """Return the cells of the confusion matrix at each threshold."""
        counts = self._counts.value
        counts = counts[:, 0] if counts.shape[1] == 1 else counts
        # One masked sum, because cumulative sums take twice as long to compile.
        rank = np.argsort(np.argsort(self.thresholds, kind="stable"), kind="stable")
        exceeds = jnp.arange(counts.shape[-1])[:, None] > rank
        sides = jnp.stack([exceeds, ~exceeds]).reshape(2, *[1] * (counts.ndim - 1), *exceeds.shape)
        above, below = jnp.sum(jnp.where(sides, counts[..., None], 0), axis=-2)
        return Cells(above[0], above[1], below[1], below[0])

    true_positives = _cell("tp", "How many positives exceed each threshold.")
    false_positives = _cell("fp", "How many negatives exceed each threshold.")
    true_negatives = _cell("tn", "How many negatives do not exceed each threshold.")
    false_negatives = _cell("fn", "How many positives do not exceed each threshold.")


def _only_largest(y_pred: jax.Array, k: int) -> jax.Array:
    """Put all but the ``k`` largest predictions of each row below every threshold."""
    _, best = jax.lax.top_k(y_pred, k)
    kept = jnp.any(best[..., None] == jnp.arange(y_pred.shape[-1]), axis=-2)
    return jnp.where(kept, y_pred, -jnp.inf)


def check_thresholds(thresholds: Any) -> list[float]:
    """Return one threshold or several as a list; raise `ConfigError` outside of ``[0, 1]``."""
    found = np.atleast_1d(np.asarray(thresholds, float)).tolist()
    if not found or not all(0 <= t <= 1 for t in found):
        raise ConfigError("Thresholds lie between 0 and 1; got {given!r}.", given=thresholds)
    return found


def even_thresholds(count: int) -> list[float]:
    """Return ``count`` thresholds from 0 to 1 at equal distances; 0.5 if it is one."""
    check_whole(count, "num_thresholds")
    return [0.5] if count == 1 else [i / (count - 1) for i in range(count)]
