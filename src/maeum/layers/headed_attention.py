"""What attention layers with several heads share: projections, masks, the cache of a decoder."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops, regularizers
from maeum.core import registry
from maeum.core.errors import ShapeError
from maeum.core.masks import mask_of
from maeum.core.randomness import check_seed
from maeum.layers.checks import checked_mask, fixed_size, known_size, rate, title, whole_number
from maeum.layers.declared_weights import declares_weights, resolved, weight_arguments
from maeum.layers.layer import Layer
from maeum.layers.projection import Projection


@declares_weights("kernel", "bias", after="flash_attention")
class HeadedAttention(Layer):
    """Base of the layers whose heads attend to projections of their inputs.

    A layer tells its sizes by `sizes`.
    """

    supports_masking = True
    input_rank = 3
    # Before the name of a projection's attribute, as Keras has it: its files follow them.
    prefix = ""
    attention_axes: tuple[int, ...] | None = None
    _gate_dense: Projection
    fixed_by_build = frozenset(
        {"num_heads", "num_query_heads", "num_key_value_heads", "key_dim", "value_dim", "head_dim"}
        | {"use_bias", "use_gate"}
    )

    def __init__(
        self,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.dropout = rate(dropout, "dropout", self, below_one=True)
        self.use_bias = use_bias
        if sliding_window is not None:
            sliding_window = whole_number(sliding_window, "sliding_window", 1, self)
        self.sliding_window = sliding_window
        self.flash_attention = flash_attention
        self.use_gate = use_gate
        self.seed = None if seed is None else check_seed(seed)

    @property
    def activity_regularizer(self) -> Any:  # type: ignore[override]
        """None: as in Keras, it belongs to the projections, not to this layer's own output."""
        return None

    @activity_regularizer.setter
    def activity_regularizer(self, value: Any) -> None:
        self._projected_regularizer = regularizers.get(value)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if self.built and name.endswith(("_regularizer", "_constraint")):
            for child in self._children():
                setattr(child[1], name, resolved(name, value))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this layer."""
        projected = registry.serialize(self._projected_regularizer)
        return {**super().get_config(), "activity_regularizer": projected}

    def sizes(self) -> tuple[int, int, int, int]:
        """Return the heads of queries and of keys, the size of a key and that of a value."""
        raise NotImplementedError

    def outputs_of(self, query_shape: Any) -> tuple[int, ...]:
        """Return the sizes of the last axes of the output."""
        return (known_size(query_shape, -1, self),)

    def build(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any = None, key_shape: Any = None
    ) -> None:
        """Make the projections."""
        if value_shape is None:
            raise ShapeError("{layer} takes a query and a value: layer(query, value), or layer(x, "
                             "x) for self-attention.", layer=title(self))  # fmt: skip
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        heads, key_heads, key_dim, value_dim = self.sizes()
        new = self._new_projection
        self._hold("query", new("query", (heads, key_dim), query_shape))
        self._hold("key", new("key", (key_heads, key_dim), key_shape))
        if self.use_gate:
            self._gate_dense = new("gate", (heads, value_dim), query_shape)
        self._hold("value", new("value", (key_heads, value_dim), value_shape))
        attended, outputs = (*query_shape[:-1], heads, value_dim), self.outputs_of(query_shape)
        self._hold("output", new("attention_output", outputs, attended, contracted=2))
        fixed_size(query_shape, -1, self)

    def _new_projection(
        self, name: str, outputs: tuple[int, ...], shape: Any, contracted: int = 1
    ) -> Projection:
        options = {n: getattr(self, n) for n in weight_arguments(self.declared_weights)}
        options |= {"activity_regularizer": self._projected_regularizer, "dtype": self.dtype_policy}
        made = Projection(outputs, contracted, self.use_bias, name=name, **options)
        made.build(shape)
        return made

    def _hold(self, name: str, projection: Projection) -> None:
        setattr(self, f"{self.prefix}{name}_dense", projection)

    def _projection(self, name: str) -> Projection:
        return getattr(self, f"{self.prefix}{name}_dense")

    def _check_shapes(self, query: Any, value: Any, key: Any) -> None:
        pairs = list(zip(value[:-1], key[:-1])) + list(zip(query[:1], value[:1]))
        alike = not any(None not in pair and pair[0] != pair[1] for pair in pairs)
        if not alike or not len(query) == len(value) == len(key) >= 3:
            raise ShapeError("{layer} takes inputs with the axes (batch, length, features), with a "
                             "value for every key, and as many rows of both as of queries; got "
                             "query {query}, value {value}, key {key}.", layer=title(self),
                             query=tuple(query), value=tuple(value), key=tuple(key))  # fmt: skip

    def compute_output_shape(  # type: ignore[override]
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> Any:
        """Return the shape of the outputs."""
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        return (*query_shape[:-1], *self.outputs_of(query_shape))

    # ---- computing -------------------------------------------------------------------------------

    def call(  # type: ignore[override]
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
        cache: Any = None,
        cache_update_index: Any = None,
    ) -> Any:
        """Attend.

        Args:
            query: (batch, T, features).
            value: (batch, S, features).
            key: (batch, S, features); the value unless given.
            query_mask: (batch, T) bools: where it is False the heads give zeros.
            value_mask: (batch, S) bools, False for what is ignored.
            key_mask: the same for the keys.
            attention_mask: (batch, T, S) bools: which query sees which value; or what broadcasts
                to (batch, heads, T, S). The masks of the inputs count as well.
            return_attention_scores: whether the weights (batch, heads, T, S) are returned too.
            training: whether weights are dropped.
            use_causal_mask: whether query i sees the values 0 to i only.
            cache: keys and values of earlier positions, as `init_cache` makes them; the new cache
                is returned beside the output.
                Masks of values then have its length.
            cache_update_index: the position of the first query: a number, or one for each row.
                Without it the cache is complete, and the value is ignored.
        """
        query, value, key = (None if x is None else self._as_array(x) for x in (query, value, key))
        source = value if cache is None else cache[0][..., 0]
        found = self._masks((query, source, key), (query_mask, value_mask, key_mask))
        causal, seen = bool(use_causal_mask), None
        if cache is not None and cache_update_index is None:
            q, (k, v) = self._projection("query")(query), cache
        else:
            q, k, v = self._project(query, value, key)
            if cache is not None:
                at = cache_update_index
                seen, causal = self._seen_in(cache, at, q.shape[1], causal), False
                k, v = cache = tuple(_written(c, new, at) for c, new in zip(cache, (k, v)))
        axes = self._axes(q.ndim - 2)
        seen = self._seen(seen, found, attention_mask, q, k, axes)
        q, k, v = (_folded(x, axes) for x in (q, k, v))
        terms = {"mask": seen, "is_causal": causal}
        dropout = self.dropout if training else 0.0
        out = ops.dot_product_attention(
            q, k, v, **terms, flash_attention=self.flash_attention,
            dropout=dropout, dropout_key=self.random_key(self.seed) if dropout else None,
        )  # fmt: skip
        out = _unfolded(out, query.shape[:-1], axes)
        if self.use_gate:
            out = out * ops.sigmoid(self._gate_dense(query))
        outputs = [self._projection("output")(out)]
        if return_attention_scores:
            scores = ops.attention_weights(q, k, **terms)
            outputs.append(_scores_apart(scores, query.shape[:-1], value.shape[:-1], axes))
        if cache is not None:
            outputs.append(cache)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def init_cache(self, batch_size: int, max_length: int) -> tuple[jax.Array, jax.Array]:
        """Return empty keys and values for ``max_length`` positions, for ``call(cache=...)``."""
        heads, *sizes = self.sizes()[1:]
        keys, values = (
            jnp.zeros((batch_size, max_length, heads, size), self.compute_dtype) for size in sizes
        )
        return keys, values

    def project_cache(self, value: Any, key: Any = None) -> tuple[jax.Array, jax.Array]:
        """Return the complete cache of ``value``, for ``call(cache=...)`` without an index."""
        key = value if key is None else key
        return self._projection("key")(key), self._projection("value")(value)

    def _project(self, query: Any, value: Any, key: Any) -> tuple:
        """Return the projections; one product makes all of them from one input."""
        parts = [self._projection(name) for name in ("query", "key", "value")]
        if query is not value or key is not None or self._projected_regularizer is not None:
            return parts[0](query), parts[1](value if key is None else key), parts[2](value)
        size = query.shape[-1]
        kernels = [part.kernel.value.reshape(size, -1) for part in parts]
        biases = [part.bias.value.reshape(-1) for part in parts if part.bias is not None]
        ends = [kernels[0].shape[1], kernels[0].shape[1] + kernels[1].shape[1]]
        bias = jnp.concatenate(biases) if biases else None
        # As one matrix of rows: the gradients of a batch of products are slow on a CPU.
        together = ops.dense(query.reshape(-1, size), jnp.concatenate(kernels, 1), bias)
        pieces = jnp.split(together, ends, axis=-1)
        return tuple(
            piece.reshape(*query.shape[:-1], *part.outputs) for piece, part in zip(pieces, parts)
        )

    # ---- masks -----------------------------------------------------------------------------------

    def _masks(self, inputs: tuple, given: tuple) -> tuple:
        """Return the masks of query, value and key: by default those of the inputs."""
        names, found = ("query_mask", "value_mask", "key_mask"), []
        for name, x, mask in zip(names, inputs, given):
            if mask is None and x is not None:
                mask = mask_of(x)
                if mask is not None and x.ndim > 3 and mask.shape != x.shape[:-1]:
                    mask = None  # it is not about the axes that are attended to
            if mask is not None:
                shape = (inputs[1] if x is None else x).shape[:-1]  # without a key it is the value
                mask = checked_mask(mask, shape, self, name)
            found.append(mask)
        return tuple(found)

    def _seen(
        self, seen: Any, masks: tuple, attention_mask: Any, q: Any, k: Any, axes: tuple
    ) -> Any:
        """Return which query sees which key, (batch, heads or 1, T, S) or less; None for all."""
        parts = [] if seen is None else [seen]
        for mask, axis in zip(masks, (-1, -2, -2)):
            if mask is not None:
                folded = _folded(mask[..., None, None], axes)[:, :, 0, 0]
                parts.append(jnp.expand_dims(folded, axis)[:, None])
        if self.sliding_window is not None:
            queries, keys = (math.prod(x.shape[a] for a in axes) for x in (q, k))
            apart = jnp.arange(queries)[:, None] - jnp.arange(keys)
            parts.append((jnp.abs(apart) < self.sliding_window)[None, None])
        if attention_mask is not None:
            parts.append(self._explicit(jnp.asarray(attention_mask, bool), q, k, axes))
        return functools.reduce(jnp.logical_and, parts) if parts else None

    def _explicit(self, mask: Any, q: Any, k: Any, axes: tuple) -> Any:
        """Return an attention mask with four axes, after Keras's rule for the missing ones."""
        others = tuple(q.shape[a] for a in range(1, q.ndim - 2) if a not in axes)
        own = tuple(q.shape[a] for a in axes), tuple(k.shape[a] for a in axes)
        full = (q.shape[0], *others, q.shape[-2], *own[0], *own[1])
        behind, shape = 2 * len(axes), mask.shape
        while behind <= mask.ndim < len(full):
            mask = jnp.expand_dims(mask, -behind - 1)
        if mask.ndim != len(full) or any(n not in (1, m) for n, m in zip(mask.shape, full)):
            raise ShapeError("{layer} takes an attention_mask that says which query sees which "
                             "value, of shape {expected}; got {shape}.", layer=title(self),
                             shape=shape,
                             expected=(q.shape[0], *others, *own[0], *own[1]))  # fmt: skip
        if len(full) == 4:
            return mask
        front, heads = full[: 1 + len(others)], mask.shape[1 + len(others)]
        mask = jnp.broadcast_to(mask, (*front, heads, *own[0], *own[1]))
        return mask.reshape(math.prod(front), heads, math.prod(own[0]), math.prod(own[1]))

    def _axes(self, rank: int) -> tuple[int, ...]:
        """Return the axes that are attended to, of an input with ``rank`` axes without features."""
        if self.attention_axes is None:
            return tuple(range(1, rank))
        axes = tuple(a if a >= 0 else a + rank + 1 for a in self.attention_axes)
        if any(not 0 < a < rank for a in axes) or len(set(axes)) < len(axes):
            raise ShapeError("{layer} takes attention_axes between the batch and the features of "
                             "an input with {rank} axes; got {attention_axes}.", layer=title(self),
                             rank=rank + 1, attention_axes=self.attention_axes)  # fmt: skip
        return axes

    def _seen_in(self, cache: Any, index: Any, length: int, causal: bool) -> jax.Array:
        """Return what queries from ``index`` on see of a cache: what has been written."""
        last = jnp.asarray(index).reshape(-1, 1, 1, 1)
        last = last + (jnp.arange(length)[:, None] if causal else length - 1)
        return jnp.arange(cache[0].shape[1]) <= last


