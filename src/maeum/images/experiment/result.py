"""What one training on images leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from maeum.experiment.run import ClassificationRun
from maeum.images.experiment.data import ImageData


@dataclass(kw_only=True)
class ImageRun(ClassificationRun):
    """Everything that is known after a network was trained and tested on images.

    Attributes:
        data: the images, in their parts.
    """

    data: ImageData

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {
            **super().to_json(),
            "shape": self.data.shape,
            "counts": self.data.counts,
            "skipped": [{"image": path, "reason": why} for path, why in self.data.skipped],
        }
