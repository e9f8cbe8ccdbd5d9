"""A small GPT: a language model that reads from left to right (Radford et al., 2019).

`GPT` makes an ordinary model: tokens in, for each position the probabilities of the next token
out. To generate text with it, `init_cache` and `step` compute one new position at a time from what
was computed before; they take any functional model that is made of `TransformerDecoder`, position
layers and layers that treat each position by itself.

Example:
    >>> import numpy as np
    >>> from maeum.core import functional
    >>> model = GPT(vocabulary_size=11, max_length=8, layers=2, width=16, heads=2)
    >>> tokens = np.array([[1, 5, 7]])
    >>> whole = model(tokens)
    >>> values, cache = functional.values(model), init_cache(model, batch_size=1, max_length=8)
    >>> for position in range(3):
    ...     logits, cache = step(model, values, tokens[:, position : position + 1], cache, position)
    >>> bool(np.allclose(np.exp(logits) / np.exp(logits).sum(), whole[:, 2:], atol=1e-5))
    True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax

from maeum.core import functional
from maeum.core.errors import ConfigError
from maeum.core.graph import Node
from maeum.core.hints import hint_of
from maeum.initializers import RandomNormal
from maeum.layers import (
    Attention,
    Dense,
    Dropout,
    Embedding,
    GroupQueryAttention,
    Input,
    LayerNormalization,
    MultiHeadAttention,
    PositionEmbedding,
    SinePositionEncoding,
    TransformerDecoder,
    TransformerEncoder,
    add,
)
from maeum.layers.checks import whole_number
from maeum.models import Model

__all__ = ["GPT", "init_cache", "step"]

Cache = dict[str, tuple[jax.Array, jax.Array]]

# Layers that attend to other positions without a cache for the next step.
_UNCACHED = (Attention, GroupQueryAttention, MultiHeadAttention, TransformerEncoder)


def GPT(
    vocabulary_size: int,
    max_length: int = 128,
    layers: int = 4,
    width: int = 128,
    heads: int = 4,
    feedforward: int | None = None,
    dropout: float = 0.1,
    activation: Any = "gelu",
    classifier_activation: Any = "softmax",
    name: str = "gpt",
) -> Model:
    """Make a language model with the architecture of GPT-2, as small as you like.

    Tokens and positions are embedded, pass ``layers`` blocks of attention to what came before
    and of two dense layers, each with normalized inputs, and are normalized once more.

    Shapes: (batch, length) whole numbers below ``vocabulary_size``, of any length up to
    ``max_length``; the output is (batch, length, vocabulary_size).

    Args:
        vocabulary_size: the number of tokens.
        max_length: the largest length.
        layers: the number of blocks.
        width: the size of the vectors.
        heads: the number of attention heads, a divisor of ``width``.
        feedforward: the size of the hidden dense layers; four times the width unless given.
        dropout: the fraction of units that is dropped while training.
        activation: that of the hidden dense layers.
        classifier_activation: the activation of the output; None for logits.
        name: the name of the model.

    Returns:
        A `maeum.Model`, not compiled. For the loss give the tokens that come next, with
        ``"sparse_categorical_crossentropy"``.

    Raises:
        ConfigError: for sizes that are not whole numbers above 0, or heads that do not divide.

    Example:
        >>> GPT(vocabulary_size=65).count_params()
        826433
    """
    sizes = {"layers": layers, "width": width}
    layers, width = (whole_number(n, f"{what} of GPT", 1) for what, n in sizes.items())
    normal = RandomNormal(stddev=0.02)
    kernel: dict[str, Any] = {"kernel_initializer": normal}
    tokens = Input((None,), dtype="int32", name="tokens")
    table: dict[str, Any] = {"embeddings_initializer": normal}
    x = Embedding(vocabulary_size, width, name="token_embedding", **table)(tokens)
    x = add([x, PositionEmbedding(max_length, normal, name="position_embedding")(x)])
    x = Dropout(dropout, name="embedding_dropout")(x)
    hidden = 4 * width if feedforward is None else feedforward
    for i in range(layers):
        block = {"normalize_first": True, "name": f"block_{i + 1}", **kernel}
        x = TransformerDecoder(hidden, heads, dropout, activation, **block)(x)
    x = LayerNormalization(epsilon=1e-5, name="final_norm")(x)
    x = Dense(vocabulary_size, classifier_activation, name="next_token", **kernel)(x)
    return Model(tokens, x, name=name)


def init_cache(model: Model, batch_size: int, max_length: int) -> Cache:
    """Return the empty cache of ``model`` for texts of up to ``max_length`` tokens.

    Raises:
        ConfigError: for a model without a `TransformerDecoder`, or one not made from a graph.
    """
    blocks = _blocks(model)
    return {path: block.init_cache(batch_size, max_length) for path, block in blocks.items()}


def step(
    model: Model, values: Mapping[str, Any], tokens: Any, cache: Cache, position: Any
) -> tuple[jax.Array, Cache]:
    """Compute the next positions from the cache of those before: a pure function, to be compiled.

    The position may be traced, so that one compilation serves every step. It is not checked
    against the length of the cache then: positions behind its end overwrite the last ones.

    Args:
        model: a model of `GPT`, or another of such layers.
        values: the values of its variables, see `maeum.core.functional.values`.
        tokens: (batch, new) the tokens at the new positions: one, or all of a prompt.
        cache: what `init_cache` or the step before returned.
        position: the position of the first of them: a number, or one for each row.

    Returns:
        The logits (batch, new, vocabulary) (the output of the model, if it ends in no softmax),
        and the new cache.
    """
    path_of = {id(block): path for path, block in _blocks(model).items()}
    after: Cache = {}

    def call(node: Node, args: tuple, kwargs: dict) -> Any:
        operation = node.operation
        if isinstance(operation, TransformerDecoder):
            path = path_of[id(operation)]
            at = {
                "self_attention_cache": cache[path],
                "self_attention_cache_update_index": position,
            }
            out, after[path] = operation(*args, **kwargs, **at)
            return out
        if isinstance(operation, (PositionEmbedding, SinePositionEncoding)):
            return operation(*args, **kwargs, start_index=position)
        return operation(*args, **kwargs)

    graph = model.graph
    assert graph is not None
    outputs = functional.run(model, lambda: graph.run([tokens], call), values)[0]
    logits = hint_of(outputs, "softmax_logits")
    return outputs if logits is None else logits, after


def _blocks(model: Model) -> dict[str, TransformerDecoder]:
    """Return the blocks with a cache, by their path in the model."""
    if getattr(model, "graph", None) is None:
        raise ConfigError("{name!r} was not made from a graph, so its steps are not known. Make it "
                          "with GPT(...) or Model(inputs, outputs).", name=model.name)  # fmt: skip
    if len(model.inputs) != 1:
        raise ConfigError("{name!r} has {inputs} inputs, but a step passes one.", name=model.name,
                          inputs=len(model.inputs))  # fmt: skip
    blocks = {p: o for p, o in model._children() if isinstance(o, TransformerDecoder)}
    inside = [o for o in model.named_layers().values() if isinstance(o, TransformerDecoder)]
    others = [o for _path, o in model._children() if isinstance(o, _UNCACHED)]
    if not blocks or len(inside) > len(blocks) or others:
        raise ConfigError("{name!r} cannot be run step by step: it needs each TransformerDecoder "
                          "in its own graph, at least one, and no other layer of attention.",
                          name=model.name)  # fmt: skip
    return blocks
