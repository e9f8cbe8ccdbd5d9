"""Between indices and vectors: embedding tables and one-hot rows."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError
from maeum.core.graph import op
from maeum.core.masks import each_row, new_axis
from maeum.ops.arrays import as_array, indices
from maeum.ops.kernels.rows import Rows, noted
from maeum.ops.sorting import check_dense


@op(mask=new_axis)
def embedding(x: Any, table: Any) -> jax.Array:
    """Look up rows of ``table``; shapes ``(...), (rows, size) -> (..., size)``.

    An index outside the table gives NaN, never a neighbouring row, and no gradient.

    >>> embedding([1, 5], [[0.0, 1.0], [2.0, 3.0]]).tolist()
    [[2.0, 3.0], [nan, nan]]
    """
    table, index = as_array(table), indices(x)
    found = table.at[index].get(mode="fill", fill_value=jnp.nan, wrap_negative_indices=False)
    if table.ndim != 2 or not jnp.issubdtype(table.dtype, jnp.inexact):
        return found
    return noted(found, Rows(index, len(table), table, jnp.nan))


@op(mask=new_axis)
def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> jax.Array:
    """Rows with a 1 at the index and 0 elsewhere; an index outside gives a row of zeros.

    They are float32 unless another dtype is given.

    >>> one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    check_dense(sparse)
    index = indices(x)
    made = jax.nn.one_hot(index, num_classes, dtype=dtype or "float32", axis=axis)
    if axis not in (-1, index.ndim):
        return made
    return noted(made, Rows(index, num_classes, None, 0.0))


@op(mask=each_row("inputs"))
def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    *,
    num_tokens: int | None = None,
) -> jax.Array:
    """Rows with a 1 at each index of a row; shapes ``(batch, n, ...) -> (batch, ..., classes)``.

    An index outside counts for nothing. ``num_tokens`` is the former name of ``num_classes``.

    Raises:
        ConfigError: unless the number of classes is given.

    >>> multi_hot([[0, 2], [1, 1]], 3).tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    count = num_tokens if num_classes is None else num_classes
    if count is None:
        raise ConfigError("multi_hot() needs the number of classes, num_classes.")
    check_dense(sparse)
    index = indices(inputs)
    return jnp.max(one_hot(index, count, axis, dtype), 1 if index.ndim > 1 else 0)
