"""Activation functions, with Keras 3's names, arguments and defaults.

Each is a pure function ``array -> array`` of the same shape. `sigmoid` and `softmax` attach their
logits to the result (`maeum.core.hints`), from which the cross-entropies are
computed without overflow.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.graph import op
from maeum.core.hints import hint_of, with_hints
from maeum.core.masks import along_axis, each_entry
from maeum.core.messages import _
from maeum.ops.arrays import as_array, floating
from maeum.ops.kernels import choice as kernels

# Klambauer et al., 2017: the fixed point of SELU's mean and variance.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def rectifiable(x: jax.Array, at_once: Callable[[], jax.Array]) -> jax.Array:
    """Note on ``x`` how to compute ``relu(x)`` in one pass over memory, and return ``x``.

    If a ReLU follows while a program is being traced, ``at_once()`` takes the place of both; what
    of ``x`` nobody uses then is dropped by the compiler.
    """
    return with_hints(x, rectified=at_once) if isinstance(x, jax.core.Tracer) else x


def biased(x: jax.Array, product: jax.Array, bias: jax.Array) -> jax.Array:
    """Note on ``x`` that it is ``product + bias``, rows of numbers, and return ``x``.

    If a GELU follows while a program is being traced, it adds the bias itself, in the same pass.
    """
    if product.ndim != 2 or product.shape[1:] != bias.shape or product.dtype != bias.dtype:
        return x
    return with_hints(x, biased=(product, bias)) if isinstance(x, jax.core.Tracer) else x


@op(mask=each_entry)
def linear(x: Any) -> Any:
    """``x`` itself."""
    return x


@op(mask=each_entry)
def step(x: Any) -> jax.Array:
    """1 where ``x >= 0``, else 0: the threshold of the perceptron. Its gradient is 0."""
    x = floating(x)
    return (x >= 0).astype(x.dtype)


@op(mask=each_entry)
def sign(x: Any) -> jax.Array:
    """-1, 0 or 1 after the sign of ``x``. Its gradient is 0."""
    return jnp.sign(as_array(x))


@op(mask=each_entry)
def sigmoid(x: Any) -> jax.Array:
    """``1 / (1 + exp(-x))``."""
    x = floating(x)
    return with_hints(jax.nn.sigmoid(x), sigmoid_logits=x)


@op(mask=each_entry)
def hard_sigmoid(x: Any) -> jax.Array:
    """``clip(x / 6 + 0.5, 0, 1)``: a sigmoid of straight lines."""
    return jax.nn.relu6(floating(x) + 3.0) / 6.0


@op(mask=each_entry)
def tanh(x: Any) -> jax.Array:
    """The hyperbolic tangent."""
    return jnp.tanh(floating(x))


@op(mask=each_entry)
def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> jax.Array:
    """``x`` above ``threshold`` (cut off at ``max_value``), ``slope * (x - threshold)`` below."""
    x = floating(x)
    if negative_slope == 0.0 and max_value is None and threshold == 0.0:
        at_once = hint_of(x, "rectified")
        return jax.nn.relu(x) if at_once is None else at_once()
    above = jnp.where(x > threshold, x, 0.0)
    if max_value is not None:
        above = jnp.minimum(above, max_value)
    if negative_slope == 0.0:
        return above
    return jnp.where(x > threshold, above, negative_slope * (x - threshold))


@op(mask=each_entry)
def leaky_relu(x: Any, negative_slope: float = 0.2) -> jax.Array:
    """``x`` if positive, else ``negative_slope * x`` (Maas et al., 2013)."""
    return jax.nn.leaky_relu(floating(x), negative_slope)


@op(mask=each_entry)
def relu6(x: Any) -> jax.Array:
    """``clip(x, 0, 6)``."""
    return jax.nn.relu6(floating(x))


@op(mask=each_entry)
def elu(x: Any, alpha: float = 1.0) -> jax.Array:
    """``x`` if positive, else ``alpha * (exp(x) - 1)`` (Clevert et al., 2015)."""
    return jax.nn.elu(floating(x), alpha)


@op(mask=each_entry)
def selu(x: Any) -> jax.Array:
    """``scale * elu(x, alpha)`` with the self-normalizing constants (Klambauer et al., 2017)."""
    return SELU_SCALE * jax.nn.elu(floating(x), SELU_ALPHA)


@op(mask=each_entry)
def celu(x: Any, alpha: float = 1.0) -> jax.Array:
    """``x`` if positive, else ``alpha * (exp(x / alpha) - 1)`` (Barron, 2017)."""
    return jax.nn.celu(floating(x), alpha)


@op(mask=each_entry)
def gelu(x: Any, approximate: bool = True) -> jax.Array:
    """``x * P(Z <= x)`` for a standard normal Z; ``approximate`` takes the tanh formula."""
    x = floating(x)
    product, bias = hint_of(x, "biased") or (x, None)
    return kernels.gelu(product, bias, approximate).reshape(x.shape)


@op(mask=each_entry)
def hard_silu(x: Any) -> jax.Array:
    """``x * hard_sigmoid(x)``, also called hard swish (Howard et al., 2019)."""
    return jax.nn.hard_silu(floating(x))


@op(mask=each_entry)
def hard_tanh(x: Any) -> jax.Array:
    """``clip(x, -1, 1)``."""
    return jax.nn.hard_tanh(floating(x))


@op(mask=each_entry)
def hard_shrink(x: Any, threshold: float = 0.5) -> jax.Array:
    """``x`` where it is farther from 0 than the threshold, else 0."""
    x = floating(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0)


@op(mask=each_entry)
def soft_shrink(x: Any, threshold: float = 0.5) -> jax.Array:
    """``x`` moved towards 0 by the threshold, and 0 where it is nearer than that."""
    x = floating(x)
    below = jnp.where(x < -threshold, x + threshold, 0)
    return jnp.where(x > threshold, x - threshold, below)


@op(mask=each_entry)
def tanh_shrink(x: Any) -> jax.Array:
    """``x - tanh(x)``."""
    x = floating(x)
    return x - jnp.tanh(x)


@op(mask=each_entry)
def threshold(x: Any, threshold: float, default_value: float) -> jax.Array:
    """``x`` above the threshold, else the default value."""
    x = floating(x)
    return jnp.where(x > threshold, x, default_value)


@op(mask=each_entry)
def log_sigmoid(x: Any) -> jax.Array:
    """``log(sigmoid(x))``, without overflow."""
    return jax.nn.log_sigmoid(floating(x))


@op(mask=each_entry)
def sparse_sigmoid(x: Any) -> jax.Array:
    """``clip((x + 1) / 2, 0, 1)``."""
    return jax.nn.sparse_sigmoid(floating(x))


@op(mask=each_entry)
def sparse_plus(x: Any) -> jax.Array:
    """0 up to -1, ``x`` from 1 on, and ``(x + 1)^2 / 4`` between."""
    return jax.nn.sparse_plus(floating(x))


@op(mask=each_entry)
def squareplus(x: Any, b: float = 4) -> jax.Array:
    """``(x + sqrt(x^2 + b)) / 2`` (Barron, 2021)."""
    x = floating(x)
    return (x + jnp.sqrt(jnp.square(x) + b)) / 2


@op(mask=each_entry)
def silu(x: Any) -> jax.Array:
    """``x * sigmoid(x)``, also called swish."""
    return jax.nn.silu(floating(x))


@op(mask=each_entry)
def mish(x: Any) -> jax.Array:
    """``x * tanh(softplus(x))`` (Misra, 2019)."""
    x = floating(x)
    return x * jnp.tanh(jax.nn.softplus(x))


@op(mask=each_entry)
def softplus(x: Any) -> jax.Array:
    """``log(1 + exp(x))``, without overflow."""
    return jax.nn.softplus(floating(x))


@op(mask=each_entry)
def softsign(x: Any) -> jax.Array:
    """``x / (1 + |x|)``."""
    return jax.nn.soft_sign(floating(x))


@op(mask=each_entry)
def exponential(x: Any) -> jax.Array:
    """``exp(x)``."""
    return jnp.exp(floating(x))


# Of one piece where they are called by themselves, as what comes from jax.numpy is.
_softmax = jax.jit(jax.nn.softmax, static_argnames="axis", inline=True)
_log_softmax = jax.jit(jax.nn.log_softmax, static_argnames="axis", inline=True)


def _hashable(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


@op(mask=along_axis)
def softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """``exp(x) / sum(exp(x))`` along ``axis``, without overflow.

    >>> [round(float(p), 6) for p in softmax([1.0, 2.0, 788.0, 789.0])]
    [0.0, 0.0, 0.268941, 0.731059]
    """
    x = floating(x)
    if x.ndim and isinstance(axis, int) and x.shape[axis] == 1:
        warnings.warn(
            _("A softmax over an axis of size 1 is always 1; use a sigmoid for one output."),
            stacklevel=3,
        )
    along_last = axis in (-1, x.ndim - 1)
    return with_hints(_softmax(x, axis=_hashable(axis)), softmax_logits=x if along_last else None)


@op(mask=along_axis)
def log_softmax(x: Any, axis: int | tuple[int, ...] = -1) -> jax.Array:
    """``log(softmax(x))`` along ``axis``, without overflow."""
    return _log_softmax(floating(x), axis=_hashable(axis))


@op(mask=along_axis)
def sparsemax(x: Any, axis: int = -1) -> jax.Array:
    """The point of the simplex that is nearest to ``x`` along ``axis`` (Martins, 2016).

    It is ``max(x - t, 0)`` with the t for which the results sum to 1.

    >>> sparsemax([2.0, 1.5, 0.0]).tolist()
    [0.75, 0.25, 0.0]
    """
    x = jnp.moveaxis(floating(x), axis, -1)
    falling = -jnp.sort(-x, -1)
    counts = jnp.arange(1, x.shape[-1] + 1)
    excess = (jnp.cumsum(falling, -1) - 1) / counts
    kept = jnp.sum(falling > excess, -1, keepdims=True)
    t = jnp.take_along_axis(excess, kept - 1, -1)
    return jnp.moveaxis(jnp.maximum(x - t, 0), -1, axis)


@op(mask=along_axis)
def glu(x: Any, axis: int = -1) -> jax.Array:
    """The first half along ``axis`` times the sigmoid of the second (Dauphin et al., 2017).

    Raises:
        ShapeError: if the size of the axis is odd.
    """
    x = floating(x)
    if x.shape[axis] % 2:
        raise ShapeError(
            "glu() halves an axis of even size; axis {axis} of shape {shape} has {size}.",
            axis=axis,
            shape=x.shape,
            size=x.shape[axis],
        )
    return jax.nn.glu(x, axis)


@op(mask=along_axis)
def maxout(x: Any, num_units: int, axis: int = -1) -> jax.Array:
    """The largest of each group of neighbours along ``axis`` (Goodfellow et al., 2013).

    Shapes: ``(..., num_units * k) -> (..., num_units)``.

    >>> maxout([1.0, 4.0, 3.0, 2.0], 2).tolist()
    [4.0, 3.0]
    """
    x = jnp.asarray(x)
    axis %= x.ndim
    return jnp.max(x.reshape(*x.shape[:axis], num_units, -1, *x.shape[axis + 1 :]), axis + 1)
