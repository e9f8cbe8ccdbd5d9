"""Parts of words: what gives FastText a vector for words that it has never seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import UnknownNameError
from maeum.text.vectors.base import unit_rows
from maeum.text.vectors.keyed import KeyedVectors


def ngrams(word: str, min_n: int, max_n: int) -> list[str]:
    """Return the parts of ``<word>`` that are ``min_n`` to ``max_n`` letters long.

    By start, then by length. ``<`` and ``>`` mark the ends; alone they are no part (Bojanowski et
    al., 2017, as in the authors' program).

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
    """Return the number of the bucket of each part of a word, 0 to ``bucket - 1``."""
    return [ngram_hash(ngram) % bucket for ngram in ngrams(word, min_n, max_n)]


class SubwordVectors(KeyedVectors):
    """Words and their vectors, and the vectors of their parts.

    A word that is not in the vocabulary gets the mean of the vectors of those of its parts that
    occurred in words of the text. ``word in wv`` is true for every word that has such a part; what
    is in the vocabulary stands in ``wv.key_to_index``.

    Args:
        words: each once.
        vectors: ``(words, size)``.
        counts: how often each word occurred.
        buckets: the numbers of the buckets that occurred, in rising order; int64.
        ngram_vectors: their vectors, ``(buckets, size)``.
        min_n: least letters of a part.
        max_n: most letters of a part.
        bucket: how many buckets there are.
    """

    _kind = "SubwordVectors"

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

    def _parts_of(self, word: str) -> np.ndarray:
        """Return the rows of a word's parts, those that occurred."""
        numbers = np.array(buckets_of(word, self.min_n, self.max_n, self.bucket), np.int64)
        rows = np.searchsorted(self.buckets, numbers)
        rows = np.minimum(rows, len(self.buckets) - 1)
        return rows[self.buckets[rows] == numbers] if len(self.buckets) else rows[:0]

    def __contains__(self, word: object) -> bool:
        if word in self.key_to_index:
            return True
        return isinstance(word, str) and len(self._parts_of(word)) > 0

    def get_vector(self, word: str, norm: bool = False) -> np.ndarray:
        """Return a word's vector, made of its parts for a word that is new.

        Raises:
            UnknownNameError: a KeyError, if no part of it occurred in the text.
        """
        if word in self.key_to_index or not isinstance(word, str):
            return super().get_vector(word, norm)
        rows = self._parts_of(word)
        if not len(rows):
            raise UnknownNameError(
                f"The word {word!r} has no vector: neither it nor a part of it, {self.min_n} to "
                f"{self.max_n} letters long, was in the text."
            )
        vector = self.ngram_vectors[rows].mean(0)
        return unit_rows(vector[None])[0] if norm else vector

    def _parts(self) -> tuple[dict, dict[str, np.ndarray]]:
        about, tensors = super()._parts()
        about |= {"min_n": self.min_n, "max_n": self.max_n}
        tensors |= {"buckets": self.buckets, "ngram_vectors": self.ngram_vectors}
        return about | {"bucket": self.bucket}, tensors

    @classmethod
    def _from_parts(cls, about: dict, tensors: dict[str, np.ndarray]) -> SubwordVectors:
        return cls(
            about["words"],
            tensors["vectors"],
            tensors.get("counts"),
            tensors["buckets"],
            tensors["ngram_vectors"],
            min_n=about["min_n"],
            max_n=about["max_n"],
            bucket=about["bucket"],
        )
