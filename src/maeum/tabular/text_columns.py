"""Columns of free text in a table: which are learnt from, and how they become inputs."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import Things
from maeum.tables.cells import cells_of
from maeum.tables.columns import Column
from maeum.text import Tokenizer, Vocabulary, tokenizers
from maeum.text.scripts import unit_of
from maeum.text.word_encoders import NgramsEncoder, ngrams, word_tokenizer

EMPTY = Things("{n:,} cell without a text", "{n:,} cells without a text")
BLIND = Things("{n:,} text without a known word", "{n:,} texts without a known word")
MOST_TOKENS = 20_000  # that are known of a column: words and pairs of neighbours
MOST_READ = 1_000  # tokens of a text
MOST_CELLS = 50_000_000  # tokens of all rows, which bounds the memory
SIMPLE_WORDS = 500  # of a column, for models that know no embedding
RECURRING = 2  # a word of a single row teaches a network nothing about another
LOOKED_AT = 2_000  # texts, to tell sentences from names and keys
LONG = 8  # letters of a sentence without blanks, at least; names have fewer
SHARED = 0.2  # of the words of a text column at least so many stand in further texts


@dataclass(frozen=True)
class TextEncoder(Saved):
    """How a column of texts becomes the numbers of its words and of pairs of neighbours.

    Attributes:
        column: its name.
        tokens: what is known, the most frequent first; the number of token ``i`` is ``i + 2``.
        length: the most tokens of a text; those beyond, the rarest, are not read.
        unit: what texts are cut into, ``"words"`` or ``"characters"``.
        kind: ``"text"``.
    """

    column: str
    tokens: list[str]
    length: int
    unit: str = "words"
    kind: str = "text"
    embedded: ClassVar[bool] = False
    feature_names: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def fit(cls, column: Column, series: pd.Series) -> TextEncoder:
        """Learn the words of the training cells."""
        cells = cells_of(series)
        unit = unit_of(cells.texts)
        cut = _tokenizer(unit)
        place: dict[str, int] = {}  # of every token, in the order in which they come
        texts = [
            np.array(list({place.setdefault(t, len(place)) for t in ngrams(cut.tokenize(text))}))
            for text in cells.texts
        ]
        rows = np.repeat(np.arange(len(texts)), [len(found) for found in texts])
        tokens = np.concatenate([np.zeros(0, np.int64), *texts]).astype(np.int64)
        times = np.bincount(tokens, cells.counts[rows], len(place))
        often = sorted(place, key=lambda token: (-times[place[token]], token))
        known = [token for token in often if times[place[token]] >= RECURRING] or often
        most = max(16, min(MOST_READ, MOST_CELLS // max(len(series), 1)))
        specials = Vocabulary([]).specials
        kept = [token for token in known if token not in specials][:MOST_TOKENS]
        read = np.isin(tokens, [place[token] for token in kept])
        longest = int(np.bincount(rows[read], minlength=1).max(initial=1))
        return cls(column.name, kept, max(min(longest, most), 1), unit)

    def encode(
        self, series: pd.Series, form: object = None, trained: bool = False
    ) -> tuple[np.ndarray, list[str]]:
        """Return ``(n, length)`` int32, 0 behind the end; and warnings of cells without words."""
        cells = cells_of(series)
        rows = self._words.encode(cells.texts.tolist()) if len(cells.texts) else None
        table = np.zeros((len(cells.texts) + 1, self.length), np.int32)  # the last: missing
        if rows is not None:
            table[:-1] = rows
        arrays = table[cells.codes]
        missing = cells.codes < 0
        counts = {EMPTY: int(missing.sum()), BLIND: int((~arrays.any(axis=1) & ~missing).sum())}
        said = [
            _("{cells}, taken as empty", cells=things.count(n)) for things, n in counts.items() if n
        ]
        return arrays, [f"{self.column}: {sentence}." for sentence in said]

    @property
    def numbers(self) -> int:
        """How many numbers there are, with those of padding and of the unknown."""
        return len(self.tokens) + 2

    @functools.cached_property
    def _words(self) -> NgramsEncoder:
        return NgramsEncoder(_tokenizer(self.unit), Vocabulary(self.tokens), self.length)


def learn_texts(
    typed: pd.DataFrame, columns: Sequence[Column], excluded: Collection[str], target: str
) -> None:
    """Let the network learn from the columns of free text, whose words recur; each is told.

    Where nothing else is left, columns of short texts, which look like names, are learnt, too.

    Args:
        typed: the table, as `recognise` returned it.
        columns: its columns; those that are texts become ``used``.
        excluded: the columns that nobody wants.
        target: the column to learn.
    """
    others = [c for c in columns if c.name != target and c.name not in excluded]
    for kind in ("text", "identifier"):
        if kind == "identifier" and any(c.used for c in others):
            return
        for column in others:
            if not column.used and _kind(column, typed[column.name]) == kind:
                _learn(column, typed[column.name])


def _kind(column: Column, series: pd.Series) -> str:
    """Return the kind of a column; what has no blanks to count words by may be a text, too."""
    if column.kind != "identifier" or pd.api.types.is_numeric_dtype(series):
        return "" if column.kind == "identifier" else column.kind
    texts = _some(cells_of(series).texts)
    long = np.mean([len(text) for text in texts]) >= LONG
    return "text" if long and unit_of(texts) != "words" else column.kind


def _some(texts: np.ndarray) -> np.ndarray:
    return texts[:: max(1, len(texts) // LOOKED_AT)]


def _learn(column: Column, series: pd.Series) -> None:
    """Use a column of texts if it is one of words, else say why it is not used."""
    texts = cells_of(series).texts
    chosen = _some(texts)
    cut = _tokenizer(unit_of(chosen))
    words = [set(filter(str.isalpha, cut.tokenize(text))) for text in chosen]
    times = Counter(word for found in words for word in found)
    recurring = sum(n for n in times.values() if n >= RECURRING)
    if sum(map(len, words)) < 2 * len(words) or recurring < SHARED * times.total():
        if column.kind == "text":
            column.reason = _("{reason} whose words hardly recur", reason=column.reason)
        return
    column.kind, column.used, column.reason = "text", True, ""
    column.notes.append(_("{n:,} different texts, whose words are learnt, too; --ignore {name!r} "
                          "excludes them.", n=len(texts), name=column.name))  # fmt: skip


def note_repeated(
    typed: pd.DataFrame, columns: Sequence[Column], learnt: np.ndarray, test: np.ndarray
) -> list[str]:
    """Tell how many test rows have a text that stands in a learnt row, too, as sentences.

    Args:
        typed: the table, as `recognise` returned it.
        columns: its columns.
        learnt, test: the numbers of the rows of both parts.
    """
    notes = []
    for column in columns:
        if column.used and column.kind == "text":
            codes = cells_of(typed[column.name]).codes
            known = codes[learnt]
            if n := int(np.isin(codes[test], known[known >= 0]).sum()):
                notes.append(_("{name}: {n:,} of the {all:,} test rows have a text that rows to "
                               "learn from have, too; on new texts the network may be worse.",
                               name=column.name, n=n, all=len(test)))  # fmt: skip
    return notes


@functools.cache
def _tokenizer(unit: str) -> Tokenizer:
    return word_tokenizer() if unit == "words" else tokenizers.get(unit)


def contains(numbers: np.ndarray) -> np.ndarray:
    """Return which rows contain which of the most frequent tokens, for models without embeddings.

    Args:
        numbers: ``(n, length)``, as `TextEncoder.encode` returns them.

    Returns:
        ``(n, SIMPLE_WORDS)`` of zeros and ones.
    """
    found = np.zeros((len(numbers), SIMPLE_WORDS + 2), np.float32)
    rows = np.broadcast_to(np.arange(len(numbers))[:, None], numbers.shape)
    known = numbers < SIMPLE_WORDS + 2
    found[rows[known], numbers[known]] = 1
    return found[:, 2:]
