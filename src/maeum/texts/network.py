"""The networks that classify texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum import ops
from maeum.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Concatenate,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
    Input,
)
from maeum.models import Model
from maeum.optimizers import Adam
from maeum.text.word_encoders import WordsEncoder
from maeum.texts.options import TextOptions

WIDTHS = (3, 4, 5)  # of the convolutions, in words


def build_network(
    encoder: WordsEncoder, classes: int, options: TextOptions, x: np.ndarray, y: np.ndarray
) -> Model:
    """Make the network that was asked for, compiled.

    Args:
        encoder: what makes its inputs.
        classes: the number of classes.
        options: the choices, all made.
        x, y: the training texts as numbers ``(n, length)``, and their class numbers ``(n,)``;
            the initial weights of ``"bag"`` are counted in them.
    """
    tokens = Input((encoder.length,), dtype="int32", name="tokens")
    makers: dict[str, Any] = {"bag": _bag, "cnn": _cnn, "lstm": _recurrent, "gru": _recurrent}
    make = makers[str(options.network)]
    outputs = make(tokens, len(encoder.vocabulary), classes, options)
    model = Model(tokens, outputs, name=str(options.network), seed=options.seed)
    if options.network == "bag":
        _begin_with_counts(model, x, y, len(encoder.vocabulary), classes)
    rate = float(options.learning_rate or 0.001)
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _bag(tokens: Any, vocabulary: int, classes: int, options: TextOptions) -> Any:
    """Sum the evidence of each word and pair for each class."""
    present = ops.expand_dims(ops.cast(ops.not_equal(tokens, 0), "float32"), -1)
    present = Dropout(float(options.dropout or 0), name="drop_words")(present)
    words = Embedding(vocabulary, classes, embeddings_initializer="zeros", name="evidence")(tokens)
    total = ops.sum(words * present, axis=1)
    return Dense(classes, "softmax", kernel_initializer="identity", name="classes")(total)


def _begin_with_counts(
    model: Model, x: np.ndarray, y: np.ndarray, vocabulary: int, classes: int
) -> None:
    """Make the initial weight of a word for a class the logarithm of its relative frequency there.

    These are the weights of naive Bayes, from which the network then learns (in the manner of
    Wang and Manning, 2012, "Baselines and bigrams"). The scale keeps the sum of many words that
    say the same from being too sure of itself.
    """
    counts = np.stack(
        [np.bincount(x[y == k].reshape(-1), minlength=vocabulary) for k in range(classes)], axis=1
    )
    counts[0] = 0
    likelihood = np.log((counts + 1) / (counts + 1).sum(axis=0))
    evidence = likelihood - likelihood.mean(axis=1, keepdims=True)
    evidence[:2] = 0
    scale = 0.35
    priors = np.log((np.bincount(y, minlength=classes) + 1) / (len(y) + classes))
    layers = {layer.name: layer for layer in model.layers}
    layers["evidence"].set_weights([(scale * evidence).astype(np.float32)])
    identity = layers["classes"].get_weights()[0]
    layers["classes"].set_weights([identity, (priors - priors.mean()).astype(np.float32)])


def _cnn(tokens: Any, vocabulary: int, classes: int, options: TextOptions) -> Any:
    """Convolutions over words of several widths (Kim, 2014, arXiv:1408.5882)."""
    size, rate = options.units or 100, float(options.dropout or 0)
    x = Embedding(vocabulary, size, name="words")(tokens)
    x = Dropout(rate / 2)(x)
    found = [
        GlobalMaxPooling1D()(Conv1D(size, width, padding="same", activation="relu")(x))
        for width in WIDTHS
    ]
    return Dense(classes, "softmax", name="classes")(Dropout(rate)(Concatenate()(found)))


def _recurrent(tokens: Any, vocabulary: int, classes: int, options: TextOptions) -> Any:
    """A recurrent layer in both directions; what stands behind the end is masked."""
    size, rate = options.units or 64, float(options.dropout or 0)
    layer = {"lstm": LSTM, "gru": GRU}[str(options.network)]
    x = Embedding(vocabulary, size, mask_zero=True, name="words")(tokens)
    x = Bidirectional(layer(size))(Dropout(rate / 2)(x))
    return Dense(classes, "softmax", name="classes")(Dropout(rate)(x))
