"""What a search for unusual rows leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maeum.experiment.run import Run
from maeum.generative.anomaly.scoring import telling
from maeum.tables.columns import Column
from maeum.tables.reading import tidy


@dataclass(kw_only=True)
class AnomalyRun(Run):
    """Everything that is known after the rows of a table were scored.

    Attributes:
        columns: one description for each column of the file.
        names: the columns that were looked at.
        frame: the raw rows.
        judged: what is said of each, as `AnomalyModel.predict` returns it.
        parts: ``(n, columns)`` which part of its score each column of each row has.
        threshold: the score from which on a row is unusual.
        label: the name of the column that says which rows are unusual; empty for none.
        unusual_label: the value of it that says so.
    """

    columns: list[Column]
    names: list[str]
    frame: pd.DataFrame
    judged: pd.DataFrame
    parts: np.ndarray
    threshold: float
    label: str = ""
    unusual_label: str = ""

    @property
    def scores(self) -> np.ndarray:
        """How unusual each row is."""
        return self.judged["score"].to_numpy()

    @property
    def unusual(self) -> np.ndarray:
        """The numbers of the unusual rows, from 0, the most unusual first."""
        order = np.argsort(-self.scores, kind="stable")
        return order[self.scores[order] >= self.threshold]

    @property
    def by_column(self) -> dict[str, int]:
        """In how many unusual rows each column is among what makes them so; the most first."""
        counts = dict.fromkeys(self.names, 0)
        for row in self.unusual:
            for column in telling(self.parts[row]):
                counts[self.names[column]] += 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        own = {"threshold": self.threshold, "unusual": len(self.unusual),
               "columns": self.by_column, "label": self.label or None}  # fmt: skip
        return super().to_json() | own

    def table(self) -> pd.DataFrame:
        """Return the rows as they stood in the file, and what is said of each."""
        return tidy(pd.concat([self.frame, self.judged], axis=1))[0]
