"""Attention with several heads, each with its own projections of queries, keys and values."""

from __future__ import annotations

from typing import Any

from maeum.core import graph
from maeum.core.errors import ConfigError
from maeum.layers.checks import whole_number
from maeum.layers.declared_weights import declares_weights
from maeum.layers.headed_attention import HeadedAttention


@declares_weights("kernel", "bias", after="flash_attention")
class MultiHeadAttention(HeadedAttention):
    """Attention of several heads (Vaswani et al., 2017): ``layer(query, value)``.

    Query, key and value are projected for each head, which attends by itself; one more projection
    combines the outputs of the heads. A query that sees nothing gets zeros from the heads.

    Shapes: query (batch, T, features), value and key (batch, S, features); the output is
    (batch, T, features of the query). Between batch and length there may be more axes.

    Args:
        num_heads: the number of heads.
        key_dim: the size of a head's queries and keys.
        value_dim: the size of a head's values; ``key_dim`` unless given.
        dropout: the fraction of the attention weights that is dropped while training.
        use_bias: whether the projections add biases.
        output_shape: the sizes of the output's last axes; the query's features unless given.
        attention_axes: the axes that are attended to; all between batch and features unless given.
        sliding_window: how far a query sees to either side, itself included.
        flash_attention: on a CPU, whether to compute in blocks (True), with all scores at once
            (False) or whichever is faster (None).
        kernel_initializer, bias_initializer: the initial values of the kernels and the biases.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties on the kernels, the
            biases and the outputs of the projections.
        kernel_constraint, bias_constraint: what the kernels and the biases must satisfy after each
            step.
        use_gate: whether the heads' outputs are multiplied by a sigmoid of one more projection
            of the query (Qiu et al., 2025).
        seed: the random seed of the dropout, a whole number.

    Raises:
        ConfigError: for sizes that are not whole numbers above 0.
        ShapeError: for inputs and masks that do not fit together.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 16), "float32")
        >>> layer = MultiHeadAttention(num_heads=4, key_dim=4)
        >>> layer(x, x, use_causal_mask=True).shape
        (2, 5, 16)
        >>> output, scores = layer(x, x, return_attention_scores=True)
        >>> scores.shape
        (2, 4, 5, 5)
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        kwargs |= {"use_gate": use_gate, "seed": seed}
        super().__init__(dropout, use_bias, sliding_window, flash_attention, **kwargs)
        self.num_heads = whole_number(num_heads, "num_heads", 1, self)
        self.key_dim = whole_number(key_dim, "key_dim", 1, self)
        value_dim = self.key_dim if value_dim is None else value_dim
        self.value_dim = whole_number(value_dim, "value_dim", 1, self)
        self._arguments["value_dim"] = self.value_dim  # whatever key_dim is later
        self._output_sizes: tuple[int, ...] = ()
        if output_shape is not None:
            self._output_sizes = graph.full_shape(output_shape, "The output_shape")
        if 0 in self._output_sizes:
            raise ConfigError("The output_shape of MultiHeadAttention has sizes above 0; got "
                              "{output_shape!r}.", output_shape=output_shape)  # fmt: skip
        if isinstance(attention_axes, int):
            attention_axes = (attention_axes,)
        self.attention_axes = None if attention_axes is None else tuple(attention_axes)

    def sizes(self) -> tuple[int, int, int, int]:
        """Return the heads of queries and of keys, the size of a key and that of a value."""
        return self.num_heads, self.num_heads, self.key_dim, self.value_dim

    def outputs_of(self, query_shape: Any) -> tuple[int, ...]:
        """Return the sizes of the last axes of the output."""
        return self._output_sizes or super().outputs_of(query_shape)


@declares_weights("kernel", "bias", after="flash_attention")
class GroupedQueryAttention(HeadedAttention):
    """Attention whose heads share keys and values in groups (Ainslie et al., 2023).

    One group is multi-query attention; as many groups as heads are `MultiHeadAttention`. Shapes
    and calls are those of `MultiHeadAttention`.

    Args:
        head_dim: the size of a head's queries, keys and values.
        num_query_heads: the number of heads.
        num_key_value_heads: the number of groups, a divisor of the number of heads.
        dropout: the fraction of the attention weights that is dropped while training.
        use_bias: whether the projections add biases.
        sliding_window: how far a query sees to either side, itself included.
        flash_attention: as in `MultiHeadAttention`.
        kernel_initializer, bias_initializer: the initial values of the kernels and the biases.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties on the kernels, the
            biases and the outputs of the projections.
        kernel_constraint, bias_constraint: what the kernels and the biases must satisfy after each
            step.
        use_gate: whether the heads' outputs are gated, as in `MultiHeadAttention`.
        seed: the random seed of the dropout, a whole number.

    Raises:
        ConfigError: if the heads cannot be divided among the groups.
        ShapeError: for inputs and masks that do not fit together.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 5, 16), "float32")
        >>> GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)(x, x).shape
        (2, 5, 16)
    """

    prefix = "_"

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ):
        kwargs |= {"use_gate": use_gate, "seed": seed}
        super().__init__(dropout, use_bias, sliding_window, flash_attention, **kwargs)
        self.head_dim = whole_number(head_dim, "head_dim", 1, self)
        self.num_query_heads = whole_number(num_query_heads, "num_query_heads", 1, self)
        self.num_key_value_heads = whole_number(num_key_value_heads, "num_key_value_heads", 1, self)
        if self.num_query_heads % self.num_key_value_heads:
            raise ConfigError("The num_query_heads of GroupQueryAttention have to be a multiple of "
                              "its num_key_value_heads; got {heads} and {groups}.",
                              heads=num_query_heads, groups=num_key_value_heads)  # fmt: skip

    def sizes(self) -> tuple[int, int, int, int]:
        """Return the heads of queries and of keys, the size of a key and that of a value."""
        return self.num_query_heads, self.num_key_value_heads, self.head_dim, self.head_dim


# Keras exports it by this name, and its files name the class.
GroupQueryAttention = GroupedQueryAttention
