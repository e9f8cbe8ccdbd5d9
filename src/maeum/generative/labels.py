"""Labels as conditions: of which class something is to be made."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, DataError, ShapeError


def check_labels(y: Any, model: Any) -> None:
    """Raise `DataError` for labels that are not the numbers of a model's classes."""
    if model.classes is None:
        return
    values = np.asarray(y)
    if values.dtype.kind not in "iub" and not np.array_equal(values, np.floor(values)):
        raise DataError("Labels are whole numbers from 0 on, one for each row; y holds "
                        "{dtype}.", dtype=values.dtype.name)  # fmt: skip
    if values.ndim == 2 and values.shape[1] == model.classes > 1:
        return  # one-hot
    if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
        raise ShapeError("Labels are numbers, one for each row, or one-hot with {classes} "
                         "columns; y has the shape {shape}.", classes=model.classes,
                         shape=values.shape)  # fmt: skip
    if values.size and not 0 <= values.min() <= values.max() < model.classes:
        raise DataError("Labels go from 0 to {last}, as classes={classes} says; y holds labels "
                        "from {least} to {most}.", last=model.classes - 1, classes=model.classes,
                        least=values.min(), most=values.max())  # fmt: skip


def one_hot(model: Any, labels: Any) -> Any:
    """Return labels one-hot, which they may be already; as an op."""
    if labels.ndim == 2 and labels.shape[1] == model.classes:
        return labels.astype(model.dtype)
    numbers = labels.reshape(-1).astype("int32")
    return jax.nn.one_hot(numbers, model.classes, dtype=model.dtype)


def in_turn(count: int, classes: int) -> np.ndarray:
    """Return labels of all classes in turn.

    >>> in_turn(5, 3).tolist()
    [0, 1, 2, 0, 1]
    """
    return np.arange(count) % classes


def labels_for(model: Any, labels: Any, count: int) -> np.ndarray:
    """Return what is wished for, one-hot: ``(count, classes)``.

    Args:
        model: has ``classes``.
        labels: a label for all, or one for each: a number, or one-hot (which may be mixtures).
        count: of how many.

    Raises:
        ConfigError: for no labels.
        DataError: for labels that no class has.
        ShapeError: for another number of labels.
    """
    if labels is None:
        raise ConfigError("{kind} has classes={classes}: say of which the rows are, labels=...",
                          kind=type(model).__name__, classes=model.classes)  # fmt: skip
    given = np.asarray(labels)
    given = np.full(count, given) if given.ndim == 0 else given
    if given.ndim < 2:
        check_labels(given, model)
    if len(given) != count or (given.ndim == 2 and given.shape[1] != model.classes):
        raise ShapeError("There is one label for each row, {count} of them; labels has the shape "
                         "{shape}.", count=count, shape=given.shape)  # fmt: skip
    return np.asarray(one_hot(model, jnp.asarray(given)))
