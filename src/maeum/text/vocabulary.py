"""The vocabulary: tokens and their numbers."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from maeum.core import registry
from maeum.core.config import Configurable
from maeum.core.errors import ConfigError, DataError, ModelFileError, nearest
from maeum.core.files import read_bytes, write_atomically
from maeum.core.messages import _
from maeum.text import tokenizers

_HEADER = "#maeum-vocabulary "
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_KINDS = ("padding", "unknown", "start", "end")


@registry.builtin
class Vocabulary(Configurable):
    """Tokens and their numbers; special tokens come first.

    Number 0 is padding and 1 stands for every token outside the vocabulary, so that the
    length of a text is kept; where ``unknown=None``, such a token is an error.

    Args:
        tokens: the tokens in the order of their numbers, without the special ones.
        padding: the token that pads shorter texts; None for none.
        unknown: the token for whatever is not in the vocabulary; None for none.
        start: a token for the beginning of a text, if there is one.
        end: a token for its end.

    Raises:
        ConfigError: for tokens that are not texts, or that occur twice.

    Example:
        >>> words = Vocabulary(["so", "long"])
        >>> words.encode(["so", "long", "fish"])
        [2, 3, 1]
        >>> words.decode([2, 3, 1, 0])
        ['so', 'long', '[UNK]']
    """

    def __init__(
        self,
        tokens: Iterable[str],
        padding: str | None = "[PAD]",
        unknown: str | None = "[UNK]",
        start: str | None = None,
        end: str | None = None,
    ):
        self.padding, self.unknown, self.start, self.end = padding, unknown, start, end
        special = [s for s in (padding, unknown, start, end) if s is not None]
        own = list(tokens)
        self.tokens = [*special, *own]
        self.specials = frozenset(special)
        wrong = next((t for t in self.tokens if not isinstance(t, str)), None)
        if wrong is not None:
            raise ConfigError("The tokens of a vocabulary are texts; got {token!r}.", token=wrong)
        self._numbers = {token: number for number, token in enumerate(self.tokens)}
        if len(self._numbers) < len(self.tokens):
            twice = Counter(self.tokens).most_common(1)[0][0]
            special_token = _(" It is a special token.") if twice in self.specials else ""
            raise ConfigError(
                _("The token {token!r} is in the vocabulary twice.", token=twice) + special_token
            )
        self._arguments["tokens"] = own

    @classmethod
    def build(
        cls,
        texts: Iterable[Any],
        tokenizer: Any = "words",
        max_size: int | None = None,
        min_count: int = 1,
        **specials: str | None,
    ) -> Vocabulary:
        """Return the vocabulary of some texts: most frequent tokens first, ties by code point.

        Args:
            texts: texts; or lists of tokens, which are taken as they are.
            tokenizer: what splits a text into tokens; see `maeum.text.tokenizers.get`.
            max_size: the largest number of tokens, special ones included.
            min_count: how often a token has to occur.
            **specials: ``padding``, ``unknown``, ``start`` and ``end``, as for `Vocabulary`.

        Raises:
            DataError: if there is no token at all, or none that is frequent enough.

        Example:
            >>> Vocabulary.build(["so long", "so what"], "whitespace", max_size=4).tokens
            ['[PAD]', '[UNK]', 'so', 'long']
        """
        cut = tokenizers.get(tokenizer)
        counts: Counter[str] = Counter()
        for text in tokenizers.check_texts(texts):
            counts.update(cut.tokenize(text) if isinstance(text, str) else text)
        if not counts:
            raise DataError("There is no token to build a vocabulary of: the texts are empty.")
        empty = cls([], **specials)
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [t for t, count in ranked if count >= min_count and t not in empty.specials]
        if max_size is not None:
            if max_size <= len(empty):
                raise ConfigError("max_size includes the {n} special tokens; got {size}.",
                                  n=len(empty), size=max_size)  # fmt: skip
            kept = kept[: max_size - len(empty)]
        if not kept:
            raise DataError("No token occurs {min_count} times; the most frequent one, {token!r}, "
                            "occurs {count} times. Lower min_count.", min_count=min_count,
                            token=ranked[0][0], count=ranked[0][1])  # fmt: skip
        return cls(kept, **specials)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and other._contents() == self._contents()

    def __hash__(self) -> int:
        return hash((len(self.tokens), *self.tokens[:8]))

    def _contents(self) -> tuple:
        return self.tokens, [getattr(self, kind) for kind in _KINDS]

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self):,} tokens>"

    def number(self, token: str) -> int:
        """Return the number of a token, that of ``unknown`` if it is not in the vocabulary.

        Raises:
            DataError: if it is not in the vocabulary, and there is no token for unknown ones.
        """
        found = self._numbers.get(token)
        if found is None and self.unknown is not None:
            found = self._numbers[self.unknown]
        if found is None:
            raise DataError("The token {token!r} is not in the vocabulary, which has no token for "
                            "unknown ones.{hint}", token=token,
                            hint=nearest(token, self.tokens))  # fmt: skip
        return found

    def token(self, number: int) -> str:
        """Return the token of a number.

        Raises:
            DataError: for a number that no token has.
        """
        if not 0 <= number < len(self.tokens):
            raise DataError("There is no token {number}: the vocabulary has 0 to {last}.",
                            number=number, last=len(self.tokens) - 1)  # fmt: skip
        return self.tokens[number]

    def encode(self, tokens: Iterable[str], ends: bool = False) -> list[int]:
        """Return the numbers of tokens.

        Args:
            tokens: the tokens.
            ends: whether to put ``start`` before and ``end`` behind them, where there are such.
        """
        if isinstance(tokens, str):
            raise DataError("encode takes a list of tokens; got the text {text!r:.60}. Tokenize it "
                            "first, or use a TextEncoder.", text=tokens)  # fmt: skip
        get = self._numbers.get
        numbers = [n if (n := get(t)) is not None else self.number(t) for t in tokens]
        if ends and self.start is not None:
            numbers.insert(0, self._numbers[self.start])
        if ends and self.end is not None:
            numbers.append(self._numbers[self.end])
        return numbers

    def known(self, tokens: Iterable[str]) -> set[int]:
        """Return the numbers of those tokens that are in the vocabulary, special ones aside.

        >>> sorted(Vocabulary(["so", "long"]).known(["long", "so", "long", "fish", "[UNK]"]))
        [2, 3]
        """
        get = self._numbers.get
        found = {n for token in tokens if (n := get(token)) is not None}
        return found - {self._numbers[token] for token in self.specials}

    def decode(self, numbers: Iterable[int], specials: bool = False) -> list[str]:
        """Return the tokens of numbers.

        Padding, start and end are omitted (the unknown token is not), unless ``specials`` is set.
        """
        tokens = [self.token(_whole(number)) for number in numbers]
        out = () if specials else self.specials - {self.unknown}
        return [token for token in tokens if token not in out]

    def one_hot(self, numbers: Sequence[int]) -> np.ndarray:
        """Return one row for each number: ``(n, len(vocabulary))`` float32.

        >>> Vocabulary("eliho", padding=None, unknown=None).one_hot([3, 2])[:, :4].tolist()
        [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]
        """
        wanted = np.asarray(numbers, dtype=np.int64)
        if wanted.size:
            self.token(int(wanted.min()))
            self.token(int(wanted.max()))
        return np.eye(len(self), dtype=np.float32)[wanted]

    def save(self, path: str | os.PathLike) -> None:
        """Write the vocabulary as a text file (UTF-8), one token a line, special ones in a header.

        A backslash, a line feed and a carriage return within a token are written ``\\\\\\\\``,
        ``\\\\n`` and ``\\\\r``.
        """
        kinds = {kind: getattr(self, kind) for kind in _KINDS}
        lines = [_HEADER + json.dumps(kinds, ensure_ascii=False)]
        translate = str.maketrans(_ESCAPES)
        lines += [token.translate(translate) for token in self._arguments["tokens"]]
        data = "".join(f"{line}\n" for line in lines)
        write_atomically(path, data.encode("utf-8", "surrogatepass"))

    @classmethod
    def load(cls, path: str | os.PathLike) -> Vocabulary:
        """Read a vocabulary that `save` wrote, or any text file with one token a line.

        Raises:
            ModelFileError: if it cannot be read, or is not a list of tokens.
        """
        data = read_bytes(path)
        try:
            text = data.decode("utf-8", "surrogatepass")
            lines = text.removesuffix("\n").split("\n") if text else []
            if text.startswith(_HEADER):
                kinds = json.loads(lines.pop(0)[len(_HEADER) :])
                return cls([_unescaped(line) for line in lines], **kinds)
            special = [s for s in ("[PAD]", "[UNK]") if s in lines[:2]]
            return cls([line.rstrip("\r") for line in lines[len(special) :]])
        except (ValueError, TypeError) as error:
            raise ModelFileError("{path!r} does not hold a vocabulary: {error}", path=str(path),
                                 error=error) from None  # fmt: skip


def _unescaped(line: str) -> str:
    meant = {"\\": "\\", "n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: meant.get(found[1], found[0]), line)


def _whole(number: Any) -> int:
    try:
        found = int(number)
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None or found != number:
        raise DataError("The number of a token is a whole number; got {number!r:.60}.",
                        number=number)  # fmt: skip
    return found


@registry.builtin
class TextEncoder(Configurable):
    """A tokenizer and a vocabulary together: texts to numbers and back.

    Args:
        tokenizer: what splits a text; see `maeum.text.tokenizers.get`.
        vocabulary: the numbers of its tokens.

    Example:
        >>> letters = TextEncoder.train(["hihello"], "characters")
        >>> letters.encode("hello")
        [2, 4, 3, 3, 6]
        >>> letters.decode([2, 5, 0])
        'hi'
    """

    def __init__(self, tokenizer: Any, vocabulary: Vocabulary):
        self.tokenizer = tokenizers.get(tokenizer)
        if not isinstance(vocabulary, Vocabulary):
            kind = type(vocabulary).__name__
            raise ConfigError("vocabulary is a Vocabulary; got {kind}.", kind=kind)
        self.vocabulary = vocabulary

    @classmethod
    def train(cls, texts: Iterable[str], tokenizer: Any = "words", **options: Any) -> TextEncoder:
        """Return an encoder with the vocabulary of some texts; options of `Vocabulary.build`."""
        return cls(tokenizer, Vocabulary.build(texts, tokenizer, **options))

    def encode(self, text: str, ends: bool = False) -> list[int]:
        """Return the numbers of a text; with ``ends``, the start and end tokens around them."""
        return self.vocabulary.encode(self.tokenizer.tokenize(text), ends)

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of numbers; padding, start and end are omitted."""
        return self.tokenizer.detokenize(self.vocabulary.decode(numbers))
