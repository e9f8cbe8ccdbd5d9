"""Metrics for numbers: errors, and the fraction of the variance that is explained."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum import losses
from maeum.core.checks import check_choice, check_whole
from maeum.metrics.metric import Metric, check_columns
from maeum.metrics.reduction import FunctionMetric, Mean, RunningSum
from maeum.ops import divide_no_nan
from maeum.ops.alignment import align, as_array, fit_weights

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class MeanSquaredError(FunctionMetric, of=losses.mean_squared_error):
    """The mean of `losses.mean_squared_error`.

    >>> float(MeanSquaredError()([81, 93, 91, 97], [82.0, 88.0, 94.0, 100.0]))
    11.0
    """


class RootMeanSquaredError(Mean):
    """The square root of the mean squared error.

    >>> round(float(RootMeanSquaredError()([81, 93, 91, 97], [82.0, 88.0, 94.0, 100.0])), 4)
    3.3166
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Count a batch."""
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = align(y_true, as_array(y_pred, self.dtype))
        super().update_state(jnp.square(y_pred - y_true), weights)

    def result(self) -> jax.Array:
        """Return the root of the mean."""
        return jnp.sqrt(super().result())


class MeanAbsoluteError(FunctionMetric, of=losses.mean_absolute_error):
    """The mean of `losses.mean_absolute_error`."""


class MeanAbsolutePercentageError(FunctionMetric, of=losses.mean_absolute_percentage_error):
    """The mean of `losses.mean_absolute_percentage_error`."""


class MeanSquaredLogarithmicError(FunctionMetric, of=losses.mean_squared_logarithmic_error):
    """The mean of `losses.mean_squared_logarithmic_error`."""


class LogCoshError(FunctionMetric, of=losses.log_cosh, name="logcosh"):
    """The mean of `losses.log_cosh`."""


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> jax.Array:
    """The cosine of the angle between the vectors along ``axis``: 1 is the best.

    >>> [float(cosine_similarity([0.0, 1.0], v)) for v in ([0.0, 2.0], [0.0, -1.0])]
    [1.0, -1.0]
    """
    return -losses.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(FunctionMetric, of=cosine_similarity):
    """The mean cosine of the angle between targets and predictions: 1 is the best.

    Args:
        name: see `Metric`.
        dtype: see `Metric`.
        axis: the axis along which the vectors lie.
    """


class R2Score(Metric):
    """The coefficient of determination: ``1 - sum((y - p)^2) / sum((y - mean(y))^2)``.

    Mean and squares are merged batch by batch (Chan, Golub and LeVeque, 1979), so that large
    targets lose no digits.

    Args:
        class_aggregation: how the scores of several columns become one: ``"uniform_average"``,
            ``"variance_weighted_average"``, or None for one score for each.
        num_regressors: the number of inputs, for the adjusted score.
        name: see `Metric`.
        dtype: see `Metric`.

    Raises:
        ConfigError: for an unknown aggregation or a negative number of regressors.
        ShapeError: unless targets and predictions have shape ``(batch, columns)``.

    >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 6)
    0.571429
    """

    _sums: Any = None

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        check_choice(class_aggregation, AGGREGATIONS, "class_aggregation")
        self.class_aggregation = class_aggregation
        self.num_regressors = check_whole(num_regressors, "num_regressors", 0)

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Make the state: the mean, and sums of weights, squares, residuals and rows."""
        if self._sums is not None:
            return
        columns = 1
        if len(y_pred_shape) > 1:
            check_columns(type(self).__name__, y_pred_shape)
            columns = y_pred_shape[-1]
        # The mean of the first batch, and how far from there the mean of all is: where targets
        # are large and alike, float32 has digits for the difference only.
        self._mean = self.add_variable((2, columns), "zeros", name="mean")
        self._sums = RunningSum(self, (4, columns), "sums")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = align(y_true, as_array(y_pred, self.dtype))
        if y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        self.build(y_true.shape, y_pred.shape)
        weights = jnp.ones(()) if weights is None else fit_weights(y_pred, weights)[1]
        weights = jnp.broadcast_to(weights, y_true.shape)
        count = jnp.sum(weights, axis=0)
        before = self._sums.value[0]
        center, moved = self._mean.value
        first = divide_no_nan(jnp.sum(weights * y_true, axis=0), count)
        center = jnp.where(before > 0, center, first)
        mean = divide_no_nan(jnp.sum(weights * (y_true - center), axis=0), count)
        apart = mean - moved
        squares = jnp.sum(weights * jnp.square(y_true - center - mean), axis=0)
        squares += jnp.square(apart) * divide_no_nan(before * count, before + count)
        residuals = jnp.sum(weights * jnp.square(y_true - y_pred), axis=0)
        rows = jnp.full(mean.shape, y_true.size, self.dtype)
        moved += apart * divide_no_nan(count, before + count)
        self._mean.assign(jnp.stack([center, moved]))
        self._sums.add(jnp.stack([count, squares, residuals, rows]))

    def result(self) -> jax.Array:
        """Return the score; targets that are all the same count as 0."""
        if self._sums is None:
            return jnp.zeros((), self.dtype)
        _, squares, residuals, rows = self._sums.value
        scores = jnp.where(squares > 0, 1 - divide_no_nan(residuals, squares), 0)
        if self.class_aggregation == "uniform_average":
            scores = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = divide_no_nan(jnp.sum(squares * scores), jnp.sum(squares))
        if self.num_regressors == 0:
            return scores
        free = rows[0] - self.num_regressors - 1
        adjusted = 1 - divide_no_nan((1 - scores) * (rows[0] - 1), free)
        return jnp.where(free > 0, adjusted, scores)
