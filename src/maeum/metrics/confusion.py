"""Counts of right and wrong decisions, and the fractions made of them: precision and recall."""

from __future__ import annotations

from typing import Any, ClassVar

import jax

from maeum.core.checks import check_number
from maeum.metrics.thresholds import ThresholdMetric, check_thresholds, even_thresholds

_LOWEST = -1e10  # below every prediction; what top_k excludes lies below it


class _Decision(ThresholdMetric):
    """A number for each given threshold; 0.5 by default, or none at all with ``top_k``."""

    value: ClassVar[str]  # the attribute of `Cells` that is the number

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

    def result(self) -> jax.Array:
        """Return the number, or one for each threshold if there are several."""
        values = getattr(self._cells(), self.value)
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

    value = "tp"


class FalsePositives(_Count):
    """How many negatives are predicted as positives."""

    value = "fp"


class TrueNegatives(_Count):
    """How many negatives are predicted as such."""

    value = "tn"


class FalseNegatives(_Count):
    """How many positives are predicted as negatives."""

    value = "fn"


class Precision(_Decision):
    """The fraction of true positives among the predicted ones: ``tp / (tp + fp)``.

    Args:
        thresholds: one threshold or several; 0.5 by default.
        top_k: take the ``top_k`` largest predictions of each row as positive.
        class_id: count this class (index of the last axis) only.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> float(Precision()([0, 1, 1, 1, 1], [0.6, 0.9, 0.2, 0.8, 0.7]))
    0.75
    """

    value = "precision"


class Recall(_Decision):
    """The fraction of positives that are found: ``tp / (tp + fn)``. Arguments as in `Precision`.

    >>> float(Recall()([0, 1, 1, 1, 1], [0.6, 0.9, 0.2, 0.8, 0.7]))
    0.75
    """

    value = "recall"


class _Best(ThresholdMetric):
    """The best of one fraction over all thresholds at which another one is large enough."""

    bounded: ClassVar[str]  # the argument that says how large, and its attribute of `Cells`
    wanted: ClassVar[str]

    def __init__(
        self,
        least: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(even_thresholds(num_thresholds), None, class_id, name, dtype)
        setattr(self, self.bounded, check_number(least, self.bounded, most=1))
        self.count()

    def result(self) -> jax.Array:
        """Return the best fraction, 0 if no threshold is good enough."""
        cells = self._cells()
        enough = getattr(cells, self.bounded) >= getattr(self, self.bounded)
        return (getattr(cells, self.wanted) * enough).max()


class SensitivityAtSpecificity(_Best):
    """The best sensitivity ``tp / (tp + fn)`` where ``tn / (tn + fp)`` is large enough.

    Args:
        specificity: the least specificity.
        num_thresholds: how many thresholds are tried.
        class_id: count this class (index of the last axis) only.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    bounded, wanted = "specificity", "sensitivity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_Best):
    """The best specificity ``tn / (tn + fp)`` where ``tp / (tp + fn)`` is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``sensitivity`` first.
    """

    bounded, wanted = "sensitivity", "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_Best):
    """The best precision where the recall is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``recall`` first.
    """

    bounded, wanted = "recall", "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_Best):
    """The best recall where the precision is large enough.

    Arguments as in `SensitivityAtSpecificity`, with ``precision`` first.
    """

    bounded, wanted = "precision", "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(precision, num_thresholds, class_id, name, dtype)
