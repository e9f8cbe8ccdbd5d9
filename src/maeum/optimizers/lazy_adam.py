"""Adam that leaves alone what a batch does not touch: for large tables of embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from maeum.optimizers.adam import Adam

_MANY = 1 << 14  # rows of what counts as a table where nobody tells what a weight is


class LazyAdam(Adam):
    """Adam that changes only those rows of an embedding which a batch looked up.

    `Adam` moves every row at each step, since its means go on. Here a row and its means stay as
    they are until a batch has it again, as with PyTorch's SparseAdam, so that rare words are not
    moved by the memory of old gradients. All other weights are Adam's. Rows whose gradient is 0
    count as not looked up; weight decay and clipping see the whole table.

    Args:
        learning_rate: a number or a schedule.
        beta_1: how much of the mean gradient stays at each step that a row is in.
        beta_2: how much of the mean square stays.
        epsilon: keeps the division finite.
        amsgrad: divide by the largest mean square so far (Reddi et al., 2018).
        options: what every `Optimizer` takes.

    Example:
        >>> from maeum.layers import Embedding
        >>> table = Embedding(4, 2, embeddings_initializer="zeros")
        >>> table.build()
        >>> optimizer = LazyAdam(0.1)
        >>> optimizer.build(table.weights)
        >>> for row in (0, 1):
        ...     gradient = jnp.zeros((4, 2)).at[row].set(1.0)
        ...     optimizer.apply([gradient], table.weights)
        >>> [f"{value:.2f}" for value in table.embeddings.value[:, 0]]
        ['-0.10', '-0.07', '0.00', '0.00']
    """

    def update_all(
        self, gradients: Sequence[Any], slots: Any, weights: Sequence[Any], lr: Any, step: Any
    ) -> tuple[list[Any], Any]:
        """Return the changes of all weights and their new slots; of tables, those of some rows."""
        deltas, new = super().update_all(gradients, slots, weights, lr, step)
        for n in self._tables(weights):
            touched = jnp.max(jnp.abs(gradients[n]), axis=1, keepdims=True) != 0
            deltas[n] = jnp.where(touched, deltas[n], 0)
            pairs = zip(slots[n], new[n])
            new[n] = tuple(jnp.where(touched, after, before) for before, after in pairs)
        return deltas, new

    def _tables(self, weights: Sequence[Any]) -> list[int]:
        """Return which weights are tables of embeddings."""
        names = [variable.name for variable in self.optimized]
        if len(names) != len(weights):  # used without variables: by their shape
            return [n for n, w in enumerate(weights) if w.ndim == 2 and len(w) > _MANY]
        return [n for n, name in enumerate(names) if name == "embeddings"]
