"""What is trained: the matrices of Word2Vec or FastText, and what is sampled for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maeum.text.vectors.sampling import Paths


@dataclass(frozen=True)
class Rows:
    """The rows of the input matrix whose mean is a word's vector (FastText: the word, its n-grams).

    Attributes:
        starts: word w's rows are ``rows[starts[w]:starts[w + 1]]``; int64.
        rows: int32.
    """

    starts: np.ndarray
    rows: np.ndarray


@dataclass
class Problem:
    """What an epoch reads and writes; see `maeum.text.vectors.word2vec` for the settings.

    Attributes:
        input: the vectors of the words (and n-grams); float32, see `padded`.
        negative_output: the vectors that negative sampling predicts with; None without it.
        path_output: those of the inner nodes of the tree; None without hierarchical softmax.
        keep: the probability that an occurrence of a word stays in its sentence.
        threshold: see `maeum.text.vectors.sampling.alias_table`.
        alias: see there.
    """

    input: np.ndarray
    negative_output: np.ndarray | None
    path_output: np.ndarray | None
    keep: np.ndarray
    threshold: np.ndarray
    alias: np.ndarray
    paths: Paths | None
    rows: Rows | None
    window: int
    negative: int
    skip_gram: bool
    mean: bool
    shrink: bool

    def matrices(self) -> dict[str, np.ndarray]:
        """Return what is learnt, by name."""
        names = ("input", "negative_output", "path_output")
        return {name: m for name in names if (m := getattr(self, name)) is not None}


@dataclass(frozen=True)
class Outcome:
    """What an epoch did: the sum of the losses, over how many predictions, from how many words."""

    loss: float
    predictions: int
    words: int
