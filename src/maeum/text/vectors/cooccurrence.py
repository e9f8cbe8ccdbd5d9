"""How often words occur near each other: the counts behind GloVe and LSA."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.text.vectors.corpus import Corpus

_BLOCK = 1_000_000  # words that are counted at a time


def cooccurrences(
    corpus: Corpus, window: int, *, weigh: bool = True, symmetric: bool = True
) -> Any:
    """Count the pairs of words that are at most ``window`` words apart in a sentence.

    Args:
        corpus: the text.
        window: the greatest distance.
        weigh: whether a pair counts 1 / distance, as in GloVe, or 1.
        symmetric: whether what comes before and after a word counts alike; without it, entry
            (i, j) counts the j that come after i.

    Returns:
        A SciPy sparse array in CSR form, ``(words, words)``, float64.

    Example:
        >>> from maeum.text.vectors import read_corpus
        >>> cooccurrences(read_corpus(["a b c"]), window=2).toarray().tolist()
        [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]
    """
    from scipy import sparse

    size = len(corpus.vocabulary)
    total = sparse.csr_array((size, size))
    sentence = np.zeros(len(corpus.words), np.int32)
    sentence[corpus.sentences[1:-1]] = 1
    sentence = np.cumsum(sentence, dtype=np.int32)
    for distance in range(1, min(window, len(corpus.words) - 1) + 1):
        for start in range(0, len(corpus.words) - distance, _BLOCK):
            end = min(start + _BLOCK, len(corpus.words) - distance)
            here, there = slice(start, end), slice(start + distance, end + distance)
            near = sentence[here] == sentence[there]
            pairs = corpus.words[here][near], corpus.words[there][near]
            value = np.full(len(pairs[0]), 1 / distance if weigh else 1.0)
            total = total + sparse.coo_array((value, pairs), (size, size)).tocsr()
    return total + total.T if symmetric else total


def positive_pmi(counts: Any, smoothing: float = 0.75) -> Any:
    """Return ``max(0, log p(i, j) / (p(i) p(j)))`` for the counted pairs; all others stay 0.

    The contexts' probabilities are taken to the power ``smoothing``, which keeps rare words from
    looking important (Levy, Goldberg and Dagan, 2015).

    Args:
        counts: a SciPy sparse array, ``(words, contexts)``.
        smoothing: 1 for none.

    Returns:
        A sparse array in CSR form.
    """
    from scipy import sparse

    counts = sparse.coo_array(counts)
    rows, columns = counts.coords
    row = np.asarray(counts.sum(axis=1), np.float64)
    column = np.asarray(counts.sum(axis=0), np.float64) ** smoothing
    column /= column.sum()
    value = np.log(counts.data / (row[rows] * column[columns]))
    result = sparse.coo_array((np.maximum(value, 0), (rows, columns)), counts.shape).tocsr()
    result.eliminate_zeros()
    return result
