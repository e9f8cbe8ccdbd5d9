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
# The names of functions, of which a class may have the same in small letters.
_functions = {f.__name__: f for f in _FUNCTIONS} | {
    "kld": kl_divergence,
    "bce": binary_crossentropy,
    "mse": mean_squared_error,
    "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error,
    "msle": mean_squared_logarithmic_error,
    "logcosh": log_cosh,
}
serialize, deserialize = _family.keras_functions("name")

__all__ = [
    *(thing.__name__ for thing in (Loss, *_CLASSES, *_FUNCTIONS)),
    "as_loss", "check_labels", "deserialize", "get", "serialize",
]  # fmt: skip


def get(identifier: Any) -> Any:
    """Return the loss that a name, a class or a config stands for, as Keras's ``losses.get``.

    Args:
        identifier: such as ``"mse"`` or ``"mean_squared_error"``, which is the function;
            ``"MeanSquaredError"`` or ``Huber``, which is an object of that class; a dict that
            describes one. Functions, objects and None are returned as they are.

    Raises:
        UnknownNameError: for a name that no loss has.

    >>> get("mse") is mean_squared_error, get("Huber").name
    (True, 'huber_loss')
    """
    if isinstance(identifier, str) and registry.known_to_users(identifier) is None:
        identifier = _functions.get(identifier, identifier)
    return _family.get(identifier)


def as_loss(identifier: Any) -> Loss | None:
    """Return the loss object for what ``compile(loss=...)`` takes; a function is wrapped.

    Raises:
        UnknownNameError: for a name that no loss has.

    >>> as_loss("mse").name, as_loss(lambda y_true, y_pred: abs(y_true - y_pred)).name
    ('mean_squared_error', '<lambda>')
    """
    found = _family.get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found)
