"""Metrics: what is measured while a model trains, and when it is evaluated."""

# ruff: noqa: F401

from collections.abc import Sequence
from typing import Any

from maeum import losses
from maeum.core import registry
from maeum.core.messages import N_
from maeum.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
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
from maeum.metrics.auc import AUC
from maeum.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from maeum.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from maeum.metrics.f_score import F1Score, FBetaScore
from maeum.metrics.matrix import (
    BinaryIoU,
    ConfusionMatrix,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
)
from maeum.metrics.metric import Metric
from maeum.metrics.reduction import Mean, MeanMetricWrapper, Sum
from maeum.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
    cosine_similarity,
)
from maeum.metrics.wrapped import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from maeum.ops.alignment import is_sparse

_CLASSES = registry.public_classes(globals(), Metric)
_FUNCTIONS = registry.public_functions(globals(), "maeum.metrics")
_LOSSES = {f.__name__: f for f in registry.public_functions(globals(), "maeum.losses")}
_ALIASES = {
    "acc": Accuracy,
    "bce": BinaryCrossentropy,
    "mse": MeanSquaredError,
    "rmse": RootMeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "kld": KLDivergence,
    "r2": R2Score,
    "f1": F1Score,
    "log_cosh": LogCoshError,
    "logcosh": LogCoshError,
    "crossentropy": losses.crossentropy,
    "ce": losses.crossentropy,
}
_names = registry.named("metrics", [*_FUNCTIONS, *_CLASSES])
_family = registry.Family(N_("metric"), _LOSSES | _names | _ALIASES)
serialize, deserialize = _family.keras_functions()

__all__ = [
    *(thing.__name__ for thing in (Metric, *_CLASSES, *_FUNCTIONS)), *_LOSSES,
    "deserialize", "get", "resolve", "serialize",
]  # fmt: skip


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
    """Return the metric for an output, with its state made and the name that the logs use.

    "accuracy" becomes the binary, categorical or sparse form, and a bare "f1" the score of the
    positive class or the mean of the classes, whichever fits the output.

    Args:
        identifier: what `get` takes.
        y_true_shape: the shape of the targets.
        y_pred_shape: the shape of the predictions.

    >>> resolve("accuracy", (None, 1), (None, 1)), resolve("acc", (None,), (None, 3))
    (<BinaryAccuracy 'accuracy'>, <SparseCategoricalAccuracy 'acc'>)
    """
    metric: Any
    if len(y_pred_shape) == 1:  # one number for each row
        y_true_shape, y_pred_shape = ((*shape, 1)[:2] for shape in (y_true_shape, y_pred_shape))
    binary = y_pred_shape[-1] == 1
    name = identifier.lower() if isinstance(identifier, str) else None
    if name in ("accuracy", "acc"):
        sparse = is_sparse(y_true_shape, y_pred_shape)
        several = SparseCategoricalAccuracy() if sparse else CategoricalAccuracy()
        metric = BinaryAccuracy() if binary else several
    elif name in ("f1", "f1_score", "f1score"):
        metric = F1Score("macro", threshold=0.5 if binary else None)
    else:
        metric = get(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
    metric.build(y_true_shape, y_pred_shape)
    return metric
