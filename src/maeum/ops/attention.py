"""Attention: each query takes a weighted mean of values, by how well it matches their keys."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_row, last_axis
from maeum.ops.arrays import floating
from maeum.ops.kernels import choice as kernels
from maeum.ops.kernels.attention import Terms, softmax, weights


@op(mask=each_row("query", "key", "value"))
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
    *,
    dropout: float = 0.0,
    dropout_key: Any = None,
) -> jax.Array:
    """``softmax(scale * query @ key^T + bias) @ value``, head by head (Vaswani et al., 2017).

    A query whose keys are all masked gets zeros, never NaN.

    Args:
        query: (batch, T, heads, depth).
        key: (batch, S, key heads, depth). Where there are fewer key heads than heads, each serves
            as many neighbouring heads (Ainslie et al., 2023).
        value: (batch, S, key heads, value depth).
        bias: numbers added to the scores; broadcasts to (batch, heads, T, S).
        mask: bools, False for the keys that a query must not see; broadcasts likewise.
        scale: the factor of the scores, ``1 / sqrt(depth)`` by default.
        is_causal: whether query i sees the keys 0 to i only.
        flash_attention: on a CPU, whether to compute in blocks, without ever holding all scores;
            long sequences do by default.
        attn_logits_soft_cap: c, if the scores s become ``s / (1 + |s| / c)``.
        dropout: the fraction of the weights that is dropped (below 1); the others are scaled up.
        dropout_key: the key that they are drawn from.

    Returns:
        (batch, T, heads, value depth), in the dtype of the query.

    Raises:
        ShapeError: for shapes that do not fit together.
        ConfigError: for a dropout without a key.

    >>> import numpy as np
    >>> x = np.ones((2, 5, 4, 8), "float32")
    >>> dot_product_attention(x, x, x, is_causal=True).shape
    (2, 5, 4, 8)
    """
    query, key, value, terms = _prepared(
        query, key, value, bias, mask, scale, is_causal, attn_logits_soft_cap
    )
    if dropout and dropout_key is None:
        raise ConfigError("Attention with dropout draws from dropout_key; give one.")
    return kernels.attend(query, key, value, terms, flash_attention, float(dropout), dropout_key)


@op(mask=each_row("query", "key"))
def attention_weights(
    query: Any,
    key: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    attn_logits_soft_cap: float | None = None,
) -> jax.Array:
    """The weights that `dot_product_attention` gives to the values: (batch, heads, T, S).

    Those of a query sum to 1, or to 0 if all its keys are masked.

    >>> import numpy as np
    >>> x = np.ones((1, 2, 1, 8), "float32")
    >>> attention_weights(x, x, is_causal=True)[0, 0].tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    query, key, _, terms = _prepared(
        query, key, key, bias, mask, scale, is_causal, attn_logits_soft_cap
    )
    return weights(query, key, terms)


@op(mask=last_axis)
def masked_softmax(scores: Any, mask: Any = None) -> jax.Array:
    """Softmax along the last axis over the entries where ``mask``; zeros where there are none.

    >>> masked_softmax([[1.0, 1.0, 5.0]], [[True, True, False]]).tolist()
    [[0.5, 0.5, 0.0]]
    """
    return softmax(floating(scores), None if mask is None else jnp.asarray(mask, bool))


def _prepared(query: Any, key: Any, value: Any, *given: Any) -> tuple[Any, Any, Any, Terms]:
    """Return the arrays in one dtype, with the terms of the scores; or say what does not fit.

    What is given of the terms may be None, or of any dtype.
    """
    bias, mask, scale, is_causal, soft_cap = given
    query, key, value = (floating(x) for x in (query, key, value))
    dtype = jnp.result_type(query, key, value)
    shapes = f"query {query.shape}, key {key.shape}, value {value.shape}"
    fits = (
        query.ndim == key.ndim == value.ndim == 4
        and key.shape[:3] == value.shape[:3]
        and query.shape[::3] == key.shape[::3]
        and key.shape[2] > 0
        and query.shape[2] % key.shape[2] == 0
    )
    if not fits:
        raise ShapeError(
            "Attention takes arrays with the axes (batch, length, heads, depth): queries and keys "
            "of the same depth, a value for every key, and keys whose heads divide those of the "
            "query; got {shapes}.",
            shapes=shapes,
        )
    batch, length, heads, depth = query.shape
    full = (batch, heads, length, key.shape[1])
    if mask is not None:
        mask = _to_scores(jnp.asarray(mask, bool), full, "mask")
    if bias is not None:
        bias = _to_scores(jnp.asarray(bias, jnp.promote_types(dtype, jnp.float32)), full, "bias")
    scale = 1 / math.sqrt(max(depth, 1)) if scale is None else float(scale)
    terms = Terms(bias, mask, scale, bool(is_causal), soft_cap)
    return query.astype(dtype), key.astype(dtype), value.astype(dtype), terms


def _to_scores(x: jax.Array, full: tuple[int, ...], what: str) -> jax.Array:
    """Return ``x`` with four axes that broadcast to the scores."""
    if x.ndim > 4 or any(n not in (1, m) for n, m in zip(x.shape[::-1], full[::-1])):
        raise ShapeError(
            "The {what} of attention broadcasts to (batch, heads, queries, keys) = {full}; got "
            "shape {shape}.",
            what=what,
            full=full,
            shape=x.shape,
        )
    return x.reshape((1,) * (4 - x.ndim) + x.shape)
