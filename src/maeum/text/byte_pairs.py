"""Byte-pair encoding: frequent neighbours become one token, again and again.

After Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units",
2016; on bytes after Radford et al., "Language Models are Unsupervised Multitask Learners", 2019.
"""

from __future__ import annotations

import functools
import heapq
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from maeum.core import registry
from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.core.files import read_bytes, write_atomically
from maeum.text import tokenizers, unicode_classes
from maeum.text.byte_pair_training import learn_merges
from maeum.text.normalization import check_text
from maeum.text.vocabulary import Vocabulary

_REMEMBERED = 1 << 17  # words whose tokens are kept, so that frequent ones are cut once


@registry.builtin
class BytePairEncoding(tokenizers.Tokenizer):
    """Byte-pair encoding, trained on your own texts with `train`.

    A text is first cut into words (with the space before them), numbers, runs of punctuation and
    white space; merges happen within these. With ``level="bytes"`` the pieces are bytes, each
    shown as one printable character, so that every text can be encoded and `decode` gives it back
    exactly; with ``level="characters"`` they are characters, and one that was never seen is
    unknown.

    Args:
        alphabet: the pieces before any merge, in the order of their numbers.
        merges: the pairs that become one token, the first learnt first.
        level: ``"bytes"`` or ``"characters"``.
        specials: special tokens as ``{"padding": ..., "unknown": ..., "start": ..., "end": ...}``;
            ``[PAD]`` is 0 and ``[UNK]`` is 1 unless given.

    Raises:
        ConfigError: for merges of tokens that are not in the vocabulary.

    Example:
        >>> pairs = BytePairEncoding.train(["low lower lowest"] * 3, vocabulary_size=262)
        >>> pairs.tokenize("low slow")
        ['low', 'Ġ', 's', 'low']
        >>> pairs.decode(pairs.encode("마음 low!"))
        '마음 low!'
    """

    def __init__(
        self,
        alphabet: Sequence[str],
        merges: Sequence[Sequence[str]],
        level: str = "bytes",
        specials: dict[str, str | None] | None = None,
    ):
        self.level = check_choice(level, ("bytes", "characters"), "level")
        self.merges = [(str(a), str(b)) for a, b in merges]
        known = dict.fromkeys(alphabet)
        for a, b in self.merges:
            if a not in known or b not in known:
                raise ConfigError("The merge of {a!r} and {b!r} uses a token that is not in the "
                                  "vocabulary.", a=a, b=b)  # fmt: skip
            known.setdefault(a + b)
        self.vocabulary = Vocabulary(known, **(specials or {}))
        self._ranks = {pair: rank for rank, pair in reversed(list(enumerate(self.merges)))}
        self._cut: dict[str, list[str]] = {}

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocabulary_size: int = 8000,
        level: str = "bytes",
        min_count: int = 2,
        **specials: str | None,
    ) -> BytePairEncoding:
        """Learn the merges from texts.

        Args:
            texts: the texts, one after the other: a list, a generator, a `TextLines`.
            vocabulary_size: the number of tokens in the end, special ones and single bytes (256)
                included.
            level: ``"bytes"`` or ``"characters"``.
            min_count: how often a pair has to be there to become a token.
            **specials: ``padding``, ``unknown``, ``start`` and ``end``, as for `Vocabulary`.

        Raises:
            DataError: if there is no text.
            ConfigError: if the vocabulary is too small for the single bytes or characters.
        """
        check_whole(vocabulary_size, "vocabulary_size")
        check_whole(min_count, "min_count", 0)
        counts: Counter[str] = Counter()
        for text in tokenizers.check_texts(texts):
            counts.update(_pieces(check_text(text)))
        if not counts:
            raise DataError("There is no text to learn byte pairs from: the texts are empty.")
        table = byte_characters()
        if level == "bytes":
            counts = Counter({_shown(word, table): count for word, count in counts.items()})
            alphabet = sorted(table)
        else:
            alphabet = sorted(set().union(*counts))
        room = vocabulary_size - len(Vocabulary([], **specials)) - len(alphabet)
        if room < 0:
            raise ConfigError("vocabulary_size includes the {n} single bytes or characters and the "
                              "special tokens; got {size}. Give at least {least}.", n=len(alphabet),
                              size=vocabulary_size, least=vocabulary_size - room)  # fmt: skip
        merges = learn_merges(counts, alphabet, room, min_count)
        return cls(alphabet, merges, level, dict(specials))

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __repr__(self) -> str:
        return f"<BytePairEncoding: {len(self):,} tokens, {len(self.merges):,} merges>"

    def tokenize(self, text: str) -> list[str]:
        """Return the tokens of a text."""
        tokens: list[str] = []
        for word in _pieces(check_text(text)):
            cut = self._cut.get(word)
            if cut is None:
                if len(self._cut) >= _REMEMBERED:
                    self._cut = {}
                shown = _shown(word, byte_characters()) if self.level == "bytes" else word
                cut = self._cut[word] = self._merged(shown)
            tokens += cut
        return tokens

    def detokenize(self, tokens: Sequence[str]) -> str:
        """Return the text of tokens; bytes that are not UTF-8 (part of a letter) become U+FFFD."""
        text = "".join(tokens)
        if self.level == "characters":
            return text
        numbers = _byte_of()
        # What is not a byte is a special token, which stays readable.
        data = b"".join(
            bytes([numbers[c]]) if c in numbers else c.encode("utf-8", "replace") for c in text
        )
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return data.decode("utf-8", "replace")

    def encode(self, text: str, ends: bool = False) -> list[int]:
        """Return the numbers of a text; with ``ends``, the start and end tokens around them."""
        return self.vocabulary.encode(self.tokenize(text), ends)

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of numbers; padding, start and end are omitted.

        Raises:
            DataError: for a number outside the vocabulary.
        """
        return self.detokenize(self.vocabulary.decode(numbers))

    def save(self, path: str | os.PathLike) -> None:
        """Write the encoding as a JSON file."""
        write_atomically(path, self.to_json().encode())

    @classmethod
    def load(cls, path: str | os.PathLike) -> BytePairEncoding:
        """Read what `save` wrote.

        Raises:
            ModelFileError: if the file cannot be read, or is something else.
        """
        made = cls.from_json(read_bytes(path))
        if not isinstance(made, BytePairEncoding):
            raise ModelFileError("{path!r} holds {kind}, not byte pairs.", path=str(path),
                                 kind=type(made).__name__)  # fmt: skip
        return made

    def _merged(self, word: str) -> list[str]:
        """Return the tokens of a word: the pair learnt first is merged first, leftmost first."""
        parts: list[str] = list(word)
        if len(parts) == 1:
            return parts
        end = len(parts)
        after = [*range(1, end), -1]
        before = [-1, *range(end - 1)]
        ranks = self._ranks
        waiting = [
            (rank, i, parts[i], parts[i + 1])
            for i in range(end - 1)
            if (rank := ranks.get((parts[i], parts[i + 1]))) is not None
        ]
        heapq.heapify(waiting)
        while waiting:
            _rank, i, left, right = heapq.heappop(waiting)
            j = after[i]
            if j < 0 or parts[i] != left or parts[j] != right:
                continue  # one of the two is part of a longer token by now
            parts[i], parts[j] = left + right, ""
            after[i] = after[j]
            if after[j] >= 0:
                before[after[j]] = i
            for first, second in ((before[i], i), (i, after[i])):
                if first >= 0 and second >= 0:
                    rank = ranks.get((parts[first], parts[second]))
                    if rank is not None:
                        heapq.heappush(waiting, (rank, first, parts[first], parts[second]))
        return [part for part in parts if part]


@functools.cache
def _piece_rule() -> re.Pattern:
    """Return what cuts a text before any merge; whatever a text holds falls into one piece."""
    letter, digit = unicode_classes.members("L"), unicode_classes.members("N")
    return re.compile(
        f"'(?:s|t|re|ve|m|ll|d)| ?[{letter}]+| ?[{digit}]+| ?[^\\s{letter}{digit}]+"
        "|\\s+(?!\\S)|\\s+"
    )


def _pieces(text: str) -> list[str]:
    return _piece_rule().findall(text)


@functools.cache
def byte_characters() -> tuple[str, ...]:
    """Return one printable character for each byte: itself, or one from U+0100 on.

    >>> byte_characters()[ord("a")], byte_characters()[ord(" ")]
    ('a', 'Ġ')
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in printable else next(others)) for byte in range(256))


@functools.cache
def _byte_of() -> dict[str, int]:
    return {character: byte for byte, character in enumerate(byte_characters())}


def _shown(word: str, table: Sequence[str]) -> str:
    return "".join([table[byte] for byte in word.encode("utf-8", "surrogatepass")])


def as_encoder(encoder: Any) -> Any:
    """Return ``encoder`` if it turns texts into numbers; raise `ConfigError` otherwise."""
    if callable(getattr(encoder, "encode", None)) and hasattr(encoder, "vocabulary"):
        return encoder
    raise ConfigError("Texts are encoded by a BytePairEncoding, or by a TextEncoder (a tokenizer "
                      "and a vocabulary: TextEncoder.train(texts, 'words')); got {encoder!r}.",
                      encoder=encoder)  # fmt: skip
