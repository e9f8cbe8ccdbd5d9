"""Recurrent cells: ``tf.nn.rnn_cell`` and ``tf.contrib.rnn``."""

from __future__ import annotations

from typing import Any, NamedTuple

from maeum.compat.layers.building import channels
from maeum.compat.ops import arrays, maths, nn
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.initializers import constant_initializer, zeros_initializer
from maeum.compat.ops.scopes import get_variable, variable_scope
from maeum.core.symbolic import map_structure

__all__ = [
    "BasicLSTMCell", "BasicRNNCell", "GRUCell", "LSTMCell", "LSTMStateTuple",
    "LayerNormBasicLSTMCell", "RNNCell",
]  # fmt: skip


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM: the cell, and the output."""

    c: Any
    h: Any


class RNNCell:
    """What the cells share: variables that are made at the first call, and states of zeros.

    Args:
        name: the name of its scope.
        reuse: whether its variables are there already.
    """

    default = "rnn_cell"

    def __init__(self, name: str | None = None, reuse: Any = None, dtype: Any = None):
        self._name, self._reuse = name, reuse
        self.scope: Any = None
        self.made: dict[str, Any] = {}

    @property
    def state_size(self) -> Any:
        """The sizes of its state."""
        raise NotImplementedError

    @property
    def output_size(self) -> int:
        """The size of its output."""
        raise NotImplementedError

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make its variables for inputs of a size, and return them by name."""
        return {}

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output and the new state."""
        raise NotImplementedError

    def prepare(self, inputs: Any, scope: Any = None) -> dict[str, Any]:
        """Make its variables at the first call; return them."""
        if not self.made:
            with variable_scope(scope or self._name or self.default, reuse=self._reuse) as own:
                self.scope = own
                self.made = self.variables_for(inputs)
        return self.made

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Return the output and the new state."""
        self.prepare(inputs, scope)
        return self.step(inputs, state)

    def zero_state(self, batch_size: Any, dtype: Any = "float32") -> Any:
        """Return a state of zeros for a batch."""
        return map_structure(lambda n: arrays.zeros([batch_size, n], dtype), self.state_size)

    @property
    def variables(self) -> list:
        """Its variables."""
        return list(self.made.values())

    weights = trainable_variables = trainable_weights = variables

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "call" in vars(cls):  # a cell that a script defines
            cls.step = cls.call  # type: ignore[attr-defined, method-assign]


class BasicRNNCell(RNNCell):
    """``h = activation([x, h] W + b)``."""

    default = "basic_rnn_cell"

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None,
                 name: str | None = None, dtype: Any = None, **others: Any):  # fmt: skip
        check_others("BasicRNNCell", others)
        super().__init__(name, reuse)
        self.num_units, self.activation = num_units, activation or maths.tanh

    state_size = output_size = property(lambda self: self.num_units)  # type: ignore[assignment]

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make the kernel and the bias."""
        rows = channels(inputs) + self.num_units
        return {
            "kernel": get_variable("kernel", [rows, self.num_units]),
            "bias": get_variable("bias", [self.num_units], initializer=zeros_initializer()),
        }

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the new state, twice."""
        found = _product([inputs, state], self.made["kernel"], self.made["bias"])
        found = self.activation(found)
        return found, found


class GRUCell(RNNCell):
    """Gated recurrent unit (Cho et al., 2014)."""

    default = "gru_cell"

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None,
        kernel_initializer: Any = None, bias_initializer: Any = None, name: str | None = None,
        dtype: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("GRUCell", others)
        super().__init__(name, reuse)
        self.num_units, self.activation = num_units, activation or maths.tanh
        self._kernel, self._bias = kernel_initializer, bias_initializer

    state_size = output_size = property(lambda self: self.num_units)  # type: ignore[assignment]

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make those of the gates, and those of the candidate."""
        rows, n = channels(inputs) + self.num_units, self.num_units
        gates, own = self._bias or constant_initializer(1.0), self._bias or zeros_initializer()
        return {
            "gates/kernel": get_variable("gates/kernel", [rows, 2 * n], initializer=self._kernel),
            "gates/bias": get_variable("gates/bias", [2 * n], initializer=gates),
            "candidate/kernel": get_variable(
                "candidate/kernel", [rows, n], initializer=self._kernel
            ),
            "candidate/bias": get_variable("candidate/bias", [n], initializer=own),
        }

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the new state, twice."""
        gates = _product([inputs, state], self.made["gates/kernel"], self.made["gates/bias"])
        r, u = arrays.split(maths.sigmoid(gates), 2, 1)
        made = _product([inputs, r * state], self.made["candidate/kernel"],
                        self.made["candidate/bias"])  # fmt: skip
        new = u * state + (1 - u) * self.activation(made)
        return new, new


