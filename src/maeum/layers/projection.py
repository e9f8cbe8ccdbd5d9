"""The projections of attention: products over several axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax

from maeum import ops
from maeum.layers.checks import known_size
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer


@declares_weights("kernel", "bias", after="use_bias")
class Projection(Layer):
    """A product over the last axes of the input: ``(..., *inputs) -> (..., *outputs)``.

    Args:
        outputs: the sizes of the output's last axes.
        contracted: how many last axes of the input are summed over.
        use_bias: whether a bias is added.
    """

    supports_masking = True

    def __init__(
        self, outputs: Sequence[int], contracted: int = 1, use_bias: bool = True, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.outputs, self.contracted, self.use_bias = tuple(outputs), contracted, use_bias

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return nothing: the attention has taken the mask before."""
        return None

    def build(self, input_shape: Any) -> None:
        """Make the kernel (*inputs, *outputs) and the bias (*outputs)."""
        inputs = tuple(known_size(input_shape, -a, self) for a in range(self.contracted, 0, -1))
        self.kernel = self.add_weight("kernel", (*inputs, *self.outputs))
        self.bias = self.add_weight("bias", self.outputs) if self.use_bias else None
        self.input_axes = {-a: n for a, n in zip(range(self.contracted, 0, -1), inputs)}

    def call(self, x: jax.Array) -> jax.Array:
        """Multiply ``x`` by the kernel and add the bias."""
        count, rows = math.prod(self.outputs), x.shape[: x.ndim - self.contracted]
        kernel = self.kernel.value.reshape(-1, count)
        bias = None if self.bias is None else self.bias.value.reshape(count)
        return ops.dense(x.reshape(-1, len(kernel)), kernel, bias).reshape(*rows, *self.outputs)
