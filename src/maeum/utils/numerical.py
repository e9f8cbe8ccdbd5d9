"""Labels and vectors as networks take them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import DataError


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Return labels as one-hot rows.

    Args:
        x: whole numbers from 0. An array of JAX gives one of JAX.
        num_classes: how many classes there are; one more than the largest label by default.

    Raises:
        DataError: for labels that are not whole numbers from 0 to ``num_classes - 1``.

    Example:
        >>> to_categorical([0, 2]).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    labels = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = labels.astype(np.int64)
    count = int(whole.max(initial=-1)) + 1 if num_classes is None else num_classes
    wrong = (whole != labels) | (whole < 0) | (whole >= count)
    if wrong.any():
        raise DataError(
            "Labels are whole numbers from 0 to {last}; got {label}.",
            last=count - 1,
            label=labels[wrong][0],
        )
    return _like(x, np.eye(count, dtype=np.float32)[whole])


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Return an array whose vectors along an axis have the norm 1; those of zeros stay.

    Args:
        x: the array, of any shape. An array of JAX gives one of JAX.
        axis: the axis of the vectors.
        order: the order of the norm: 2 for Euclid's, 1 for the sum of absolute values.

    Example:
        >>> normalize([[3.0, 4.0], [0.0, 0.0]]).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    array = np.asarray(x)
    norms = np.linalg.norm(array, order, axis, keepdims=True)
    return _like(x, array / np.where(norms == 0, 1, norms))


def _like(given: Any, array: np.ndarray) -> Any:
    """Return an array of the library that the given one is of: JAX or NumPy."""
    return jnp.asarray(array) if isinstance(given, jax.Array) else array
