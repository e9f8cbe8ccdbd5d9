"""What a comparison found: every model in every fold, and how far each is from the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maeum.classics.comparing.differences import Difference, corrected_interval
from maeum.classics.comparing.options import ComparisonOptions
from maeum.classics.comparing.trials import NETWORK, Trial
from maeum.core.messages import _
from maeum.report.scores import METRICS_OF
from maeum.report.wording import metric_name
from maeum.tabular.dataset import Dataset
from maeum.tabular.usual_models import USUAL_MODELS

if TYPE_CHECKING:
    from maeum.classics.comparing.pictures import Pictures


@dataclass(frozen=True)
class Comparison:
    """The network beside other models, tested on the same rows.

    Attributes:
        data: the table as it was recognised.
        options: the choices.
        metric: by which the models are ranked.
        trials: every model in every fold that was finished, the network first.
        excluded: why a model is not among them, by its key.
        notes: what is to be known, as sentences.
        pictures: what the models learn from one or two columns, to be drawn; None for nothing.
        interrupted: whether Ctrl-C ended it.
    """

    data: Dataset
    options: ComparisonOptions
    metric: str
    trials: list[Trial]
    excluded: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    pictures: Pictures | None = None
    interrupted: bool = False

    @property
    def task(self) -> str:
        """``"binary"``, ``"multiclass"`` or ``"regression"``."""
        return self.data.target.task

    @property
    def folds(self) -> list[int]:
        """The numbers of the folds that were finished."""
        return sorted({trial.fold for trial in self.trials})

    @property
    def better(self) -> int:
        """1 if a higher value of the metric is better, -1 if a lower one is."""
        return metric_name(self.metric).better

    @property
    def ranking(self) -> list[str]:
        """The keys of the models, the best one by the metric first."""
        keys = dict.fromkeys(trial.model for trial in self.trials)
        return sorted(keys, key=lambda key: -self.better * self.mean(key))

    def of(self, key: str) -> list[Trial]:
        """Return the folds of a model, in their order."""
        return [trial for trial in self.trials if trial.model == key]

    def values(self, key: str, metric: str | None = None) -> np.ndarray:
        """Return a metric of a model in each fold; NaN where it is undefined."""
        found = [trial.metrics[metric or self.metric] for trial in self.of(key)]
        return np.array([np.nan if value is None else value for value in found], np.float64)

    def mean(self, key: str, metric: str | None = None) -> float:
        """Return the mean of a metric over the folds where it is defined; NaN if it nowhere is."""
        values = self.values(key, metric)
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else float("nan")

    def metrics(self, key: str) -> dict[str, float | None]:
        """Return the means of all metrics of a model."""
        means = {name: self.mean(key, name) for name in METRICS_OF[self.task]}
        return {name: None if np.isnan(mean) else mean for name, mean in means.items()}

    def cost(self, key: str, what: str) -> float:
        """Return the median of an attribute of `Trial` over the folds: the first one compiles."""
        return float(np.median([getattr(trial, what) for trial in self.of(key)]))

    def difference(self, key: str) -> Difference:
        """Return by how much the network is better than a model, above 0 if it is."""
        ours, theirs = self.values(NETWORK), self.values(key)
        away = self.better * (ours - theirs)
        rows = np.array([(trial.tested, trial.trained) for trial in self.of(NETWORK)])
        return corrected_interval(away[~np.isnan(away)], *rows.mean(axis=0).tolist())

    def title(self, key: str) -> str:
        """Return what a model is called, in the reader's language."""
        return _("Network") if key == NETWORK else _(USUAL_MODELS[key].title_for(self.task))

    def table(self) -> pd.DataFrame:
        """Return what ``comparison.csv`` holds: a line for each model and fold."""
        return pd.DataFrame([
            {"model": t.model, "fold": t.fold, "train_rows": t.trained, "test_rows": t.tested,
             "train_seconds": round(t.train_seconds, 6),
             "predict_seconds": round(t.predict_seconds, 6), "size_bytes": t.size, **t.metrics}
            for t in self.trials
        ])  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return what ``comparison.json`` holds; the models in the order of their ranking."""
        return {
            "source": self.data.source,
            "rows": len(self.data.frame),
            "target": self.data.target.name,
            "task": self.task,
            "classes": self.data.target.classes,
            "metric": self.metric,
            "folds": len(self.folds),
            "interrupted": self.interrupted,
            "models": [self._model(key) for key in self.ranking],
            "excluded": self.excluded,
            "options": {name: getattr(self.options, name) for name in self.options.fields()},
            "notes": self.notes,
        }

    def _model(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = {"model": key, "title": self.title(key)}
        found |= {"metrics": self.metrics(key)}
        for name in ("train_seconds", "predict_seconds", "size"):
            found[name] = self.cost(key, name)
        if key != NETWORK:
            away = self.difference(key)
            found["network_ahead_by"] = {"mean": away.value, "low": away.low, "high": away.high}
        return found
