"""Attention without projections: by products (Luong) and by a sum (Bahdanau)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.checks import check_choice
from maeum.core.errors import ShapeError
from maeum.core.randomness import check_seed
from maeum.layers import checks
from maeum.layers.layer import Layer


class Attention(Layer):
    """Attention by the products of queries and keys (Luong et al., 2015): ``layer([q, v])``.

    Each query takes the mean of the values, weighted by the softmax of its scores. Masked values
    have no weight; a query that sees nothing gets zeros.

    Shapes: query (batch, T, features), value (batch, S, value features), key (batch, S, features),
    which is the value unless given; the output is (batch, T, value features).

    Args:
        use_scale: whether the scores are multiplied by a learned number.
        score_mode: ``"dot"`` for ``q . k``; ``"concat"`` for ``w * sum(tanh(q + k))`` with a
            learned number w.
        dropout: the fraction of the weights that is dropped while training.
        seed: the random seed of the dropout, a whole number.

    Raises:
        ConfigError: for an unknown ``score_mode``.
        ShapeError: for inputs and masks that do not fit together.

    Example:
        >>> import numpy as np
        >>> query, value = np.ones((2, 3, 4), "float32"), np.ones((2, 5, 4), "float32")
        >>> Attention()([query, value]).shape
        (2, 3, 4)
    """

    supports_masking = True
    fixed_by_build = frozenset({"use_scale", "score_mode"})

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.use_scale = use_scale
        what = checks.argument("score_mode", self)
        self.score_mode = check_choice(score_mode, ("dot", "concat"), what)
        self.dropout = checks.rate(dropout, "dropout", self, below_one=True)
        self.seed = None if seed is None else check_seed(seed)

    def build(self, input_shape: Any) -> None:
        """Make the scale and the weight of the scores."""
        self._check_shapes(input_shape)
        self.scale: Any = self.add_weight("scale", (), "ones") if self.use_scale else None
        self.concat_score_weight: Any = None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight("concat_score_weight", (), "ones")

    def call(
        self,
        inputs: Sequence[jax.Array],
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Args:
            inputs: a list of query and value, and the key if it is another one.
            mask: a list of the masks of both: (batch, T) bools, where False the output is zero;
                (batch, S) bools, False for values that are ignored. By default the masks of the
                inputs.
            training: whether weights are dropped.
            return_attention_scores: whether the weights (batch, T, S) are returned too, as they
                were after dropout.
            use_causal_mask: whether query i sees the values 0 to i only.
        """
        self._check_shapes([x.shape for x in inputs])
        query, value, key = (*inputs, inputs[1])[:3]
        query_mask, value_mask = self._masks(inputs, mask)
        seen = None if value_mask is None else value_mask[:, None]
        rate = self.dropout if training else 0.0
        draws = self.random_key(self.seed) if rate else None

        def dropped(weights: jax.Array) -> jax.Array:
            return ops.dropout(weights, rate, draws) if rate else weights

        if self.score_mode == "dot":
            query = query if self.scale is None else query * self.scale
            q, k, v = (x[:, :, None] for x in (query, key, value))
            mask = None if seen is None else seen[:, None]
            terms = {"mask": mask, "scale": 1.0, "is_causal": use_causal_mask}
            draw = {"dropout": rate, "dropout_key": draws}
            if return_attention_scores:
                weights = dropped(ops.attention_weights(q, k, **terms)[:, 0])
                output = weights @ value
            else:  # in blocks, where there are many
                output = ops.dot_product_attention(q, k, v, **terms, **draw)[:, :, 0]
        else:
            if use_causal_mask:
                causal = jnp.arange(query.shape[1])[:, None] >= jnp.arange(key.shape[1])
                seen = causal[None] if seen is None else seen & causal
            scores = self.scores(query[:, :, None], key[:, None])
            weights = dropped(ops.masked_softmax(scores, seen))
            output = weights @ value
        if query_mask is not None:
            output = jnp.where(query_mask[..., None], output, 0)
        return (output, weights) if return_attention_scores else output

    def scores(self, query: jax.Array, key: jax.Array) -> jax.Array:
        """Return the scores (batch, T, S) of queries (batch, T, 1, n) and keys (batch, 1, S, n)."""
        both = query + key
        both = both if self.scale is None else self.scale * both
        return self.concat_score_weight * jnp.sum(jnp.tanh(both), -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output."""
        self._check_shapes(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def _masks(self, inputs: Sequence[jax.Array], masks: Any) -> list[Any]:
        if masks is not None and not (isinstance(masks, (list, tuple)) and len(masks) in (2, 3)):
            raise ShapeError("{layer} takes a list of masks, one for the query and one for the "
                             "value, or None for one of them.",
                             layer=checks.title(self))  # fmt: skip
        return [
            None if mask is None else checks.checked_mask(mask, x.shape[:2], self)
            for x, mask in zip(inputs[:2], masks or (None, None))
        ]

    def _check_shapes(self, shapes: Any) -> None:
        shapes = checks.shapes_of_list(shapes, self)
        if len(shapes) not in (2, 3):
            raise ShapeError("{layer} takes a list of inputs, layer([query, value]) or "
                             "layer([query, value, key]); got {n}.", layer=checks.title(self),
                             n=len(shapes))  # fmt: skip
        for shape in shapes:
            checks.exact_rank(shape, 3, self)
        query, value, key = (*shapes, shapes[1])[:3]
        pairs = [(query[0], value[0]), (query[2], key[2]), (value[0], key[0]), (value[1], key[1])]
        if any(None not in pair and pair[0] != pair[1] for pair in pairs):
            raise ShapeError("{layer} needs keys with as many features as the queries, and a value "
                             "for every key; got query {query}, value {value}, key {key}.",
                             layer=checks.title(self), query=query, value=value,
                             key=key)  # fmt: skip


class AdditiveAttention(Attention):
    """Attention by ``sum(scale * tanh(q + k))`` (Bahdanau et al., 2015): ``layer([q, v])``.

    Shapes, masks and calls are those of `Attention`.

    Args:
        use_scale: whether the features have a scale that is learned; 1 for all otherwise.
        dropout: the fraction of the weights that is dropped while training.
        seed: the random seed of the dropout, a whole number.

    Raises:
        ShapeError: for inputs and masks that do not fit together.

    Example:
        >>> import numpy as np
        >>> query, value = np.ones((2, 3, 4), "float32"), np.ones((2, 5, 4), "float32")
        >>> output, weights = AdditiveAttention()([query, value], return_attention_scores=True)
        >>> output.shape, weights.shape
        ((2, 3, 4), (2, 3, 5))
    """

    def __init__(
        self, use_scale: bool = True, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(use_scale, "concat", dropout, seed, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the scale."""
        self._check_shapes(input_shape)
        size = checks.known_size(input_shape[0], -1, self)
        self.scale = self.add_weight("scale", (size,)) if self.use_scale else None

    def scores(self, query: jax.Array, key: jax.Array) -> jax.Array:
        """Return the scores (batch, T, S) of queries (batch, T, 1, n) and keys (batch, 1, S, n)."""
        bent = jnp.tanh(query + key)
        return jnp.sum(bent if self.scale is None else self.scale * bent, -1)
