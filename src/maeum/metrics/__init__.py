"""Metrics: what a training is watched by."""

from collections.abc import Sequence
from typing import Any

from maeum import losses
from maeum.core import registry
from maeum.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from maeum.metrics.metric import Metric
from maeum.metrics.reduction import Mean, MeanMetricWrapper, Sum

_CLASSES = (
    Mean,
    Sum,
    MeanMetricWrapper,
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    TopKCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
)
_ALIASES = {"acc": Accuracy}
_family = registry.Family(
    "metric",
    {cls.__name__: cls for cls in _CLASSES}
    | {registry.snake_case(cls.__name__): cls for cls in _CLASSES}
    | _ALIASES,
)
for _cls in _CLASSES:
    registry.add(f"metrics.{_cls.__name__}", _cls)


def get(identifier: Any) -> Metric | None:
    """Return the metric that a name, a class, a config, a function or a metric stands for.

    Args:
        identifier: such as ``"auc"``, ``"mse"``, ``Precision``, ``AUC(curve="PR")`` or any
            function ``(y_true, y_pred)``, whose mean it becomes; None stays None.

    Raises:
        UnknownNameError: for a name that no metric has.

    >>> get("binary_accuracy").name, get("acc").name
    ('binary_accuracy', 'accuracy')
    """
    found = _family.get(identifier)
    if found is None or isinstance(found, Metric):
        return found
    return MeanMetricWrapper(found)


def resolve(
    identifier: Any, y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]
) -> Metric:
    """Return the metric for an output: "accuracy" and "crossentropy" take the form that fits it.

    Args:
        identifier: what `get` takes, or ``"accuracy"``, ``"acc"``, ``"crossentropy"``, ``"ce"``.
        y_true_shape: the shape of the targets.
        y_pred_shape: the shape of the predictions.

    >>> resolve("accuracy", (None, 1), (None, 1))
    <BinaryAccuracy 'accuracy'>
    >>> resolve("acc", (None,), (None, 3))
    <SparseCategoricalAccuracy 'acc'>
    """
    forms = _FORMS.get(identifier.lower()) if isinstance(identifier, str) else None
    if forms is None:
        return get(identifier)  # type: ignore[return-value]
    binary, sparse, categorical = forms
    if y_pred_shape[-1] == 1:
        return binary(name=identifier)
    wider = len(y_true_shape) < len(y_pred_shape)
    if wider or (y_true_shape[-1] == 1 and (y_pred_shape[-1] or 2) > 1):
        return sparse(name=identifier)
    return categorical(name=identifier)


_ACCURACIES = (BinaryAccuracy, SparseCategoricalAccuracy, CategoricalAccuracy)
_FORMS = {"accuracy": _ACCURACIES, "acc": _ACCURACIES}
