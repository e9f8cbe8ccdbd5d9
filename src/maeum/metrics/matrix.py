"""The confusion matrix, and the overlaps (intersection over union) read off it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.settings import epsilon
from maeum.metrics.metric import Metric
from maeum.metrics.reduction import RunningSum
from maeum.ops.alignment import as_array, fit_weights, is_sparse, same_rank


class _Matrix(Metric):
    """Counts of (class, predicted class) pairs."""

    ignore_class: int | None = None

    def count(self, num_classes: int) -> None:
        """Make the state: a row for each class, a column for each predicted class."""
        self.num_classes = check_whole(num_classes, "num_classes", 2)
        self._counts = RunningSum(self, (num_classes, num_classes), "matrix")

    def add(self, y_true: jax.Array, y_pred: jax.Array, weights: jax.Array | None) -> None:
        """Add class numbers of one shape; those outside the classes do not count."""
        classes = self._counts.variable.shape[-1]
        y_true, y_pred = same_rank(y_true, y_pred)
        if y_true.shape != y_pred.shape:
            raise ShapeError(
                "{kind} compares classes of one shape; got {y_true} and {y_pred}.",
                kind=type(self).__name__,
                y_true=y_true.shape,
                y_pred=y_pred.shape,
            )
        one = jnp.ones((), self.dtype)
        if weights is not None:
            y_true, _ = fit_weights(y_true, weights)
            y_pred, one = fit_weights(y_pred, weights)
        y_true, y_pred = y_true.astype(jnp.int32), y_pred.astype(jnp.int32)
        known = (y_true >= 0) & (y_true < classes) & (y_pred >= 0) & (y_pred < classes)
        if self.ignore_class is not None:
            known &= y_true != self.ignore_class
        cells = jnp.broadcast_arrays(y_true, y_pred, jnp.where(known, one, 0))
        row, column, one = (a.reshape(-1) for a in cells)
        empty = jnp.zeros((classes, classes), self.dtype)
        self._counts.add(empty.at[row, column].add(one))

    @property
    def matrix(self) -> jax.Array:
        """The counts, of shape ``(classes, classes)``; rows are the true classes."""
        if self._counts is None:
            raise ShapeError("No batch was counted yet, so the number of classes is not known.")
        return self._counts.value


class ConfusionMatrix(_Matrix):
    """How often each class (row) is predicted as each class (column).

    The result is a matrix: ``model.evaluate`` and the history hold it as an array; progress
    lines only name it.

    Args:
        num_classes: how many classes; found from the predictions by default.
        threshold: where a single output is cut into the classes 0 and 1.
        name: see `Metric`.
        dtype: see `Metric`.

    Targets are class numbers or one-hot rows; predictions have one column for each class, or one
    column of probabilities.

    >>> ConfusionMatrix()([0, 1, 1, 1], [[0.1], [0.9], [0.2], [0.8]]).tolist()
    [[1.0, 0.0], [1.0, 2.0]]
    """

    def __init__(
        self,
        num_classes: int | None = None,
        threshold: float = 0.5,
        name: str = "confusion_matrix",
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        self.threshold = threshold
        if num_classes is not None:
            self.count(num_classes)

    def build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Make the state for as many classes as the predictions have columns."""
        if self._counts is None:
            columns = y_pred_shape[-1] if len(y_pred_shape) > 1 else 1
            self.count(max(columns, 2))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch."""
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = as_array(y_true), as_array(y_pred)
        self.build(y_true.shape, y_pred.shape)
        if y_pred.ndim < 2 or y_pred.shape[-1] == 1:
            y_true, y_pred = same_rank(y_true, y_pred)
            y_pred = y_pred > self.threshold
        else:
            if not is_sparse(y_true.shape, y_pred.shape):
                y_true = jnp.argmax(y_true, axis=-1)
            elif y_true.ndim == y_pred.ndim:
                y_true = y_true[..., 0]
            y_pred = jnp.argmax(y_pred, axis=-1)
        self.add(y_true, y_pred, weights)

    def result(self) -> jax.Array:
        """Return the matrix of shape ``(classes, classes)``."""
        return self.matrix


class IoU(_Matrix):
    """Intersection over union, ``tp / (tp + fp + fn)``: its mean over some classes.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is taken; those that never occur do not count.
        name: see `Metric`.
        dtype: see `Metric`.
        ignore_class: a label that does not count.
        sparse_y_true: whether the targets are class numbers, not one-hot rows.
        sparse_y_pred: whether the predictions are class numbers, not scores.
        axis: the axis of the classes, where there is one.

    Raises:
        ConfigError: if a target class is none of the classes.

    >>> round(float(IoU(2, [0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        # The matrix holds weights, not only counts: whole numbers would cut them off.
        super().__init__("float32" if dtype in (None, "int", "int32") else dtype, name)
        targets = np.asarray(target_class_ids, int)
        if targets.size == 0 or targets.min() < 0 or targets.max() >= num_classes:
            raise ConfigError(
                "target_class_ids lie between 0 and {last}; got {given!r}.",
                last=num_classes - 1,
                given=target_class_ids,
            )
        self.target_class_ids = targets.tolist()
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.count(num_classes)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch of class numbers, one-hot rows or scores."""
        weights = self.weights_of(y_pred, sample_weight)
        y_true, y_pred = as_array(y_true), as_array(y_pred)
        if not self.sparse_y_true:
            y_true = jnp.argmax(y_true, axis=self.axis)
        if not self.sparse_y_pred:
            y_pred = jnp.argmax(y_pred, axis=self.axis)
        self.add(y_true, y_pred, weights)

    def result(self) -> jax.Array:
        """Return the mean over the target classes that occur."""
        both = jnp.diagonal(self.matrix)
        either = jnp.sum(self.matrix, axis=0) + jnp.sum(self.matrix, axis=1) - both
        targets = np.asarray(self.target_class_ids)
        both, either = both[targets], either[targets]
        occurs = either > 1e-9
        overlaps = jnp.where(occurs, both / (either + epsilon()), 0)
        return jnp.sum(overlaps) / (jnp.sum(occurs) + epsilon())


class BinaryIoU(IoU):
    """`IoU` of two classes, from probabilities.

    Args:
        target_class_ids: 0, 1 or both.
        threshold: predictions of at least this are class 1.
        name: see `Metric`.
        dtype: see `Metric`.

    >>> round(float(BinaryIoU()([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
    0.5833
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch of labels and probabilities."""
        weights = self.weights_of(y_pred, sample_weight)
        super().update_state(y_true, as_array(y_pred, "float32") >= self.threshold, weights)


class MeanIoU(IoU):
    """`IoU` averaged over all classes, from class numbers.

    >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        classes = range(num_classes)
        super().__init__(
            num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )


class OneHotIoU(IoU):
    """`IoU` of some classes, from one-hot rows and scores.

    >>> float(OneHotIoU(2, [0])([[1, 0], [0, 1]], [[0.9, 0.1], [0.3, 0.7]])) > 0.999
    True
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )


class OneHotMeanIoU(MeanIoU):
    """`IoU` averaged over all classes, from one-hot rows and scores."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
