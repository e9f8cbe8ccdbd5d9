"""The rows of a fit: whatever X is as a frame, and equal rows as one row with a weight.

A fit starts from what the rows are, not from how they lie: equal rows become one whose weight is
the sum of theirs, rows without a weight are gone, and the order follows from what is in them. So a
weight of 2 is the row twice and a weight of 0 the row absent, bit for bit, whatever comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 256  # rows that are predicted at once: always as many, so that a row alone is the same
MOST_REPEATED = 1_000_000  # rows; of more, a column is judged by those that differ


class Rows(NamedTuple):
    """Rows that all differ, in an order that follows from what is in them.

    Attributes:
        places: where each stands first in what was given, ``(n,)``.
        weights: the sum of the weights of its equals, ``(n,)`` float64.
    """

    places: np.ndarray
    weights: np.ndarray

    @property
    def repeats(self) -> np.ndarray:
        """How many rows each stands for: its weight if all are whole numbers, otherwise 1."""
        whole = (self.weights == np.floor(self.weights)).all()
        few = self.weights.sum() <= max(MOST_REPEATED, len(self.weights))
        return self.weights.astype(np.int64) if whole and few else np.ones(len(self.places), int)


def distinct(frame: pd.DataFrame, y: np.ndarray, weights: np.ndarray) -> Rows:
    """Return the rows that differ in X or y, with their weights.

    They are told by 64 bits of hash, as are those of a million rows with a chance of error of
    3 in 100 million.

    Args:
        frame: X, as `as_frame` returns it.
        y: ``(n,)`` or ``(n, outputs)`` numbers.
        weights: ``(n,)``, all above 0.

    >>> import pandas as pd
    >>> rows = distinct(pd.DataFrame({"a": [1.0, 1.0]}), np.zeros(2), np.array([2.0, 1.0]))
    >>> rows.places.tolist(), rows.weights.tolist()
    ([1], [3.0])
    """
    import pandas as pd

    targets = {f"y{i}": column for i, column in enumerate(np.atleast_2d(np.asarray(y).T))}
    of_x = frame.set_axis([f"x{i}" for i in range(frame.shape[1])], axis=1)
    hashes = pd.util.hash_pandas_object(of_x.assign(**targets), index=False).to_numpy()
    order = np.lexsort((weights, hashes))  # equals by weight, so that their sum is always the same
    first = np.flatnonzero(np.diff(hashes[order], prepend=~hashes[order[:1]]))
    return Rows(order[first], np.add.reduceat(weights[order], first))


def check_weights(given: Any, rows: int) -> np.ndarray:
    """Return the weights of the rows, ``(rows,)`` float64.

    Args:
        given: ``(rows,)`` numbers, one number for all, or None for 1.
        rows: how many there are.

    Raises:
        DataError: for other shapes, numbers below 0, infinite or NaN, and if all are 0.
    """
    weights = np.asarray(1.0 if given is None else given, np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise DataError("sample_weight has the shape {shape}; there are {rows} rows, so it is "
                        "({rows},).", shape=weights.shape, rows=rows)  # fmt: skip
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError("sample_weight holds numbers that are negative, infinite or NaN.")
    if not weights.any():
        raise DataError("All sample weights are zero, so there is no row to learn from.")
    return weights


def as_frame(X: Any, names: list[str] | None) -> pd.DataFrame:
    """Return X as a frame of float64 and, where a column holds something else, of texts or dates.

    Args:
        X: a DataFrame of pandas or polars, or an array with two axes.
        names: those of the columns; their numbers if None, or if they are not distinct.

    Raises:
        DataError: for a number that is infinite.
        ValueError: for complex numbers.
    """
    import pandas as pd

    if hasattr(X, "to_pandas"):
        X = X.to_pandas()
    if names is None or len({name.strip() for name in names} - {""}) < len(names):
        names = [f"x{i}" for i in range(X.shape[1])]
    if isinstance(X, pd.DataFrame):
        columns = [X.iloc[:, i] for i in range(X.shape[1])]
    else:
        columns = [pd.Series(column) for column in X.T]
    found = {name: _column(column, name) for name, column in zip(names, columns)}
    return pd.DataFrame({name: column.array for name, column in found.items()}, copy=False)


def _column(column: pd.Series, name: str) -> pd.Series:
    """Return a column as float64, as dates, as a categorical, or as texts."""
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(column) or column.dtype.kind == "b"
    if column.dtype.kind == "M" or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if not numeric:
        present = column[column.notna()]
        numeric = all(isinstance(cell, (int, float, np.number, np.bool_)) for cell in present)
    if not numeric:
        return column.map(str, na_action="ignore").astype(object)
    if column.dtype.kind == "c" or any(isinstance(cell, complex) for cell in column[:1]):
        raise ValueError(_("Complex data not supported: the column {name!r}.", name=name))
    values = column.to_numpy(np.float64, na_value=np.nan) + 0.0  # -0.0 is 0.0
    if np.isinf(values).any():
        raise DataError("X holds infinity in the column {name!r} ({n:,} rows). What is missing is "
                        "NaN; what has no bound needs one.", name=name,
                        n=int(np.isinf(values).sum()))  # fmt: skip
    values[np.isnan(values)] = np.nan  # one NaN, whatever its bits
    return pd.Series(values)


def listed(X: Any) -> Any:
    """Return rows in lists as an array that keeps numbers beside texts what they are."""
    array = np.asarray(X)
    return np.asarray(X, object) if array.dtype.kind in "US" else array


def single_precision(frame: Any) -> np.ndarray:
    """Return a frame of numbers as an array of float32.

    Raises:
        DataError: if one is too large for it.
    """
    with np.errstate(over="ignore"):
        x = frame.to_numpy(np.float32)
    if not np.isfinite(x).all():
        raise DataError("X holds numbers beyond those of float32. Scale them, as StandardScaler "
                        "does.")  # fmt: skip
    return x


def in_blocks(predict: Callable[[dict], np.ndarray], arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return predictions of blocks of rows, the last filled up with its last row.

    Programs for other numbers of rows would round differently.
    """
    rows = len(next(iter(arrays.values())))
    found = []
    for start in range(0, rows, BLOCK):
        block = {name: array[start : start + BLOCK] for name, array in arrays.items()}
        n = min(BLOCK, rows - start)
        if n < BLOCK:
            places = np.minimum(np.arange(BLOCK), n - 1)
            block = {name: array[places] for name, array in block.items()}
        found.append(predict(block)[:n])
    return np.concatenate(found)


def weights_by_class(
    given: Any, classes: np.ndarray, codes: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the weight of the class of each row.

    Args:
        given: weights by class, or ``"balanced"``.
        classes: the classes.
        codes: ``(n,)`` the number of the class of each row.
        weights: ``(n,)`` how much each row counts besides.

    Raises:
        ConfigError: for anything else, or a class that there is not.
    """
    from maeum.training.class_weights import balanced_class_weights

    by_code = balanced_class_weights(codes, weights) if given == "balanced" else None
    if by_code is None:
        if not isinstance(given, Mapping):
            raise ConfigError("class_weight is a dict of weights by class, 'balanced' or None; "
                              "got {given!r}.", given=given)  # fmt: skip
        unknown = [name for name in given if name not in classes]
        if unknown:
            raise ConfigError("class_weight names {unknown!r}, which is no class of y: "
                              "{classes}.", unknown=unknown[0],
                              classes=", ".join(map(str, classes)))  # fmt: skip
        by_code = {i: float(given.get(c, 1.0)) for i, c in enumerate(classes.tolist())}
    return np.array([by_code[code] for code in codes.tolist()])
