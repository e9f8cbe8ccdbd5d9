"""A network together with what prepares its rows: it takes tables just as they are."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.checks import check_fraction
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.experiment.classes import predicted
from maeum.experiment.model import TaskModel, beside
from maeum.experiment.seen import Seen, row_hashes
from maeum.models import Model, WeightedEnsemble
from maeum.report.scores import score
from maeum.report.wording import percent
from maeum.tables.reading import read_table
from maeum.tabular.intervals import FEWEST, LEVEL, Intervals, coverage, named
from maeum.tabular.network import as_inputs
from maeum.tabular.preparation import Preparation
from maeum.tabular.result import COLUMNS
from maeum.tabular.target import Target
from maeum.tabular.trees import blended


@dataclass(repr=False)
class TabularModel(TaskModel):
    """A trained network for a table.

    Attributes:
        network: the network itself, a `maeum.Model`.
        preparation: how raw rows become its inputs.
        target: what it predicts.
        facts: what is known of its training: metrics, rows, settings.
        seen: which rows it was trained on, as hashes.
        intervals: how far off its predictions are; None for classes, or where that is not known.

    Example:
        >>> from maeum.tabular import train_table
        >>> table = pd.DataFrame({"x": range(200), "y": [i >= 100 for i in range(200)]})
        >>> trained = train_table(table, "y", epochs=3, report=False)
        >>> trained.model.predict(table.head(2)).columns.tolist()
        ['prediction', 'probability of False', 'probability of True']
    """

    kind = "table"
    reads_with = (*TaskModel.reads_with, "threshold", "interval")

    network: Model
    preparation: Preparation
    target: Target
    facts: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    intervals: Intervals | None = None

    def predict(
        self,
        source: pd.DataFrame | str | os.PathLike,
        *,
        threshold: float | None = None,
        interval: float | None = None,
        **reading: Any,
    ) -> pd.DataFrame:
        """Return the predictions for raw rows, with a probability for each class.

        Beside a number stand the ends of its prediction interval, where one is known: see
        `maeum.tabular.intervals.Intervals`.

        Args:
            source: a table (or its file) with the columns of the training; the target and others
                are ignored. What had to be filled is told as a warning.
            threshold: of two classes, the probability from which on the positive one is answered;
                by default that of the training (``target.threshold``).
            interval: of numbers, the fraction of the values that the intervals are meant to hold,
                0.9 by default; 0 for no intervals.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            DataError: if a column is missing.
            ConfigError: for a threshold where there are not two classes, or an interval where
                none is known or classes are predicted.
        """
        goal, level = self._goal(threshold), self._level(interval)
        frame = read_table(source, **reading).frame
        arrays, told = self._transformed(frame)
        prediction = self.predict_arrays(arrays)
        for sentence in told:
            warnings.warn(sentence, stacklevel=2)
        found: Any = {"prediction": prediction}
        if goal.classes:
            found = predicted(self.probabilities(prediction), goal.classes, goal.threshold)
        elif level:
            found |= named(level, *self.ends(arrays, prediction, level))
        return pd.DataFrame(found, index=frame.index)

    def probabilities(self, prediction: np.ndarray) -> np.ndarray:
        """Return the probabilities ``(n, k)`` of a prediction; of values, ``(n, 0)``."""
        p = prediction.astype(np.float64)
        if self.target.task == "regression":
            return np.zeros((len(p), 0))
        if self.target.task == "binary":
            return np.column_stack([1 - p, p])
        return p / p.sum(axis=1, keepdims=True)  # in float32 they sum to 1 only nearly

    def predict_raw(self, frame: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        """Return the prediction for raw rows as an array, and what had to be filled.

        It is ``(n,)``: the probability of the positive class, or the value in the target's own
        units; for several classes ``(n, k)`` probabilities.
        """
        arrays, told = self._transformed(frame)
        return self.predict_arrays(arrays), told

    def _transformed(self, frame: pd.DataFrame) -> tuple[dict[str, np.ndarray], list[str]]:
        if not len(frame):
            raise DataError("The table has no rows to predict.")
        return self.preparation.transform(frame)

    def predict_arrays(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Return the prediction, as `predict_raw` does, for what `Preparation.transform` made."""
        outputs = self.network.predict(as_inputs(self.preparation, arrays), verbose=0)
        if self.target.task == "regression":
            return self.target.decode(outputs)
        return outputs if self.target.task == "multiclass" else outputs[:, 0]

    def ends(
        self, arrays: dict[str, np.ndarray], prediction: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper ends ``(n,)`` of prediction intervals.

        Without `intervals`, or for the level 0, they have no entries.

        Args:
            arrays, prediction: what `predict_arrays` takes and returns.
            level: the fraction of the values that they are meant to hold.
        """
        if self.intervals is None or not level:
            return np.zeros(0), np.zeros(0)
        low, high = self.intervals.around(arrays["numbers"], prediction, level)
        return self.target.clipped(low), self.target.clipped(high)

    def evaluate(
        self,
        source: pd.DataFrame | str | os.PathLike,
        *,
        threshold: float | None = None,
        interval: float | None = None,
        **reading: Any,
    ) -> dict[str, Any]:
        """Return the metrics on labelled rows, how many there were, and what had to be filled.

        Of numbers, the ``coverage`` is how often they are within the intervals, and the
        ``interval_width`` how wide these are, in the median.

        Args:
            source: a table (or its file) with the columns of the training and the target. That
                its rows were trained on is told in the notes.
            threshold, interval: as for `predict`.
            reading: ``separator``, ``encoding`` and ``header`` of a file.

        Raises:
            DataError: if the target or another column is missing, or no row has a target.
        """
        goal, level = self._goal(threshold), self._level(interval)
        table = read_table(source, **reading)
        frame, name = table.frame, self.target.name
        if name not in frame.columns:
            raise DataError("The table has no column {name!r}, so there is nothing to compare the "
                            "predictions with.{hint} Use predict for rows without it.", name=name,
                            hint=nearest(name, frame.columns))  # fmt: skip
        known = self.target.known(frame[name])
        if not known.any():
            raise DataError("No row of the table has a target {name!r}.", name=name)
        frame = frame.loc[known]
        arrays, told = self._transformed(frame)
        prediction, truth = self.predict_arrays(arrays), goal.truth(frame[name])
        hashes = row_hashes(arrays, goal.encode(frame[name]))
        metrics = score(goal.task, truth, prediction, goal.classes, goal.threshold)
        if level and not goal.classes:
            ends = self.ends(arrays, prediction, level)
            metrics |= {"interval": level, **coverage(truth, *ends)}
        told += goal.told(frame[name])
        notes = [*self.seen.told(hashes, self.things), *table.notes, *told]
        skipped = int((~known).sum())
        if skipped:
            notes.append(_("Rows without a {name!r}, ignored: {n:,}.", name=name, n=skipped))
        return {"rows": len(frame), "skipped": skipped, "notes": notes, **metrics}

    def _goal(self, threshold: float | None) -> Target:
        if threshold is None:
            return self.target
        return self.target.answering_from(check_fraction(threshold, "threshold", zero=False))

    def _level(self, interval: float | None) -> float:
        """Return what the intervals are meant to hold; 0 where there are none."""
        if interval is None:
            return LEVEL if self.intervals is not None else 0.0
        level = check_fraction(interval, "interval")
        if self.target.classes:
            raise ConfigError("An interval is for numbers, and the target {name!r} has classes: "
                              "their probabilities say how sure a prediction is.",
                              name=self.target.name)  # fmt: skip
        if level and self.intervals is None:
            raise ConfigError("The model does not know how far off its predictions are, so there "
                              "are no intervals: at least {n} rows have to be kept from learning. "
                              "Train it again with more rows.", n=FEWEST)  # fmt: skip
        return level

    def predictions(
        self,
        source: pd.DataFrame | str | os.PathLike,
        *,
        threshold: float | None = None,
        interval: float | None = None,
        **reading: Any,
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return the rows with the predictions beside them, and what was filled and renamed."""
        table = read_table(source, **reading)
        predictions, told = super().predictions(table.frame, threshold=threshold, interval=interval)
        result, renamed = beside(table.frame, predictions)
        return result, [*table.notes, *told, *renamed]

    def describe(self) -> list[str]:
        """Return what the network predicts, and from what, as sentences."""
        goal, columns = self.target, self.preparation.columns
        said = [_("Predicts {name!r}, a number", name=goal.name)]
        if goal.classes:
            n, names = len(goal.classes), some(goal.classes, 8, 40)
            said = [_("Predicts {name!r}, one of {n} classes", name=goal.name, n=n)]
            said.append(_("Classes: {names}", names=names))
        if goal.threshold != 0.5:
            said.append(_("It answers “{name}” from a probability of {threshold} on.",
                          name=goal.classes[1], threshold=percent(goal.threshold)))  # fmt: skip
        if isinstance(self.network, WeightedEnsemble):
            said.append(blended(self.network))
        columns_ = COLUMNS.count(len(columns))
        return [*said, _("From {columns}: {names}", columns=columns_, names=some(columns, 24, 40))]

    def to_json(self) -> dict[str, Any]:
        """Return what prepares the rows, as plain data."""
        known = {} if self.intervals is None else {"intervals": self.intervals.to_json()}
        return {
            "preparation": self.preparation.to_json(),
            "target": self.target.to_json(),
            **known,
        }

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> TabularModel:
        """Return the model that `to_json` described."""
        target, preparation = Target.from_json(saved["target"]), saved["preparation"]
        known = saved.get("intervals")  # earlier files know of none
        intervals = None if known is None else Intervals.from_json(known)
        return cls(network, Preparation.from_json(preparation), target, intervals=intervals)
