"""What one training on a table leaves behind, for the report and for the files next to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.experiment.classes import predicted
from maeum.experiment.run import ClassificationRun, Things
from maeum.tables.columns import Column
from maeum.tables.reading import tidy
from maeum.tabular.intervals import LEVEL, coverage, named
from maeum.tabular.leaks import Alert

COLUMNS = Things("{n:,} column", "{n:,} columns")


@dataclass(kw_only=True)
class TableRun(ClassificationRun):
    """Everything that is known after a network was trained and tested on a table.

    ``n`` is the number of test rows, ``k`` the number of classes. Of a regression, ``classes`` is
    empty, ``truth`` holds values, and ``probabilities`` has no columns.

    Attributes:
        target: name of the column that was learnt.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        values: ``(n,)`` of a regression, what the network predicts.
        low, high: ``(n,)`` the ends of its prediction intervals; empty where there are none.
        interval: the fraction of the truth that these are meant to hold.
        columns: one description per column of the file, the target's included.
        frame: the typed table (numbers as floats, dates as datetimes), the target included.
        features: names of the prepared inputs of the network.
        test_rows: the raw rows of the test part, in the order of ``truth``.
        importance: ``(column, mean drop of the score when shuffled, its standard deviation)``.
        alerts: what makes the test too easy.
    """

    target: str
    task: str
    columns: list[Column]
    frame: pd.DataFrame
    features: list[str]
    test_rows: pd.DataFrame
    values: np.ndarray = field(default_factory=lambda: np.zeros(0))
    low: np.ndarray = field(default_factory=lambda: np.zeros(0))
    high: np.ndarray = field(default_factory=lambda: np.zeros(0))
    interval: float = LEVEL
    importance: list[tuple[str, float, float]] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

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
    def coverage(self) -> dict[str, float]:
        """How often the intervals hold the truth, and how wide they are; empty without them."""
        return coverage(self.truth, self.low, self.high) if len(self.low) else {}

    @property
    def ranking(self) -> list[str]:
        """The columns that were used, most important first, then in the file's order."""
        used = [c.name for c in self.columns if c.used and c.name != self.target]
        drop = {name: mean for name, mean, _deviation in self.importance}
        return sorted(used, key=lambda name: -drop.get(name, -math.inf))

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        importance = [{"column": c, "mean": m, "deviation": d} for c, m, d in self.importance]
        own = {"target": self.target, "task": self.task, "importance": importance,
               "alerts": self.alerts}  # fmt: skip
        held: Any = {"interval": self.interval, **self.coverage} if len(self.low) else {}
        return super().to_json() | own | held

    def table(self) -> pd.DataFrame:
        """Return the test rows as they stood in the file, and what the network says of each."""
        found: dict[str, Any] = {"prediction": self.values}
        if len(self.low):
            found |= named(self.interval, self.low, self.high)
        if self.classes:
            found = predicted(self.probabilities, self.classes, self.threshold)
        said = pd.DataFrame(found, index=self.test_rows.index)
        return tidy(pd.concat([self.test_rows, said], axis=1))[0]
