"""A text that is read, divided and cut into tokens, ready for a network."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.language.options import LanguageOptions, unit_name
from maeum.text import BytePairEncoding, TextEncoder, TextLines, Vocabulary, read_text, tokenizers
from maeum.text.normalization import check_text

_START, _END = "[START]", "[END]"
_MEASURED = 5000  # tokens of the training part, if there is no other to measure on


@dataclass
class LanguageData:
    """A text that is ready to be learnt.

    Attributes:
        source: the name of the file.
        encoder: how texts become tokens.
        train, validation: the tokens of both parts; the second may be empty.
        learnt, held_out: the texts of both parts.
        start, end: see `LanguageModel`.
        options: the choices, with those made by the text.
        notes: what was ignored, as sentences.
        seconds: how long it took to prepare.
    """

    source: str
    encoder: TextEncoder | BytePairEncoding
    train: np.ndarray
    validation: np.ndarray
    learnt: list[str]
    held_out: list[str]
    start: int
    end: int | None
    options: LanguageOptions
    notes: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        source: str | os.PathLike | Iterable[str],
        options: LanguageOptions | None = None,
        encoding: str | None = None,
    ) -> LanguageData:
        """Read a text, divide it, and cut it into tokens; see `train_language_model`."""
        began, options = time.perf_counter(), options or LanguageOptions()
        name, texts = read_texts(source, options.lines, encoding)
        running = len(texts) == 1 and not options.lines
        texts, notes = without_empty(texts, name)
        kept, held_out = _divide(texts, running, options)
        encoder = _encoder(kept + held_out if _closed(options) else kept, options, running)
        train, validation = (_tokens(encoder, part, running) for part in (kept, held_out))
        options = options.resolved(len(train))
        window = options.window or 1
        if len(train) < window + 1:
            raise DataError("{source} has too few {tokens} for a window of {window}: {n} to train "
                            "on. Give a longer text, or a smaller window.", source=name,
                            tokens=unit_name(options.unit, many=True), window=window,
                            n=len(train))  # fmt: skip
        if len(encoder.vocabulary) < 2:
            raise DataError("{source} is made of a single token, {token!r}, over and over: there "
                            "is nothing to predict. Give a longer text, or a smaller unit.",
                            source=name, token=encoder.vocabulary.token(0))  # fmt: skip
        start, end = _beginning(encoder, int(train[0])), None
        if not running:
            start, end = encoder.vocabulary.encode([_START, _END])
        seconds = {"preparing": time.perf_counter() - began}
        return cls(name, encoder, train, validation, kept, held_out, start, end, options, notes,
                   seconds)  # fmt: skip

    @property
    def sizes(self) -> dict[str, int]:
        """How many tokens each part has."""
        return {"train": len(self.train), "validation": len(self.validation)}

    @property
    def watched(self) -> bool:
        """Whether the validation part has a token to predict."""
        return len(self.validation) > 1

    def rows(self, tokens: np.ndarray) -> list[np.ndarray]:
        """Return tokens of either part text by text; those of a running text are one row."""
        if self.end is None:
            return [tokens]
        return np.split(tokens, np.flatnonzero(tokens == self.start)[1:])

    def measured(self) -> tuple[list[np.ndarray], int]:
        """Return what the network is measured on: tokens text by text, and their characters.

        It is the validation part; where that is empty, some of the training part.
        """
        if self.watched:
            return self.rows(self.validation), sum(map(len, self.held_out))
        rows = self.rows(self.train[:_MEASURED])
        return rows, sum(len(self.encoder.decode(row)) for row in rows)


def read_texts(
    source: Any, lines: bool = False, encoding: str | None = None
) -> tuple[str, list[str]]:
    """Return the name of some texts, and the texts.

    Args:
        source: the path of a file, or a list of texts.
        lines: whether every line is a text of its own.
        encoding: the encoding of the file; recognised by default.

    Raises:
        DataError: for a file that cannot be read.
    """
    if isinstance(source, (str, os.PathLike)):
        texts = list(TextLines(source, encoding)) if lines else [read_text(source, encoding)]
        return Path(source).name, [text.replace("\r\n", "\n") for text in texts]
    texts = [check_text(text) for text in tokenizers.check_texts(source)]
    if lines:
        texts = [line for text in texts for line in text.splitlines()]
    return _("texts"), texts


def without_empty(texts: list[str], source: str) -> tuple[list[str], list[str]]:
    """Return the texts that are not empty, and a note on how many are.

    Raises:
        DataError: if all are empty; ``source`` names them.
    """
    full = [text for text in texts if text.strip()]
    if not full:
        raise DataError("{source} is empty: there is no text to learn.", source=source)
    empty = len(texts) - len(full)
    return full, [_("Empty texts, ignored: {n:,}.", n=empty)] if empty else []


def _divide(
    texts: list[str], running: bool, options: LanguageOptions
) -> tuple[list[str], list[str]]:
    """Return the texts to learn and those that are held out."""
    fraction = options.validation_size
    if running:
        at = len(texts[0]) - round(len(texts[0]) * fraction)
        return [texts[0][:at]], [texts[0][at:]] if at < len(texts[0]) else []
    order = np.random.default_rng(options.seed).permutation(len(texts))
    count = min(round(len(texts) * fraction), len(texts) - 1)
    shuffled = [texts[i] for i in order]
    return shuffled[count:], shuffled[:count]


def _closed(options: LanguageOptions) -> bool:
    """Tell whether the vocabulary holds whatever the text has, without an unknown token."""
    return options.unit in ("characters", "jamo") and options.vocabulary is None


def _encoder(
    texts: list[str], options: LanguageOptions, running: bool
) -> TextEncoder | BytePairEncoding:
    specials: dict[str, Any] = {"padding": None}
    if not running:
        specials |= {"start": _START, "end": _END}
    if options.unit == "bpe":
        size = options.vocabulary or 2000
        return BytePairEncoding.train(texts, size, unknown=None, **specials)
    cut: Any = options.unit
    if cut == "words":
        cut = tokenizers.WordTokenizer(punctuation=True)
    most = options.vocabulary or (10_000 if options.unit == "words" else None)
    unknown = None if _closed(options) else "[UNK]"
    return TextEncoder(cut, Vocabulary.build(texts, cut, most, unknown=unknown, **specials))


def _tokens(encoder: Any, texts: list[str], running: bool) -> np.ndarray:
    parts = [encoder.encode(text, ends=not running) for text in texts]
    return np.array([number for part in parts for number in part], np.int32)


def _beginning(encoder: Any, first: int) -> int:
    """Return the token that an empty prompt of a running text stands for."""
    tokens = getattr(encoder, "tokenizer", encoder).tokenize("\n")  # of words it is none
    known = tokens and tokens[0] in encoder.vocabulary
    return encoder.vocabulary.number(tokens[0]) if known else first
