"""What the cells of recurrent layers share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers, ops
from maeum.core.checks import check_choice
from maeum.core.randomness import check_seed, fold
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.checks import fixed_size, rate, whole_number
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer
from maeum.layers.recurrent_loop import loop, state_shape
from maeum.ops.kernels.rows import noted, rows_of

States = list[Any]


@declares_weights("kernel", "recurrent", "bias", after="use_bias", activity_regularizer=False)
class RecurrentCell(Layer):
    """Base of Maeum's own cells: the weights, and the dropout of inputs and state.

    A cell writes ``gates`` (how many blocks of columns its kernels have) and
    ``advance(z, states, noise)``: one step, from the inputs times the kernel. One with an op for a
    whole sequence also writes ``sequence_op``. A subclass with a ``call`` of its own is run step by
    step.

    Args:
        units: the size of the state and of the output.
        activation: a name or a function.
        use_bias: whether a bias is added.
        dropout: the fraction of the inputs that is dropped while training, the same in all steps.
        recurrent_dropout: the fraction of the state that is dropped on its way into the product.
        seed: the cell's own random seed, a whole number.
        implementation: accepted as Keras's.
    """

    gates = 1
    # What the first argument is called.
    size = "units"
    state_size: Any
    bias_initializer: Any
    fixed_by_build = frozenset({"units", "filters", "kernel_size", "use_bias", "reset_after"})
    activation = ActivationAttribute()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        *,
        implementation: int = 2,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        own = type(self).__name__.removesuffix("Cell")
        check_choice(implementation, (0, 1, 2), "implementation")
        self.units = whole_number(units, self.size, 1, own)
        self.state_size = self.output_size = self.units
        self.activation = activation
        self.use_bias = use_bias
        self.dropout = rate(dropout, "dropout", own)
        self.recurrent_dropout = rate(recurrent_dropout, "recurrent_dropout", own)
        self.seed = None if seed is None else check_seed(seed)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "call" in vars(cls) and "sequence" not in vars(cls):
            cls.sequence = None  # type: ignore[assignment, method-assign]

    def build(self, input_shape: Any) -> None:
        """Make the kernels and the bias."""
        size = fixed_size(input_shape, -1, self)
        columns = self.gates * self.units
        self.make_weights((size, columns), (self.units, columns), self.bias_shape(columns))

    def bias_shape(self, columns: int) -> tuple[int, ...]:
        """Return the shape of the bias for a kernel with ``columns`` columns."""
        return (columns,)

    def make_weights(
        self, kernel: tuple[int, ...], recurrent: tuple[int, ...], bias: tuple[int, ...]
    ) -> None:
        """Make the kernel, the recurrent kernel and the bias, of these shapes."""
        self.kernel = self.add_weight("kernel", kernel)
        self.recurrent_kernel = self.add_weight("recurrent_kernel", recurrent)
        self.bias = self.add_weight("bias", bias, self.initial_bias()) if self.use_bias else None

    def initial_bias(self) -> Any:
        """Return the initializer of the bias."""
        return self.bias_initializer

    def project(self, x: jax.Array) -> jax.Array:
        """Return what the inputs of one step, or of all, add to the gates."""
        return ops.dense(x, self.kernel, self.bias)

    def recur(self, h: jax.Array, noise: Any) -> jax.Array:
        """Return what the state adds to the gates."""
        return ops.matmul(h if noise is None else h * noise, self.recurrent_kernel)

    def advance(self, z: jax.Array, states: States, noise: Any) -> tuple[jax.Array, States]:
        """Take one step; ``noise`` are factors of the state, or None."""
        raise NotImplementedError

    def sequence_op(self) -> Callable[..., Any] | None:
        """Return the op that runs these activations over a whole sequence, if there is one."""
        return None

    def call(  # type: ignore[override]
        self, inputs: jax.Array, states: Any, training: bool = False
    ) -> tuple[jax.Array, Any]:
        """Take one step: return the output and the new states."""
        several = isinstance(states, (list, tuple))
        given = [jnp.asarray(s, inputs.dtype) for s in (states if several else [states])]
        noise = self._noise(given[0], training)
        output, new = self.advance(self.project(self._dropped(inputs, training)), given, noise)
        return output, new if several else new[0]

    def sequence(
        self, x: jax.Array, states: States, mask: Any, training: bool
    ) -> tuple[jax.Array, jax.Array, States]:
        """Run over ``(batch, steps, ...)``; see `maeum.layers.recurrent_loop.run_cell`."""
        noise = self._noise(states[0], training)
        if mask is not None:  # NaN under the mask would turn the gradients of the kernel to NaN
            kept = mask.reshape(mask.shape + (1,) * (x.ndim - 2))
            # Which rows they were is still true where it matters.
            x = noted(jnp.where(kept, x, jnp.zeros((), x.dtype)), rows_of(x))
        x = self._dropped(x, training, in_time=True)
        op = self.sequence_op()
        if op is None:
            advance = functools.partial(self.advance, noise=noise)
            outputs, _last, states = loop(advance, self.project(x), states, mask)
            return outputs, states[0], states
        first = tuple(states) if len(states) > 1 else states[0]
        weights = self.kernel, self.recurrent_kernel, self.bias
        outputs, last = op(x, first, *weights, mask=mask, recurrent_noise=noise)
        states = list(last) if len(states) > 1 else [last]
        return outputs, states[0], states

    def get_initial_state(self, batch_size: int) -> States:
        """Return states of zeros for ``batch_size`` rows."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [
            jnp.zeros((batch_size, *state_shape(size, self)), self.compute_dtype) for size in sizes
        ]

    def _dropped(self, x: jax.Array, training: bool, in_time: bool = False) -> jax.Array:
        """Drop features of the inputs: the same ones in all steps (Gal & Ghahramani, 2016)."""
        if not training or not self.dropout:
            return x
        shape = (None, 1, *(None,) * (x.ndim - 2)) if in_time else None
        return ops.dropout(x, self.dropout, self.random_key(self.seed), shape)

    def _noise(self, h: jax.Array, training: bool) -> jax.Array | None:
        """Return the factors of the state while training: 0 for what is dropped."""
        if not training or not self.recurrent_dropout:
            return None
        key = self.random_key(self.seed)
        return ops.dropout(jnp.ones_like(h), self.recurrent_dropout, key)


class ForgetBias(initializers.Initializer):
    """The initial bias of an LSTM: 1 for the forget gate, so that it forgets nothing at first.

    (Jozefowicz et al., 2015.)

    Args:
        others: the initializer of the other three gates.
    """

    def __init__(self, others: Any = "zeros"):
        self.others = initializers.get(others)

    def draw(self, key: jax.Array, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        """Return the bias of ``(4 units,)``."""
        units = shape[0] // 4

        def others(size: int, purpose: str) -> jax.Array:
            draws = isinstance(self.others, initializers.Initializer)
            more = {"key": fold(key, purpose)} if draws else {}
            return jnp.asarray(self.others((size,), dtype=dtype, **more), dtype)

        return jnp.concatenate(
            [others(units, "first"), jnp.ones(units, dtype), others(2 * units, "last")]
        )
