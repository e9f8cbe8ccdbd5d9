"""The blocks of a Transformer: attention and two dense layers, each with a residual connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum import initializers
from maeum.core.errors import ConfigError, NotBuiltError
from maeum.core.masks import mask_of
from maeum.layers import checks
from maeum.layers.activation_attribute import ActivationAttribute
from maeum.layers.dense import Dense
from maeum.layers.dropout import Dropout
from maeum.layers.layer import Layer
from maeum.layers.multi_head_attention import MultiHeadAttention
from maeum.layers.normalization import LayerNormalization


class TransformerBlock(Layer):
    """Base of the blocks: their arguments, and the parts that both have."""

    fixed_by_build = frozenset(
        {"intermediate_dim", "num_heads", "dropout", "activation", "layer_norm_epsilon"}
    )
    supports_masking = True
    input_rank = 3
    _self_attention_layer: MultiHeadAttention
    _cross_attention_layer: MultiHeadAttention | None = None
    _feedforward_intermediate_dense: Dense
    _feedforward_output_dense: Dense
    activation = ActivationAttribute()

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.intermediate_dim = checks.whole_number(intermediate_dim, "intermediate_dim", 1, self)
        self.num_heads = checks.whole_number(num_heads, "num_heads", 1, self)
        self.dropout = checks.rate(dropout, "dropout", self, below_one=True)
        self.activation = activation
        self.layer_norm_epsilon = checks.number(layer_norm_epsilon, "layer_norm_epsilon", 0, self)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.normalize_first = bool(normalize_first)

    def _start(self, shape: Any) -> None:
        """Check the shape of the input, and fix the size of its features."""
        checks.exact_rank(shape, 3, self)
        checks.check_divisor(self.num_heads, checks.fixed_size(shape, -1, self), "num_heads", self)

    def _hold(self, layer: Layer, *shapes: Any) -> None:
        """Build a layer, and hold it under the name that it has, as Keras's files know it."""
        layer.build(*shapes)
        setattr(self, f"_{layer.name}", layer)

    def _common(self) -> dict[str, Any]:
        kernel, bias = self.kernel_initializer, self.bias_initializer
        return {"kernel_initializer": kernel, "bias_initializer": bias, "dtype": self.dtype_policy}

    def _build_residual(self, name: str, shape: Any) -> None:
        """Make the normalization and the dropout of a residual connection."""
        epsilon, dtype = self.layer_norm_epsilon, self.dtype_policy
        norm = LayerNormalization(epsilon=epsilon, dtype=dtype, name=f"{name}_layer_norm")
        self._hold(norm, shape)
        self._hold(Dropout(self.dropout, dtype=dtype, name=f"{name}_dropout"), shape)

    def _build_attention(self, name: str, shape: Any, source: Any) -> None:
        size, more = shape[-1] // self.num_heads, {"dropout": self.dropout, **self._common()}
        attention = MultiHeadAttention(self.num_heads, size, name=f"{name}_layer", **more)
        self._hold(attention, shape, source)
        self._build_residual(name, shape)

    def _build_feedforward(self, shape: Any) -> None:
        size, more = self.intermediate_dim, self._common()
        self._build_residual("feedforward", shape)
        hidden = Dense(size, self.activation, name="feedforward_intermediate_dense", **more)
        self._hold(hidden, shape)
        output = Dense(shape[-1], name="feedforward_output_dense", **more)
        self._hold(output, (*shape[:-1], size))

    def _residual(self, name: str, x: jax.Array, inner: Callable[[jax.Array], Any]) -> tuple:
        """Return ``x`` plus what ``inner`` makes of it, normalized before or after.

        What ``inner`` returns besides comes after it.
        """
        norm, dropout = getattr(self, f"_{name}_layer_norm"), getattr(self, f"_{name}_dropout")
        made = inner(norm(x) if self.normalize_first else x)
        change, *more = made if isinstance(made, tuple) else (made,)
        change = dropout(change)
        return x + change if self.normalize_first else norm(x + change), *more

    def _feedforward(self, x: jax.Array) -> jax.Array:
        hidden, output = self._feedforward_intermediate_dense, self._feedforward_output_dense
        return self._residual("feedforward", x, lambda x: output(hidden(x)))[0]


