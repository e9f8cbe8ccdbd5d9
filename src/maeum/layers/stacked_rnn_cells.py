"""A stack of cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax

from maeum.core.errors import ConfigError
from maeum.layers.layer import Layer
from maeum.layers.recurrent_cells import States
from maeum.layers.recurrent_loop import check_cell, initial_states, run_cell


class StackedRNNCells(Layer):
    """A stack of cells, as one cell: each takes the output of the one below.

    Args:
        cells: the cells, the lowest first.

    Raises:
        ConfigError: for an empty list, or something that is not a cell.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import LSTMCell, RNN
        >>> deep = RNN(StackedRNNCells([LSTMCell(8), LSTMCell(4)]))
        >>> deep(np.ones((2, 5, 3), "float32")).shape
        (2, 4)
    """

    def __init__(self, cells: Iterable[Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.cells = [check_cell(cell) for cell in cells]
        if not self.cells:
            raise ConfigError("A stack of cells has at least one; got an empty list.")

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states, cell by cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the output of the last cell."""
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int) -> States:
        """Return the initial states of each cell."""
        return [initial_states(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        """Build the cells, each for the outputs of the one below."""
        shape = tuple(input_shape)
        for cell in self.cells:
            shape = build_cell(cell, shape, self.dtype)

    def call(  # type: ignore[override]
        self, inputs: jax.Array, states: Any
    ) -> tuple[jax.Array, States]:
        """Take one step with every cell."""
        x, new = inputs, []
        for cell, own in zip(self.cells, states):
            x, own = cell(x, own) if callable(cell) else cell.call(x, own)
            new.append(list(own) if isinstance(own, (list, tuple)) else [own])
        return x, new

    def sequence(
        self, x: jax.Array, states: States, mask: Any, training: bool
    ) -> tuple[jax.Array, jax.Array, States]:
        """Run cell by cell, each over the whole sequence: that is the same, and faster."""
        new, last = [], x
        for cell, own in zip(self.cells, states):
            x, last, own = run_cell(cell, x, list(own), mask, training)
            new.append(own)
        return x, last, new


def build_cell(cell: Any, shape: tuple, dtype: Any) -> tuple:
    """Build a cell for inputs of one step, and return the shape of its output."""
    if isinstance(cell, Layer) and not cell.built:
        cell.build(shape)
    return (shape[0], output_size(cell))


def output_size(cell: Any) -> Any:
    """Return what a cell says of its output; by default it is its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, (list, tuple)) else size
    return size
