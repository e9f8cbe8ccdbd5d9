"""The network of a language model."""

from __future__ import annotations

from typing import Any

from maeum.applications import GPT
from maeum.language.options import LanguageOptions
from maeum.layers import GRU, LSTM, Dense, Dropout, Embedding, Input, SimpleRNN
from maeum.models import Model, Sequential
from maeum.optimizers import Adam

_RECURRENT: dict[str, Any] = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN}


def build_network(vocabulary: int, options: LanguageOptions) -> Model:
    """Return the compiled network: tokens in, the probabilities of the next one out.

    Args:
        vocabulary: the number of tokens.
        options: the choices, made.
    """
    network = _stack(vocabulary, options)
    rate = float(options.learning_rate or 0.001)
    network.compile(Adam(rate, global_clipnorm=1.0), "sparse_categorical_crossentropy")
    return network


def _stack(vocabulary: int, options: LanguageOptions) -> Model:
    units, layers = options.units or 128, options.layers or 1
    if options.network == "transformer":
        window = options.window or 64
        made = GPT(vocabulary, window, layers, units, options.heads, dropout=options.dropout)
        made.reseed(options.seed)
        return made
    layer = _RECURRENT[options.network]
    stack: list[Any] = [
        Input((None,), dtype="int32", name="tokens"),
        Embedding(vocabulary, min(units, max(16, vocabulary // 2))),
    ]
    for number in range(layers):
        stack.append(layer(units, return_sequences=True))
        if options.dropout and (layers > 1 or number == 0):
            stack.append(Dropout(options.dropout))
    return Sequential(
        [*stack, Dense(vocabulary, activation="softmax")],
        name="language_model",
        seed=options.seed,
    )
