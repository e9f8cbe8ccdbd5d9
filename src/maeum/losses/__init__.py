"""Losses: what a training minimizes."""

# ruff: noqa: F401

from typing import Any

from maeum.core import registry
from maeum.core.messages import N_
from maeum.losses.circle import Circle, circle
from maeum.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    categorical_generalized_cross_entropy,
    crossentropy,
    sparse_categorical_crossentropy,
)
from maeum.losses.ctc import CTC, ctc
from maeum.losses.divergence import KLDivergence, Poisson, kl_divergence, poisson
from maeum.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from maeum.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from maeum.losses.labels import check_labels
from maeum.losses.loss import Loss, LossFunctionWrapper
from maeum.losses.overlap import Dice, Tversky, dice, tversky
from maeum.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

_CLASSES = registry.public_classes(globals(), Loss)
_FUNCTIONS = [
    f for f in registry.public_functions(globals(), "maeum.losses") if f is not check_labels
]
_ALIASES = {
    "kld": KLDivergence,
    "bce": BinaryCrossentropy,
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "logcosh": LogCosh,
    "huber_loss": Huber,
    "ce": crossentropy,
}
_names = registry.named("losses", [*_FUNCTIONS, *_CLASSES])
_family = registry.Family(N_("loss"), _names | _ALIASES)
serialize, deserialize = _family.keras_functions("name")

__all__ = [
    *(thing.__name__ for thing in (Loss, *_CLASSES, *_FUNCTIONS)),
    "check_labels", "deserialize", "get", "serialize",
]  # fmt: skip


def get(identifier: Any) -> Loss | None:
    """Return the loss that a name, a class, a config, a function or a loss stands for.

    Args:
        identifier: such as ``"mse"``, ``"binary_crossentropy"``, ``Huber``, ``Huber(2.0)`` or
            any function ``(y_true, y_pred)``, which is wrapped; None stays None.

    Raises:
        UnknownNameError: for a name that no loss has.

    >>> get("mse").name, get(lambda y_true, y_pred: abs(y_true - y_pred)).name
    ('mean_squared_error', '<lambda>')
    """
    found = _family.get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found)
