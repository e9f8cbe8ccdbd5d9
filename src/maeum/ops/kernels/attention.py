"""Attention on a CPU: with all scores at once, and in blocks that stay in the cache.

The plain formula holds a score for every pair of a query and a key. For long sequences `blocked`
visits the pairs block by block, forwards with a running maximum and sum of the softmax (Milakov
and Gimelshein, 2018; Dao et al., 2022), backwards by computing each block's weights again. Blocks
that a causal mask hides are never visited.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.randomness import at_step
from maeum.ops import random

_BLOCK = 128


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["bias", "mask"],
    meta_fields=["scale", "causal", "soft_cap"],
)
@dataclasses.dataclass(frozen=True)
class Terms:
    """How scores follow from the products of queries and keys.

    Attributes:
        bias: what is added, with four axes that broadcast to (batch, heads, T, S), or None.
        mask: bools, False for what must not be seen, likewise.
        scale: the factor of the products.
        causal: whether query i sees the keys 0 to i only.
        soft_cap: c, if scores s become ``s / (1 + |s| / c)``, or None.
    """

    bias: Any
    mask: Any
    scale: float
    causal: bool
    soft_cap: float | None


@functools.partial(jax.jit, static_argnames="dropout", inline=True)
def plain(q: Any, k: Any, v: Any, terms: Terms, dropout: float = 0.0, key: Any = None) -> jax.Array:
    """Return the attention, by way of the weights of all pairs; shapes as in `maeum.ops`."""
    p = weights(q, k, terms)
    if dropout:
        p = p * _kept(key, dropout, p.shape).astype(p.dtype)
    p = p.reshape(p.shape[0], v.shape[2], q.shape[2] // v.shape[2], *p.shape[2:])
    out = jnp.einsum("bkgts,bskd->btkgd", p, v)
    return out.reshape(*q.shape[:3], v.shape[-1])


@functools.partial(jax.jit, inline=True)
def weights(q: Any, k: Any, terms: Terms) -> jax.Array:
    """Return the weights of all pairs: (batch, heads, T, S), each row with the sum 1 or 0."""
    scores = _scores(*_by_head(q, k, k)[:2], terms)
    seen = _seen(terms.mask, terms.causal, *_places(q.shape[1], k.shape[1]))
    return softmax(scores, seen, sure=terms.mask is None).astype(q.dtype)


def softmax(scores: Any, seen: Any = None, sure: bool = False) -> jax.Array:
    """Return the softmax along the last axis over what is seen; zeros where nothing is.

    ``sure`` says that something is seen in every row.
    """
    if seen is None:
        return jax.nn.softmax(scores, axis=-1)
    # Only -inf would give NaN; a row that sees nothing has a softmax, which is then taken away.
    p = jax.nn.softmax(jnp.where(seen, scores, jnp.finfo(scores.dtype).min), axis=-1)
    return p if sure else jnp.where(seen, p, 0)


def _places(queries: int, keys: int) -> tuple[jax.Array, jax.Array]:
    return jnp.arange(queries), jnp.arange(keys)


def _by_head(q: Any, k: Any, v: Any) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return arrays with the axes (batch, heads, length, depth), keys repeated for their group."""
    q, k, v = (jnp.swapaxes(x, 1, 2) for x in (q, k, v))
    group = q.shape[1] // k.shape[1]
    if group > 1:
        k, v = jnp.repeat(k, group, 1), jnp.repeat(v, group, 1)
    return q, k, v


def _scores(q: Any, k: Any, terms: Terms) -> jax.Array:
    """Return the scores (..., T, S) of queries (..., T, depth) and keys (..., S, depth)."""
    wide = jnp.promote_types(q.dtype, jnp.float32)
    products = jnp.einsum("...td,...sd->...ts", q * terms.scale, k, preferred_element_type=wide)
    if terms.soft_cap is not None:
        products = products / (1 + jnp.abs(products) / terms.soft_cap)
    return products if terms.bias is None else products + terms.bias


def _seen(mask: Any, causal: bool, queries: Any, keys: Any) -> Any:
    """Return which of the keys at these places the queries see; None for all."""
    if not causal:
        return mask
    below = queries[:, None] >= keys
    return below if mask is None else mask & below


def _kept(key: Any, rate: float, shape: Any) -> jax.Array:
    """Return a factor for each weight: 0 if it is dropped, else 1 / (1 - rate)."""
    threshold = np.uint32(min(round(rate * 2**32), 2**32 - 1))
    return jnp.where(random.bits(key, shape) >= threshold, np.float32(1 / (1 - rate)), 0)


