"""Recurrent cells around others: one above the other, with dropout, with projections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.compat.layers.building import channels
from maeum.compat.ops import arrays, nn
from maeum.compat.ops.cells import RNNCell
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.initializers import zeros_initializer
from maeum.compat.ops.recording import op
from maeum.compat.ops.scopes import get_variable, variable_scope
from maeum.core.errors import ConfigError
from maeum.core.symbolic import map_structure

__all__ = [
    "DropoutWrapper", "EmbeddingWrapper", "InputProjectionWrapper", "MultiRNNCell",
    "OutputProjectionWrapper", "ResidualWrapper",
]  # fmt: skip


class MultiRNNCell(RNNCell):
    """Cells one above the other."""

    default = "multi_rnn_cell"

    def __init__(self, cells: Sequence[RNNCell], state_is_tuple: bool = True):
        super().__init__()
        self.cells = list(cells)
        if len({id(cell) for cell in self.cells}) < len(self.cells):
            sizes = [cell.output_size for cell in self.cells]
            raise ConfigError(
                "The same cell is given several times to MultiRNNCell (sizes {sizes}). Make one "
                "for each layer: [cell() for _ in range(n)].", sizes=sizes,
            )  # fmt: skip
        if not state_is_tuple:
            raise ConfigError("MultiRNNCell takes state_is_tuple=True only.")

    @property
    def state_size(self) -> Any:
        """The sizes of the states."""
        return tuple(cell.state_size for cell in self.cells)

    @property
    def output_size(self) -> int:
        """The size of the last cell's output."""
        return self.cells[-1].output_size

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Return the output of the last cell, and the new states."""
        states = []
        with variable_scope(scope or self.default):
            for place, (cell, own) in enumerate(zip(self.cells, state)):
                with variable_scope(f"cell_{place}"):
                    inputs, new = cell(inputs, own)
                states.append(new)
        return inputs, tuple(states)


class _Wrapper(RNNCell):
    def __init__(self, cell: RNNCell):
        super().__init__()
        self.cell = cell

    state_size = property(lambda self: self.cell.state_size)  # type: ignore[assignment]
    output_size = property(lambda self: self.cell.output_size)  # type: ignore[assignment]


class DropoutWrapper(_Wrapper):
    """A cell with dropout before and behind it."""

    def __init__(
        self, cell: RNNCell, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0, variational_recurrent: bool = False, input_size: Any = None,
        dtype: Any = None, seed: Any = None, dropout_state_filter_visitor: Any = None,
    ):  # fmt: skip
        super().__init__(cell)
        self.inputs, self.outputs, self.states = input_keep_prob, output_keep_prob, state_keep_prob
        self.seed = seed

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Return the output and the new state."""
        output, new = self.cell(self.kept(inputs, self.inputs), state, scope)
        new = map_structure(lambda x: self.kept(x, self.states), new)
        return self.kept(output, self.outputs), new

    def kept(self, x: Any, keep: Any) -> Any:
        """Return numbers after dropout."""
        return (
            x
            if isinstance(keep, (int, float)) and keep == 1
            else nn.dropout(x, keep, seed=self.seed)
        )


class ResidualWrapper(_Wrapper):
    """A cell whose inputs are added to its outputs."""

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Return the output and the new state."""
        output, new = self.cell(inputs, state, scope)
        return inputs + output, new


class OutputProjectionWrapper(_Wrapper):
    """A cell whose outputs are projected to another size."""

    def __init__(self, cell: RNNCell, output_size: int, activation: Any = None, reuse: Any = None):
        super().__init__(cell)
        self._size, self.activation, self._reuse = output_size, activation, reuse

    output_size = property(lambda self: self._size)  # type: ignore[assignment]
    default = "output_projection_wrapper"

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make the kernel and the bias."""
        shape = [self.cell.output_size, self._size]
        return {
            "kernel": get_variable("kernel", shape),
            "bias": get_variable("bias", [self._size], initializer=zeros_initializer()),
        }

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the projected output and the new state."""
        with variable_scope(self.scope):
            output, new = self.cell(inputs, state)
        return self.projected(output), new

    def projected(self, output: Any) -> Any:
        """Return outputs in the other size."""
        found = _dense(output, self.made["kernel"], self.made["bias"])
        return self.activation(found) if self.activation else found


class InputProjectionWrapper(OutputProjectionWrapper):
    """A cell whose inputs are projected to another size."""

    default = "input_projection_wrapper"
    output_size = property(lambda self: self.cell.output_size)  # type: ignore[assignment]

    def __init__(self, cell: RNNCell, num_proj: int, activation: Any = None, **others: Any):
        check_others("InputProjectionWrapper", others)
        super().__init__(cell, num_proj, activation)

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make the kernel and the bias."""
        return {
            "kernel": get_variable("kernel", [channels(inputs), self._size]),
            "bias": get_variable("bias", [self._size], initializer=zeros_initializer()),
        }

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output and the new state."""
        with variable_scope(self.scope):
            return self.cell(self.projected(inputs), state)


class EmbeddingWrapper(_Wrapper):
    """A cell whose inputs are numbers of classes, which get vectors."""

    default = "embedding_wrapper"

    def __init__(self, cell: RNNCell, embedding_classes: int, embedding_size: int,
                 initializer: Any = None, reuse: Any = None):  # fmt: skip
        super().__init__(cell)
        self._shape, self._initializer = [embedding_classes, embedding_size], initializer

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make the table."""
        return {"embedding": get_variable("embedding", self._shape, initializer=self._initializer)}

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output and the new state."""
        places = arrays.reshape(inputs, [-1])
        with variable_scope(self.scope):
            return self.cell(nn.embedding_lookup(self.made["embedding"], places), state)


@op("Dense", arrays=3)
def _dense(x: Any, kernel: Any, bias: Any, name: Any = None) -> Any:
    return x @ kernel + bias
