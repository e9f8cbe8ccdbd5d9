"""What one training on images leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.experiment.run import ClassificationRun
from maeum.images.experiment.data import ImageData

if TYPE_CHECKING:
    import pandas as pd


@dataclass(kw_only=True)
class ImageRun(ClassificationRun):
    """Everything that is known after a network was trained and tested on images.

    Attributes:
        data: the images, in their parts.
        unlabelled: the predictions for the images that have no labels, if there are any.
    """

    data: ImageData
    unlabelled: pd.DataFrame | None = None

    def table(self) -> pd.DataFrame | None:
        """Return what ``predictions.csv`` holds: the images that have no labels, or those of the
        test, each with the network's answer.
        """
        import pandas as pd

        from maeum.experiment.classes import predicted

        if self.unlabelled is not None:
            return self.unlabelled
        test, classes = self.data.test, np.array(self.classes, object)
        names = [test.name(row) for row in range(len(test))]
        if test.images.paths is not None:
            names = test.images.paths
        answers = predicted(self.probabilities.astype(np.float64).round(6), self.classes)
        return pd.DataFrame({"picture": names, "truth": classes[self.truth], **answers})

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {
            **super().to_json(),
            "shape": self.data.shape,
            "counts": self.data.counts,
            "skipped": [{"image": path, "reason": why} for path, why in self.data.skipped],
        }
