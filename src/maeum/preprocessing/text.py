"""Texts, by the names of ``keras.preprocessing.text``, which older code and books use.

New code takes `layers.TextVectorization`, or the tokenizers and vocabularies of `maeum.text`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.text.normalization import check_text
from maeum.text.tokenizers import check_texts

_LEARNT = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(
    input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Return the words of a text.

    Args:
        input_text: the text.
        filters: characters that separate words, and are removed.
        lower: whether to convert everything to lower case.
        split: what words are separated by.

    Raises:
        DataError: for something that is not a text.

    Example:
        >>> text_to_word_sequence("Time is an illusion. Lunchtime double so!")
        ['time', 'is', 'an', 'illusion', 'lunchtime', 'double', 'so']
    """
    text = check_text(input_text)
    text = (text.lower() if lower else text).translate(dict.fromkeys(map(ord, filters), split))
    return [word for word in text.split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: str | Callable[[str], int] | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to ``n - 1`` for every word of a text; several words may share one.

    Args:
        text: the text.
        n: the size of the space of numbers; 0 is for padding.
        hash_function: a function of a word, or ``"md5"``, the default. (Keras's default, Python's
            ``hash``, gives other numbers in every run.)
        filters, lower, split: see `text_to_word_sequence`.
        analyzer: splits the text instead of these.

    Example:
        >>> hashing_trick("so long so", 100)
        [62, 7, 62]
    """
    check_whole(n, "n", 2)
    number = _md5 if hash_function in (None, "md5") else hash_function
    if not callable(number):
        raise ConfigError('hash_function is "md5" or a function; got {given!r}.',
                          given=hash_function)  # fmt: skip
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else (
        analyzer(text)
    )  # fmt: skip
    return [number(word) % (n - 1) + 1 for word in words]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Return a number for every word of a text: `hashing_trick` with its default function."""
    return hashing_trick(input_text, n, None, filters, lower, split, analyzer)


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode("utf-8", "surrogatepass")).hexdigest(), 16)


@dataclass(eq=False, repr=False)
class Tokenizer:
    """Texts to rows of numbers, with a vocabulary by frequency; number 0 stays free for padding.

    Args:
        num_words: only the ``num_words - 1`` most frequent words get numbers.
        filters, lower, split: see `text_to_word_sequence`.
        char_level: whether every character is a word.
        oov_token: the word, number 1, for words outside the vocabulary; without one they are
            ignored.
        analyzer: splits a text instead of ``filters``, ``lower`` and ``split``.
        document_count: the number of texts seen before.

    Attributes:
        word_index: the number of each word (of all words, also beyond ``num_words``).
        index_word: the word of each number.
        word_counts: how often each word was there, in the order in which they came.
        word_docs: in how many texts each word was.

    Example:
        >>> tokenizer = Tokenizer(oov_token="?")
        >>> tokenizer.fit_on_texts(["So long", "so what"])
        >>> tokenizer.texts_to_sequences(["So long, fish"])
        [[2, 3, 1]]
    """

    num_words: int | None = None
    filters: str = _FILTERS
    lower: bool = True
    split: str = " "
    char_level: bool = False
    oov_token: str | None = None
    analyzer: Callable[[str], Iterable[str]] | None = None
    document_count: int = 0
    word_counts: Counter[str] = field(default_factory=Counter, init=False)
    word_docs: Counter[str] = field(default_factory=Counter, init=False)
    index_docs: Counter[int] = field(default_factory=Counter, init=False)
    word_index: dict[str, int] = field(default_factory=dict, init=False)
    index_word: dict[int, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.num_words is not None:
            check_whole(self.num_words, "num_words")

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Learn the vocabulary of texts (or of lists of words), together with those before."""
        for text in check_texts(texts):
            self.document_count += 1
            words = self._words(text)
            self.word_counts.update(words)
            self.word_docs.update(dict.fromkeys(words, 1))
        ranked = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        if self.oov_token is not None:
            ranked.insert(0, self.oov_token)
        self.word_index = {word: number for number, word in enumerate(ranked, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs = Counter({self.word_index[w]: n for w, n in self.word_docs.items()})

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many rows of numbers each number is, for `sequences_to_matrix`."""
        self.document_count += len(sequences)
        for sequence in sequences:
            self.index_docs.update(set(sequence))

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Return a row of numbers for each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yield a row of numbers for each text."""
        unknown = self.word_index.get(self.oov_token)  # type: ignore[arg-type]
        for text in check_texts(texts):
            found = (self.word_index.get(word) for word in self._words(text))
            kept = (unknown if self._beyond(number) else number for number in found)
            yield [number for number in kept if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return a text for each row of numbers."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield a text for each row of numbers."""
        for sequence in sequences:
            words = (
                self.oov_token if self._beyond(number) else self.index_word.get(number)
                for number in map(int, sequence)
            )
            words = (self.oov_token if word is None else word for word in words)
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """Return a vector for each text; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> np.ndarray:
        """Return a vector with an entry for each word, for each row of numbers.

        Args:
            sequences: rows of numbers.
            mode: ``"binary"`` (is the word there), ``"count"`` (how often), ``"freq"`` (its
                fraction), ``"tfidf"``: ``(1 + log count) log(1 + texts / (1 + texts with it))``.

        Raises:
            DataError: if what the matrix needs has not been learnt.
            UnknownNameError: for an unknown mode.
        """
        check_choice(mode, ("binary", "count", "freq", "tfidf"), "mode")
        size = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not size:
            raise DataError("The tokenizer has no vocabulary: call fit_on_texts, or give "
                            "num_words.")  # fmt: skip
        if mode == "tfidf" and not self.document_count:
            raise DataError("The mode 'tfidf' needs counts: call fit_on_texts first.")
        matrix = np.zeros((len(sequences), size))
        for row, sequence in enumerate(sequences):
            for number, count in Counter(n for n in sequence if n < size).items():
                matrix[row, number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = self.document_count / (1 + self.index_docs[number])
            return (1 + math.log(count)) * math.log(1 + rarity)
        return {"binary": 1.0, "count": float(count), "freq": count / length}[mode]

    def _beyond(self, number: int | None) -> bool:
        """Tell whether a number does not stand for a word that is used."""
        return number is None or bool(self.num_words and number >= self.num_words)

    def _words(self, text: Any) -> list[str]:
        if isinstance(text, (list, tuple)):
            return [word.lower() for word in text] if self.lower else list(text)
        if self.char_level:
            return list(check_text(text).lower() if self.lower else check_text(text))
        if self.analyzer is not None:
            return list(self.analyzer(text))
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments and what was learnt, the latter as JSON, in Keras's form."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
        learnt = {name: json.dumps(getattr(self, name)) for name in _LEARNT}
        given = {name: getattr(self, name) for name in (*names, "document_count")}
        return given | learnt

    def to_json(self, **options: Any) -> str:
        """Return everything as JSON, which Keras reads, too; an ``analyzer`` is not included."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **options)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the tokenizer that ``to_json`` described, here or in Keras.

    Raises:
        ModelFileError: if the text does not describe one.
    """
    try:
        config = dict(json.loads(json_string)["config"])
        learnt = {name: json.loads(config.pop(name)) for name in _LEARNT}
        tokenizer = Tokenizer(**config)
        for name, table in learnt.items():
            key = int if name.startswith("index_") else str
            kind = type(getattr(tokenizer, name))
            setattr(tokenizer, name, kind({key(k): v for k, v in table.items()}))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ModelFileError("This JSON does not describe a Tokenizer: {error!r}.",
                             error=error) from None  # fmt: skip
    return tokenizer
