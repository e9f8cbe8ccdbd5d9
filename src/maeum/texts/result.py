"""What a training on texts leaves behind, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from maeum.experiment.classes import predicted
from maeum.experiment.model import beside
from maeum.experiment.run import ClassificationRun
from maeum.texts.data import TextData

if TYPE_CHECKING:
    import pandas as pd


@dataclass(kw_only=True)
class TextRun(ClassificationRun):
    """A training on texts: what the report shows.

    Attributes:
        data: the texts and their parts.
        attributions: for some rows of the test part, what each token added to the score of the
            answer, ``(length,)``; see `word_attributions`. Empty if that was not examined.
    """

    data: TextData
    attributions: dict[int, np.ndarray] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """Return what ``predictions.csv`` holds: each text of the test, and the answer for it."""
        import pandas as pd

        data, classes = self.data, np.array(self.classes, object)
        texts = np.array(data.part("test"), object)
        rows = {data.column or "text": texts, data.target or "truth": classes[self.truth]}
        return beside(pd.DataFrame(rows), predicted(self.probabilities, self.classes))[0]

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {**super().to_json(), "text": self.data.column, "target": self.data.target}