class LSTMCell(RNNCell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), perhaps with peepholes.

    Args:
        num_units: the size of the cell.
        use_peepholes: whether the gates see the cell.
        cell_clip: the largest size of a number in the cell.
        initializer: of the kernel.
        num_proj: the size of the output, if it is projected.
        proj_clip: the largest size of a number in the output.
        forget_bias: what is added to the forget gate.
        state_is_tuple: whether the state is a pair, or both parts side by side.
        activation: of the cell.
    """

    default = "lstm_cell"

    def __init__(
        self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None,
        initializer: Any = None, num_proj: int | None = None, proj_clip: float | None = None,
        num_unit_shards: Any = None, num_proj_shards: Any = None, forget_bias: float = 1.0,
        state_is_tuple: bool = True, activation: Any = None, reuse: Any = None,
        name: str | None = None, dtype: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("LSTMCell", others)
        super().__init__(name, reuse)
        self.num_units, self.use_peepholes = num_units, use_peepholes
        self.cell_clip, self.num_proj, self.proj_clip = cell_clip, num_proj, proj_clip
        self.forget_bias, self.state_is_tuple = forget_bias, state_is_tuple
        self.activation, self._initializer = activation or maths.tanh, initializer

    @property
    def output_size(self) -> int:
        """The size of its output."""
        return self.num_proj or self.num_units

    @property
    def state_size(self) -> Any:
        """The sizes of its state."""
        if self.state_is_tuple:
            return LSTMStateTuple(self.num_units, self.output_size)
        return self.num_units + self.output_size

    def variables_for(self, inputs: Any) -> dict[str, Any]:
        """Make the kernel, the bias, the peepholes and the projection."""
        n, first = self.num_units, self._initializer
        rows = channels(inputs) + self.output_size
        made = {
            "kernel": get_variable("kernel", [rows, 4 * n], initializer=first),
            "bias": get_variable("bias", [4 * n], initializer=zeros_initializer()),
        }
        for name in ("w_f_diag", "w_i_diag", "w_o_diag") if self.use_peepholes else ():
            made[name] = get_variable(name, [n], initializer=first)
        if self.num_proj:
            made["projection"] = get_variable("projection/kernel", [n, self.num_proj],
                                              initializer=first)  # fmt: skip
        return made

    @property
    def is_plain(self) -> bool:
        """Whether its output is neither projected nor clipped, and its state a pair."""
        return self.num_proj is None and self.cell_clip is None and self.state_is_tuple

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output and the new state."""
        n = self.num_units
        c, h = state if self.state_is_tuple else (state[:, :n], state[:, n:])
        i, j, f, o = arrays.split(
            _product([inputs, h], self.made["kernel"], self.made["bias"]), 4, 1
        )
        f = f + self.forget_bias
        if self.use_peepholes:
            i, f = i + self.made["w_i_diag"] * c, f + self.made["w_f_diag"] * c
        c = maths.sigmoid(f) * c + maths.sigmoid(i) * self.activation(j)
        if self.cell_clip is not None:
            c = maths.clip_by_value(c, -self.cell_clip, self.cell_clip)
        o = o + self.made["w_o_diag"] * c if self.use_peepholes else o
        h = maths.sigmoid(o) * self.activation(c)
        if self.num_proj:
            h = maths.matmul(h, self.made["projection"])
            if self.proj_clip is not None:
                h = maths.clip_by_value(h, -self.proj_clip, self.proj_clip)
        return h, LSTMStateTuple(c, h) if self.state_is_tuple else arrays.concat([c, h], 1)


class BasicLSTMCell(LSTMCell):
    """An `LSTMCell` without peepholes, clipping and projection."""

    default = "basic_lstm_cell"

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True,
        activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None,
        input_size: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("BasicLSTMCell", others)
        super().__init__(num_units, forget_bias=forget_bias, state_is_tuple=state_is_tuple,
                         activation=activation, reuse=reuse, name=name)  # fmt: skip


class LayerNormBasicLSTMCell(LSTMCell):
    """An LSTM whose gates and cell are normalized (Ba et al., 2016)."""

    default = "layer_norm_basic_lstm_cell"

    def __init__(self, num_units: int, forget_bias: float = 1.0, activation: Any = None,
                 layer_norm: bool = True, dropout_keep_prob: Any = 1.0, reuse: Any = None,
                 **others: Any):  # fmt: skip
        check_others("LayerNormBasicLSTMCell", others)
        super().__init__(num_units, forget_bias=forget_bias, activation=activation, reuse=reuse)
        self._keep = dropout_keep_prob

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Return the output and the new state."""
        c, h = state
        z = _product([inputs, h], self.made["kernel"], self.made["bias"])
        i, j, f, o = map(_normalized, arrays.split(z, 4, 1))
        j = self.activation(j)
        j = j if self._keep == 1.0 else nn.dropout(j, self._keep)
        c = _normalized(c * maths.sigmoid(f + self.forget_bias) + maths.sigmoid(i) * j)
        h = self.activation(c) * maths.sigmoid(o)
        return h, LSTMStateTuple(c, h)


def _normalized(x: Any) -> Any:
    mean, variance = nn.moments(x, [-1], keep_dims=True)
    return (x - mean) * maths.rsqrt(variance + 1e-12)


def _product(parts: list, kernel: Any, bias: Any) -> Any:
    return nn.bias_add(maths.matmul(arrays.concat(parts, 1), kernel), bias)