# ---- in blocks -----------------------------------------------------------------------------------


def blocked(
    q: Any, k: Any, v: Any, terms: Terms, dropout: float = 0.0, key: Any = None, block: int = _BLOCK
) -> jax.Array:
    """Return what `plain` returns, never holding the weights of more than a block of pairs.

    What dropout takes differs from `plain`: it is drawn block by block.
    """
    lengths = q.shape[1], k.shape[1]
    if 0 in (q.size, k.size, v.size):
        return plain(q, k, v, terms)
    shape = (*q.shape[:3], v.shape[-1])
    sizes = _even(lengths[0], block), _even(lengths[1], block)
    q, k, v = (_padded(x, 2, n) for x, n in zip(_by_head(q, k, v), (sizes[0], *sizes[1:] * 2)))
    bias, mask = (_padded_pairs(x, sizes) for x in (terms.bias, terms.mask))
    plan = _Plan(terms.scale, terms.causal, terms.soft_cap, dropout, sizes, lengths)
    out = _blocked(q, k, v, bias, mask, key, plan)
    return jnp.swapaxes(out[:, :, : lengths[0]], 1, 2).reshape(shape).astype(q.dtype)


def _even(length: int, block: int) -> int:
    """Return a size of at most ``block`` that cuts ``length`` into equal parts, almost."""
    return -(-length // -(-length // block))


def _padded(x: Any, axis: int, block: int) -> Any:
    """Fill up an axis to whole blocks."""
    missing = -x.shape[axis] % block
    return jnp.pad(x, [(0, missing if a == axis else 0) for a in range(x.ndim)])


def _padded_pairs(x: Any, sizes: tuple[int, int]) -> Any:
    """Fill up the axes of the queries and of the keys, unless they broadcast."""
    for axis, size in () if x is None else zip((2, 3), sizes):
        x = x if x.shape[axis] == 1 else _padded(x, axis, size)
    return x


class _Plan(NamedTuple):
    """What stays the same for every block."""

    scale: float
    causal: bool
    soft_cap: float | None
    dropout: float
    sizes: tuple[int, int]  # of a block: queries, keys
    lengths: tuple[int, int]

    def pairs(self) -> np.ndarray:
        """Return the blocks of queries and of keys that have something to do with each other."""
        (height, width), (queries, keys) = self.sizes, self.lengths
        pairs = [
            (i, j)
            for i in range(-(-queries // height))
            for j in range(-(-keys // width))
            if not self.causal or j * width < (i + 1) * height
        ]
        return np.array(pairs, np.int32)

    def scores(self, q: Any, k: Any, bias: Any) -> jax.Array:
        """Return the scores of a block."""
        return _scores(q, k, Terms(bias, None, self.scale, self.causal, self.soft_cap))

    def seen(self, mask: Any, i: Any, j: Any) -> Any:
        """Return which pairs of a block count; None for all."""
        queries, keys = (n * size + jnp.arange(size) for n, size in zip((i, j), self.sizes))
        seen = _seen(mask, self.causal, queries, keys)
        if self.lengths[1] % self.sizes[1]:
            inside = (keys < self.lengths[1])[None]
            seen = inside if seen is None else seen & inside
        return seen

    def kept(self, key: Any, shape: Any, i: Any, j: Any) -> Any:
        """Return the factors of dropout."""
        return _kept(at_step(at_step(key, i), j), self.dropout, shape)


def _at(x: Any, axis: int, i: Any, block: int) -> Any:
    """Return block ``i`` along an axis, or all of one that broadcasts."""
    if x is None or x.shape[axis] == 1:
        return x
    return jax.lax.dynamic_slice_in_dim(x, i * block, block, axis)


def _put(x: Any, part: Any, i: Any, block: int) -> Any:
    return jax.lax.dynamic_update_slice_in_dim(x, part.astype(x.dtype), i * block, 2)


@functools.partial(jax.custom_vjp, nondiff_argnums=(6,))
def _blocked(q: Any, k: Any, v: Any, bias: Any, mask: Any, key: Any, plan: _Plan) -> jax.Array:
    return _forward(q, k, v, bias, mask, key, plan)[0]


def _forward(q: Any, k: Any, v: Any, bias: Any, mask: Any, key: Any, plan: _Plan) -> tuple:
    wide = jnp.promote_types(q.dtype, jnp.float32)
    rows, (height, width) = q.shape[:3], plan.sizes
    low = jnp.finfo(wide).min / 2
    start = (
        jnp.zeros((*rows, v.shape[-1]), wide),
        jnp.full((*rows, 1), low, wide),
        jnp.zeros((*rows, 1), wide),
    )

    def visit(carry: tuple, pair: Any) -> tuple:
        i, j = pair
        total, most, count = (_at(x, 2, i, height) for x in carry)
        b, m = (_at(_at(x, 2, i, height), 3, j, width) for x in (bias, mask))
        s = plan.scores(_at(q, 2, i, height), _at(k, 2, j, width), b)
        seen = plan.seen(m, i, j)
        s = s if seen is None else jnp.where(seen, s, low)
        most_now = jnp.maximum(most, jax.lax.stop_gradient(s.max(-1, keepdims=True)))
        p = jnp.exp(s - most_now)
        p = p if seen is None else jnp.where(seen, p, 0)
        shrink = jnp.exp(most - most_now)
        count = count * shrink + p.sum(-1, keepdims=True)
        p = p * plan.kept(key, p.shape, i, j) if plan.dropout else p
        total = total * shrink + jnp.matmul(
            p.astype(v.dtype), _at(v, 2, j, width), preferred_element_type=wide
        )
        parts = (total, most_now, count)
        return tuple(_put(x, part, i, height) for x, part in zip(carry, parts)), None

    (total, most, count), _ = jax.lax.scan(visit, start, plan.pairs())
    count = jnp.where(count > 0, count, 1)  # a query that sees nothing
    out = total / count
    return out, (q, k, v, bias, mask, key, out, most + jnp.log(count))


def _backward(plan: _Plan, kept: tuple, dout: Any) -> tuple:
    q, k, v, bias, mask, key, out, logarithm = kept
    height, width = plan.sizes
    inner = (out * dout).sum(-1, keepdims=True)
    start = [None if x is None else jnp.zeros(x.shape, out.dtype) for x in (q, k, v, bias)]

    def visit(carry: tuple, pair: Any) -> tuple:
        i, j = pair
        dq, dk, dv, dbias = carry
        b, m = (_at(_at(x, 2, i, height), 3, j, width) for x in (bias, mask))
        s, back = jax.vjp(plan.scores, _at(q, 2, i, height), _at(k, 2, j, width), b)
        seen = plan.seen(m, i, j)
        s = s if seen is None else jnp.where(seen, s, jnp.finfo(s.dtype).min / 2)
        p = jnp.exp(s - _at(logarithm, 2, i, height))
        p = p if seen is None else jnp.where(seen, p, 0)
        do = _at(dout, 2, i, height)
        dp = jnp.matmul(do, jnp.swapaxes(_at(v, 2, j, width), 2, 3).astype(do.dtype))
        dropped = p
        if plan.dropout:
            factor = plan.kept(key, p.shape, i, j)
            dropped, dp = p * factor, dp * factor
        dq_part, dk_part, db = back(p * (dp - _at(inner, 2, i, height)))
        dv_part = jnp.matmul(jnp.swapaxes(dropped, 2, 3), do)
        dq = _put(dq, _at(dq, 2, i, height) + dq_part, i, height)
        dk = _put(dk, _at(dk, 2, j, width) + dk_part, j, width)
        dv = _put(dv, _at(dv, 2, j, width) + dv_part, j, width)
        if dbias is not None:
            at = [n if dbias.shape[a] > 1 else 0 * n for a, n in ((2, i * height), (3, j * width))]
            at = [0 * i, 0 * i, *at]
            before = jax.lax.dynamic_slice(dbias, at, db.shape)
            dbias = jax.lax.dynamic_update_slice(dbias, before + db, at)
        return (dq, dk, dv, dbias), None

    slopes, _ = jax.lax.scan(visit, tuple(start), plan.pairs())
    given = (q, k, v, bias)
    found = (None if d is None else d.astype(x.dtype) for x, d in zip(given, slopes))
    return (*found, None, None)


_blocked.defvjp(_forward, _backward)


# ---- elsewhere -----------------------------------------------------------------------------------


def on_device(q: Any, k: Any, v: Any, terms: Terms, dropout: float, key: Any) -> jax.Array:
    """Return the attention on an accelerator, which `jax.nn` knows best, unless it does not."""
    if dropout or terms.soft_cap is not None or q.shape[-1] != v.shape[-1] or 0 in k.shape:
        return plain(q, k, v, terms, dropout, key)
    out = jax.nn.dot_product_attention(
        q, k, v, terms.bias, terms.mask, scale=terms.scale, is_causal=terms.causal
    )
    if terms.mask is None:
        return out
    seen = _seen(terms.mask, terms.causal, *_places(q.shape[1], k.shape[1]))
    return jnp.where(jnp.swapaxes(seen.any(-1, keepdims=True), 1, 2), out, 0)
