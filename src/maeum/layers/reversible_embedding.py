"""An embedding whose table also goes back, from vectors to scores of the vocabulary."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import ops
from maeum.layers.checks import positive
from maeum.layers.declared_weights import declares_weights
from maeum.layers.embedding import Embedding


@declares_weights("embeddings", after="tie_weights", activity_regularizer=False)
class ReversibleEmbedding(Embedding):
    """An `Embedding` that also runs backwards: ``layer(vectors, reverse=True)`` gives logits.

    Shapes: ``(...) -> (..., output_dim)``; in reverse ``(..., output_dim) -> (..., input_dim)``.
    With ``tie_weights`` both directions have the same table (Press & Wolf, 2017).

    Args:
        input_dim: the size of the vocabulary.
        output_dim: the size of a vector.
        tie_weights: whether the way back has the same table, or one of its own.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: as in `Embedding`.
        mask_zero: whether index 0 is padding.
        reverse_dtype: the dtype of the way back; the layer's own by default.
        logit_soft_cap: ``c`` for logits ``c * tanh(logits / c)``; None for no cap.

    Raises:
        ConfigError: for sizes that are not whole numbers above 0, or a cap that is not above 0.
        DataError: for an index outside the vocabulary.

    Example:
        >>> import numpy as np
        >>> layer = ReversibleEmbedding(100, 8)
        >>> layer(layer(np.array([[1, 2, 3]])), reverse=True).shape
        (1, 3, 100)
    """

    fixed_by_build = Embedding.fixed_by_build | {"tie_weights"}

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(input_dim, output_dim, mask_zero=mask_zero, **kwargs)
        self.tie_weights = bool(tie_weights)
        self.reverse_dtype = None if reverse_dtype is None else np.dtype(reverse_dtype).name
        capped = logit_soft_cap is not None
        self.logit_soft_cap = positive(logit_soft_cap, "logit_soft_cap", self) if capped else None

    def build(self, input_shape: Any = None) -> None:
        """Make the table, and the one of the way back if it is another."""
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                "reverse_embeddings",
                (self.output_dim, self.input_dim),
                self.embeddings_initializer,  # type: ignore[attr-defined]
            )

    def call(self, x: jax.Array, reverse: bool = False) -> jax.Array:
        """Look up the vectors of indices; in reverse, give each vector its logits."""
        if not reverse:
            return super().call(x)
        table = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        logits = ops.matmul(*(ops.cast(a, self.reverse_dtype or x.dtype) for a in (x, table)))
        cap = self.logit_soft_cap
        return logits if cap is None else jnp.tanh(logits / cap) * cap

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return which indices are not padding, if ``mask_zero``; of vectors there is no mask."""
        indices = jnp.issubdtype(inputs.dtype, jnp.integer)
        return super().compute_mask(inputs, mask) if indices else None

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        last = self.input_dim if reverse else self.output_dim
        return (*(input_shape[:-1] if reverse else input_shape), last)
