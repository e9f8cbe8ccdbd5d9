"""Labels are checked before a training: inside the compiled program nothing can be raised."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.core.names import is_builtin
from maeum.losses.circle import circle
from maeum.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    categorical_generalized_cross_entropy,
    crossentropy,
    form_of,
    sparse_categorical_crossentropy,
)
from maeum.losses.ctc import ctc
from maeum.losses.focal import binary_focal_crossentropy, categorical_focal_crossentropy
from maeum.losses.hinge import categorical_hinge, hinge, squared_hinge
from maeum.losses.loss import LossFunctionWrapper

_BINARY = (binary_crossentropy, binary_focal_crossentropy)
_SIGNED = (hinge, squared_hinge)
_SPARSE = (sparse_categorical_crossentropy, categorical_generalized_cross_entropy, ctc)
_ONE_HOT = (categorical_crossentropy, categorical_focal_crossentropy, categorical_hinge)


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
        >>> from maeum.losses import SparseCategoricalCrossentropy
        >>> check_labels(SparseCategoricalCrossentropy(), np.array([0, 2, 3]), 3)
        Traceback (most recent call last):
        ...
        maeum.core.errors.DataError: The label 3 in row 2 is not one of the classes: the model has \
3 outputs, so SparseCategoricalCrossentropy expects whole numbers from 0 to 2. Give the last layer \
as many units as there are classes (4 or more here), or correct the labels.
    """
    y_true = _numbers(np.asarray(y_true))
    function, name = _function_of(loss)
    if function is None or y_true.size == 0:
        return
    if y_true.dtype.kind not in "biu" and (wrong := ~np.isfinite(y_true)).any():
        raise DataError(
            "{label} cannot be used: {loss} expects finite numbers. Fill in or drop the rows "
            "without a label.",
            label=_first(y_true, wrong),
            loss=name,
        )
    if function is crossentropy and n_outputs is not None:
        rank = y_true.ndim + (y_true.shape[-1] not in (1, n_outputs))
        function = form_of(y_true.shape, (0,) * (max(rank, 2) - 1) + (n_outputs,))
    if function in _SPARSE:
        arguments = getattr(loss, "fn_arguments", {})
        if arguments.get("axis", -1) == -1:
            _check_classes(name, y_true, n_outputs, arguments.get("ignore_class"))
    elif function in _BINARY:
        _check_range(name, y_true, 0, _("numbers from 0 to 1"))
    elif function in _SIGNED:
        _check_range(name, y_true, -1, _("-1 and 1 (or 0 and 1)"))
    elif function in _ONE_HOT:
        _check_width(name, y_true, n_outputs)
    elif function is not circle:  # those that compare targets and predictions one by one
        _check_columns(name, y_true, n_outputs)


def _function_of(loss: Any) -> tuple[Any, str]:
    """Return the function of a loss of Maeum's own, whose labels are plain numbers, and its name.

    The function of another loss is None.
    """
    if not isinstance(loss, LossFunctionWrapper):
        return None, ""
    function: Any = loss.fn
    while isinstance(function, functools.partial):
        function = function.func
    own: Any = function if type(loss) is LossFunctionWrapper else type(loss)
    return (function, own.__name__) if is_builtin(own) else (None, "")


def _numbers(y_true: np.ndarray) -> np.ndarray:
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
        "The labels are not numbers but {values} (dtype {dtype}). Turn classes into numbers first, "
        "such as classes, y = numpy.unique(y, return_inverse=True).",
        values=", ".join(values[:5]) + " ..." * (len(values) > 5),
        dtype=y_true.dtype,
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
    if not wrong.any():
        return
    largest = int(np.max(y_true, initial=0))
    if np.min(y_true) == 1 and largest == n_outputs:
        advice = _("The labels seem to begin with 1: subtract 1.")
    elif n_outputs is not None and largest >= n_outputs:
        advice = _(
            "Give the last layer as many units as there are classes ({n} or more here), or correct "
            "the labels.",
            n=largest + 1,
        )
    else:
        advice = _("Number the classes 0, 1, 2 ..., or correct the labels.")
    values = {"label": _first(y_true, wrong), "loss": name, "advice": advice}
    if n_outputs is None:
        raise DataError(
            "{label} is not a class number: {loss} expects whole numbers from 0. {advice}", **values
        )
    raise DataError(
        "{label} is not one of the classes: the model has {n} outputs, so {loss} expects whole "
        "numbers from 0 to {largest}. {advice}",
        n=n_outputs,
        largest=n_outputs - 1,
        **values,
    )


def _check_range(name: str, y_true: np.ndarray, lowest: int, expected: str) -> None:
    wrong = (y_true < lowest) | (y_true > 1)
    if wrong.any():
        raise DataError(
            "{label} is out of range: {loss} expects {expected}. Scale the labels, or choose "
            "sparse_categorical_crossentropy for more than two classes and mean_squared_error for "
            "other numbers.",
            label=_first(y_true, wrong),
            loss=name,
            expected=expected,
        )


def _check_width(name: str, y_true: np.ndarray, n_outputs: int | None) -> None:
    width = y_true.shape[-1] if y_true.ndim > 1 else None
    if n_outputs is None or width == n_outputs:
        return
    labels = _("one number for each row")
    if width is not None:
        labels = ngettext("rows of {n} column", "rows of {n} columns", width)
    raise DataError(
        "The labels are {labels} (shape {shape}), but the model has {n_outputs} outputs: {loss} "
        "expects one column for each class. For class numbers choose the sparse form of the loss "
        "(sparse_categorical_crossentropy), or give the last layer as many units as there are "
        "columns.",
        labels=labels,
        shape=y_true.shape,
        n_outputs=n_outputs,
        loss=name,
    )


def _check_columns(name: str, y_true: np.ndarray, n_outputs: int | None) -> None:
    """Refuse what broadcasting would take: every column compared with every output."""
    width = y_true.shape[-1] if y_true.ndim > 1 else 1
    if n_outputs is not None and width != n_outputs:
        raise DataError(
            "The labels have {columns} (shape {shape}), but the model has {outputs}: {loss} "
            "compares them one by one. Give the last layer {units}, or y as many columns as there "
            "are outputs.",
            columns=ngettext("{n} column", "{n} columns", width),
            shape=y_true.shape,
            outputs=ngettext("{n} output", "{n} outputs", n_outputs),
            loss=name,
            units=ngettext("{n} unit", "{n} units", width),
        )


def _first(y_true: np.ndarray, wrong: np.ndarray) -> str:
    """Name the first wrong label, and say how many there are."""
    index = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    values = {"label": f"{y_true[index]:g}", "row": index[0]}
    count = int(np.count_nonzero(wrong))
    if count == 1:
        return _("The label {label} in row {row}", **values)
    return _("The label {label} in row {row} (and {n:,} more)", n=count - 1, **values)
