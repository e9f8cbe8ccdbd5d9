"""Attention through the native kernels (`maeum.native`), with its derivatives; float32.

Scores are held for a block of pairs at a time, and computed again on the way back. Derivatives of
the backward pass itself take the plain formula. Neither a bias, nor a soft cap of the scores, nor
dropout are known here.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native
from maeum.ops.kernels.attention import Terms, plain
from maeum.ops.kernels.derivatives import differentiated_by

Array = Any

DEEPEST = 256
"""The largest depth of a head that the kernels know."""


def attend(q: Array, k: Array, v: Array, terms: Terms) -> jax.Array:
    """Return what `maeum.ops.kernels.attention.plain` returns, without bias and soft cap."""
    mask = terms.mask
    if mask is not None and mask.shape[-1] != k.shape[1]:
        mask = jnp.broadcast_to(mask, (*mask.shape[:-1], k.shape[1]))
    return _run(terms.scale, terms.causal, q, k, v, mask)[0]


def _inputs(q: Array, k: Array, v: Array, mask: Any) -> tuple:
    return q, k, v, np.zeros((0, 0, 0, 0), bool) if mask is None else mask


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _run(scale: float, causal: bool, q: Array, k: Array, v: Array, mask: Any) -> tuple:
    """Return the outputs, and for each query the largest score and 1 / sum of its softmax."""
    batch, length, heads, _ = q.shape
    outputs = native.float32(*q.shape[:3], v.shape[-1]), native.float32(batch, heads, length, 2)
    given = _inputs(q, k, v, mask)
    return native.call("MaeumAttention", outputs, *given, scale=np.float32(scale), causal=causal)


def _forward(scale: float, causal: bool, *given: Any) -> tuple:
    results = _run(scale, causal, *given)  # itself, so that it can be differentiated again
    return results, (given, results)


def _backward(scale: float, causal: bool, saved: tuple, directions: tuple) -> tuple:
    # Nobody but the way back sees the softmax's numbers: no gradient comes back through them.
    return (*_gradients(*saved, directions[0], scale, causal), None)


_run.defvjp(_forward, _backward)


def _plain_gradients(
    given: tuple, results: tuple, dout: Array, scale: float, causal: bool
) -> tuple:
    q, k, v, mask = given
    terms = Terms(None, mask, scale, causal, None)
    return jax.vjp(lambda q, k, v: plain(q, k, v, terms), q, k, v)[1](dout)


@differentiated_by(_plain_gradients, static=2)
def _gradients(given: tuple, results: tuple, dout: Array, scale: float, causal: bool) -> tuple:
    outputs = tuple(native.float32(*x.shape) for x in given[:3])
    inputs, factor = (*_inputs(*given), *results, dout), np.float32(scale)
    return native.call("MaeumAttentionGradient", outputs, *inputs, scale=factor, causal=causal)
