"""What the training of a network that makes images leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maeum.experiment.run import Run
from maeum.generative.images.data import GenerateData
from maeum.generative.images.judging import Judged


@dataclass(kw_only=True)
class GenerateRun(Run):
    """Everything that is known after a network was trained to make images.

    Attributes:
        data: the images, and samples through the time of the training.
        judged: how good made images are; None where too few real ones were held out.
    """

    data: GenerateData
    judged: Judged | None

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        found = None
        if self.judged is not None:
            made, real = self.judged.comparison
            found = {"made": made._asdict(), "real": real._asdict(),
                     "classifier_accuracy": self.judged.accuracy}  # fmt: skip
        return {
            **super().to_json(),
            "quality": found,
            "shape": self.data.shape,
            "classes": self.data.classes,
            "skipped": [{"image": path, "reason": why} for path, why in self.data.skipped],
        }
