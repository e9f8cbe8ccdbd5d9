"""The part of a table's network that reads a column of texts."""

from __future__ import annotations

from typing import Any

from maeum import ops
from maeum.layers import Dropout, Embedding

WIDTH = 32  # of the vector of a word
DROPPED = 0.5  # of the words of a text in training, so that none is relied on alone


def pooled_words(tokens: Any, numbers: int, name: str) -> Any:
    """Return a vector ``(rows, WIDTH)`` for texts: the sum of those of their words.

    It is divided by the root of their number, so that long texts are as loud as short ones (as in
    the network of Iyyer et al., 2015, "Deep Unordered Composition", whole words are dropped).

    Args:
        tokens: the input ``(rows, length)`` of numbers, 0 behind the end.
        numbers: how many different ones there are.
        name: of the layer that holds the vectors.
    """
    present = ops.expand_dims(ops.cast(ops.not_equal(tokens, 0), "float32"), -1)
    count = ops.maximum(ops.sum(present, axis=1), 1.0)
    kept = Dropout(DROPPED, name=f"{name}_dropout")(present)
    return ops.sum(Embedding(numbers, WIDTH, name=name)(tokens) * kept, axis=1) / ops.sqrt(count)
