"""A dense layer whose product is written as an einsum equation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax

from maeum import initializers, ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.checks import title
from maeum.layers.declared_weights import declares_weights
from maeum.layers.layer import Layer


@declares_weights("kernel", "bias", after="bias_axes", activity_regularizer=False)
class EinsumDense(Layer):
    """Compute ``activation(einsum(equation, x, kernel) + bias)``.

    ``"ab,bc->ac"`` is `Dense` for inputs with one axis, ``"...x,xy->...y"`` for any,
    ``"abc,cde->abde"`` projects onto several heads.

    Args:
        equation: the axes of the input, of the kernel and of the output, such as ``"ab,bc->ac"``;
            ``...`` at one end of the input and the output stands for axes that stay.
        output_shape: the shape of the output without the batch axis and without those of ``...``;
            None where it is that of the input.
        activation: a name or a function; none by default.
        bias_axes: the axes of the output along which the bias differs, such as ``"c"``; None for no
            bias.
        kernel_initializer, bias_initializer: the initial values of the kernel and the bias.
        kernel_regularizer, bias_regularizer: penalties on the kernel and the bias.
        kernel_constraint, bias_constraint: what the kernel and the bias must satisfy after each
            step.

    Raises:
        ConfigError: for an equation that does not say the shape of the kernel.
        ShapeError: for inputs and an output shape that do not fit the equation.

    Example:
        >>> import numpy as np
        >>> layer = EinsumDense("abc,cd->abd", (None, 64), bias_axes="d")
        >>> layer(np.ones((2, 32, 128), "float32")).shape
        (2, 32, 64)
    """

    fixed_by_build = frozenset({"equation", "bias_axes"})
    kernel: Any
    bias: Any
    activation = ActivationAttribute()

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.equation = equation
        shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.partial_output_shape = shape
        self.activation = activation
        self.bias_axes = bias_axes

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias."""
        plan = _plan(self, tuple(input_shape))
        self.input_rank = len(input_shape)
        initializer = self.kernel_initializer  # type: ignore[attr-defined]
        if isinstance(initializer, initializers.VarianceScaling) and (
            initializer.input_axes is None or initializer.output_axes is None
        ):
            axes = {"input_axes": plan.inputs, "output_axes": plan.outputs}
            initializer = type(initializer).from_config(initializer.get_config() | axes)
        self.kernel = self.add_weight("kernel", plan.kernel, initializer)
        self.bias = None if plan.bias is None else self.add_weight("bias", plan.bias)

    def call(self, x: jax.Array) -> jax.Array:
        """Compute the outputs."""
        y = ops.einsum(self.equation, x, self.kernel)
        return self.activation(y if self.bias is None else y + self.bias)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        return _plan(self, tuple(input_shape)).output


@dataclass
class _Plan:
    """What follows from an equation and a shape of inputs."""

    output: tuple
    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    inputs: list[int]
    outputs: list[int]


_EQUATIONS = (
    r"(?P<x>[a-zA-Z]+),(?P<w>[a-zA-Z]+)->(?P<y>[a-zA-Z]+)",
    r"(?P<left>\.\.\.)(?P<x>[a-zA-Z]+),(?P<w>[a-zA-Z]+)->\.\.\.(?P<y>[a-zA-Z]+)",
    r"(?P<x>[a-zA-Z]{2,})\.\.\.,(?P<w>[a-zA-Z]+)->(?P<y>[a-zA-Z]+)\.\.\.",
)


def _plan(layer: EinsumDense, shape: tuple) -> _Plan:
    equation = layer.equation
    found = next((m for e in _EQUATIONS if (m := re.fullmatch(e, equation))), None)
    if found is None:
        raise ConfigError("{equation!r} is not an equation of EinsumDense: those are 'ab,bc->ac', "
                          "'...b,bc->...c' and 'ab...,bc->ac...'.",
                          equation=equation)  # fmt: skip
    x, w, y = found["x"], found["w"], found["y"]
    left, more = "left" in found.groupdict() and bool(found["left"]), len(shape) - len(x)
    own = layer.partial_output_shape
    rest = shape[1:more] if left else shape[len(shape) - more :] if more > 0 else ()
    output = (shape[0], *rest, *own) if left else (shape[0], *own, *rest)
    x_axes = {axis: n + (more if left else 0) for n, axis in enumerate(x)}
    y_axes = {axis: n + (more if left else 0) for n, axis in enumerate(y)}
    _check(layer, shape, output, x, w, y, x_axes, y_axes)
    sizes = {y_axes[axis]: shape[n] for axis, n in x_axes.items() if axis in y_axes}
    output = tuple(sizes.get(n) if size is None else size for n, size in enumerate(output))
    kernel: list[Any] = []
    inputs: list[int] = []
    outputs: list[int] = []
    for place, axis in enumerate(w):
        kernel.append(output[y_axes[axis]] if axis in y_axes else shape[x_axes[axis]])
        (outputs if axis in y_axes else inputs).append(place)
    bias = None
    if layer.bias_axes is not None:
        first = min(map(y.index, layer.bias_axes), default=0)
        own_sizes = [output[y_axes[a]] if a in layer.bias_axes else 1 for a in y[first:]]
        bias = (*own_sizes, *(() if left else (1,) * max(more, 0)))
    return _Plan(output, tuple(kernel), bias, inputs, outputs)


def _check(
    layer: EinsumDense, shape: tuple, output: tuple, x: str, w: str, y: str, x_axes: dict,
    y_axes: dict,
) -> None:  # fmt: skip
    """Raise an error unless the axes and their sizes fit together."""
    said = {"layer": title(layer), "equation": layer.equation}
    if len(shape) < len(x) or max(y_axes.values()) >= len(output):
        raise ShapeError("{layer} with the equation {equation!r} got inputs of shape {shape} and "
                         "output_shape={output}, whose numbers of axes do not fit.", **said,
                         shape=shape, output=layer.partial_output_shape)  # fmt: skip
    for axis in x:
        sizes = shape[x_axes[axis]], output[y_axes[axis]] if axis in y_axes else None
        if sizes[1] is not None and sizes[0] != sizes[1]:
            raise ShapeError("{layer} with the equation {equation!r}: the axis {axis!r} has the "
                             "size {size} in the input and {other} in output_shape.", **said,
                             axis=axis, size=sizes[0], other=sizes[1])  # fmt: skip
    unknown = [axis for axis in y if axis not in x + w] + [a for a in w if a not in x + y]
    unknown += [axis for axis in layer.bias_axes or "" if axis not in y]
    if unknown:
        raise ConfigError("{layer} with the equation {equation!r}: the axis {axis!r} has no "
                          "counterpart, so that its size is unknown.", **said,
                          axis=unknown[0])  # fmt: skip
