"""What one training on a table leaves behind, for the report and for the files next to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from maeum.tables.columns import Column


@dataclass
class TableRun:
    """Everything that is known after a network was trained and tested on a table.

    ``n`` is the number of test rows, ``k`` the number of classes.

    Attributes:
        source: name of the file, as shown.
        target: name of the column that was learnt.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        classes: names of the classes; binary ``[negative, positive]``, regression ``[]``.
        notes: sentences on what was recognised, dropped and filled.
        columns: one description per column of the file, the target's included.
        frame: the typed table (numbers as floats, dates as datetimes), the target included.
        features: names of the prepared inputs of the network.
        rows: ``{"train": ..., "validation": ..., "test": ...}``.
        history: values per epoch of ``loss``, ``val_loss``, the metrics and ``val_`` metrics.
        best_epoch: the epoch whose weights were kept, counted from 0.
        test_rows: the raw rows of the test part, in the order of ``y_true``.
        y_true: ``(n,)`` class numbers, or values of the target.
        prediction: binary ``(n,)`` probability of the positive class; multiclass ``(n, k)``;
            regression ``(n,)`` in the target's units.
        metrics: the network's metrics on the test part.
        baselines: ``{"name": str, "metrics": dict, "seconds": float}`` each; the first is the
            network itself.
        importance: ``(column, mean drop of the score when shuffled, its standard deviation)``.
        network: the model's summary.
        settings: the options of the run.
        seconds: how long each part took.
    """

    source: str
    target: str
    task: str
    classes: list[str]
    notes: list[str]
    columns: list[Column]
    frame: pd.DataFrame
    features: list[str]
    rows: dict[str, int]
    history: dict[str, list[float]]
    best_epoch: int
    test_rows: pd.DataFrame
    y_true: np.ndarray
    prediction: np.ndarray
    metrics: dict[str, float | None]
    baselines: list[dict]
    importance: list[tuple[str, float, float]]
    network: str
    settings: dict[str, Any]
    seconds: dict[str, float]

    @property
    def probabilities(self) -> np.ndarray:
        """Probability of every class, ``(n, k)``, for both kinds of classification."""
        p = np.asarray(self.prediction, dtype=float)
        if self.task == "multiclass":
            return p
        p = p.reshape(-1)
        return np.stack([1 - p, p], axis=1)

    @property
    def answers(self) -> np.ndarray:
        """The network's answers, ``(n,)``: the likeliest class's number, or the value."""
        if self.task == "regression":
            return np.asarray(self.prediction, dtype=float).reshape(-1)
        if self.task == "binary":  # from one half upwards the answer is the positive class
            return (self.probabilities[:, 1] >= 0.5).astype(int)
        return self.probabilities.argmax(axis=1)

    @property
    def truth(self) -> np.ndarray:
        """The true answers, ``(n,)``: class numbers as integers, or values."""
        return (
            np.asarray(self.y_true).reshape(-1).astype(float if self.task == "regression" else int)
        )

    @property
    def ranking(self) -> list[str]:
        """The columns that were used, most important first, then in the file's order."""
        ranked = [name for name, *_ in sorted(self.importance, key=lambda row: -row[1])]
        used = [c.name for c in self.columns if c.used and c.name != self.target]
        seen = set(ranked)
        return [n for n in ranked if n in set(used)] + [n for n in used if n not in seen]
