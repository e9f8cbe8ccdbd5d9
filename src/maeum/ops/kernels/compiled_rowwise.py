"""Layer normalization, GELU and SiLU through the native kernels (`maeum.native`); float32.

Inside a loop XLA computes on one thread what is not a matrix product; these kernels take all, and
one pass over memory each way. A backward pass is one call, too, the gradients of gamma, beta and
the bias included. Derivatives of the backward pass itself take the plain formulas.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from maeum import native
from maeum.ops.kernels import rowwise
from maeum.ops.kernels.derivatives import differentiated_by, with_backward

Array = Any


def layer_normalize(x: Array, gamma: Any, beta: Any, epsilon: float) -> jax.Array:
    """Return what `maeum.ops.kernels.rowwise.layer_normalize` does.

    The mean is subtracted in two parts, so that rows far from 0 lose no digits.
    """
    return _normalize(x, gamma, beta, epsilon)[0]


@functools.partial(jax.custom_vjp, nondiff_argnums=(3,))
def _normalize(x: Array, gamma: Any, beta: Any, epsilon: float) -> tuple[jax.Array, jax.Array]:
    """Return the outputs, and each row's mean (in two parts) and inverse deviation."""
    outputs = (native.float32(*x.shape), native.float32(*x.shape[:-1], 3))
    inputs = x, gamma, beta
    return native.call("MaeumLayerNormalization", outputs, *inputs, epsilon=np.float32(epsilon))


def _normalize_forward(x: Array, gamma: Any, beta: Any, epsilon: float) -> tuple:
    outputs = _normalize(x, gamma, beta, epsilon)  # itself, so that it can be differentiated again
    return outputs, (x, gamma, beta, outputs[1])


def _normalize_backward(epsilon: float, saved: tuple, directions: tuple) -> tuple:
    # What was saved follows from what was given: no gradient comes back that way.
    return _normalize_gradients(*saved, directions[0], epsilon)


_normalize.defvjp(_normalize_forward, _normalize_backward)


def _plain_gradients(
    x: Array, gamma: Any, beta: Any, moments: Array, dy: Array, epsilon: float
) -> tuple:
    normalize = functools.partial(rowwise.layer_normalize, epsilon=epsilon)
    return jax.vjp(normalize, x, gamma, beta)[1](dy)


@differentiated_by(_plain_gradients, static=1)
def _normalize_gradients(
    x: Array, gamma: Any, beta: Any, moments: Array, dy: Array, epsilon: float
) -> tuple:
    """Return the gradients for x, gamma and beta, of which dx takes the place of dy."""
    size = native.float32(x.shape[-1])
    outputs, inputs = (native.float32(*x.shape), size, size), (x, moments, gamma, dy)
    dx, dgamma, dbeta = native.call(
        "MaeumLayerNormalizationGradient", outputs, *inputs, in_place={3: 0}
    )
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


def _gelu_backward(approximate: bool, saved: tuple, dy: Array) -> tuple:
    return _gelu_gradients(*saved, dy, approximate)


@with_backward(_gelu_backward, static=1)
def gelu(x: Array, bias: Any, approximate: bool) -> jax.Array:
    """Return what `maeum.ops.kernels.rowwise.gelu` does; the bias has x's last size."""
    return native.call("MaeumGelu", native.float32(*x.shape), x, bias, tanh=np.bool_(approximate))


def _plain_gelu_gradients(x: Array, bias: Any, dy: Array, approximate: bool) -> tuple:
    return jax.vjp(lambda x, bias: rowwise.gelu(x, bias, approximate), x, bias)[1](dy)


@differentiated_by(_plain_gelu_gradients, static=1)
def _gelu_gradients(x: Array, bias: Any, dy: Array, approximate: bool) -> tuple:
    """Return the gradients for x and the bias, of which the first one takes the place of dy."""
    outputs = (native.float32(*x.shape), native.float32(0 if bias is None else x.shape[-1]))
    options: dict[str, Any] = {"in_place": {2: 0}, "tanh": np.bool_(approximate)}
    dx, dbias = native.call("MaeumGeluGradient", outputs, x, bias, dy, **options)
    return dx, None if bias is None else dbias


def _silu_backward(saved: tuple, dy: Array) -> tuple:
    return _silu_gradients(*saved, dy)


@with_backward(_silu_backward, static=0)
def partly_silu(x: Array, amount: Array) -> jax.Array:
    """Return what `maeum.ops.kernels.rowwise.partly_silu` does."""
    return native.call("MaeumSilu", native.float32(*x.shape), x, amount, batches=True)


def _plain_silu_gradients(x: Array, amount: Array, dy: Array) -> tuple:
    return jax.vjp(rowwise.partly_silu, x, amount)[1](dy)


@differentiated_by(_plain_silu_gradients, static=0)
def _silu_gradients(x: Array, amount: Array, dy: Array) -> tuple:
    """Return the gradients for x and the amount, of which the first one takes the place of dy."""
    outputs = native.float32(*x.shape), native.float32(x.shape[-1])
    return native.call("MaeumSiluGradient", outputs, x, amount, dy, in_place={2: 0}, batches=True)
