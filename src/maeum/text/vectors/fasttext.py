"""FastText: Word2Vec with vectors for character n-grams, so that new words have vectors too."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import ConfigError
from maeum.text.vectors.corpus import Sentences
from maeum.text.vectors.problem import Rows
from maeum.text.vectors.settings import check_sizes
from maeum.text.vectors.subwords import SubwordVectors, buckets_of
from maeum.text.vectors.word2vec import Word2Vec


class FastText(Word2Vec):
    """A word is the mean of its own vector and those of its n-grams (Bojanowski et al., 2017).

    The character n-grams are hashed into buckets as fastText does. Memory is taken only for the
    buckets that the text fills, so their number may be large.

    Args:
        sentences: and everything else as in `Word2Vec`.
        min_n: the smallest length of an n-gram.
        max_n: the largest length; 0, or less than ``min_n``, for no n-grams.
        bucket: the number of buckets.
        **settings: those of `Word2Vec`.

    Raises:
        ConfigError: for a setting that makes no sense.
        DataError: if there is no text, or no word in it often enough.

    Example:
        >>> texts = [["walk", "walked"], ["talk", "talked"]] * 20
        >>> model = FastText(texts, min_count=1, workers=1, vector_size=8)
        >>> "walking" in model.wv, model.wv["walking"].shape
        (True, (8,))
    """

    def __init__(
        self,
        sentences: Sentences = None,
        *,
        min_n: int = 3,
        max_n: int = 6,
        bucket: int = 2_000_000,
        **settings: Any,
    ):
        check_sizes(min_n=min_n, max_n=max_n, bucket=bucket)
        if bucket > 2**31:
            raise ConfigError("bucket is at most 2 ** 31; got {bucket}.", bucket=bucket)
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket
        self._sizes: dict[str, Any] = {"min_n": min_n, "max_n": max_n, "bucket": bucket}
        super().__init__(**settings)
        self._settings = self._sizes | self._settings
        if sentences is not None:
            self._learn(sentences)

    def _make_rows(self) -> Rows:
        numbers = [buckets_of(word, self.min_n, self.max_n, self.bucket) for word in self._words]
        flat = np.array([bucket for word in numbers for bucket in word], np.int64)
        self._buckets, place = np.unique(flat, return_inverse=True)
        words, lengths = len(self._words), np.array([len(word) for word in numbers])
        ends = np.cumsum(lengths)
        rows = np.insert(words + place, ends - lengths, np.arange(words))  # its own comes first
        starts = np.concatenate([[0], ends + np.arange(1, words + 1)])
        self._rows = Rows(starts, rows.astype(np.int32))
        return self._rows

    def _input_rows(self) -> int:
        return len(self._words) + len(self._buckets)

    def _spread(self) -> float:
        return 1.0

    def _update(self) -> None:
        assert self._problem is not None
        matrix, rows = self._problem.input, self._rows
        vectors = np.add.reduceat(matrix[rows.rows], rows.starts[:-1], axis=0)
        vectors /= np.diff(rows.starts)[:, None]
        ngrams = self._buckets, matrix[len(self._words) :]
        self._wv = SubwordVectors(self._words, vectors, self._counts, *ngrams, **self._sizes)
