"""One model trained on the training rows of one fold, and tested on the others."""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from maeum.classics.comparing.options import ComparisonOptions
from maeum.core.messages import _, ngettext
from maeum.experiment.classes import calm, said_by
from maeum.experiment.events import heard_by, ignore, work
from maeum.experiment.seen import Seen
from maeum.report.scores import score
from maeum.tabular.baselines import matrix
from maeum.tabular.dataset import Dataset
from maeum.tabular.model import TabularModel
from maeum.tabular.splitting import Split
from maeum.tabular.untested import fit_table
from maeum.tabular.usual_models import Setting, UsualModel

NETWORK = "network"
MOST_NUMBERS = 100_000_000  # of the matrix that a model is trained on: 400 MB
MOST_AT_ONCE = 5_000_000  # of those that it predicts from at once
FAILURES = (ValueError, ArithmeticError, MemoryError)  # of scikit-learn, for rows it cannot learn


@dataclass(frozen=True)
class Trial:
    """What became of a model in a fold.

    Attributes:
        model: its key; that of the network is ``"network"``.
        fold: the number of the fold, from 1 on.
        trained: the rows that it was trained on.
        drawn: whether these are some of the rows, drawn at random.
        tested: the rows that it was tested on.
        metrics: as `maeum.report.scores.score` returns them.
        train_seconds: with the preparation of the rows.
        predict_seconds: of the rows that are tested, with their preparation.
        size: of the fitted model in bytes: the network's file, others pickled.
    """

    model: str
    fold: int
    trained: int
    drawn: bool
    tested: int
    metrics: dict[str, float | None]
    train_seconds: float
    predict_seconds: float
    size: int


@dataclass(frozen=True)
class Untrained:
    """A model that could not learn the rows of a fold, and why."""

    model: str
    reason: str


class Fold:
    """The rows of a fold, prepared by what those for training hold.

    Args:
        data: the table.
        number: of the fold, from 1 on.
        rest, test: the rows to train and to test on.
        options: the choices.
    """

    def __init__(
        self, data: Dataset, number: int, rest: np.ndarray, test: np.ndarray,
        options: ComparisonOptions,
    ) -> None:  # fmt: skip
        self.data, self.number, self.options = data, number, options
        self.rest, self.test = rest, test
        self.y, self.truth = data.truth(rest), data.truth(test)

    def network(self) -> Trial:
        """Train and test the network, which prepares the rows itself.

        Raises:
            KeyboardInterrupt: for Ctrl-C.
        """
        data, goal = self.data, self.data.target
        names = [c.name for c in data.columns if c.used and c.name != goal.name]
        frame, began = data.frame[names], time.perf_counter()
        with heard_by(ignore):
            made = fit_table(frame.iloc[self.rest].reset_index(drop=True), self.y,
                             self.options.of_network, classes=goal.classes)  # fmt: skip
        if made.interrupted:  # a network that was not trained to the end is not compared
            raise KeyboardInterrupt
        trained = time.perf_counter()
        raw, _told = made.model.predict_raw(frame.iloc[self.test].reset_index(drop=True))
        said = made.model.probabilities(raw) if goal.classes else raw
        ended = time.perf_counter()
        return self._trial(NETWORK, self.rest, False, said, trained - began, ended - trained,
                           file_size(made.model))  # fmt: skip

    def others(self, models: list[UsualModel]) -> Iterator[Trial | Untrained]:
        """Train and test other models on the same rows, one after the other."""
        began = time.perf_counter()
        ready = self.data.division(Split(self.rest, self.rest[:0], self.test))
        rows, tested = ready.rows(self.rest), ready.rows(self.test)
        of_each = (time.perf_counter() - began) / (len(self.rest) + len(self.test))
        del ready
        for model in models:
            title = model.title_for(self.data.target.task)
            work(_("Training {name} to compare with ...", name=_(title)))
            try:
                yield self._other(model, rows, tested, of_each)
            except FAILURES as error:
                yield Untrained(model.key, str(error).split("\n")[0])

    def _other(
        self, model: UsualModel, rows: dict[str, np.ndarray], tested: dict[str, np.ndarray],
        of_each: float,
    ) -> Trial:  # fmt: skip
        classes, began = len(self.data.target.classes), time.perf_counter()
        width = matrix(_some(rows, slice(1)), rows, model.one_hot).shape[1]
        places, drawn = self.rows_for(model, width)
        task, options = self.data.target.task, self.options
        setting = Setting(task, self.y[places], options.seed, options.neighbors,
                          bool(options.balance))  # fmt: skip
        made = model.build(setting)
        with calm(len(places)):
            made.fit(matrix(_some(rows, places), rows, model.one_hot), setting.y)
            trained = time.perf_counter()
            blocks = np.array_split(self.test, -(-len(self.test) * width // MOST_AT_ONCE))
            ends = np.cumsum([len(block) for block in blocks]).tolist()
            said = np.concatenate([
                said_by(made, matrix(_some(tested, slice(*ends_)), rows, model.one_hot), classes)
                for ends_ in zip([0, *ends], ends)
            ])  # fmt: skip
        ended = time.perf_counter()
        return self._trial(
            model.key, places, drawn, said, trained - began + of_each * len(self.rest),
            ended - trained + of_each * len(self.test), pickled_size(made),
        )  # fmt: skip

    def rows_for(self, model: UsualModel, width: int) -> tuple[np.ndarray, bool]:
        """Return which of the training rows a model learns, by their places; and if they are drawn.

        Args:
            model: the model.
            width: its features.

        Raises:
            ValueError: if it can learn no two classes.
        """
        places = np.arange(len(self.y))
        if self.data.target.classes:
            counts = np.bincount(self.y)
            places = places[counts[self.y] >= model.least]
        most = min(model.most_rows or len(places), max(MOST_NUMBERS // width, 1))
        drawn = len(places) > most
        if drawn:
            random = np.random.default_rng(self.options.seed)
            places = np.sort(random.choice(places, most, replace=False))
        if self.data.target.classes and len(np.unique(self.y[places])) < 2:
            raise ValueError(
                ngettext("it needs two classes with at least {n:,} row each to train on",
                         "it needs two classes with at least {n:,} rows each to train on",
                         model.least))  # fmt: skip
        return places, drawn

    def _trial(
        self, key: str, rows: np.ndarray, drawn: bool, said: np.ndarray, train: float,
        predict: float, size: int,
    ) -> Trial:  # fmt: skip
        goal = self.data.target
        p = said[:, 1] if goal.task == "binary" else said
        if not np.isfinite(p).all():
            raise ValueError(_("it predicts numbers that are not finite"))
        threshold = 0.5 if self.options.threshold is None else self.options.threshold
        metrics = score(goal.task, self.truth, p, goal.classes, threshold)
        return Trial(key, self.number, len(rows), drawn, len(self.test), metrics, train, predict,
                     size)  # fmt: skip


def _some(rows: dict[str, np.ndarray], places: Any) -> dict[str, np.ndarray]:
    return {name: array[places] for name, array in rows.items()}


def pickled_size(model: Any) -> int:
    """Return how many bytes an object takes pickled; it is counted, and written nowhere."""

    class Counter:
        size = 0

        def write(self, data: Any) -> int:
            written = memoryview(data).nbytes
            self.size += written
            return written

    counter = Counter()
    pickle.Pickler(counter, protocol=5).dump(model)
    return counter.size


def file_size(model: TabularModel) -> int:
    """Return how many bytes a network's file takes, without what it knows of its training rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.maeum"
        replace(model, seen=Seen()).save(path)
        return path.stat().st_size
