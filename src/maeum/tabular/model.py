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

from maeum.core.errors import DataError, ModelFileError
from maeum.models import Model
from maeum.saving import archive
from maeum.tabular.baselines import score
from maeum.tabular.network import as_inputs
from maeum.tabular.preparation import Preparation
from maeum.tabular.reading import read_table, tidy
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
        frame = _frame(table)
        prediction, told = self.predict_raw(frame)
        for sentence in told:
            warnings.warn(sentence, stacklevel=2)
        result = pd.DataFrame({"prediction": self.target.decode(prediction)}, index=frame.index)
        if self.target.task != "regression":
            p = prediction.astype(np.float64)
            p = np.column_stack([1 - p, p]) if self.target.task == "binary" else p
            for number, name in enumerate(self.target.classes):
                result[f"probability of {name}"] = p[:, number]
        return result

    def predict_raw(self, frame: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        """Return the network's outputs, ``(n,)`` or ``(n, k)``, and what had to be filled."""
        if not len(frame):
            raise DataError("The table has no rows to predict.")
        arrays, told = self.preparation.transform(frame)
        outputs = self.network.predict(as_inputs(self.preparation, arrays), verbose=0)
        return outputs if self.target.task == "multiclass" else outputs[:, 0], told

    def evaluate(self, table: pd.DataFrame | str | os.PathLike) -> dict[str, Any]:
        """Return the metrics on labelled rows, and how many rows were counted.

        Raises:
            DataError: if the target or another column is missing, or no row has a target.
        """
        frame = _frame(table)
        if self.target.name not in frame.columns:
            raise DataError(
                f"The table has no column {self.target.name!r}, so there is nothing to compare "
                "the predictions with. Use predict for rows without it."
            )
        known = self.target.known(frame[self.target.name])
        if not known.any():
            raise DataError(f"No row of the table has a target {self.target.name!r}.")
        frame = frame.loc[known]
        prediction, told = self.predict_raw(frame)
        if self.target.task == "regression":
            prediction = self.target.decode(prediction)
        truth = self.truth(frame)
        metrics = score(self.target.task, truth, prediction, self.target.classes)
        return {"rows": len(frame), "skipped": int((~known).sum()), "notes": told, **metrics}

    def truth(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the class numbers, or the values, of rows that have a target."""
        encoded = self.target.encode(frame[self.target.name])
        return self.target.decode(encoded) if self.target.task == "regression" else encoded

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
        if _ENTRY not in entries:
            raise ModelFileError(
                f"{what!r} is a model, but not one for tables: it does not say how rows are "
                "prepared. Load it with maeum.load_model and give it arrays."
            )
        network = archive.from_entries(entries, what)
        try:
            description = json.loads(entries[_ENTRY])
            preparation = Preparation.from_json(description["preparation"])
            target = Target.from_json(description["target"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFileError(f"{what!r} is damaged: {error!r}.") from error
        return cls(network, preparation, target, description.get("facts", {}))


def _frame(table: Any) -> pd.DataFrame:
    """Return the rows of a table or of its file."""
    if isinstance(table, (str, os.PathLike)):
        table = read_table(table).frame  # type: ignore[arg-type]
    return tidy(table)[0]
