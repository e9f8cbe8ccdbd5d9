"""Words and their vectors: look up, compare, find neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError, nearest
from maeum.core.messages import _

Key = Any  # a word, or a vector


class BaseKeyedVectors:
    """What can be asked of words and their vectors; the arguments are those of `KeyedVectors`."""

    def __init__(self, words: Iterable[str], vectors: Any, counts: Any = None):
        self.index_to_key: list[str] = list(words)
        n = len(self.index_to_key)
        strange = next((word for word in self.index_to_key if not isinstance(word, str)), None)
        if strange is not None:
            kind = type(strange).__name__
            raise DataError("A word is of type {kind}; words are strings.", kind=kind)
        self.key_to_index: dict[str, int] = {word: i for i, word in enumerate(self.index_to_key)}
        try:
            with np.errstate(over="ignore"):  # infinite values are reported below
                self.vectors = np.asarray(vectors, np.float32)
        except (TypeError, ValueError) as error:
            raise DataError("The vectors are not a table of numbers ({error}). Give equally many "
                            "for each word.", error=error) from None  # fmt: skip
        if self.vectors.ndim != 2 or len(self.vectors) != n:
            raise ShapeError("There are {n} words, and vectors of shape {shape}; expected ({n}, "
                             "size): one row a word.", n=n, shape=self.vectors.shape)  # fmt: skip
        if len(self.key_to_index) < n:
            twice = next(w for i, w in enumerate(self.index_to_key) if self.key_to_index[w] != i)
            raise DataError("The word {word!r} occurs twice. Keep one vector for each word.",
                            word=twice)  # fmt: skip
        if not np.isfinite(self.vectors).all():
            row = int(np.flatnonzero(~np.isfinite(self.vectors).all(1))[0])
            word = self.index_to_key[row]
            raise DataError("The vector of {word!r} has NaN or infinite values.", word=word)
        self.counts = None if counts is None else np.asarray(counts, np.int64)
        if self.counts is not None and self.counts.shape != (n,):
            raise ShapeError("There are {n} words, and counts of shape {shape}; expected one for "
                             "each word.", n=n, shape=self.counts.shape)  # fmt: skip
        self._unit: np.ndarray | None = None

    # ---- Look up ----------------------------------------------------------------------------

    @property
    def vector_size(self) -> int:
        """Dimensions of each vector."""
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        return word in self.key_to_index

    def __getitem__(self, word: str | Sequence[str]) -> np.ndarray:
        """Return a word's vector, or the matrix of the vectors of several words."""
        if isinstance(word, str):
            return self.get_vector(word)
        if not hasattr(word, "__iter__"):
            raise DataError("A word, or a list of words, is looked up; got {word!r:.60}.",
                            word=word)  # fmt: skip
        found = [self.get_vector(w) for w in word]
        return np.stack(found) if found else np.zeros((0, self.vector_size), np.float32)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} words, {self.vector_size} dimensions>"

    def get(self, word: str, default: Any = None) -> Any:
        """Return a word's vector, or ``default`` for a word that is unknown."""
        return self.get_vector(word) if word in self else default

    def get_vector(self, word: str, norm: bool = False) -> np.ndarray:
        """Return a word's vector; with ``norm``, made one unit long.

        Raises:
            UnknownNameError: a KeyError, if the word has no vector; it names the nearest word.
        """
        vector = self.vectors[self.get_index(word)]
        return unit_rows(vector[None])[0] if norm else vector

    def get_index(self, word: str) -> int:
        """Return a word's row.

        Raises:
            UnknownNameError: a KeyError, if the word has none; it names the nearest word.
        """
        try:
            return self.key_to_index[word]
        except (KeyError, TypeError):
            raise UnknownNameError(
                _("The word {word!r} has no vector: it was not in the text, or too rare.{hint} "
                  "`word in wv` asks first.", word=word,
                  hint=nearest(word, self.index_to_key[:50_000]))
            ) from None  # fmt: skip

    def get_normed_vectors(self) -> np.ndarray:
        """Return all vectors, each made one unit long; zeros stay zeros."""
        if self._unit is None:
            self._unit = unit_rows(self.vectors)
        return self._unit

    def matrix(
        self,
        vocabulary: Sequence[str] | Mapping[str, int],
        unknown: str = "mean",
    ) -> np.ndarray:
        """Return the vectors in the order of another vocabulary: the weights of an `Embedding`.

        Args:
            vocabulary: words, or a mapping from words to rows (rows that no word has are zeros).
            unknown: what a word without a vector gets: ``"zeros"``, ``"mean"`` (of all vectors) or
                ``"error"``. The empty word, which is padding, always gets zeros.

        Returns:
            ``(rows, size)``, float32.

        Raises:
            UnknownNameError: for a word without a vector, if ``unknown="error"``.

        Example:
            >>> wv = BaseKeyedVectors(["a", "b"], [[1, 2], [3, 4]])
            >>> wv.matrix(["", "b", "c"]).tolist()
            [[0.0, 0.0], [3.0, 4.0], [2.0, 3.0]]
        """
        check_choice(unknown, ("zeros", "mean", "error"), "unknown")
        rows = vocabulary if isinstance(vocabulary, Mapping) else range(len(vocabulary))
        pairs = list(rows.items() if isinstance(rows, Mapping) else zip(vocabulary, rows))
        for word, row in pairs:
            check_whole(row, f"the row of {word!r}", 0)
        size = max([len(pairs), *(int(row) + 1 for _word, row in pairs)])
        result = np.zeros((size, self.vector_size), np.float32)
        average = self.vectors.mean(0)
        for word, row in pairs:
            if word in self or unknown == "error":
                result[row] = self.get_vector(word)
            elif unknown == "mean" and word:
                result[row] = average
        return result

    # ---- Compare ----------------------------------------------------------------------------

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of the angle between two words, from -1 to 1."""
        return float(self.get_vector(first, norm=True) @ self.get_vector(second, norm=True))

    def distance(self, first: str, second: str) -> float:
        """Return 1 - `similarity`."""
        return 1 - self.similarity(first, second)

    def n_similarity(self, first: Sequence[str], second: Sequence[str]) -> float:
        """Return the cosine between the means of two lists of words."""
        if not len(first) or not len(second):
            raise DataError("A list of words is empty; give at least one word in each.")
        a, b = unit_rows(np.stack([self[list(first)].mean(0), self[list(second)].mean(0)]))
        return float(a @ b)

    def doesnt_match(self, words: Iterable[str]) -> str:
        """Return the word that is farthest from the others; unknown words are ignored.

        Raises:
            DataError: if no word is known.
        """
        known = [word for word in words if word in self]
        if not known:
            raise DataError("None of the words has a vector; there is nothing to compare.")
        unit = np.stack([self.get_vector(word, norm=True) for word in known])
        return known[int((unit @ unit.mean(0)).argmin())]

    def most_similar(
        self,
        positive: Key | Sequence[Key] = (),
        negative: Key | Sequence[Key] = (),
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Find the words nearest to a word, a vector, or a sum and difference of them.

        ``most_similar(positive=["king", "woman"], negative=["man"])`` asks: what is to a woman as
        a king is to a man? The given words themselves are not answers.

        Args:
            positive: words or vectors that are added, each made one unit long; a pair
                ``(word, weight)`` counts with its weight.
            negative: those that are subtracted.
            topn: so many answers; None gives the similarity to every word, as an array.
            restrict_vocab: search only the first (most frequent) so many words.

        Returns:
            A list of ``(word, cosine)``, the nearest first.

        Raises:
            DataError: if there is neither a positive nor a negative.
            UnknownNameError: for a word that has no vector.
        """
        if topn is not None and not isinstance(topn, (int, np.integer)):
            raise ConfigError("topn is a whole number, or None for all; got {n!r}.", n=topn)
        terms = [(*self._term(key), 1.0) for key in _listed(positive)]
        terms += [(*self._term(key), -1.0) for key in _listed(negative)]
        if not terms:
            raise DataError("There is nothing to compare with: give at least one word.")
        mean = np.mean([sign * weight * vector for _key, weight, vector, sign in terms], axis=0)
        unit = self.get_normed_vectors()[:restrict_vocab]
        cosines = unit @ unit_rows(mean[None])[0]
        if topn is None:
            return cosines
        given = {self.key_to_index.get(word) for word, *_rest in terms if word is not None}
        return [
            (self.index_to_key[i], float(cosines[i]))
            for i in _greatest(cosines, topn + len(given))
            if i not in given
        ][: max(topn, 0)]

    def similar_by_word(self, word: str, topn: int = 10, restrict_vocab: int | None = None) -> Any:
        """Find the words nearest to a word: `most_similar` of one."""
        return self.most_similar(word, topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: Any, topn: int = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the words nearest to a vector."""
        return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

    def _term(self, key: Key) -> tuple[str | None, float, np.ndarray]:
        weight = 1.0
        if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], (str, np.ndarray)):
            key, weight = key[0], float(key[1])
        if isinstance(key, str):
            return key, weight, self.get_vector(key, norm=True)
        try:
            vector = np.asarray(key, np.float32)
        except (TypeError, ValueError):
            raise DataError("Expected a word or a vector; got {key!r:.60}.", key=key) from None
        if vector.shape != (self.vector_size,):
            raise ShapeError("A vector of shape {shape} was given; expected ({size},).",
                             shape=vector.shape, size=self.vector_size)  # fmt: skip
        if not np.isfinite(vector).all():
            raise DataError("A vector was given that has NaN or infinite values.")
        return None, weight, unit_rows(vector[None])[0]


def _listed(keys: Any) -> Sequence:
    """Return the keys, of which there may be a single one without a list."""
    single = isinstance(keys, str) or (isinstance(keys, np.ndarray) and keys.ndim == 1)
    if single and not (isinstance(keys, np.ndarray) and keys.dtype.kind in "UO"):
        return [keys]
    if keys is None:
        return ()
    return list(keys) if hasattr(keys, "__iter__") else [keys]


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return the rows made one unit long; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def _greatest(values: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the greatest values, the greatest first."""
    count = min(max(count, 0), len(values))
    some = (
        np.argpartition(-values, count - 1)[:count]
        if 0 < count < len(values)
        else np.arange(len(values))
    )
    return some[np.argsort(-values[some], kind="stable")][:count]
