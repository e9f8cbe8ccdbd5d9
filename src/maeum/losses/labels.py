"""Labels are looked at before a training: inside the compiled program nothing can be raised."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    crossentropy,
    form_of,
    sparse_categorical_crossentropy,
)
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
from maeum.losses.loss import Loss, LossFunctionWrapper
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

_SPARSE = (SparseCategoricalCrossentropy, sparse_categorical_crossentropy)
_BINARY = (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    binary_crossentropy,
    binary_focal_crossentropy,
)
_SIGNED = (Hinge, SquaredHinge, hinge, squared_hinge)
_COLUMN_BY_COLUMN = (
    MeanSquaredError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Huber,
    LogCosh,
    CosineSimilarity,
    Poisson,
    KLDivergence,
    mean_squared_error,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_logarithmic_error,
    huber,
    log_cosh,
    cosine_similarity,
    poisson,
    kl_divergence,
)
_ONE_HOT = (
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalHinge,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
)


def check_labels(loss: Any, y_true: Any, n_outputs: int | None) -> None:
    """Check that a loss can be computed from these labels.

    Args:
        loss: a `Loss`, or any function, of which only text labels are refused.
        y_true: the labels, a NumPy array with one row for each sample.
        n_outputs: the size of the last axis of the predictions, None if it is not known.

    Raises:
        DataError: for text, NaN or infinite labels, labels outside the classes, and one-hot rows
            of another width than the predictions.

    Example:
        >>> import numpy as np
        >>> check_labels(SparseCategoricalCrossentropy(), np.array([0, 2, 3]), 3)
        Traceback (most recent call last):
        ...
        maeum.core.errors.DataError: The label 3 in row 2 is not one of the classes: the model has \
3 outputs, so SparseCategoricalCrossentropy expects whole numbers from 0 to 2. Give the last layer \
as many units as there are classes (4 or more here), or correct the labels.
    """
    y_true = _numbers(loss, np.asarray(y_true))
    function = loss.fn if type(loss) is LossFunctionWrapper else type(loss)
    name = type(loss).__name__ if isinstance(function, type) else function.__name__
    if not _is_ours(loss) or y_true.size == 0:
        return
    _check_finite(name, y_true)
    if function is crossentropy and n_outputs is not None:
        rank = y_true.ndim + (y_true.shape[-1] not in (1, n_outputs))
        function = form_of(y_true.shape, (0,) * (max(rank, 2) - 1) + (n_outputs,))
    if function in _SPARSE:
        arguments = getattr(loss, "fn_arguments", {})
        if arguments.get("axis", -1) == -1:
            _check_classes(name, y_true, n_outputs, arguments.get("ignore_class"))
    elif function in _BINARY:
        _check_range(name, y_true, 0, "numbers from 0 to 1")
    elif function in _SIGNED:
        _check_range(name, y_true, -1, "-1 and 1 (or 0 and 1)")
    elif function in _ONE_HOT:
        _check_width(name, y_true, n_outputs)
    elif function in _COLUMN_BY_COLUMN:
        _check_columns(name, y_true, n_outputs)


def _is_ours(loss: Any) -> bool:
    """Whether the loss is one of Maeum's own, whose labels are known to be plain numbers."""
    function = loss.fn if type(loss) is LossFunctionWrapper else type(loss)
    return isinstance(loss, Loss) and function.__module__.startswith("maeum.losses.")


def _numbers(loss: Any, y_true: np.ndarray) -> np.ndarray:
    """Return the labels as numbers; text is an error."""
    if y_true.dtype.kind in "biuf" or y_true.dtype.name == "bfloat16":
        return y_true
    if y_true.dtype.kind == "O":
        try:
            return y_true.astype(np.float64)
        except (TypeError, ValueError):
            pass
    values = [repr(v) for v in dict.fromkeys(y_true.reshape(-1)[:1000].tolist())]
    raise DataError(
        f"The labels are no numbers but {', '.join(values[:5])}{' ...' * (len(values) > 5)} "
        f"(dtype {y_true.dtype}). Turn classes into numbers first, such as "
        "classes, y = numpy.unique(y, return_inverse=True)."
    )


def _check_finite(name: str, y_true: np.ndarray) -> None:
    if y_true.dtype.kind in "biu":
        return
    _refuse(
        y_true,
        ~np.isfinite(y_true),
        f"cannot be used: {name} expects finite numbers",
        "Fill in or drop the rows without a label.",
    )


def _check_classes(
    name: str, y_true: np.ndarray, n_outputs: int | None, ignore_class: int | None
) -> None:
    wrong = np.zeros(y_true.shape, bool) if y_true.dtype.kind in "biu" else y_true % 1 != 0
    wrong |= y_true < 0
    if n_outputs is not None:
        wrong |= y_true >= n_outputs
    if ignore_class is not None:
        wrong &= y_true != ignore_class
    if n_outputs is None:
        expected = f"is no class number: {name} expects whole numbers from 0"
    else:
        expected = (
            f"is not one of the classes: the model has {n_outputs} outputs, so {name} expects "
            f"whole numbers from 0 to {n_outputs - 1}"
        )
    largest = np.max(y_true, initial=0)
    if y_true.size and np.min(y_true) == 1 and largest == n_outputs:
        advice = "The labels seem to begin with 1: subtract 1."
    elif n_outputs is not None and largest >= n_outputs:
        advice = (
            f"Give the last layer as many units as there are classes ({int(largest) + 1} or more "
            "here), or correct the labels."
        )
    else:
        advice = "Number the classes 0, 1, 2 ..., or correct the labels."
    _refuse(y_true, wrong, expected, advice)


def _check_range(name: str, y_true: np.ndarray, lowest: int, expected: str) -> None:
    _refuse(
        y_true,
        (y_true < lowest) | (y_true > 1),
        f"is out of range: {name} expects {expected}",
        "Scale the labels, or choose sparse_categorical_crossentropy for more than two classes "
        "and mean_squared_error for other numbers.",
    )


def _check_width(name: str, y_true: np.ndarray, n_outputs: int | None) -> None:
    width = y_true.shape[-1] if y_true.ndim > 1 else None
    if n_outputs is None or width == n_outputs:
        return
    rows = f"rows of {width} columns" if width else "one number for each row"
    raise DataError(
        f"The labels are {rows} (shape {y_true.shape}), but the model has {n_outputs} outputs: "
        f"{name} expects one column for each class. For class numbers choose the sparse form of "
        "the loss (sparse_categorical_crossentropy), or give the last layer as many units as "
        "there are columns."
    )


def _check_columns(name: str, y_true: np.ndarray, n_outputs: int | None) -> None:
    """Refuse what broadcasting would take: every column compared with every output."""
    width = y_true.shape[-1] if y_true.ndim > 1 else 1
    if n_outputs is not None and width != n_outputs:
        raise DataError(
            f"The labels have {width} column{'' if width == 1 else 's'} (shape {y_true.shape}), "
            f"but the model has {n_outputs} output{'' if n_outputs == 1 else 's'}: {name} compares "
            f"them one by one. Give the last layer {width} unit{'' if width == 1 else 's'}, or y "
            "as many columns as there are outputs."
        )


def _refuse(y_true: np.ndarray, wrong: np.ndarray, problem: str, advice: str) -> None:
    """Raise for the first wrong label, if there is one."""
    count = int(np.count_nonzero(wrong))
    if not count:
        return
    index = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    others = f" ({count:,} labels are like it)" if count > 1 else ""
    raise DataError(f"The label {y_true[index]:g} in row {index[0]} {problem}{others}. {advice}")
