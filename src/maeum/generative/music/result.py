"""What a training on music leaves behind, for the report and the files next to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.experiment.run import Run
from maeum.generative.music.data import MusicData
from maeum.generative.music.judging import Copies, distances
from maeum.music import Piece

TOLERANCE = 0.25  # how far a measure may be from the data's own, as a fraction of it


@dataclass(kw_only=True)
class MusicRun(Run):
    """Everything that is known after a network learnt music.

    Attributes:
        data: the music, as it was learnt.
        made: MuseGAN's measures of phrases that the network makes.
        real: the same of the data, of phrases that were held out.
        drawn: the same of notes that are drawn by their frequency.
        pieces: pieces that it made.
        phrases: phrases that it made, ``(n, bars, steps, pitches, tracks)``.
        copies: what of the training is most like them.
    """

    data: MusicData
    made: dict[str, float]
    real: dict[str, float]
    drawn: dict[str, float]
    phrases: np.ndarray
    pieces: list[Piece] = field(default_factory=list)
    copies: Copies | None = None

    @property
    def near(self) -> list[str]:
        """The measures that are within 25% of the data's own."""
        return [name for name, far in self.distances.items() if far <= TOLERANCE]

    @property
    def distances(self) -> dict[str, float]:
        """How far each measure is from the data's own."""
        return distances(self.made, self.real)

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        measured = {"made": self.made, "data": self.real, "by_frequency": self.drawn,
                    "distance": self.distances}  # fmt: skip
        held = {"measured_on": "test" if self.data.test else "train"}
        copied = {} if self.copies is None else {
            "copies": {"overlap": self.copies.overlap.round(4).tolist(),
                       "usual": self.copies.usual.round(4).tolist()}
        }  # fmt: skip
        return super().to_json() | {"measures": measured} | held | copied
