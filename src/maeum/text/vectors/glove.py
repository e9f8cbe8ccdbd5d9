"""GloVe: vectors whose dot products are the logarithms of how often words co-occur."""

from __future__ import annotations

import ctypes

import numpy as np

from maeum import native
from maeum.core.checks import check_positive
from maeum.core.errors import DataError
from maeum.text.vectors.cooccurrence import cooccurrences
from maeum.text.vectors.corpus import Sentences, Tokenizer, read_corpus
from maeum.text.vectors.keyed import KeyedVectors
from maeum.text.vectors.plain import add_rows
from maeum.text.vectors.settings import check_sizes
from maeum.text.vectors.training import padded, share_work, warn_of_numpy

_CHUNK = 4_096
_PLAIN_BATCH = 256


class GloVe:
    """Global vectors (Pennington, Socher and Manning, 2014).

    It makes ``sum over pairs f(x) (word . context + biases - log x)^2`` small, by AdaGrad, one pair
    at a time. There x counts how often two words co-occur (1 / distance each time), and
    ``f(x) = min(1, (x / x_max)^alpha)``. A word's vector is the sum of its word and context
    vectors, as in the authors' program.

    With ``workers=1`` the vectors are a function of the text, the settings and the seed.

    Args:
        sentences: the path of a text file (a line is a sentence), or an iterable of texts or of
            lists of words.
        vector_size: dimensions.
        window: the largest distance of words that co-occur.
        min_count: words that occur less often are ignored.
        x_max: pairs that count more than this get no more weight.
        alpha: the power of the weight.
        epochs: the number of passes over all pairs.
        learning_rate: of AdaGrad, whose sums begin at 1.
        symmetric: whether what comes before and after a word counts equally.
        workers: threads.
        seed: of everything that is drawn.
        max_final_vocab: the largest number of words, the most frequent ones.
        tokenizer: a function from a text to its words; by default, words in lower case.
        encoding: of the file.

    Attributes:
        wv: the words and their vectors: `KeyedVectors`.
        losses: of each epoch, the mean of ``f(x) d^2 / 2``.
        word_vectors: ``(words, size)``, and context_vectors, the same: their dot products, plus
            word_biases and context_biases ``(words,)``, approximate the logarithms.

    Raises:
        ConfigError: for a setting that makes no sense.
        DataError: if there is no text, or no two words in it co-occur.

    Example:
        >>> model = GloVe(["fish swim", "birds fly"] * 20, min_count=1, vector_size=8, workers=1)
        >>> model.losses[-1] < model.losses[0]
        True
    """

    def __init__(
        self,
        sentences: Sentences,
        *,
        vector_size: int = 100,
        window: int = 10,
        min_count: int = 5,
        x_max: float = 100.0,
        alpha: float = 0.75,
        epochs: int = 25,
        learning_rate: float = 0.05,
        symmetric: bool = True,
        workers: int = 2,
        seed: int = 1,
        max_final_vocab: int | None = None,
        tokenizer: Tokenizer | None = None,
        encoding: str = "utf-8",
    ):
        check_sizes(
            vector_size=vector_size, window=window, epochs=epochs, workers=workers,
            min_count=min_count, seed=seed,
        )  # fmt: skip
        check_positive(x_max, "x_max")
        check_positive(learning_rate, "learning_rate")
        corpus = read_corpus(sentences, min_count, max_final_vocab, tokenizer, encoding)
        counts = cooccurrences(corpus, window, symmetric=symmetric).tocoo()
        if not counts.nnz:
            raise DataError("No two words co-occur: every sentence has only one known word.")
        size = len(corpus.vocabulary)
        self.x_max, self.alpha, self.learning_rate = x_max, alpha, learning_rate
        self.workers = workers
        random = np.random.default_rng(seed)
        self.word_vectors, self.context_vectors = (padded(size, vector_size) for _i in range(2))
        self._word_sums, self._context_sums = (padded(size, vector_size, 1.0) for _i in range(2))
        for matrix in (self.word_vectors, self.context_vectors):
            matrix[:] = random.uniform(-0.5, 0.5, matrix.shape) / vector_size
        biases = random.uniform(-0.5, 0.5, (2, size)).astype(np.float32) / vector_size
        self.word_biases, self.context_biases = biases
        self._bias_sums = np.ones((2, size), np.float32)
        self.losses: list[float] = []
        rows, columns = (np.ascontiguousarray(index, np.int32) for index in counts.coords)
        values = counts.data.astype(np.float32)
        for _epoch in range(epochs):
            order = random.permutation(len(values))
            self.losses.append(self._epoch(rows, columns, values, order) / len(values))
        vectors = self.word_vectors + self.context_vectors
        self.wv = KeyedVectors(corpus.vocabulary, vectors, corpus.counts)

    def _epoch(
        self, words: np.ndarray, contexts: np.ndarray, counts: np.ndarray, order: np.ndarray
    ) -> float:
        """Go through all pairs once; return the sum of the losses."""
        library = native.library()
        if library is None:
            warn_of_numpy()
            return self._plain_epoch(words, contexts, counts, order)
        following = np.zeros(1, np.int64)
        arrays = {
            "words": words,
            "contexts": contexts,
            "counts": counts,
            "order": order,
            "next": following,
            "word": self.word_vectors,
            "context": self.context_vectors,
            "word_sum": self._word_sums,
            "context_sum": self._context_sums,
            "word_bias": self.word_biases,
            "context_bias": self.context_biases,
            "word_bias_sum": self._bias_sums[0],
            "context_bias_sum": self._bias_sums[1],
        }
        task = _Task(
            **{name: array.ctypes.data for name, array in arrays.items()},
            pairs=len(counts),
            chunk=_CHUNK,
            stride=self.word_vectors.strides[0] // 4,
            most=self.x_max,
            power=self.alpha,
            rate=self.learning_rate,
        )
        tasks = [_Task.from_buffer_copy(task) for _i in range(self.workers)]
        share_work(library.MaeumGlove, tasks, following)
        return sum(task.loss for task in tasks)

    def _plain_epoch(
        self, words: np.ndarray, contexts: np.ndarray, counts: np.ndarray, order: np.ndarray
    ) -> float:
        """Do the same in NumPy, moving the vectors once for each batch of pairs."""
        loss = 0.0
        for start in range(0, len(order), _PLAIN_BATCH):
            pairs = order[start : start + _PLAIN_BATCH]
            w, c, x = words[pairs], contexts[pairs], counts[pairs]
            a, b = self.word_vectors[w], self.context_vectors[c]
            d = np.einsum("nd,nd->n", a, b) + self.word_biases[w] + self.context_biases[c]
            d -= np.log(x)
            pull = np.minimum(1, (x / self.x_max) ** self.alpha) * d
            loss += float(np.sum(pull * d)) / 2
            self._move(self.word_vectors, self._word_sums, w, pull[:, None] * b)
            self._move(self.context_vectors, self._context_sums, c, pull[:, None] * a)
            pull = pull[:, None]
            self._move(self.word_biases[:, None], self._bias_sums[0][:, None], w, pull)
            self._move(self.context_biases[:, None], self._bias_sums[1][:, None], c, pull)
        return loss

    def _move(self, values: np.ndarray, sums: np.ndarray, rows: np.ndarray, g: np.ndarray) -> None:
        add_rows(values, rows, -self.learning_rate * g / np.sqrt(sums[rows]))
        add_rows(sums, rows, g * g)


class _Task(ctypes.Structure):  # MaeumGloveTask in native/src/word_vectors.cc
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("words", "contexts", "counts", "order")),
        ("pairs", ctypes.c_int64),
        ("chunk", ctypes.c_int64),
        ("next", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in ("word", "context", "word_sum", "context_sum")),
        *((name, ctypes.c_void_p) for name in ("word_bias", "context_bias")),
        *((name, ctypes.c_void_p) for name in ("word_bias_sum", "context_bias_sum")),
        ("stride", ctypes.c_int64),
        *((name, ctypes.c_float) for name in ("most", "power", "rate")),
        ("loss", ctypes.c_double),
    ]
