"""A network together with what prepares its rows: it takes tables just as they are."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError, ModelFileError, nearest
from maeum.models import Model
from maeum.report.scores import score
from maeum.saving import archive
from maeum.tables.reading import read_table
from maeum.tabular.network import as_inputs
from maeum.tabular.preparation import Preparation
from maeum.tabular.target import Target

_ENTRY = "preprocessing.json"


@dataclass
class TabularModel:
    """A trained network for a table.

    Attributes:
        network: the network itself, a `maeum.Model`.
        preparation: how raw rows become its inputs.
        target: what it predicts.
        facts: what is known of its training: metrics, rows, settings.

    Example:
        >>> from maeum.tabular import train_table
        >>> table = pd.DataFrame({"x": range(200), "y": [i >= 100 for i in range(200)]})
        >>> trained = train_table(table, "y", epochs=3, report=False)
        >>> trained.model.predict(table.head(2)).columns.tolist()
        ['prediction', 'probability of False', 'probability of True']
    """

    network: Model
    preparation: Preparation
    target: Target
    facts: dict[str, Any] = field(default_factory=dict)

    def predict(self, table: pd.DataFrame | str | os.PathLike) -> pd.DataFrame:
        """Return the predictions for raw rows, with a probability for each class.

        Args:
            table: a table (or its file) with the columns of the training; the target and others
                are ignored. What had to be filled is told as a warning.

        Raises:
            DataError: if a column is missing.
        """
        frame = read_table(table).frame
        prediction, told = self.predict_raw(frame)
        for sentence in told:
            warnings.warn(sentence, stacklevel=2)
        if self.target.task == "regression":
            return pd.DataFrame({"prediction": prediction}, index=frame.index)
        result = pd.DataFrame({"prediction": self.target.decode(prediction)}, index=frame.index)
        p = prediction.astype(np.float64)
        if self.target.task == "binary":
            p = np.column_stack([1 - p, p])
        else:
            p /= p.sum(axis=1, keepdims=True)  # in float32 they do so only nearly
        for number, name in enumerate(self.target.classes):
            result[f"probability of {name}"] = p[:, number]
        return result

    def predict_raw(self, frame: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        """Return the prediction for raw rows as an array, and what had to be filled.

        It is ``(n,)``: the probability of the positive class, or the value in the target's own
        units; for several classes ``(n, k)`` probabilities.
        """
        if not len(frame):
            raise DataError("The table has no rows to predict.")
        arrays, told = self.preparation.transform(frame)
        return self.predict_arrays(arrays), told

    def predict_arrays(self, arrays: dict[str, np.ndarray]) -> np.ndarray:
        """Return the prediction, as `predict_raw` does, for what `Preparation.transform` made."""
        outputs = self.network.predict(as_inputs(self.preparation, arrays), verbose=0)
        if self.target.task == "regression":
            return self.target.decode(outputs)
        return outputs if self.target.task == "multiclass" else outputs[:, 0]

    def evaluate(self, table: pd.DataFrame | str | os.PathLike) -> dict[str, Any]:
        """Return the metrics on labelled rows, how many there were, and what had to be filled.

        Raises:
            DataError: if the target or another column is missing, or no row has a target.
        """
        frame = read_table(table).frame
        name = self.target.name
        if name not in frame.columns:
            raise DataError(
                f"The table has no column {name!r}, so there is nothing to compare the "
                f"predictions with.{nearest(name, frame.columns)} Use predict for rows without it."
            )
        known = self.target.known(frame[name])
        if not known.any():
            raise DataError(f"No row of the table has a target {name!r}.")
        frame = frame.loc[known]
        prediction, told = self.predict_raw(frame)
        truth = self.target.encode(frame[name])
        if self.target.task == "regression":
            truth = self.target.decode(truth)
        metrics = score(self.target.task, truth, prediction, self.target.classes)
        return {"rows": len(frame), "skipped": int((~known).sum()), "notes": told, **metrics}

    def save(self, path: str | os.PathLike) -> None:
        """Save everything in one model file; see `maeum.Model.save`."""
        archive.save_model(self.network, path, extras=self._entries())

    def _entries(self) -> dict[str, bytes]:
        description = {
            "kind": "table",
            "preparation": self.preparation.to_json(),
            "target": self.target.to_json(),
            "facts": self.facts,
        }
        return {_ENTRY: json.dumps(description, ensure_ascii=False, indent=1).encode()}

    @classmethod
    def load(cls, path: str | os.PathLike) -> TabularModel:
        """Load what `save` wrote.

        Raises:
            ModelFileError: if the file is no model, or one without preparation.
        """
        entries = archive.read_entries(path)
        return cls.from_entries(entries, str(path))

    @classmethod
    def from_entries(cls, entries: Mapping[str, bytes], what: str) -> TabularModel:
        """Return the model of an archive's entries."""
        if not is_for_tables(entries):
            raise ModelFileError(
                f"{what!r} is a model, but not one for tables: it does not say how rows are "
                "prepared. Load it with maeum.load_model and give it arrays."
            )
        network = archive.from_entries(entries, what)
        try:
            description = json.loads(entries[_ENTRY])
            preparation = Preparation.from_json(description["preparation"])
            target = Target.from_json(description["target"])
            facts = dict(description.get("facts", {}))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFileError(f"{what!r} is damaged: {error!r}.") from error
        return cls(network, preparation, target, facts)


def is_for_tables(entries: Mapping[str, bytes]) -> bool:
    """Tell whether the model of an archive's entries also holds how its rows are prepared."""
    try:
        kind = json.loads(entries.get(_ENTRY, b"null")).get("kind", "table")
    except (ValueError, AttributeError):  # damaged, which is told when it is read
        kind = "table"
    return _ENTRY in entries and kind == "table"
