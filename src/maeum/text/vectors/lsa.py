"""Latent semantic analysis: the principal directions of a table of words and texts."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import DataError
from maeum.text.vectors.cooccurrence import cooccurrences, positive_pmi
from maeum.text.vectors.corpus import Sentences, Tokenizer, read_corpus
from maeum.text.vectors.keyed import KeyedVectors
from maeum.text.vectors.settings import check_sizes


class LSA:
    """Word vectors from a singular value decomposition (Deerwester et al., 1990).

    With ``weighting="tfidf"``, words are similar that occur in the same texts: the table counts
    each word in each text, times ``log((1 + texts) / (1 + texts with the word)) + 1``, each text
    made one unit long. With ``"ppmi"``, words are similar that have the same neighbours: the table
    holds the positive pointwise mutual information of words at most ``window`` apart. The
    decomposition is scikit-learn's `TruncatedSVD`; a word's vector is its row of ``U S^power``.

    Args:
        sentences: the path of a text file (a line is a text), or an iterable of texts or of lists
            of words.
        vector_size: dimensions; fewer are kept if the table has fewer rows or columns than that.
        weighting: ``"tfidf"`` or ``"ppmi"``.
        window: greatest distance of neighbours, for ``"ppmi"``.
        min_count: words that occur less often are ignored.
        power: of the singular values.
        seed: of the decomposition's random start.
        max_final_vocab: the largest number of words, the most frequent ones.
        tokenizer: a function from a text to its words; by default, words in lower case.
        encoding: of the file.

    Attributes:
        wv: the words and their vectors: `KeyedVectors`.
        singular_values: of the directions, the greatest first.

    Raises:
        ConfigError: for a setting that makes no sense.
        DataError: if there is no text, or too little of it.

    Example:
        >>> texts = ["ship boat sea", "boat sea", "tree wood", "wood tree leaf"]
        >>> wv = LSA(texts, vector_size=2, min_count=1).wv
        >>> wv.similarity("ship", "sea") > wv.similarity("ship", "tree")
        True
    """

    def __init__(
        self,
        sentences: Sentences,
        *,
        vector_size: int = 100,
        weighting: str = "tfidf",
        window: int = 5,
        min_count: int = 2,
        power: float = 1.0,
        seed: int = 1,
        max_final_vocab: int | None = None,
        tokenizer: Tokenizer | None = None,
        encoding: str = "utf-8",
    ):
        from sklearn.decomposition import TruncatedSVD

        check_sizes(vector_size=vector_size, window=window, min_count=min_count, seed=seed)
        check_choice(weighting, ("tfidf", "ppmi"), "weighting")
        corpus = read_corpus(sentences, min_count, max_final_vocab, tokenizer, encoding)
        if weighting == "tfidf":
            table = _tfidf(corpus.words, corpus.sentences, len(corpus.vocabulary))
        else:
            table = positive_pmi(cooccurrences(corpus, window, weigh=False))
        most = min(table.shape) - 1
        if most < 1 or not table.nnz:
            raise DataError("The table of words is {rows} by {columns} with {entries} entries, too "
                            "small to be decomposed. Give more text, or a smaller min_count.",
                            rows=table.shape[0], columns=table.shape[1],
                            entries=table.nnz)  # fmt: skip
        svd = TruncatedSVD(min(vector_size, most), random_state=seed)
        with np.errstate(all="ignore"):  # its variance ratios may be 0 / 0; they are not used
            scaled = svd.fit_transform(table)  # U S
        self.singular_values = svd.singular_values_
        positive = np.maximum(self.singular_values, np.finfo(np.float64).tiny)
        self.wv = KeyedVectors(corpus.vocabulary, scaled * positive ** (power - 1.0), corpus.counts)


def _tfidf(words: np.ndarray, sentences: np.ndarray, size: int) -> Any:
    """Return the table ``(words, texts)``, sparse."""
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfTransformer

    texts = len(sentences) - 1
    text = np.repeat(np.arange(texts), np.diff(sentences))
    counts = sparse.coo_array((np.ones(len(words)), (text, words)), (texts, size))
    return TfidfTransformer().fit_transform(counts.tocsr()).T.tocsr()
