"""Weights of classes for ``fit(class_weight=...)``: they become weights of labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import is_number
from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest

BALANCED = "balanced"


def balanced_class_weights(labels: Any, weights: Any = None) -> dict[int, float]:
    """Return weights with which every class counts the same (scikit-learn's ``"balanced"``).

    Args:
        labels: ``(n,)`` class numbers; a class that does not occur gets no weight.
        weights: ``(n,)`` how much each row counts by itself; None if all count the same.

    >>> balanced_class_weights([0, 0, 0, 1])
    {0: 0.6666666666666666, 1: 2.0}
    """
    classes, codes = np.unique(labels, return_inverse=True)
    counts = np.bincount(codes.ravel(), weights)
    found = counts.sum() / (len(classes) * counts)
    return dict(zip(classes.tolist(), found.tolist()))


def weights_of_labels(
    y: Any, class_weight: Any, names: Sequence[str], shapes: Sequence[tuple[int, ...] | None]
) -> Any:
    """Return one weight for each label: ``(rows,)``, or ``(rows, steps ...)`` for one per place.

    Args:
        y: the targets: an array, or for several outputs a list or dict of them.
        class_weight: a dict from class numbers to weights, or ``"balanced"``; for several outputs
            a dict of these by the names of outputs.
        names: the names of the outputs.
        shapes: the shapes of their predictions, rows included; None where nobody knows.

    Returns:
        An array for one output, a dict of arrays by name for several.

    Raises:
        ConfigError: for weights that are none, or for an output that there is not.
        DataError: for targets that are not classes.

    Example:
        >>> weights_of_labels(np.array([[0, 1], [1, 1]]), {1: 3.0}, ["y"], [(2, 2, 4)]).tolist()
        [[1.0, 3.0], [3.0, 3.0]]
    """
    several = len(names) > 1
    by_name = isinstance(class_weight, Mapping) and all(isinstance(k, str) for k in class_weight)
    unknown = next((name for name in class_weight if name not in names), None) if by_name else None
    if unknown is not None:
        raise UnknownNameError(
            "class_weight names the output {name!r}; the model's are {names}.{hint} For one output "
            "it is a dict from class numbers to weights, {{0: 1.0, 1: 2.5}}.",
            name=unknown,
            names=", ".join(names),
            hint=nearest(unknown, names),
        )
    if not by_name and several:
        raise ConfigError(
            "class_weight belongs to one output, and there are several: give a dict by the names "
            "of outputs, {{{name!r}: {{0: 1.0, 1: 2.5}}}}, of {names}.",
            name=names[0],
            names=", ".join(names),
        )
    if not by_name:
        return _weights(_only(y), class_weight, shapes[0])
    targets = dict(y) if isinstance(y, Mapping) else dict(zip(names, _as_list(y)))
    made = {
        name: _weights(targets[name], each, shapes[names.index(name)])
        for name, each in class_weight.items()
        if each is not None
    }
    return made if several else made[names[0]]


def like_outputs(y: Any, shapes: Sequence[tuple[int, ...] | None]) -> Any:
    """Return targets of places with the axis of one number that the predictions have there.

    Their loss is then one number for each place, which can be weighed.
    """
    if not hasattr(y, "shape") or len(shapes) != 1 or shapes[0] is None:
        return y
    missing = 1 < y.ndim == len(shapes[0]) - 1 and shapes[0][-1] == 1
    return y[..., None] if missing else y


def _only(y: Any) -> Any:
    parts = list(y.values()) if isinstance(y, Mapping) else _as_list(y)
    return parts[0]


def _as_list(y: Any) -> list[Any]:
    return list(y) if isinstance(y, (list, tuple)) else [y]


def _weights(y: Any, class_weight: Any, shape: tuple[int, ...] | None) -> np.ndarray:
    labels = _labels(np.asarray(y), shape)
    if isinstance(class_weight, str) and class_weight == BALANCED:
        class_weight = balanced_class_weights(labels.ravel())
    weights = _checked(class_weight)
    result = np.ones(labels.shape, np.float32)
    for label, weight in weights.items():
        result[labels == label] = weight
    return result


def _checked(weights: Any) -> Mapping[Any, float]:
    fits = isinstance(weights, Mapping) and all(
        is_number(label) and is_number(weight) and math.isfinite(weight) and weight >= 0
        for label, weight in weights.items()
    )
    if not fits:
        raise ConfigError(
            "class_weight is a dict from class numbers to weights that are not negative, "
            "{{0: 1.0, 1: 2.5}}, or 'balanced'; got {weights!r}.",
            weights=weights,
        )
    return weights


def _labels(y: np.ndarray, shape: tuple[int, ...] | None) -> np.ndarray:
    """Return the number of the class of each row, or of each place in it."""
    width = y.shape[-1] if shape is None or len(shape) < 2 else shape[-1]
    if y.ndim > 1 and width > 1 and y.shape[-1] == width and _one_for_each_class(y, shape):
        _check_one_hot(y)
        return y.argmax(-1)
    if y.ndim > 1 and y.shape[-1] == 1:
        y = y[..., 0]
    places = (len(y),) if shape is None else shape[:-1] if len(shape) > 1 else shape
    if y.ndim != len(places):
        raise DataError(
            "class_weight needs one class for each row, or for each place that is predicted, as a "
            "number or one-hot; got y of shape {y} for predictions of shape {shape}. Give "
            "sample_weight instead.",
            y=y.shape,
            shape=shape,
        )
    if y.dtype.kind == "f" and (y != np.floor(y)).any():
        raise DataError(
            "class_weight is for classes, which are whole numbers; y holds {value:g}. Weigh the "
            "rows with sample_weight instead.",
            value=y[y != np.floor(y)][0],
        )
    return y


def _one_for_each_class(y: np.ndarray, shape: tuple[int, ...] | None) -> bool:
    return shape is None or y.ndim == len(shape)


def _check_one_hot(y: np.ndarray) -> None:
    """Raise unless the numbers of each row sum to 1: a row of several classes has no one weight."""
    wrong = ~np.isclose(y.sum(-1), 1, atol=1e-3) | (y < 0).any(-1)
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise DataError(
            "class_weight is for rows of one class each, and row {row} of y has {count:g} of them. "
            "For rows of several classes, weigh each with sample_weight, or their classes in a "
            "loss of your own.",
            row=row,
            count=float(y[tuple(np.argwhere(wrong)[0])].sum()),
        )
