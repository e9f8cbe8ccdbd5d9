"""What a training on texts leaves behind, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.texts.data import TextData


@dataclass
class TextRun:
    """A training on texts: what the report shows.

    Attributes:
        data: the texts and their parts.
        history: the values of each epoch.
        best_epoch: the epoch whose weights were kept, from 0.
        probabilities: of the test texts, ``(n, classes)``.
        metrics: of the test texts.
        models: this network and others beside it.
        notes: what was recognised, left out, and happened, as sentences.
        network: the model's summary.
        seconds: how long each part took.
    """

    data: TextData
    history: dict[str, list[float]]
    best_epoch: int
    probabilities: np.ndarray
    metrics: dict[str, float | None]
    models: list[dict[str, Any]]
    notes: list[str]
    network: str
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The name of the file or folder."""
        return self.data.source

    @property
    def classes(self) -> list[str]:
        """The names of the classes."""
        return self.data.classes

    @property
    def rows(self) -> dict[str, int]:
        """The number of texts in each part."""
        return {name: len(rows) for name, rows in self.data.rows.items()}

    @property
    def truth(self) -> np.ndarray:
        """The true class numbers of the test texts, ``(n,)``."""
        return self.data.y("test")

    @property
    def answers(self) -> np.ndarray:
        """The network's answers, ``(n,)``: the likeliest class's number."""
        return self.probabilities.argmax(axis=1)

    @property
    def hits(self) -> int:
        """How many answers are right."""
        return int((self.answers == self.truth).sum())
