"""What one training on a table leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.experiment.run import ClassificationRun
from maeum.tables.columns import Column


@dataclass(kw_only=True)
class TableRun(ClassificationRun):
    """Everything that is known after a network was trained and tested on a table.

    ``n`` is the number of test rows, ``k`` the number of classes. Of a regression, ``classes`` is
    empty, ``truth`` holds values, and ``probabilities`` has no columns.

    Attributes:
        target: name of the column that was learnt.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        values: ``(n,)`` of a regression, what the network predicts.
        columns: one description per column of the file, the target's included.
        frame: the typed table (numbers as floats, dates as datetimes), the target included.
        features: names of the prepared inputs of the network.
        test_rows: the raw rows of the test part, in the order of ``truth``.
        importance: ``(column, mean drop of the score when shuffled, its standard deviation)``.
    """

    target: str
    task: str
    columns: list[Column]
    frame: pd.DataFrame
    features: list[str]
    test_rows: pd.DataFrame
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    importance: list[tuple[str, float, float]] = field(default_factory=list)

    @property
    def y_true(self) -> np.ndarray:
        """``truth`` by its former name."""
        return self.truth

    @property
    def prediction(self) -> np.ndarray:
        """What is predicted: values, the positive class's probability, or all probabilities."""
        if self.task == "regression":
            return self.values
        return self.probabilities[:, 1] if self.task == "binary" else self.probabilities

    @property
    def answers(self) -> np.ndarray:
        """The network's answers, ``(n,)``: the likeliest class's number, or the value."""
        return self.values if self.task == "regression" else super().answers

    @property
    def ranking(self) -> list[str]:
        """The columns that were used, most important first, then in the file's order."""
        ranked = [name for name, *_ in sorted(self.importance, key=lambda row: -row[1])]
        used = [c.name for c in self.columns if c.used and c.name != self.target]
        seen = set(ranked)
        return [n for n in ranked if n in set(used)] + [n for n in used if n not in seen]

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        importance = [{"column": c, "mean": m, "deviation": d} for c, m, d in self.importance]
        return {
            **super().to_json(),
            "target": self.target,
            "task": self.task,
            "importance": importance,
        }
