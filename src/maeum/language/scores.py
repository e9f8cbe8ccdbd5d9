"""How well a network predicts a text: cross-entropy, perplexity, bits per character."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from maeum.core.errors import DataError
from maeum.models import Model
from maeum.text.padding import pad_sequences

_STRETCH = 512  # tokens that are read in one go


def metrics_of(loss: float, count: int, characters: int) -> dict[str, float]:
    """Return the metrics of a text: loss, perplexity and bits per character.

    Args:
        loss: the mean of ``-log p`` of a token.
        count: how many tokens were predicted.
        characters: how many characters the text has.

    >>> {name: round(value, 6) for name, value in metrics_of(math.log(4), 10, 5).items()}
    {'loss': 1.386294, 'perplexity': 4.0, 'bits_per_character': 4.0}
    """
    return {
        "loss": loss,
        "perplexity": math.exp(min(loss, 700.0)),
        "bits_per_character": loss * count / math.log(2) / max(characters, 1),
    }


def cross_entropy(
    network: Model, rows: Sequence[np.ndarray], longest: int | None = None
) -> tuple[float, int]:
    """Return the mean of ``-log p`` of the tokens of some texts after their first, and how many.

    Args:
        network: tokens in, the probabilities of the next ones out.
        rows: the tokens of each text.
        longest: the most positions that the network takes.

    Raises:
        DataError: if no text has two tokens.
    """
    size = min(longest or _STRETCH, max(2, max((len(row) for row in rows), default=2)) - 1)
    x, y = [], []
    for row in rows:
        for at in range(0, len(row) - 1, size):
            x.append(row[at : at + size][: len(row) - 1 - at])
            y.append(row[at + 1 : at + 1 + size])
    if not x:
        raise DataError("There is no token to predict: give texts of two tokens or more.")
    total = count = 0.0
    for at in range(0, len(x), 16):
        given = np.zeros((16, size), np.int32)
        given[: len(x) - at] = pad_sequences(x[at : at + 16], size, padding="post")
        probabilities = network.predict(given, batch_size=16, verbose=0)
        for place, tokens in enumerate(y[at : at + 16]):
            p = probabilities[place, np.arange(len(tokens)), tokens].astype(np.float64)
            total -= np.log(np.maximum(p, 1e-30)).sum()
            count += len(tokens)
    return float(total / count), int(count)
