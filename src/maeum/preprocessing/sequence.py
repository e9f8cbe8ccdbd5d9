"""Sequences, by the names of ``keras.preprocessing.sequence``, which older code uses."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_whole
from maeum.core.randomness import next_seed
from maeum.preprocessing.windows import TimeseriesGenerator
from maeum.text.padding import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """Return how likely the word of each rank is to be kept, for `skipgrams`.

    ``min(1, sqrt(factor / frequency))`` with the frequency ``1 / (r (log r + 0.577) + 1/2 -
    1/(12 r))`` that the word of rank ``r`` has by Zipf's law. Entry 0 is that of rank 1.

    Args:
        size: the number of ranks.
        sampling_factor: the factor; the larger, the more frequent words are kept.
    """
    rank = np.maximum(np.arange(check_whole(size, "size"), dtype=float), 1)
    inverse = rank * (np.log(rank) + 0.577) + 0.5 - 1 / (12 * rank)
    return np.minimum(1.0, np.sqrt(sampling_factor * inverse))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list]:
    """Return pairs of words from a window (label 1) and pairs with a random word (label 0).

    Args:
        sequence: the numbers of words; 0 stands for none.
        vocabulary_size: the largest number, plus 1.
        window_size: how far apart the words of a pair may be.
        negative_samples: the number of pairs with a random word for each other pair.
        shuffle: whether to mix the pairs.
        categorical: whether labels are ``[0, 1]`` and ``[1, 0]``.
        sampling_table: for each number, how likely a word is kept; see `make_sampling_table`.
        seed: of the random numbers; the next one by default.

    Returns:
        The pairs, and a label for each.

    Example:
        >>> skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
        ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    chance = random.Random(next_seed() if seed is None else seed)
    pairs: list[list[int]] = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < chance.random()):
            continue
        others = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        pairs += [[word, sequence[j]] for j in others if j != i and sequence[j]]
    labels = [1] * len(pairs)
    if negative_samples > 0 and pairs:
        words = [word for word, _ in pairs]
        chance.shuffle(words)
        count = int(len(labels) * negative_samples)
        pairs += [
            [words[i % len(words)], chance.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [0] * count
    if shuffle:
        order = list(range(len(pairs)))
        chance.shuffle(order)
        pairs, labels = [pairs[i] for i in order], [labels[i] for i in order]
    return pairs, [[1 - label, label] for label in labels] if categorical else labels
