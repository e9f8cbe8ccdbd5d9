"""Networks that know what is usual in a table, with what prepares its rows."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError, DataError, nearest
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.experiment.model import TaskModel, beside
from maeum.experiment.seen import Seen
from maeum.generative.anomaly.dataset import labelled
from maeum.generative.anomaly.features import Features
from maeum.generative.anomaly.network import Hidden, predict_new
from maeum.generative.anomaly.scoring import Scale, blamed, ranks, reasons
from maeum.models import Ensemble, Model
from maeum.report.wording import number
from maeum.tables.reading import read_table
from maeum.tabular.result import COLUMNS
from maeum.tabular.target import Target


@dataclass(repr=False)
class AnomalyModel(TaskModel):
    """What finds unusual rows of a table.

    Attributes:
        network: an ensemble of `maeum.generative.anomaly.network.MaskedColumnModel`.
        features: how raw rows become its input.
        scale: what the scores of the training were like, and from which one on a row is unusual.
        label: what says which rows are unusual; None if nothing does.
        facts: what is known of its training.
        seen: which rows it was trained on, as hashes.

    Example:
        >>> from maeum.generative.anomaly import train_anomaly
        >>> table = pd.DataFrame({"x": range(60), "y": [2 * i for i in range(60)]})
        >>> trained = train_anomaly(table, epochs=2, report=False)
        >>> trained.model.predict(table.head(2)).columns.tolist()
        ['prediction', 'score', 'rank', 'percentile', 'columns']
    """

    kind = "anomaly"

    network: Model
    features: Features
    scale: Scale
    label: Target | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def predict(self, source: pd.DataFrame | str | os.PathLike, **reading: Any) -> pd.DataFrame:
        """Return how unusual raw rows are, and in which columns.

        The columns are the ``prediction`` (``"unusual"`` or ``"usual"``), the ``score``, the
        ``rank`` among these rows (1 is the most unusual), the ``percentile`` (how many of 100
        rows of the training are less unusual), and of unusual rows the ``columns`` that make them
        so, with what was expected.

        Args:
            source: a table (or its file) with the columns of the training. What had to be read
                otherwise is told as a warning.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            DataError: if a column is missing.
        """
        frame = read_table(source, **reading).frame
        x, told = self._encoded(frame)
        for sentence in told:
            warnings.warn(sentence, stacklevel=2)
        members = self._members
        parts, said = blamed(
            self.scale,
            predict_new(members, x),
            lambda rows, hide: predict_new(members, x[rows], hide),
        )
        return self.judge(frame, x, said, parts)

    def judge(
        self, frame: pd.DataFrame, x: np.ndarray, said: Hidden, parts: np.ndarray
    ) -> pd.DataFrame:
        """Return what `predict` does, of what the networks say of rows.

        Args:
            frame: the raw rows.
            x: the same as the networks take them.
            said, parts: as `maeum.generative.anomaly.scoring.blamed` returns them.
        """
        scores = self.scale.scores(said.surprises)
        unusual = scores >= self.scale.threshold
        cells = frame[self.features.columns].to_numpy(object)
        why = [
            "; ".join(reasons(self.features, x, said, parts, cells[row], row))
            if unusual[row] else ""
            for row in range(len(x))
        ]  # fmt: skip
        found = {
            "prediction": np.where(unusual, "unusual", "usual"),
            "score": scores,
            "rank": ranks(scores),
            "percentile": 100 * self.scale.below(scores),
            "columns": why,
        }
        return pd.DataFrame(found, index=frame.index)

    def _encoded(self, frame: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        if not len(frame):
            raise DataError("The table has no rows to predict.")
        return self.features.encode(frame)

    @property
    def _members(self) -> list[Model]:
        network = self.network
        return network.members if isinstance(network, Ensemble) else [network]

    def evaluate(self, source: pd.DataFrame | str | os.PathLike, **reading: Any) -> dict[str, Any]:
        """Return how well the scores tell rows that are labelled as unusual from the others.

        Args:
            source: a table (or its file) with the columns of the training and the label.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            ConfigError: if the training had no label.
            DataError: if the label or another column is missing, or no row has a label.
        """
        if self.label is None:
            raise ConfigError("The model knows of no column that says which rows are unusual, so "
                              "nothing can be compared. Train it with --label COLUMN.")  # fmt: skip
        table, name = read_table(source, **reading), self.label.name
        if name not in table.frame.columns:
            raise DataError("The table has no column {name!r}, so there is nothing to compare the "
                            "predictions with.{hint} Use predict for rows without it.", name=name,
                            hint=nearest(name, table.frame.columns))  # fmt: skip
        known, truth = labelled(self.label, table.frame)
        if not known.any():
            raise DataError("No row of the table has a target {name!r}.", name=name)
        x, told = self._encoded(table.frame.loc[known])
        scores = self.scale.scores(predict_new(self._members, x).surprises)
        notes = [*self.seen.told(self.features.hashes(x), self.things), *table.notes, *told]
        skipped = int((~known).sum())
        if skipped:
            notes.append(_("Rows without a {name!r}, ignored: {n:,}.", name=name, n=skipped))
        metrics = judge_scores(truth, scores, self.scale.threshold)
        return {"rows": len(x), "skipped": skipped, "notes": notes, **metrics}

    def predictions(
        self, source: pd.DataFrame | str | os.PathLike, **reading: Any
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows with what is said of them beside them, and what was read otherwise."""
        table = read_table(source, **reading)
        found, told = super().predictions(table.frame)
        result, renamed = beside(table.frame, found)
        return result, [*table.notes, *told, *renamed]

    def describe(self) -> list[str]:
        """Return what it finds, and by what, as sentences."""
        columns = self.features.columns
        said = [_("Finds unusual rows, and the columns that make them so"),
                _("A row is unusual from a score of {score} on.",
                  score=number(self.scale.threshold, 3))]  # fmt: skip
        columns_ = COLUMNS.count(len(columns))
        return [*said, _("From {columns}: {names}", columns=columns_, names=some(columns, 24, 40))]

    def to_json(self) -> dict[str, Any]:
        """Return what prepares the rows, as plain data."""
        known = {} if self.label is None else {"label": self.label.to_json()}
        return {"features": self.features.to_json(), "scale": self.scale.to_json(), **known}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> AnomalyModel:
        """Return the model that `to_json` described."""
        label = saved.get("label")
        return cls(network, Features.from_json(saved["features"]),
                   Scale.from_json(saved["scale"]),
                   None if label is None else Target.from_json(label))  # fmt: skip


def judge_scores(truth: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, Any]:
    """Return how well scores tell unusual rows (``truth`` 1) from the others.

    >>> judge_scores(np.array([0, 0, 1]), np.array([1.0, 2.0, 3.0]), 1.5)["roc_auc"]
    1.0
    """
    from sklearn import metrics

    both, said = len(np.unique(truth)) == 2, scores >= threshold
    zero = {"zero_division": 0.0}
    return {
        "roc_auc": float(metrics.roc_auc_score(truth, scores)) if both else None,
        "pr_auc": float(metrics.average_precision_score(truth, scores)) if truth.any() else None,
        "f1": float(metrics.f1_score(truth, said, **zero)),
        "precision": float(metrics.precision_score(truth, said, **zero)),
        "recall": float(metrics.recall_score(truth, said, **zero)),
    }
