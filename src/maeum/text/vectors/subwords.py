"""Character n-grams: they give FastText a vector for words that it has never seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import UnknownNameError
from maeum.text.vectors.base import unit_rows
from maeum.text.vectors.keyed import KeyedVectors


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    """Return the n-grams of ``<word>`` that are ``min_n`` to ``max_n`` characters long.

    By start, then by length. ``<`` and ``>`` mark the ends; alone they are not an n-gram
    (Bojanowski et al., 2017, as in the authors' program).

    >>> ngrams("마음", 2, 3)
    ['<마', '<마음', '마음', '마음>', '음>']
    """
    marked = f"<{word}>"
    return [
        marked[start : start + n]
        for start in range(len(marked))
        for n in range(min_n, max_n + 1)
        if start + n <= len(marked)
        and not (n == 1 and marked[start] in "<>" and start in (0, len(marked) - 1))
    ]


def ngram_hash(ngram: str) -> int:
    """Return FNV-1a over the UTF-8 bytes, 32 bits; bytes count as signed, as in fastText.

    >>> ngram_hash("a")
    3826002220
    """
    value = 2166136261
    for byte in ngram.encode("utf-8", "surrogatepass"):
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16777619 & 0xFFFFFFFF
    return value


def buckets_of(word: str, min_n: int, max_n: int, bucket: int) -> list[int]:
    """Return the number of the bucket of each n-gram of a word, 0 to ``bucket - 1``."""
    return [ngram_hash(ngram) % bucket for ngram in ngrams(word, min_n, max_n)]


class SubwordVectors(KeyedVectors):
    """Words and their vectors, and the vectors of their character n-grams.

    A word that is not in the vocabulary gets the mean of the vectors of those of its n-grams
    that occurred in the text. ``word in wv`` is true for every word that has such an n-gram; the
    vocabulary is ``wv.key_to_index``.

    Args:
        words: each once.
        vectors: ``(words, size)``.
        counts: how often each word occurred.
        buckets: the numbers of the buckets that occurred, in rising order; int64.
        ngram_vectors: their vectors, ``(buckets, size)``.
        min_n: the smallest length of an n-gram.
        max_n: the largest length.
        bucket: the number of buckets.
    """

    def __init__(
        self,
        words: Any,
        vectors: Any,
        counts: Any,
        buckets: np.ndarray,
        ngram_vectors: np.ndarray,
        *,
        min_n: int,
        max_n: int,
        bucket: int,
    ):
        super().__init__(words, vectors, counts)
        self.buckets, self.ngram_vectors = buckets, np.asarray(ngram_vectors, np.float32)
        self.min_n, self.max_n, self.bucket = min_n, max_n, bucket

    def _ngram_rows(self, word: str) -> np.ndarray:
        """Return the rows of a word's n-grams, those that occurred."""
        numbers = np.array(buckets_of(word, self.min_n, self.max_n, self.bucket), np.int64)
        rows = np.searchsorted(self.buckets, numbers)
        rows = np.minimum(rows, len(self.buckets) - 1)
        return rows[self.buckets[rows] == numbers] if len(self.buckets) else rows[:0]

    def __contains__(self, word: object) -> bool:
        if word in self.key_to_index:
            return True
        return isinstance(word, str) and len(self._ngram_rows(word)) > 0

    def get_vector(self, word: str, norm: bool = False) -> np.ndarray:
        """Return a word's vector, made of its n-grams for a word that is new.

        Raises:
            UnknownNameError: a KeyError, if none of its n-grams occurred in the text.
        """
        if word in self.key_to_index or not isinstance(word, str):
            return super().get_vector(word, norm)
        rows = self._ngram_rows(word)
        if not len(rows):
            raise UnknownNameError("The word {word!r} has no vector: neither it nor any of its "
                                   "n-grams of {min_n} to {max_n} characters was in the text.",
                                   word=word, min_n=self.min_n, max_n=self.max_n)  # fmt: skip
        vector = self.ngram_vectors[rows].mean(0)
        return unit_rows(vector[None])[0] if norm else vector

    def _parts(self) -> tuple[dict, dict[str, np.ndarray]]:
        about, tensors = super()._parts()
        about |= {"min_n": self.min_n, "max_n": self.max_n}
        tensors |= {"buckets": self.buckets, "ngram_vectors": self.ngram_vectors}
        return about | {"bucket": self.bucket}, tensors

    @classmethod
    def _from_parts(cls, about: dict, tensors: dict[str, np.ndarray]) -> SubwordVectors:
        names = ("vectors", "counts", "buckets", "ngram_vectors")
        arrays: list[Any] = [tensors.get(name) for name in names]
        sizes = {name: about[name] for name in ("min_n", "max_n", "bucket")}
        return cls(about["words"], *arrays, **sizes)
