"""The one place where the way to compute a convolution, a pooling or a recurrence is chosen.

On a GPU: ``jax.lax`` (cuDNN). On a CPU: the native kernels if they were compiled, else matrix
products and slices in plain JAX; ``jax.lax`` never, because it is many times slower there inside a
compiled loop, and its gradients select and scatter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import native
from maeum.core.randomness import key_words
from maeum.core.settings import settings
from maeum.ops import random
from maeum.ops.kernels import (
    attention,
    compiled,
    compiled_attention,
    compiled_elementwise,
    compiled_normalization,
    compiled_pooling,
    compiled_recurrence,
    compiled_rowwise,
    matmul,
    normalization,
    recurrence,
    reference,
    rowwise,
    slices,
)
from maeum.ops.kernels import pieces as plain_pieces
from maeum.ops.kernels.recurrence import Sequences
from maeum.ops.windows import Window

# The kernels count the places of one sample with 32 bits.
_LARGEST_SAMPLE = 2**30
# From so many numbers on, the native kernels divide rows among threads.
_MANY = 2**15
# From so many pairs of a query and a key on, blocks beat a matrix of all scores.
_MANY_PAIRS = 64 * 64
# So many queries at least take the native kernels.
_FEWEST_QUERIES = 8


def _fits(*arrays: jax.Array) -> bool:
    """Tell whether the native kernels can be called on these arrays."""
    return native.status().present and all(
        array.dtype in (jnp.float32, jnp.bfloat16, jnp.float16)
        and math.prod(array.shape) > 0
        and math.prod(array.shape[1:]) < _LARGEST_SAMPLE
        for array in arrays
    )


def _on_cpu() -> bool:
    """Tell whether the program will run on a CPU: on the default device, if one was chosen."""
    device = jax.config.jax_default_device  # type: ignore[attr-defined]
    return (getattr(device, "platform", device) or jax.default_backend()) == "cpu"


def _way(*arrays: Any) -> Any:
    """Return the module that computes fastest on these arrays."""
    if not _on_cpu():
        return reference
    return compiled if _fits(*arrays) else matmul


def steps_natively(weights: Sequence[Any]) -> bool:
    """Tell whether optimizers change these weights by the native kernels."""
    single = all(w.dtype == jnp.float32 and w.size for w in weights)
    return single and _on_cpu() and native.status().present


def keep(key: Any, threshold: Any, shape: tuple[int, ...]) -> jax.Array:
    """Return where the random bits of a key are at least a threshold."""
    if _on_cpu() and native.status().present and 0 < math.prod(shape) < _LARGEST_SAMPLE:
        words = jnp.stack([jnp.asarray(word, jnp.uint32) for word in key_words(key)])
        return compiled_elementwise.keep(words, threshold, shape)
    return random.bits(key, shape) >= threshold


def pieces(x: jax.Array, boundaries: Any) -> jax.Array:
    """Return how far each number gets through each bin of its feature."""
    natively = x.dtype == jnp.float32 and _way(x) is compiled
    return (compiled_elementwise if natively else plain_pieces).pieces(x, boundaries)


def convolve(
    x: jax.Array, kernel: jax.Array, bias: Any, window: Window, relu: bool = False
) -> jax.Array:
    """Return ``conv(x, kernel) + bias``, through a ReLU if asked for."""
    sizes = window.output_sizes(x.shape[1:-1])
    way = _way(x, kernel)
    if way is compiled and math.prod(sizes) * kernel.shape[-1] >= _LARGEST_SAMPLE:
        way = matmul
    if kernel.size == 0:  # a sum over no channels
        y = jnp.zeros((x.shape[0], *sizes, kernel.shape[-1]), x.dtype)
        return y if bias is None else y + bias
    if way is compiled:
        pixels, weights, shift = _single(x, kernel, bias)
        return compiled.convolve(pixels, weights, shift, window, relu).astype(x.dtype)
    y = way.convolve(x, kernel, window)
    y = y if bias is None else y + bias
    return jax.nn.relu(y) if relu else y


def convolve_transposed(
    x: jax.Array, kernel: jax.Array, bias: Any, window: Window, sizes: Sequence[int]
) -> jax.Array:
    """Return the transposed convolution of ``x``, whose output has the spatial ``sizes``.

    The kernel is (..., output channels / groups, input channels), as that of the convolution
    which it transposes.
    """
    sizes = tuple(sizes)
    outputs = math.prod(sizes) * kernel.shape[-2] * window.groups
    way = _way(x, kernel) if 0 < outputs < _LARGEST_SAMPLE else matmul
    if way is compiled:
        y = compiled.convolve_transposed(*_single(x, kernel, bias), window, sizes)
        return y.astype(x.dtype)
    y = way.convolve_transposed(x, kernel, window, sizes)
    return y if bias is None else y + bias


def _single(*arrays: Any) -> tuple:
    """Return the arrays in single precision, in which the native kernels compute."""
    return tuple(None if a is None else a.astype(jnp.float32) for a in arrays)


def max_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the largest entry of each window."""
    if _way(x) is compiled:
        return compiled_pooling.max_pool(*_single(x), window).astype(x.dtype)
    return (slices if _on_cpu() else reference).max_pool(x, window)


