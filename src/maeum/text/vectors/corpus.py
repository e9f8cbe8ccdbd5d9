"""Sentences, as numbers: what word vectors are learnt from."""

from __future__ import annotations

import itertools
import os
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.text.lines import TextLines

Tokenizer = Callable[[str], Iterable[str]]
Sentences = Any  # a path, or an iterable of texts or of lists of words

LONGEST = 10_000
"""Longer sentences are cut into pieces, so that several threads can work on them."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text, in lower case: the default tokenizer.

    >>> words_of("It's home-based, 마음!")
    ["it's", 'home-based', '마음']
    """
    return _WORD.findall(text.lower())


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    Attributes:
        vocabulary: the words, the most frequent first; equal counts in order of appearance.
        counts: how often each word occurs, int64.
        words: the numbers of all words of the text, int32. Words outside of the
            vocabulary are removed: their neighbours become neighbours of each other.
        sentences: where each sentence begins in ``words``, and the end of the last; int64.
        read: how many words the text had, before the rare ones were removed.
    """

    vocabulary: list[str]
    counts: np.ndarray
    words: np.ndarray
    sentences: np.ndarray
    read: int


def read_corpus(
    sentences: Sentences,
    min_count: int = 1,
    max_final_vocab: int | None = None,
    tokenizer: Tokenizer | None = None,
    encoding: str = "utf-8",
    vocabulary: list[str] | None = None,
) -> Corpus:
    """Number the words of a text, in one pass: an iterator that runs once is enough.

    It keeps four bytes a word in memory.

    Args:
        sentences: the path of a text file (a line is a sentence; ``.gz`` is unpacked), or an
            iterable of texts or of lists of words.
        min_count: words that occur less often are ignored.
        max_final_vocab: the largest number of words, the most frequent ones.
        tokenizer: what makes words of a text; `words_of` without one.
        encoding: of the file.
        vocabulary: number these words, and ignore all others, instead of counting.

    Raises:
        DataError: if there is nothing to learn from, or the file cannot be read as text.

    Example:
        >>> corpus = read_corpus(["a rose is a rose", "a daisy"], min_count=2)
        >>> corpus.vocabulary, corpus.words.tolist(), corpus.sentences.tolist()
        (['a', 'rose'], [0, 1, 0, 1, 0], [0, 4, 5])
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    words, ends = array("i"), array("q", [0])
    for sentence in token_lists(sentences, tokenizer, encoding):
        try:
            words.extend(map(numbers.__getitem__, sentence))
        except TypeError:
            raise DataError("Sentence {number} has words that are not strings: {sentence!r:.50}. "
                            "Give texts, or lists of strings.", number=len(ends) - 1,
                            sentence=sentence) from None  # fmt: skip
        ends.append(len(words))
    found = list(numbers)
    strange = next((word for word in found if not isinstance(word, str)), None)
    if strange is not None:
        raise DataError("A word is of type {kind} ({strange!r:.50}); words are strings. Give "
                        "texts, or lists of strings.", kind=type(strange).__name__,
                        strange=strange)  # fmt: skip
    if not found:
        raise DataError("There is no word in the sentences: they are empty. Give some text.")
    flat = np.frombuffer(words, np.int32)
    count = np.bincount(flat, minlength=len(found))
    if vocabulary is None:
        chosen = np.argsort(-count, kind="stable")
        chosen = chosen[count[chosen] >= min_count][:max_final_vocab]
        if not len(chosen):
            most = found[int(count.argmax())]
            raise DataError("No word occurs min_count={min_count} times; the most frequent one, "
                            "{word!r}, occurs {count} times. Give more text, or a smaller "
                            "min_count.", min_count=min_count, word=most,
                            count=count.max())  # fmt: skip
        vocabulary = [found[i] for i in chosen]
    else:
        known = {word: i for i, word in enumerate(found)}
        chosen = np.array([known.get(word, -1) for word in vocabulary])
        if (chosen < 0).all():
            raise DataError("No word of these sentences is in the vocabulary.")
    renumbered = np.full(len(found), -1, np.int32)
    renumbered[chosen[chosen >= 0]] = np.flatnonzero(chosen >= 0)
    flat = renumbered[flat]
    before = np.concatenate([[0], np.cumsum(flat >= 0)])
    sentence_ends = before[np.frombuffer(ends, np.int64)]
    counts = np.where(chosen >= 0, count[chosen], 0)
    return Corpus(vocabulary, counts, flat[flat >= 0], _cut(sentence_ends), len(words))


def _cut(ends: np.ndarray) -> np.ndarray:
    """Drop empty sentences, and cut long ones."""
    ends = np.unique(ends)
    if len(ends) > 1 and np.diff(ends).max() > LONGEST:
        pieces = [np.arange(a, b, LONGEST) for a, b in itertools.pairwise(ends)]
        ends = np.concatenate([*pieces, ends[-1:]])
    return ends.astype(np.int64)


def token_lists(
    sentences: Sentences, tokenizer: Tokenizer | None, encoding: str
) -> Iterator[Iterable[str]]:
    """Yield the words of each sentence, whatever form the sentences have."""
    tokenizer = tokenizer or words_of
    if not callable(tokenizer):
        raise ConfigError("tokenizer is a function from a text to its words; got {given!r}.",
                          given=tokenizer)  # fmt: skip
    if isinstance(sentences, (str, os.PathLike)):
        sentences = text_lines(sentences, encoding)
    try:
        iterator = iter(sentences)
    except TypeError:
        raise DataError("sentences is of type {kind}; expected the path of a text file, or an "
                        "iterable of texts or of lists of words.",
                        kind=type(sentences).__name__) from None  # fmt: skip
    for i, sentence in enumerate(iterator):
        if isinstance(sentence, str):
            yield tokenizer(sentence)
        elif isinstance(sentence, Iterable) and not isinstance(sentence, (bytes, bytearray)):
            yield sentence
        else:
            raise DataError("Sentence {number} is of type {kind} ({sentence!r:.50}); expected a "
                            "text or a list of words.", number=i, kind=type(sentence).__name__,
                            sentence=sentence)  # fmt: skip


def text_lines(path: str | os.PathLike, encoding: str) -> Iterator[str]:
    """Yield the lines of a text file, unpacked if it ends in ``.gz``."""
    if not os.path.isfile(path):
        raise DataError("There is no file {path!r:.200}. Give a text in a list: [text].",
                        path=str(path))  # fmt: skip
    yield from TextLines(path, encoding)
