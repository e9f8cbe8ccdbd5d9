"""Labelled texts that are ready: divided into parts, with the vocabulary of the training part."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.core.errors import DataError
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten, some
from maeum.text.scripts import unit_of
from maeum.text.word_encoders import WordsEncoder
from maeum.texts.encoding import make_encoder
from maeum.texts.options import UNITS, TextOptions
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
        notes: what was recognised and ignored, as sentences.
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
        options, began, found = options or TextOptions(), time.perf_counter(), source
        if not isinstance(source, Labelled):
            found = read_labelled(source, text, target, **reading)
        classes = sorted(set(found.labels))
        if len(classes) < 2:
            raise DataError("All texts are of the class {name!r}; classification needs at least "
                            "two.", name=classes[0])  # fmt: skip
        if len(classes) > max(20, len(found.texts) // 2):
            raise DataError("There are {n:,} different labels for {texts:,} texts, such as "
                            "{example!r}. Choose a column of a few classes as target.",
                            n=len(classes), texts=len(found.texts),
                            example=shorten(found.labels[0], 30))  # fmt: skip
        number = {name: k for k, name in enumerate(classes)}
        labels = np.array([number[label] for label in found.labels], np.int64)
        rows, notes = _divide(found.texts, labels, classes, options)
        train = [found.texts[i] for i in rows["train"]]
        asked, options = options, options.resolved(len(train), unit_of(train))
        if asked.unit is None and options.unit != "words":
            notes.append(
                _(
                    "The texts have no blanks between words: their {unit} are learnt. "
                    "--unit words has words learnt.",
                    unit=_(UNITS[options.unit or ""]),
                )
            )
        if options.network == "bag" and asked.units is not None:
            notes.append(_("The network bag has no layers of units: the option is ignored."))
        encoder = make_encoder(train, options)
        seconds = {"preparing": time.perf_counter() - began}
        return cls(found.source, found.texts, labels, classes, rows, encoder, found.column,
                   found.target, options, found.notes + notes, seconds)  # fmt: skip

    @property
    def sizes(self) -> dict[str, int]:
        """The number of texts in each part."""
        return {name: len(rows) for name, rows in self.rows.items()}

    @property
    def counts(self) -> dict[str, int]:
        """The number of texts of each class."""
        return self.counts_of()

    def counts_of(self, part: str | None = None) -> dict[str, int]:
        """Return the number of texts of each class, in one part or in all."""
        labels = self.labels if part is None else self.y(part)
        counts = np.bincount(labels, minlength=len(self.classes))
        return dict(zip(self.classes, counts.tolist()))

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


def _essence(text: str) -> str:
    """Return what makes texts the same: neither capitals nor blanks nor punctuation.

    >>> _essence("So  GOOD!"), _essence(":-)")
    ('so good', ':-)')
    """
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def _divide(
    texts: list[str], labels: np.ndarray, classes: list[str], options: TextOptions
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the rows of each part, with the same fractions of every class; equal texts in one."""
    rng = np.random.default_rng(options.seed)
    first: dict[str, int] = {}
    group = np.array([first.setdefault(_essence(text), i) for i, text in enumerate(texts)])
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
    parts = ("train", "validation", "test")
    rows = {name: np.flatnonzero(part_of == k) for k, name in enumerate(parts)}
    for name in ("train", "test"):
        if not len(rows[name]):
            raise DataError("{texts} ({different:,} different) are too few to keep some for the "
                            "test, where none of the training may stand again. Add some, or give a "
                            "larger test_size.",
                            texts=ngettext("{n:,} text", "{n:,} texts", len(texts)),
                            different=len(first))  # fmt: skip
    notes = []
    if repeated := len(texts) - len(first):
        said = _(
            "Texts that are there more than once stay in one part: {n:,} repeated.", n=repeated
        )
        notes.append(said)
    if len(first) < len(texts) / 2:
        alone = len(np.unique(group[rows["test"]]))
        notes.append(_("Only {different:,} of the {n:,} texts are different. The {tested:,} of the "
                       "test are not among those that are learnt, so it is about texts never "
                       "seen. If the same ones return later, leave --text out: then they are "
                       "learnt as categories.",
                       different=len(first), n=len(texts), tested=alone))  # fmt: skip
    if disputed := int((labels != labels[group]).sum()):
        notes.append(_("Texts that also stand under another class: {n:,}.", n=disputed))
    tested = set(labels[rows["test"]].tolist())
    if untested := [name for k, name in enumerate(classes) if k not in tested]:
        names = some(untested, 5, 30)
        notes.append(_("No text is left to test these classes: {names}.", names=names))
    return rows, notes
