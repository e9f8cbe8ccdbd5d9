"""Sums and means over batches, exact for any number of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from maeum.core.masks import mask_of
from maeum.losses.loss import (
    WrapsFunction,
    checked_values,
    combine_weights,
    name_of_function,
)
from maeum.metrics.metric import Metric
from maeum.ops import divide_no_nan
from maeum.ops.alignment import as_array, same_rank


class RunningSum:
    """A sum that keeps what rounding loses, in one variable of a metric.

    A float32 alone stops counting at 16,777,216. Here a second one holds what the first one
    cannot (Dekker, 1971: a number as the sum of two), so that the result stays as good as
    float32 for 10^14 samples.

    Args:
        metric: whose state it is.
        shape: the shape of the sum.
        name: the variable's name; its value has shape ``(2, *shape)``: the sum, and the rest.
    """

    def __init__(self, metric: Metric, shape: tuple[int, ...] = (), name: str = "total"):
        self.variable = metric.add_variable((2, *shape), "zeros", name=name)

    def add(self, x: Any) -> None:
        """Add ``x``."""
        state = self.variable.value
        total, rest = state[0], state[1]
        rough = total + x
        added = rough - total
        rest = rest + ((total - (rough - added)) + (x - added))
        total = rough + rest
        self.variable.assign(jnp.stack([total, rest - (total - rough)]))

    @property
    def value(self) -> jax.Array:
        """The sum."""
        return self.variable.value[0]


def samplewise(
    values: Any, sample_weight: Any, reduce: Callable[..., jax.Array], dtype: str
) -> tuple[jax.Array, jax.Array | None]:
    """Return one value and one weight for each sample, as Keras reduces them.

    Values with more axes than the weights are reduced to the weights' first; then both are
    reduced to the samples' axis. As in Keras, a mask of the values counts beside weights alone.
    """
    mask = None if sample_weight is None else mask_of(values)
    weights = combine_weights(sample_weight, mask, dtype=dtype)
    values = as_array(values, dtype)
    if weights is not None:
        values, weights = same_rank(values, weights)
        rank = weights.ndim
        if values.ndim > rank:
            values = reduce(values, axis=tuple(range(rank, values.ndim)))
        values, weights = jnp.broadcast_arrays(values, weights)
        values = values * weights
        if rank > 1:
            weights = reduce(weights, axis=tuple(range(1, rank)))
    if values.ndim > 1:
        values = reduce(values, axis=tuple(range(1, values.ndim)))
    return values, weights


class Sum(Metric):
    """The (weighted) sum of values.

    >>> float(Sum()([1.0, 3.0, 5.0], sample_weight=[1, 0, 1]))
    6.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None):
        super().__init__(dtype, name)
        self._sum = RunningSum(self)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values of a batch."""
        values, _ = samplewise(values, sample_weight, jnp.sum, self.dtype)
        self._sum.add(jnp.sum(values))

    def result(self) -> jax.Array:
        """Return the sum."""
        return self._sum.value


class Mean(Metric):
    """The (weighted) mean of values.

    >>> float(Mean()([1.0, 3.0, 5.0], sample_weight=[1, 0, 1]))
    3.0
    """

    def __init__(self, name: str = "mean", dtype: Any = None):
        super().__init__(dtype, name)
        self._total, self._count = RunningSum(self, name="total"), RunningSum(self, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Count the values of a batch."""
        values, weights = samplewise(values, sample_weight, jnp.mean, self.dtype)
        count = values.size if weights is None else jnp.sum(weights)
        self._total.add(jnp.sum(values))
        self._count.add(jnp.asarray(count, values.dtype))

    @property
    def total(self) -> jax.Array:
        """The weighted sum of the values."""
        return self._total.value

    @property
    def count(self) -> jax.Array:
        """The sum of the weights."""
        return self._count.value

    def result(self) -> jax.Array:
        """Return the mean, 0 if nothing was counted."""
        return divide_no_nan(self.total, self.count)


class MeanMetricWrapper(WrapsFunction, Mean):
    """The mean of what a function ``(y_true, y_pred)`` gives.

    Args:
        fn: returns one value for each sample (or step), or a single number, which counts for every
            row of its batch.
        name: the metric's name; the function's by default.
        dtype: see `Metric`.
        **kwargs: handed to the function.

    >>> bias = MeanMetricWrapper(lambda y_true, y_pred: y_pred - y_true, name="bias")
    >>> float(bias([1.0, 2.0], [2.0, 4.0]))
    1.5
    """

    any_argument = True

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ):
        super().__init__(name or name_of_function(fn), dtype)  # type: ignore[arg-type]
        self._wrap(fn, kwargs)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Count a batch; steps that the predictions' mask excludes do not count."""
        weights = self.weights_of(y_pred, sample_weight)
        if not _nested(y_pred):
            y_pred = as_array(y_pred)
            if jnp.issubdtype(y_pred.dtype, jnp.floating):  # bfloat16 is too coarse for a mean
                y_pred = as_array(y_pred, self.dtype)
            y_true, y_pred = same_rank(as_array(y_true), y_pred)
        values = checked_values(self.fn(y_true, y_pred, **self.fn_arguments), self.name)
        rows = jnp.shape(y_pred)[:1] if jnp.ndim(values) == 0 and not _nested(y_pred) else ()
        super().update_state(jnp.broadcast_to(values, rows) if rows else values, weights)


def _nested(y: Any) -> bool:
    return isinstance(y, (dict, tuple))


class FunctionMetric(MeanMetricWrapper):
    """Base of the means of one function each: ``class Hinge(FunctionMetric, of=losses.hinge)``.

    They take ``name`` (by default that of the function), ``dtype``, and the function's other
    arguments.
    """

    if TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any): ...
