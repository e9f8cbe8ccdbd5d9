"""Counts of right and wrong decisions, and the shares made of them: precision and recall."""

from __future__ import annotations

from typing import Any

import jax

from maeum.core.errors import ConfigError
from maeum.losses.loss import divide_no_nan
from maeum.metrics.thresholds import ThresholdMetric, check_thresholds, even_thresholds

_LOWEST = -1e10  # below every prediction; what top_k leaves out lies below it


class _Decision(ThresholdMetric):
    """A number for each given threshold; 0.5 by default, or none at all with ``top_k``."""

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        if thresholds is None:
            thresholds = [0.5 if top_k is None else _LOWEST]
        else:
            thresholds = check_thresholds(thresholds)
        super().__init__(thresholds, top_k, class_id, name, dtype)
        self.count()

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the number for each threshold."""
        raise NotImplementedError

    def result(self) -> jax.Array:
        """Return the number, or one for each threshold if there are several."""
        values = self.values(*self._cells())
        return values[0] if len(self.thresholds) == 1 else values


class _Count(_Decision):
    """One cell of the confusion matrix.

    Args:
        thresholds: one threshold or several, 0.5 by default.
        name: see `Metric`.
        dtype: see `Metric`.
    """

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(thresholds, name=name, dtype=dtype)


class TruePositives(_Count):
    """How many positives are predicted as such.

    >>> float(TruePositives()([0, 1, 1, 1], [0.1, 0.9, 0.2, 0.8]))
    2.0
    """

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the true positives."""
        return tp


class FalsePositives(_Count):
    """How many negatives are predicted as positives."""

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the false positives."""
        return fp


class TrueNegatives(_Count):
    """How many negatives are predicted as such."""

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the true negatives."""
        return tn


class FalseNegatives(_Count):
    """How many positives are predicted as negatives."""

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the false negatives."""
        return fn


class Precision(_Decision):
    """The share of true positives among the predicted ones: ``tp / (tp + fp)``.

    Args:
        thresholds: one threshold or several; 0.5 by default.
        top_k: take the ``top_k`` largest predictions of each row as positive.
        class_id: look at this class (index of the last axis) only.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> float(Precision()([0, 1, 1, 1, 1], [0.6, 0.9, 0.2, 0.8, 0.7]))
    0.75
    """

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the precision."""
        return divide_no_nan(tp, tp + fp)


class Recall(_Decision):
    """The share of positives that are found: ``tp / (tp + fn)``. Arguments as in `Precision`.

    >>> float(Recall()([0, 1, 1, 1, 1], [0.6, 0.9, 0.2, 0.8, 0.7]))
    0.75
    """

    def values(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> jax.Array:
        """Return the recall."""
        return divide_no_nan(tp, tp + fn)


class _Best(ThresholdMetric):
    """The best of one share over all thresholds at which another one is large enough."""

    bounded: str  # the argument that says how large

    def __init__(
        self,
        least: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        if not 0 <= least <= 1:
            raise ConfigError(f"{type(self).__name__} takes a share from 0 to 1; got {least!r}.")
        super().__init__(even_thresholds(num_thresholds), None, class_id, name, dtype)
        setattr(self, self.bounded, least)
        self.count()

    def shares(
        self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """Return the share that has to be large enough, and the one that is wanted."""
        raise NotImplementedError

    def result(self) -> jax.Array:
        """Return the best share, 0 if no threshold is good enough."""
        bounded, wanted = self.shares(*self._cells())
        return (wanted * (bounded >= getattr(self, self.bounded))).max()


class SensitivityAtSpecificity(_Best):
    """The best sensitivity ``tp / (tp + fn)`` where ``tn / (tn + fp)`` is large enough.

    Args:
        specificity: the least specificity.
        num_thresholds: how many thresholds are tried.
        class_id: look at this class (index of the last axis) only.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    bounded = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def shares(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> tuple:
        """Return specificity and sensitivity."""
        return divide_no_nan(tn, tn + fp), divide_no_nan(tp, tp + fn)


class SpecificityAtSensitivity(_Best):
    """The best specificity ``tn / (tn + fp)`` where ``tp / (tp + fn)`` is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``sensitivity`` first.
    """

    bounded = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def shares(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> tuple:
        """Return sensitivity and specificity."""
        return divide_no_nan(tp, tp + fn), divide_no_nan(tn, tn + fp)


class PrecisionAtRecall(_Best):
    """The best precision where the recall is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``recall`` first.
    """

    bounded = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def shares(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> tuple:
        """Return recall and precision."""
        return divide_no_nan(tp, tp + fn), divide_no_nan(tp, tp + fp)


class RecallAtPrecision(_Best):
    """The best recall where the precision is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``precision`` first.
    """

    bounded = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def shares(self, tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array) -> tuple:
        """Return precision and recall."""
        return divide_no_nan(tp, tp + fp), divide_no_nan(tp, tp + fn)
