"""A task of its own: a text file of numbers, one pair a line, of which the second is learnt."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_
from maeum.experiment.checks import whole
from maeum.experiment.events import Found, Note, parts_line
from maeum.experiment.model import TaskModel
from maeum.experiment.options import ClassificationOptions, Reading, option
from maeum.experiment.report import quality
from maeum.experiment.run import Run, Things
from maeum.experiment.task import Task
from maeum.experiment.verdict import Verdict, against_others, tiles
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.report.scores import score


@dataclass(frozen=True)
class PairOptions(ClassificationOptions):
    """The options of pairs."""

    width: int = option(4, help=N_("The units of the hidden layer."), check=whole())


@dataclass
class Pairs:
    """Pairs that are ready."""

    source: str
    x: np.ndarray
    y: np.ndarray
    options: PairOptions
    notes: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)

    def part(self, name):
        test, checked = (round(f * len(self.x)) for f in (0.2, self.options.validation_size))
        ends = {"test": (0, test), "validation": (test, test + checked)}
        low, high = ends.get(name, (test + checked, len(self.x)))
        return self.x[low:high], self.y[low:high]

    @property
    def sizes(self):
        return {name: len(self.part(name)[0]) for name in ("train", "validation", "test")}


@dataclass
class PairModel(TaskModel):
    """The network, and by how much its numbers are divided."""

    kind = "pairs"
    things = Things("{n:,} pair", "{n:,} pairs", N_("pairs"))
    reads_with = ()

    network: Sequential
    scale: float
    note: str = ""
    facts: dict = field(default_factory=dict)

    def predict(self, source):
        x = read(source)[:, :1]
        y = self.network.predict(x / self.scale, verbose=0)[:, 0] * self.scale
        return pd.DataFrame({"x": x[:, 0], "prediction": y})

    def evaluate(self, source):
        y = read(source)[:, 1]
        found = score("regression", y, self.predict(source)["prediction"].to_numpy())
        return {"rows": len(y), "notes": [], **found}

    def describe(self):
        return ["Predicts the second number of a pair"]

    def to_json(self):
        return {"scale": self.scale, "note": self.note}

    @classmethod
    def from_json(cls, network, saved):
        return cls(network, float(saved["scale"]), saved["note"])


def read(path):
    rows = [line.split() for line in Path(path).read_text().splitlines()]
    if not rows or any(len(row) != 2 for row in rows):
        raise DataError(f"{path} does not hold a pair of numbers on each line.")
    return np.array(rows, float)


class PairTask(Task):
    """Pairs of numbers."""

    kind, title = "pairs", N_("pairs of numbers")
    options, reading, model, run = PairOptions, Reading, PairModel, Run
    commands = ("maeum predict model.maeum new.pairs",)

    def recognises(self, path, chosen):
        return path.suffix == ".pairs"

    def prepare(self, source, reading, options):
        rows = read(source)
        return Pairs(Path(source).name, rows[:, :1], rows[:, 1], options, ["All are numbers."])

    def describe(self, data):
        yield Found(data.source, data.sizes, (f"{data.source}: {parts_line(data.sizes)}",))
        yield from map(Note, data.notes)

    def build(self, data):
        model = Sequential(
            [Input((1,)), Dense(data.options.width, "tanh"), Dense(1)], seed=data.options.seed
        )
        model.compile("adam", "mse")
        return model

    def fit_arguments(self, data, refitting):
        (x, y), (xv, yv) = data.part("train"), data.part("validation")
        found = {"x": x / 100, "y": y / 100, "batch_size": data.options.batch_size or 16}
        return found | ({"validation_data": (xv / 100, yv / 100)} if len(xv) else {})

    def wrap(self, network, data):
        return PairModel(network, 100.0, data.source)

    def score(self, model, data):
        x, y = data.part("test")
        found = model.network.predict(x / model.scale, verbose=0)[:, 0] * model.scale
        return {"metrics": score("regression", y, found)}

    def baselines(self, model, data):
        (_x, y), (_, truth) = data.part("train"), data.part("test")
        metrics = score("regression", truth, np.full(len(truth), y.mean()))
        return [{"name": "The mean", "metrics": metrics, "seconds": 0.0}]

    def verdict(self, run):
        said = f"off by {run.metrics['mae']:.3g} on average"
        return Verdict(said, against_others(run, "rmse").sentences, tiles(run, {"mae": "in units"}))

    def eyebrow(self, run):
        return ("pairs",)

    def sections(self, trained):
        return [quality(trained.run)]
