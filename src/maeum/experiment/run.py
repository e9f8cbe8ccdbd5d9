"""What a training leaves behind, for the report and for the files next to it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from maeum.core.messages import N_
from maeum.core.runtime import installed
from maeum.core.wording import Things, shorten
from maeum.experiment.rare import rare_class
from maeum.report.wording import percent

if TYPE_CHECKING:
    import pandas as pd

ROWS = Things("{n:,} row", "{n:,} rows", N_("rows"))


class Said(NamedTuple):
    """What a model says of some rows: values ``(n,)`` or probabilities ``(n, k)``.

    ``threshold`` is the probability from which on it answers the second of two classes.
    """

    prediction: np.ndarray
    threshold: float | np.ndarray = 0.5


@dataclass(kw_only=True)
class Run:
    """Everything that is known after a network was trained and tested; a task adds its own.

    Attributes:
        source: the name of the file or folder, as shown.
        notes: what was recognised, filled and what happened, as sentences.
        rows: how many rows (images, windows, texts) each part has.
        history: the values of each epoch.
        best_epoch: the epoch whose weights were kept, from 0.
        metrics: the network's metrics on the test part.
        models: ``{"name": str, "metrics": dict, "seconds": float}`` each: the network itself,
            then the models that it is compared with.
        network: the network's summary.
        settings: the options.
        seconds: how long each step took.
        versions: of Python and the libraries.
        things: what is counted: rows, images, windows or texts.
        predictions: what the models that it is compared with say of the test rows, by name.
    """

    source: str
    notes: list[str]
    rows: dict[str, int]
    history: dict[str, list[float]]
    best_epoch: int
    metrics: dict[str, float | None]
    models: list[dict[str, Any]]
    network: str
    settings: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    things: Things = ROWS
    predictions: dict[str, Said] = field(default_factory=dict)

    @property
    def baselines(self) -> list[dict[str, Any]]:
        """The network and the models that it is compared with, by another name."""
        return self.models

    def table(self) -> pd.DataFrame | None:
        """Return what ``predictions.csv`` holds: each of the test and what is said of it."""
        return None

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds; a task adds its own facts."""
        kept = ("metrics", "models", "settings", "seconds", "versions", "notes")
        found = {"source": self.source, "rows": self.rows, "best_epoch": self.best_epoch + 1}
        return found | {name: getattr(self, name) for name in kept}


@dataclass(kw_only=True)
class ClassificationRun(Run):
    """A run whose network tells classes apart.

    ``n`` is the number of test rows, ``k`` the number of classes.

    Attributes:
        classes: the names of the classes.
        truth: ``(n,)`` the class numbers of the test rows.
        probabilities: ``(n, k)`` the network's.
        threshold: of two classes, the probability from which on the second is answered; after a
            cross-validation ``(n,)``, for each row the one that the other rows chose.
    """

    classes: list[str]
    truth: np.ndarray
    probabilities: np.ndarray
    threshold: float | np.ndarray = 0.5

    @property
    def answers(self) -> np.ndarray:
        """The network's answers, ``(n,)``: the likeliest class's number."""
        return likeliest(self.probabilities, self.threshold)

    @property
    def rare(self) -> int | None:
        """The number of the class that is rare among two, by the test rows; None if neither is."""
        return rare_class(np.bincount(self.truth.astype(int), minlength=len(self.classes)))

    @property
    def hits(self) -> int:
        """How many answers are right."""
        return int((self.answers == self.truth).sum())

    def judged(self, row: int) -> tuple[str, str, bool]:
        """Return the answer for a row (and how sure it is), the truth, and whether it is wrong."""
        answer, truth = self.answers[row], self.truth[row]
        said = f"{shorten(self.classes[answer], 24)}, {percent(self.probabilities[row].max(), 0)}"
        return said, shorten(self.classes[truth], 24), bool(answer != truth)

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        return {**super().to_json(), "classes": self.classes}


def likeliest(probabilities: np.ndarray, threshold: float | np.ndarray = 0.5) -> np.ndarray:
    """Return the class numbers ``(n,)`` that probabilities ``(n, k)`` answer with.

    Of two classes, the answer is the second one from the ``threshold`` upwards.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(int)
    return probabilities.argmax(axis=1)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a training depends on."""
    names = ("maeum", "jax", "numpy", "scikit-learn")  # Maeum may be only on the path
    found = {name: version for name in names if (version := installed(name))}
    return {"python": platform.python_version(), **found}