def _written(cache: Any, new: Any, index: Any) -> jax.Array:
    """Return the cache with new positions from ``index`` on: one for all rows, or one for each."""
    new, index = new.astype(cache.dtype), jnp.asarray(index)
    if index.ndim == 0:
        return jax.lax.dynamic_update_slice_in_dim(cache, new, index, 1)
    write = functools.partial(jax.lax.dynamic_update_slice_in_dim, axis=0)
    return jax.vmap(lambda row, part, at: write(row, part, at))(cache, new, index)


def _folded(x: Any, axes: tuple[int, ...]) -> Any:
    """Return (batch and other axes, attended axes, heads, depth), each group as one axis."""
    if x.ndim == 4:
        return x
    others = [a for a in range(x.ndim - 2) if a not in axes]
    length = math.prod(x.shape[a] for a in axes)
    moved = jnp.transpose(x, (*others, *axes, x.ndim - 2, x.ndim - 1))
    return moved.reshape(math.prod(x.shape[a] for a in others), length, *x.shape[-2:])


def _unfolded(x: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """Undo `_folded`: ``shape`` is that of the input without its last axis."""
    if len(shape) == 2:
        return x
    order = [a for a in range(len(shape)) if a not in axes] + list(axes)
    x = x.reshape(*(shape[a] for a in order), *x.shape[-2:])
    back = [order.index(a) for a in range(len(shape))]
    return jnp.transpose(x, (*back, x.ndim - 2, x.ndim - 1))


def _scores_apart(scores: Any, queries: tuple, keys: tuple, axes: tuple[int, ...]) -> Any:
    """Return scores with the axes of the inputs again: (batch, others, heads, T..., S...)."""
    others = [queries[a] for a in range(len(queries)) if a not in axes]
    attended = [shape[a] for shape in (queries, keys) for a in axes]
    return scores.reshape(*others, scores.shape[1], *attended)