class TransformerEncoder(TransformerBlock):
    """One block of a Transformer's encoder (Vaswani et al., 2017): every step sees all others.

    Shapes: (batch, length, features), of which the heads take an equal part each.

    Args:
        intermediate_dim: the size of the hidden dense layer.
        num_heads: the number of heads, a divisor of the features.
        dropout: the fraction that is dropped while training: of the attention weights, and behind
            attention and dense layers.
        activation: that of the hidden dense layer.
        layer_norm_epsilon: the small number of the normalizations.
        kernel_initializer, bias_initializer: the initial values of the kernels and the biases.
        normalize_first: whether the inputs of attention and dense layers are normalized (as in
            GPT-2), or their sums with the residual connection (as in the paper).

    Raises:
        ConfigError: if the heads do not divide the features.
        ShapeError: for an input of another rank.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 8), "float32")
        >>> TransformerEncoder(intermediate_dim=16, num_heads=2)(x).shape
        (2, 5, 8)
    """

    def build(self, input_shape: Any) -> None:
        """Make the layers inside."""
        self._start(input_shape)
        self._build_attention("self_attention", input_shape, input_shape)
        self._build_feedforward(input_shape)

    def call(  # type: ignore[override]
        self,
        inputs: jax.Array,
        padding_mask: Any = None,
        attention_mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
    ) -> Any:
        """Run the block.

        Args:
            inputs: (batch, length, features).
            padding_mask: (batch, length) bools, False for padding, which is ignored; by default
                the mask of the inputs.
            attention_mask: (batch, length, length) bools: who sees whom.
            training: whether to drop.
            return_attention_scores: whether the weights (batch, heads, length, length) are
                returned too.
        """
        mask = mask_of(inputs) if padding_mask is None else padding_mask
        options = {"value_mask": mask, "attention_mask": attention_mask}
        options["return_attention_scores"] = return_attention_scores
        attention = self._self_attention_layer
        x, *scores = self._residual("self_attention", inputs, lambda x: attention(x, x, **options))
        x = self._feedforward(x)
        return (x, *scores) if scores else x


