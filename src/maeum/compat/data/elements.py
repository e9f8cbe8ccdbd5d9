"""Elements of data sets: made of what is given, handed to functions, stacked and filled up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.compat.graph import modes
from maeum.compat.graph.types import TensorShape
from maeum.compat.ops.recording import as_numpy
from maeum.core.symbolic import leaves, map_structure


def arrays_of(tensors: Any) -> Any:
    """Return a structure of arrays, of 32 bits."""
    if isinstance(tensors, dict):
        return {key: arrays_of(part) for key, part in tensors.items()}
    if isinstance(tensors, tuple):
        return tuple(map(arrays_of, tensors))
    return as_numpy(tensors)  # a list, or a table of pandas, is one array


def row(arrays: Any, i: int) -> Any:
    """Return one row of arrays."""
    return map_structure(lambda x: x[i], arrays)


def refilled(structure: Any, values: Any) -> Any:
    """Return a structure with other values."""
    left = iter(values)
    return map_structure(lambda leaf: next(left), structure)


def given(x: Any) -> Any:
    """Return what a script is given of an element: a tensor, a text, a data set."""
    if isinstance(x, bytes) or hasattr(x, "_begin") or np.asarray(x).dtype.kind in "OSU":
        return x
    return jnp.asarray(x)


def called(function: Callable, element: Any) -> Any:
    """Return what a function makes of an element."""
    args = map_structure(given, element)
    with modes.eagerly():
        found = function(*args) if isinstance(args, tuple) else function(args)
    if isinstance(found, list):
        found = tuple(found)
    return map_structure(
        lambda x: x if isinstance(x, bytes) or hasattr(x, "_begin") else np.asarray(x), found
    )


def stacked(rows: list) -> Any:
    """Return elements as one, with an axis more."""
    columns = zip(*(leaves(row) for row in rows))
    return refilled(rows[0], [_column(column) for column in columns])


def _column(values: Any) -> np.ndarray:
    if isinstance(values[0], bytes):
        found = np.empty(len(values), object)
        found[:] = values
        return found
    return np.stack([np.asarray(value) for value in values])


def padded(rows: list, shapes: Any, values: Any) -> list:
    """Return elements, filled up to the longest or to a shape."""
    columns = [[np.asarray(x) for x in column] for column in zip(*(leaves(row) for row in rows))]
    nested = isinstance(rows[0], (tuple, list, dict))
    wanted = list(shapes if nested else [shapes]) if shapes is not None else [None] * len(columns)
    fills = list(values) if isinstance(values, (tuple, list)) else [values] * len(columns)
    filled = []
    for column, shape, fill in zip(columns, wanted, fills):
        sizes = [TensorShape(shape) if shape is not None else TensorShape([None] * column[0].ndim)]
        most = [n if n is not None else max(x.shape[a] for x in column)
                for a, n in enumerate(tuple(sizes[0]))]  # fmt: skip
        value = (b"" if column[0].dtype == object else 0) if fill is None else fill
        filled.append([
            np.pad(x, [(0, n - m) for n, m in zip(most, x.shape)], constant_values=value)
            for x in column
        ])  # fmt: skip
    return [refilled(rows[0], columns) for columns in zip(*filled)]
