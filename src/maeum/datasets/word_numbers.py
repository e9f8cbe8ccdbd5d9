"""Texts as lists of word numbers, which count words from the most frequent one on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.datasets.archives import located
from maeum.datasets.files import SOURCE, DataFile, unreadable


def files_of(name: str, digest: str, words_digest: str) -> tuple[DataFile, DataFile]:
    """Return the file of a data set, and the one with its words."""
    files = ((f"{name}.npz", digest), (f"{name}_word_index.json", words_digest))
    data, words = (DataFile(file, of, (SOURCE + file,), (name,)) for file, of in files)
    return data, words


@dataclass(frozen=True)
class Coding:
    """How word numbers are given to the user; see ``load_data`` of the data sets."""

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int | None

    def shifted(
        self, texts: Sequence[Sequence[int]], labels: Any
    ) -> tuple[list[list[int]], list[Any]]:
        """Return texts that begin with the start, with words moved up, and those short enough."""
        start = [] if self.start_char is None else [self.start_char]
        shift = self.index_from or 0
        found = [start + [word + shift for word in text] for text in texts]
        if not self.maxlen:
            return found, list(labels)
        kept = [i for i, text in enumerate(found) if len(text) < self.maxlen]
        if not kept:
            raise DataError("No text is shorter than maxlen={maxlen}; the shortest has {least} "
                            "numbers. Increase maxlen.", maxlen=self.maxlen,
                            least=min(map(len, found), default=0))  # fmt: skip
        return [found[i] for i in kept], [labels[i] for i in kept]

    def limited(self, texts: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return texts with rare and very frequent words replaced, or left out."""
        # Without a limit this is the largest number, so that one word is replaced: as in Keras.
        end = self.num_words or max((max(text) for text in texts if text), default=0)
        if self.oov_char is None:
            return [[word for word in text if self.skip_top <= word < end] for text in texts]
        return [
            [word if self.skip_top <= word < end else self.oov_char for word in text]
            for text in texts
        ]


def as_array(texts: list[list[int]]) -> np.ndarray:
    """Return an array of lists; of numbers if all are as long, as in Keras."""
    return np.array(texts, dtype="object")


def read_word_index(path: str, file: DataFile) -> dict[str, int]:
    """Return the number of each word.

    Raises:
        DataError: if the file is not here and cannot be downloaded, or is damaged.
    """
    found = located(path, file)
    try:
        table = json.loads(Path(found).read_text(encoding="utf-8"))
        if not isinstance(table, dict) or set(map(type, table.values())) - {int}:
            raise ValueError(_("it is not a table of numbers"))
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(found, _("a table of words and their numbers"), error) from None
    return table
