"""Labelled texts that are ready: divided into parts, with the vocabulary of the training part."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.wording import plural, shorten
from maeum.texts.encoding import WordsEncoder, make_encoder
from maeum.texts.options import TextOptions
from maeum.texts.reading import Labelled, read_labelled


@dataclass
class TextData:
    """Texts that are ready to be learnt.

    Attributes:
        source: the name of the file or folder.
        texts: all texts.
        labels: the class number of each.
        classes: the names of the classes.
        rows: the rows of ``"train"``, ``"validation"`` (may be empty) and ``"test"``.
        encoder: how texts become numbers; its vocabulary is that of the training part.
        column, target: the columns of a table, None for a folder.
        options: the choices, with those made by the texts.
        notes: what was recognised and left out, as sentences.
        seconds: how long it took.
    """

    source: str
    texts: list[str]
    labels: np.ndarray
    classes: list[str]
    rows: dict[str, np.ndarray]
    encoder: WordsEncoder
    column: str | None
    target: str | None
    options: TextOptions
    notes: list[str]
    seconds: dict[str, float]
    _inputs: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    @classmethod
    def prepare(
        cls,
        source: Any,
        text: str | None = None,
        target: str | None = None,
        options: TextOptions | None = None,
        **reading: Any,
    ) -> TextData:
        """Read labelled texts, divide them, and make the vocabulary; see `train_text`.

        Raises:
            DataError: if there is nothing to learn: no texts, one class only, too few texts.
        """
        options, began = options or TextOptions(), time.perf_counter()
        found = source if isinstance(source, Labelled) else None
        found = found or read_labelled(source, text, target, **reading)
        classes = sorted(set(found.labels))
        if len(classes) < 2:
            raise DataError(
                f"All texts are of the class {classes[0]!r}; at least two are needed to tell apart."
            )
        if len(classes) > max(20, len(found.texts) // 2):
            raise DataError(
                f"There are {len(classes)} different labels for {len(found.texts)} texts, such as "
                f"{shorten(found.labels[0], 30)!r}. Choose a column of a few classes as target."
            )
        number = {name: k for k, name in enumerate(classes)}
        labels = np.array([number[label] for label in found.labels], np.int64)
        rows, notes = _divide(found.texts, labels, classes, options)
        train = [found.texts[i] for i in rows["train"]]
        options = options.resolved(len(train))
        encoder = make_encoder(
            train, str(options.network), options.unit, int(options.vocabulary or 0),
            options.pairs, options.length,
        )  # fmt: skip
        return cls(
            found.source, found.texts, labels, classes, rows, encoder, found.column, found.target,
            options, found.notes + notes, {"reading": time.perf_counter() - began},
        )  # fmt: skip

    def x(self, part: str) -> np.ndarray:
        """Return the texts of a part as numbers ``(n, length)``."""
        if part not in self._inputs:
            self._inputs[part] = self.encoder.encode(self.part(part))
        return self._inputs[part]

    def y(self, part: str) -> np.ndarray:
        """Return the class numbers ``(n,)`` of a part."""
        return self.labels[self.rows[part]]

    def part(self, part: str) -> list[str]:
        """Return the texts of a part."""
        return [self.texts[i] for i in self.rows[part]]


def _divide(
    texts: list[str], labels: np.ndarray, classes: list[str], options: TextOptions
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the rows of each part, each class in the same shares; the same text stays together."""
    rng = np.random.default_rng(options.seed)
    first: dict[str, int] = {}
    group = np.array([first.setdefault(text, i) for i, text in enumerate(texts)])
    part_of = np.zeros(len(texts), np.int64)  # 0 train, 1 validation, 2 test
    for label in range(len(classes)):
        members = np.unique(group[labels == label])
        members = rng.permutation(members[labels[members] == label])
        test = round(len(members) * options.test_size)
        validation = round(len(members) * options.validation_size)
        if test + validation >= len(members):  # one at least stays to learn from
            test = min(test, max(len(members) - 1, 0))
            validation = max(len(members) - 1 - test, 0)
        part_of[members[:test]] = 2
        part_of[members[test : test + validation]] = 1
    part_of = part_of[group]
    names = ("train", "validation", "test")
    rows = {name: np.flatnonzero(part_of == k) for k, name in enumerate(names)}
    for name in ("train", "test"):
        if not len(rows[name]):
            same = "" if len(first) == len(texts) else f" ({len(first):,} different)"
            raise DataError(
                f"{plural(len(texts), 'text')}{same} are too few to keep some for the test, where "
                "none of the training may stand again. Add some, or give a larger test_size."
            )
    notes = []
    if (twice := len(texts) - len(first)) > 0:
        notes.append(f"Texts that are there more than once stay in one part: {twice:,} repeated.")
    lost = [classes[k] for k in range(len(classes)) if k not in labels[rows["test"]]]
    if lost:
        named = ", ".join(shorten(name, 30) for name in lost[:5])
        notes.append(f"No text is left to test: {named}.")
    return rows, notes
