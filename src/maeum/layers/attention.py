"""Attention without projections: by products (Luong) and by a sum (Bahdanau)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.randomness import check_seed, fold
from maeum.layers.checks import known_size
from maeum.layers.headed_attention import dropout_rate
from maeum.layers.layer import Layer


@registry.builtin
class Attention(Layer):
    """Attention by the products of queries and keys (Luong et al., 2015): ``layer([q, v])``.

    Each query takes the mean of the values, weighted by the softmax of its scores. What a mask
    leaves out has no weight; a query that sees nothing gets zeros.

    Shapes: query (batch, T, features), value (batch, S, value features), key (batch, S, features),
    which is the value unless given; the output is (batch, T, value features).

    Args:
        use_scale: whether the scores are multiplied by a number that is learnt.
        score_mode: ``"dot"`` for ``q . k``; ``"concat"`` for ``w * sum(tanh(q + k))`` with a
            number w that is learnt.
        dropout: the share of the weights that is dropped while training.
        seed: a whole number that sets the draws of the dropout apart.

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
        if score_mode not in ("dot", "concat"):
            raise ConfigError(
                f"The score_mode of {type(self).__name__} is 'dot' or 'concat'; got {score_mode!r}."
            )
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout_rate(dropout, type(self).__name__)
        self.seed = None if seed is None else check_seed(seed)

    def build(self, input_shape: Any) -> None:
        """Make the numbers that are learnt."""
        self._check_shapes(input_shape)
        self.scale: Any = self.add_weight("scale", (), "ones") if self.use_scale else None
        self.concat_score_weight: Any = (
            self.add_weight("concat_score_weight", (), "ones")
            if self.score_mode == "concat"
            else None
        )

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
                (batch, S) bools, False for values that do not count. Those that travel beside the
                inputs unless given.
            training: whether weights are dropped.
            return_attention_scores: whether the weights (batch, T, S) are returned too.
            use_causal_mask: whether query i sees the values 0 to i only.
        """
        self._check_shapes([x.shape for x in inputs])
        query, value, key = (*inputs, inputs[1])[:3]
        query_mask, value_mask = self._masks(inputs, mask)
        seen = None if value_mask is None else value_mask[:, None]
        share = self.dropout if training else 0.0
        draws = self._dropout_key() if share else None
        if self.score_mode == "dot":
            output, weights = self._by_products(
                query, value, key, seen, use_causal_mask, share, draws
            )
        else:
            if use_causal_mask:
                causal = jnp.arange(query.shape[1])[:, None] >= jnp.arange(key.shape[1])
                seen = causal[None] if seen is None else seen & causal
            weights = ops.masked_softmax(self.scores(query[:, :, None], key[:, None]), seen)
            output = (ops.dropout(weights, share, draws) if share else weights) @ value
        if query_mask is not None:
            output = jnp.where(query_mask[..., None], output, 0)
        return (output, weights) if return_attention_scores else output

    def scores(self, query: jax.Array, key: jax.Array) -> jax.Array:
        """Return the scores (batch, T, S) of queries (batch, T, 1, n) and keys (batch, 1, S, n)."""
        both = query + key
        both = both if self.scale is None else self.scale * both
        return self.concat_score_weight * jnp.sum(jnp.tanh(both), -1)

    def _by_products(
        self, query: Any, value: Any, key: Any, seen: Any, causal: bool, share: float, draws: Any
    ) -> tuple[jax.Array, jax.Array]:
        query = query if self.scale is None else query * self.scale
        query, key, value = (x[:, :, None] for x in (query, key, value))
        terms = {"mask": None if seen is None else seen[:, None], "scale": 1.0}
        output = ops.dot_product_attention(
            query, key, value, **terms, is_causal=causal, dropout=share, dropout_key=draws
        )
        return output[:, :, 0], ops.attention_weights(query, key, **terms, is_causal=causal)[:, 0]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the output."""
        self._check_shapes(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def _dropout_key(self) -> jax.Array:
        key = self.random_key()
        return key if self.seed is None else fold(key, self.seed)

    def _masks(self, inputs: Sequence[jax.Array], masks: Any) -> list[Any]:
        found: list[Any] = []
        if masks is not None and not (isinstance(masks, (list, tuple)) and len(masks) in (2, 3)):
            raise ShapeError(
                f"The mask of {self.name!r} ({type(self).__name__}) is a list with a mask for the "
                "query and one for the value, or None for one of them."
            )
        for x, mask in zip(inputs[:2], masks or (None, None)):
            mask = None if mask is None else jnp.asarray(mask, bool)
            if mask is not None and mask.shape != x.shape[:2]:
                raise ShapeError(
                    f"A mask of {self.name!r} ({type(self).__name__}) has one bool for each "
                    f"position, the shape {x.shape[:2]}; got {mask.shape}."
                )
            found.append(mask)
        return found

    def _check_shapes(self, shapes: Any) -> None:
        title = f"The layer {self.name!r} ({type(self).__name__})"
        several = isinstance(shapes, (list, tuple)) and all(
            isinstance(shape, (list, tuple)) for shape in shapes
        )
        if not several or len(shapes) not in (2, 3):
            raise ShapeError(
                f"{title} takes a list of inputs, layer([query, value]) or layer([query, value, "
                f"key]); got {len(shapes) if several else 'one'}."
            )
        query, value, key = (*shapes, shapes[1])[:3]
        given = f"query {tuple(query)}, value {tuple(value)}, key {tuple(key)}"
        if any(len(shape) != 3 for shape in (query, value, key)):
            raise ShapeError(f"{title} takes inputs (batch, length, features); got {given}.")
        pairs = [(query[0], value[0]), (query[2], key[2]), (value[0], key[0]), (value[1], key[1])]
        if any(None not in pair and pair[0] != pair[1] for pair in pairs):
            raise ShapeError(
                f"{title} needs keys with the features of the queries, and a value for every key; "
                f"got {given}."
            )


@registry.builtin
class AdditiveAttention(Attention):
    """Attention by ``sum(scale * tanh(q + k))`` (Bahdanau et al., 2015): ``layer([q, v])``.

    Shapes, masks and calls are those of `Attention`.

    Args:
        use_scale: whether the features have a scale that is learnt; 1 for all otherwise.
        dropout: the share of the weights that is dropped while training.
        seed: a whole number that sets the draws of the dropout apart.

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
        size = known_size(input_shape[0], -1, self)
        self.scale = self.add_weight("scale", (size,)) if self.use_scale else None

    def scores(self, query: jax.Array, key: jax.Array) -> jax.Array:
        """Return the scores (batch, T, S) of queries (batch, T, 1, n) and keys (batch, 1, S, n)."""
        bent = jnp.tanh(query + key)
        return jnp.sum(bent if self.scale is None else self.scale * bent, -1)
