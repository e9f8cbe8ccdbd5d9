"""A small BERT: it reads a text as a whole, in both directions (Devlin et al., 2018)."""

from __future__ import annotations

from typing import Any

from maeum.core.checks import check_choice
from maeum.initializers import RandomNormal
from maeum.layers import (
    Dense,
    Dropout,
    Embedding,
    Input,
    LayerNormalization,
    PositionEmbedding,
    TransformerEncoder,
    add,
)
from maeum.layers.checks import whole_number
from maeum.models import Model

__all__ = ["BERT"]


def BERT(
    vocabulary_size: int,
    max_length: int = 128,
    layers: int = 4,
    width: int = 128,
    heads: int = 4,
    feedforward: int | None = None,
    dropout: float = 0.1,
    activation: Any = "gelu",
    segments: int = 0,
    top: str | None = "tokens",
    classes: int = 2,
    classifier_activation: Any = "softmax",
    name: str = "bert",
) -> Model:
    """Make a model with the architecture of BERT, as small as you like.

    Tokens, positions and segments are embedded, added and normalized, and pass ``layers`` blocks
    of attention to the whole text and of two dense layers. Token 0 is padding, which is masked.

    Shapes: (batch, length) whole numbers below ``vocabulary_size``, of any length up to
    ``max_length``; with segments a list of those and of (batch, length) segment numbers. The
    output depends on ``top``.

    Args:
        vocabulary_size: the number of tokens, padding included.
        max_length: the largest length.
        layers: the number of blocks.
        width: the size of the vectors.
        heads: the number of attention heads, a divisor of ``width``.
        feedforward: the size of the hidden dense layers; four times the width unless given.
        dropout: the fraction of units that is dropped while training.
        activation: that of the hidden dense layers.
        segments: how many kinds of text there are (2 for pairs of sentences); 0 for no such input.
        top: ``"tokens"`` for the probabilities of the token at each place, to learn from hidden
            tokens: (batch, length, vocabulary_size); ``"classes"`` for those of the classes of the
            text, from the vector of its first token: (batch, classes); None for the vectors
            themselves: (batch, length, width).
        classes: the number of classes.
        classifier_activation: the activation of the output; None for logits.
        name: the name of the model.

    Returns:
        A `maeum.Model`, not compiled.

    Raises:
        ConfigError: for sizes that are not whole numbers above 0, heads that do not divide, or an
            unknown ``top``.

    Example:
        >>> BERT(vocabulary_size=100, top=None).count_params()
        822528
        >>> BERT(vocabulary_size=100, top="classes", classes=3).output_shape
        (None, 3)
    """
    check_choice(top, ("tokens", "classes", None), "top")
    counts = {"layers": layers, "width": width}
    layers, width = (whole_number(n, f"{what} of BERT", 1) for what, n in counts.items())
    segments = whole_number(segments, "segments of BERT")
    normal = RandomNormal(stddev=0.02)
    kernel: dict[str, Any] = {"kernel_initializer": normal}
    inputs = [Input((None,), dtype="int32", name="tokens")]
    table: dict[str, Any] = {"embeddings_initializer": normal}
    tokens = Embedding(vocabulary_size, width, mask_zero=True, name="token_embedding", **table)
    x = tokens(inputs[0])
    parts = [x, PositionEmbedding(max_length, normal, name="position_embedding")(x)]
    if segments:
        inputs.append(Input((None,), dtype="int32", name="segments"))
        parts.append(Embedding(segments, width, name="segment_embedding", **table)(inputs[1]))
    x = LayerNormalization(epsilon=1e-12, name="embedding_norm")(add(parts))
    x = Dropout(dropout, name="embedding_dropout")(x)
    hidden = 4 * width if feedforward is None else feedforward
    for i in range(layers):
        x = TransformerEncoder(
            hidden, heads, dropout, activation, 1e-12, name=f"block_{i + 1}", **kernel
        )(x)
    if top == "tokens":
        x = Dense(width, activation, name="transform", **kernel)(x)
        x = LayerNormalization(epsilon=1e-12, name="transform_norm")(x)
        x = Dense(vocabulary_size, classifier_activation, name="token", **kernel)(x)
    elif top == "classes":
        x = Dense(width, "tanh", name="pooler", **kernel)(x[:, 0])
        x = Dropout(dropout, name="pooler_dropout")(x)
        x = Dense(classes, classifier_activation, name="predictions", **kernel)(x)
    return Model(inputs, x, name=name)