def sum_pool(x: jax.Array, window: Window) -> jax.Array:
    """Return the sum of each window."""
    if _way(x) is compiled:
        return compiled_pooling.sum_pool(*_single(x), window).astype(x.dtype)
    return (slices if _on_cpu() else reference).sum_pool(x, window)


def batch_normalize(
    x: jax.Array, gamma: Any, beta: Any, epsilon: float, relu: bool = False
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return ``x`` normalized by its own moments, through a ReLU if asked for, and the moments."""
    native_too = x.dtype == jnp.float32 and _way(x) is compiled
    way = compiled_normalization if native_too else normalization
    return way.batch_normalize(x, gamma, beta, epsilon, relu)


def _rowwise(x: jax.Array, *others: Any) -> Any:
    """Return the module that works fastest on the rows of an array."""
    arrays = [x, *(array for array in others if array is not None)]
    single = all(array.dtype == jnp.float32 for array in arrays)
    return compiled_rowwise if single and x.size >= _MANY and _way(*arrays) is compiled else rowwise


def layer_normalize(x: jax.Array, gamma: Any, beta: Any, epsilon: float) -> jax.Array:
    """Return ``x`` with each row normalized by its own moments, then scaled and shifted."""
    return _rowwise(x, gamma, beta).layer_normalize(x, gamma, beta, epsilon)


def gelu(x: jax.Array, bias: Any, approximate: bool) -> jax.Array:
    """Return ``gelu(x + bias)``."""
    return _rowwise(x, bias).gelu(x, bias, approximate)


def partly_silu(x: jax.Array, amount: jax.Array) -> jax.Array:
    """Return ``x + amount * (silu(x) - x)``, with an amount for each feature."""
    single = x.dtype == amount.dtype == jnp.float32
    way = compiled_rowwise if single and _way(x) is compiled else rowwise
    return way.partly_silu(x, amount)


def attend(
    q: jax.Array,
    k: jax.Array,
    v: jax.Array,
    terms: attention.Terms,
    in_blocks: bool | None,
    dropout: float,
    key: Any,
) -> jax.Array:
    """Return the attention; arrays with the axes (batch, length, heads, depth)."""
    if not _on_cpu():
        return attention.on_device(q, k, v, terms, dropout, key)
    if in_blocks is None:
        in_blocks = settings.flash_attention
    if in_blocks is not False and not dropout and _attends(q, k, v, terms):
        return compiled_attention.attend(q, k, v, terms)
    if in_blocks is None:
        in_blocks = q.shape[1] * k.shape[1] >= _MANY_PAIRS
    way = attention.blocked if in_blocks else attention.plain
    return way(q, k, v, terms, dropout, key)


def _attends(q: jax.Array, k: jax.Array, v: jax.Array, terms: attention.Terms) -> bool:
    """Tell whether attention takes the native kernels.

    They know neither biases nor soft caps. For a single query, as in generation, copying the keys
    would cost more than the products.
    """
    single = all(array.dtype == jnp.float32 for array in (q, k, v))
    known = terms.bias is None and terms.soft_cap is None
    deepest = max(q.shape[-1], v.shape[-1])
    many = q.shape[1] >= _FEWEST_QUERIES and deepest <= compiled_attention.DEEPEST
    return single and known and many and _way(q, k, v) is compiled


def _recurs(given: Sequences, h: jax.Array) -> bool:
    """Tell whether a recurrence takes the native kernels.

    They do not know noise. For a single step, packing the weights would cost more than the step.
    """
    arrays = given.x, given.kernel, h
    single = all(array.dtype == jnp.float32 for array in arrays)
    return single and given.noise is None and given.x.shape[1] > 1 and _way(*arrays) is compiled


def simple_rnn(given: Sequences, h: jax.Array, activation: str) -> tuple:
    """Return the outputs and the state of a simple recurrent network."""
    way = compiled_recurrence if _recurs(given, h) else recurrence
    return way.simple_rnn(given, h, activation)


def lstm(given: Sequences, h: jax.Array, c: jax.Array, peepholes: Any) -> tuple:
    """Return the outputs and the states of an LSTM; peepholes are not native."""
    if peepholes is None and _recurs(given, h):
        return compiled_recurrence.lstm(given, h, c)
    return recurrence.lstm(given, h, c, peepholes)


def gru(given: Sequences, h: jax.Array, reset_after: bool) -> tuple:
    """Return the outputs and the state of a GRU; where the reset comes first, it is not native."""
    if reset_after and _recurs(given, h):
        return compiled_recurrence.gru(given, h)
    return recurrence.gru(given, h, reset_after)
