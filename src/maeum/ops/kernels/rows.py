"""Arrays whose rows were looked up in a table: how to multiply them without forming them.

``table[i] @ kernel`` is ``(table @ kernel)[i]``: where a text has many characters and the alphabet
is small, the product of the table, and in the way back those of its gradients, are a fraction of
the products of all places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.hints import hint_of, with_hints

Array = Any


@dataclass(frozen=True)
class Rows:
    """``table[indices]``, with the axis of the table's columns behind those of the indices.

    Attributes:
        indices: whole numbers of any shape.
        count: the rows of the table.
        table: ``(count, size)``, or None for the identity, whose rows are one-hot.
        beyond: the entries of the row of an index that is not in the table.
    """

    indices: Array
    count: int
    table: Any
    beyond: float

    def times(self, kernel: Array, bias: Any) -> jax.Array:
        """Return ``table[indices] @ kernel + bias``, flat: a row for each index."""
        products = kernel if self.table is None else self.table.astype(kernel.dtype) @ kernel
        # One row more, which stands for all indices that are not in the table.
        beyond = jnp.full((1, kernel.shape[-1]), self.beyond, kernel.dtype)
        products = jnp.concatenate([products, beyond])
        products = products if bias is None else products + bias
        index = self.indices.reshape(-1)
        index = jnp.where((index >= 0) & (index < self.count), index, self.count)
        return products.at[index].get(mode="promise_in_bounds")


def noted(x: jax.Array, rows: Rows | None) -> jax.Array:
    """Note on ``x`` which rows it consists of, while a program is being traced; return ``x``."""
    return with_hints(x, rows=rows) if isinstance(x, jax.core.Tracer) else x


def rows_of(x: Array) -> Rows | None:
    """Return the rows that ``x`` consists of, if that is known."""
    return hint_of(x, "rows")


def reverse(x: jax.Array, axis: int) -> jax.Array:
    """Return ``x`` with an axis of its indices reversed."""
    rows = rows_of(x)
    if rows is not None:
        rows = replace(rows, indices=jnp.flip(rows.indices, axis))
    return noted(jnp.flip(x, axis), rows)


def looked_up(x: Array, kernel: Array, bias: Any) -> jax.Array | None:
    """Return ``x @ kernel + bias`` from the table's product, a row for each index of ``x``.

    None if ``x`` was not looked up, or where this would save nothing.
    """
    rows = rows_of(x)
    if rows is None or 2 * rows.count > rows.indices.size:
        return None
    return rows.times(kernel, bias)