class TransformerDecoder(TransformerBlock):
    """One block of a Transformer's decoder: a step sees those before it, and what was encoded.

    Called on a sequence alone it is a block of a GPT; called on two, ``layer(decoded, encoded)``,
    it attends to the second one as well.

    Shapes: (batch, length, features), of which the heads take an equal part each.

    Args:
        intermediate_dim: the size of the hidden dense layer.
        num_heads: the number of heads, a divisor of the features.
        dropout: the fraction that is dropped while training: of the attention weights, and behind
            attention and dense layers.
        activation: that of the hidden dense layer.
        layer_norm_epsilon: the small number of the normalizations.
        kernel_initializer, bias_initializer: the initial values of the kernels and the biases.
        normalize_first: as in `TransformerEncoder`.

    Raises:
        ConfigError: if the heads do not divide the features.
        ShapeError: for inputs that do not fit together.

    Example:
        >>> import numpy as np
        >>> decoded, encoded = np.ones((2, 3, 8), "float32"), np.ones((2, 5, 8), "float32")
        >>> TransformerDecoder(intermediate_dim=16, num_heads=2)(decoded, encoded).shape
        (2, 3, 8)

        One step after the other, with what was computed before:

        >>> block = TransformerDecoder(intermediate_dim=16, num_heads=2)
        >>> whole = block(decoded)
        >>> cache = block.init_cache(batch_size=2, max_length=3)
        >>> for i in range(3):
        ...     step, cache = block(
        ...         decoded[:, i : i + 1],
        ...         self_attention_cache=cache,
        ...         self_attention_cache_update_index=i,
        ...     )
        >>> bool(np.allclose(step[:, 0], whole[:, 2], atol=1e-5))
        True
    """

    def build(self, decoder_sequence_shape: Any, encoder_sequence_shape: Any = None) -> None:
        """Make the layers inside; those for the encoded sequence if there is one."""
        shape = decoder_sequence_shape
        self._start(shape)
        self._build_attention("self_attention", shape, shape)
        if encoder_sequence_shape is not None:
            self._build_attention("cross_attention", shape, encoder_sequence_shape)
        self._build_feedforward(shape)

    def compute_output_shape(  # type: ignore[override]
        self, decoder_sequence_shape: Any, encoder_sequence_shape: Any = None
    ) -> Any:
        """Return the shape of the output: that of the decoded sequence."""
        return tuple(decoder_sequence_shape)

    def call(  # type: ignore[override]
        self,
        decoder_sequence: jax.Array,
        encoder_sequence: Any = None,
        decoder_padding_mask: Any = None,
        decoder_attention_mask: Any = None,
        encoder_padding_mask: Any = None,
        encoder_attention_mask: Any = None,
        self_attention_cache: Any = None,
        self_attention_cache_update_index: Any = None,
        cross_attention_cache: Any = None,
        use_causal_mask: bool = True,
        training: bool = False,
    ) -> Any:
        """Run the block.

        Args:
            decoder_sequence: (batch, length, features).
            encoder_sequence: (batch, source length, features of the source).
            decoder_padding_mask: (batch, length) bools, False for padding, which is ignored; by
                default the mask of the sequence. With a cache, of its length.
            decoder_attention_mask: (batch, length, length) bools: who sees whom.
            encoder_padding_mask: (batch, source length) bools, likewise.
            encoder_attention_mask: (batch, length, source length) bools, likewise.
            self_attention_cache: what earlier steps left, see `init_cache`; the new cache is then
                returned beside the output.
            self_attention_cache_update_index: the position of the first step of the sequence: a
                number, or one for each row; it may be traced.
            cross_attention_cache: what `cross_attention_cache` made of the encoded sequence, so
                that it is not projected for each step again.
            use_causal_mask: whether a step sees none behind it.
            training: whether to drop.
        """
        if self_attention_cache is not None and self_attention_cache_update_index is None:
            raise ConfigError("{layer} got a self_attention_cache; give the position of the new "
                              "step as self_attention_cache_update_index, too.",
                              layer=checks.title(self))  # fmt: skip
        mask = decoder_padding_mask
        if mask is None and self_attention_cache is None:
            mask = mask_of(decoder_sequence)
        options = {
            "value_mask": mask,
            "attention_mask": decoder_attention_mask,
            "use_causal_mask": use_causal_mask,
            "cache": self_attention_cache,
            "cache_update_index": self_attention_cache_update_index,
        }
        attention, cross_attention = self._self_attention_layer, self._cross_attention_layer
        x, *cache = self._residual(
            "self_attention", decoder_sequence, lambda x: attention(x, x, **options)
        )
        if cross_attention is not None:
            source = self._source(x, encoder_sequence, encoder_padding_mask, cross_attention_cache)
            source["attention_mask"] = encoder_attention_mask
            x, *_ = self._residual("cross_attention", x, lambda x: cross_attention(x, **source))
        elif encoder_sequence is not None:
            raise ConfigError("{layer} was built without an encoded sequence and has no attention "
                              "for one. Give it in the first call.",
                              layer=checks.title(self))  # fmt: skip
        x = self._feedforward(x)
        return (x, *cache) if cache else x

    def _source(self, x: jax.Array, sequence: Any, mask: Any, cache: Any) -> dict[str, Any]:
        """Return the arguments by which cross attention knows the encoded sequence."""
        if sequence is None and cache is None:
            raise ConfigError("{layer} was built with an encoded sequence; call it on two: "
                              "layer(decoded, encoded).", layer=checks.title(self))  # fmt: skip
        if sequence is not None:
            sequence = self._as_array(sequence)
            mask = mask_of(sequence) if mask is None else mask
        if cache is None:
            return {"value": sequence, "value_mask": mask}
        return {"value": x, "value_mask": mask, "cache": cache}

    def init_cache(self, batch_size: int, max_length: int) -> tuple[jax.Array, jax.Array]:
        """Return an empty ``self_attention_cache`` for ``max_length`` positions.

        Raises:
            NotBuiltError: if the block has not been called yet.
        """
        if not self.built:
            raise NotBuiltError("{layer} does not know its features yet; call it on data, or call "
                                "build(shape), before init_cache.",
                                layer=checks.title(self))  # fmt: skip
        return self._self_attention_layer.init_cache(batch_size, max_length)

    def cross_attention_cache(self, encoder_sequence: Any) -> tuple[jax.Array, jax.Array]:
        """Return the ``cross_attention_cache`` of an encoded sequence.

        Raises:
            NotBuiltError: if the block has not been called on two sequences yet.
        """
        if not self.built or self._cross_attention_layer is None:
            raise NotBuiltError("{layer} has no attention for an encoded sequence yet; call it on "
                                "two, layer(decoded, encoded), before cross_attention_cache.",
                                layer=checks.title(self))  # fmt: skip
        return self._cross_attention_layer.project_cache(jnp.asarray(encoder_sequence))
