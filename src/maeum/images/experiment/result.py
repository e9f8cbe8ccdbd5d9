"""What one training on pictures leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.images.experiment.data import ImageData


@dataclass
class ImageRun:
    """Everything that is known after a network was trained and tested on pictures.

    ``n`` is the number of test pictures, ``k`` the number of classes.

    Attributes:
        data: the pictures, in their parts.
        history: values per epoch of ``loss``, ``val_loss``, ``accuracy`` and so on.
        best_epoch: the epoch whose weights were kept, counted from 0.
        probabilities: ``(n, k)`` of the test pictures.
        metrics: the network's metrics on the test pictures.
        baselines: ``{"name": str, "metrics": dict, "seconds": float}`` each; the first is the
            network itself.
        notes: what was recognised, left out, and happened, as sentences.
        network: the model's summary.
        settings: the options of the run.
        seconds: how long each part took.
        versions: of Python and the libraries.
    """

    data: ImageData
    history: dict[str, list[float]]
    best_epoch: int
    probabilities: np.ndarray
    metrics: dict[str, float | None]
    baselines: list[dict[str, Any]]
    notes: list[str]
    network: str
    settings: dict[str, Any]
    seconds: dict[str, float]
    versions: dict[str, str]

    @property
    def source(self) -> str:
        """The name of the folder or file that was learnt from."""
        return self.data.source

    @property
    def classes(self) -> list[str]:
        """The names of the classes."""
        return self.data.classes

    @property
    def rows(self) -> dict[str, int]:
        """The number of pictures in each part."""
        return {name: len(part) for name, part in self.data.parts.items()}

    @property
    def truth(self) -> np.ndarray:
        """The true class numbers of the test pictures, ``(n,)``."""
        return self.data.test.y.astype(int)

    @property
    def answers(self) -> np.ndarray:
        """The network's answers, ``(n,)``: the likeliest class's number."""
        return self.probabilities.argmax(axis=1)

    @property
    def hits(self) -> int:
        """How many answers are right."""
        return int((self.answers == self.truth).sum())
