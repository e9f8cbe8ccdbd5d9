"""Texts as rows of numbers: those of their words in order, or of their words and pairs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.config import Configurable
from maeum.core.messages import _, ngettext
from maeum.text import tokenizers
from maeum.text.padding import pad_sequences
from maeum.text.vocabulary import Vocabulary

_BETWEEN = " "  # stands between the two tokens of a pair


@registry.builtin
class WordsEncoder(Configurable):
    """Texts as rows of numbers, 0 behind the end; unknown words have a number of their own.

    Args:
        tokenizer: what cuts a text.
        vocabulary: the numbers of its tokens.
        length: the most tokens of a text; what stands behind is not read.

    Example:
        >>> WordsEncoder("whitespace", Vocabulary(["good", "bad"]), 3).encode(["good film", ""])
        array([[2, 1, 0],
               [0, 0, 0]], dtype=int32)
    """

    def __init__(self, tokenizer: Any, vocabulary: Vocabulary, length: int):
        self.tokenizer = tokenizers.get(tokenizer)
        self.vocabulary, self.length = vocabulary, int(length)

    def tokens(self, text: str) -> list[str]:
        """Return what the network sees of a text, in the order of its input."""
        return self.tokenizer.tokenize(text)[: self.length]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the numbers ``(texts, length)`` int32."""
        numbers = [self.vocabulary.encode(self.tokens(text)) for text in texts]
        return pad_sequences(numbers, self.length, padding="post")

    def describe(self) -> str:
        """Return what it knows, in words."""
        return _("{tokens}, the first {length:,} of a text",
                 tokens=_tokens(len(self.vocabulary) - 2), length=self.length)  # fmt: skip


@registry.builtin
class NgramsEncoder(WordsEncoder):
    """Texts as the numbers of their words and of pairs of neighbours, each once.

    What is not in the vocabulary is ignored, and so is the order.

    Example:
        >>> known = Vocabulary(["good", "not", "not good"])
        >>> NgramsEncoder("whitespace", known, 4).encode(["not good at all", "good good"])
        array([[2, 3, 4, 0],
               [2, 0, 0, 0]], dtype=int32)
    """

    def tokens(self, text: str) -> list[str]:
        """Return the known words and pairs of a text, in the order of their numbers."""
        return [self.vocabulary.tokens[number] for number in self._numbers(text)]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the numbers ``(texts, length)`` int32."""
        return pad_sequences([self._numbers(text) for text in texts], self.length, padding="post")

    def _numbers(self, text: str) -> list[int]:
        found = self.vocabulary.known(ngrams(self.tokenizer.tokenize(text)))
        return sorted(found)[: self.length]

    def describe(self) -> str:
        """Return what it knows, in words."""
        pairs = sum(_BETWEEN in token[1:-1] for token in self.vocabulary)
        said = ngettext("{n:,} pair of neighbours", "{n:,} pairs of neighbours", pairs)
        return _("{tokens} and {pairs}", tokens=_tokens(len(self.vocabulary) - 2 - pairs),
                 pairs=said)  # fmt: skip


def _tokens(n: int) -> str:
    return ngettext("{n:,} token", "{n:,} tokens", n)


def word_tokenizer() -> tokenizers.WordTokenizer:
    """Return what cuts texts that are classified: into words and marks, in lower case."""
    return tokenizers.WordTokenizer(punctuation=True, lower=True)


def ngrams(tokens: Sequence[str]) -> list[str]:
    """Return tokens, and pairs of neighbours.

    >>> ngrams(["not", "so", "good"])
    ['not', 'so', 'good', 'not so', 'so good']
    """
    return [*tokens, *(a + _BETWEEN + b for a, b in itertools.pairwise(tokens))]
