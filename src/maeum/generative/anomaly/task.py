"""The search for unusual rows of a table, as a task of `maeum.experiment`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.events import Event, Excluded, Found, Listener, Note, ignore, work
from maeum.experiment.run import ROWS
from maeum.experiment.seen import Seen
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.experiment.verdict import Verdict
from maeum.generative.anomaly import verdict
from maeum.generative.anomaly.baselines import fit_baselines
from maeum.generative.anomaly.dataset import AnomalyData, labelled
from maeum.generative.anomaly.model import AnomalyModel, judge_scores
from maeum.generative.anomaly.network import MaskedColumnModel
from maeum.generative.anomaly.options import NAMES, AnomalyOptions, AnomalyReading
from maeum.generative.anomaly.result import AnomalyRun
from maeum.models import Ensemble, Model
from maeum.optimizers import Adam
from maeum.tables.reading import Table, read_table
from maeum.tabular.result import COLUMNS

TrainedAnomaly = Trained[AnomalyModel, AnomalyRun]


class AnomalyTask(Task):
    """A table without a target: what is unusual in it, and in which column."""

    kind = "anomaly"
    title = N_("unusual rows of tables")
    told_by = N_("say --task anomaly")
    names = NAMES
    options = AnomalyOptions
    reading = AnomalyReading
    model = AnomalyModel
    report = "maeum.generative.anomaly.report"
    run = AnomalyRun
    commands = ("maeum predict model.maeum new.csv",)
    usage = 'print(model.predict("new.csv"))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take what is said to be for this."""
        return chosen.get("task") in NAMES

    def prepare(
        self, source: Any, reading: AnomalyReading, options: AnomalyOptions
    ) -> AnomalyData:  # fmt: skip
        """Read a table, and make its rows ready."""
        return AnomalyData.prepare(read_table(source, **reading.of_file), reading.label, options)

    def describe(self, data: AnomalyData) -> Iterable[Event]:
        """Yield what the table holds, what is excluded, and what was out of the ordinary."""
        rows, used = len(data.x), len(data.features.columns)
        facts = {"rows": rows, "columns": used}
        lines = [
            _("{source}: {rows}, {columns} looked at", source=data.source,
              rows=ROWS.count(rows), columns=COLUMNS.count(used)),
            _("{members} networks learn what is usual; each row is scored by one that has not "
              "seen it.", members=len(data.folds)),
        ]  # fmt: skip
        if data.label is not None:
            lines.append(_("Label {name!r}: {n:,} rows are “{value}”", name=data.label.name,
                           n=data.label.counts[1],
                           value=shorten(data.label.classes[1], 30)))  # fmt: skip
        yield Found(data.source, facts, tuple(lines))
        yield from (Excluded(column.name, column.reason) for column in data.left_out)
        yield from map(Note, data.notes)

    def build(self, data: AnomalyData) -> Model:
        """Return the networks."""
        options = data.options
        network = MaskedColumnModel.dense(data.features.blocks, options.hidden or (),
                                          seed=options.seed)  # fmt: skip
        network.compile(Adam(options.learning_rate or 0.0))
        return Ensemble(network, len(data.folds), seed=options.seed)

    def fit_arguments(self, data: AnomalyData, refitting: bool) -> dict[str, Any]:
        """Return the rows, and which of them each network learns from."""
        return {"x": data.x, "batch_size": data.options.batch_size, "folds": data.folds,
                "validation_batch_size": 4096}  # fmt: skip

    def decide(
        self, network: Model, data: AnomalyData, tell: Listener
    ) -> tuple[Model, AnomalyData]:  # fmt: skip
        """Score each row by the network that has not learnt from it."""
        work(_("Scoring {rows} ...", rows=ROWS.count(len(data.x))))
        assert isinstance(network, Ensemble)
        return network, data.judged(network.members)

    def wrap(self, network: Model, data: AnomalyData) -> AnomalyModel:
        """Return the networks with what prepares their rows."""
        assert data.scale is not None
        hashes = data.features.hashes(data.x)
        return AnomalyModel(network, data.features, data.scale, data.label,
                            seen=Seen.of(hashes, hashes[:0]))  # fmt: skip

    def score(self, model: AnomalyModel, data: AnomalyData) -> dict[str, Any]:
        """Return how unusual the rows are, and how well that agrees with a label."""
        assert data.said is not None
        judged = model.judge(data.frame, data.x, data.said, data.parts)
        found = {
            "metrics": {},
            "columns": data.columns,
            "names": data.features.columns,
            "frame": data.frame,
            "judged": judged,
            "parts": data.parts,
            "threshold": model.scale.threshold,
        }
        if data.label is not None:
            known, truth = labelled(data.label, data.frame)
            scores = judged["score"].to_numpy()[known]
            found |= {"metrics": judge_scores(truth, scores, model.scale.threshold),
                      "label": data.label.name,
                      "unusual_label": data.label.classes[1]}  # fmt: skip
        return found

    def baselines(self, model: AnomalyModel, data: AnomalyData) -> list[dict[str, Any]]:
        """Judge scikit-learn's methods by the same label, if there is one."""
        if data.label is None or data.said is None:
            return []
        known, truth = labelled(data.label, data.frame)
        unusual = (model.scale.scores(data.said.surprises) >= model.scale.threshold).mean()
        return fit_baselines(data.x, known, truth, float(unusual), data.options.seed)

    def verdict(self, run: AnomalyRun) -> Verdict:
        """Say what is unusual."""
        return verdict.of(run)

    def eyebrow(self, run: AnomalyRun) -> tuple[str, ...]:
        """Return what was looked at."""
        return (ngettext("{n:,} column", "{n:,} columns", len(run.names)),)


def train_anomaly(
    table: Table | pd.DataFrame | str | os.PathLike,
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedAnomaly:
    """Learn what is usual in a table, and score its rows by how unusual they are.

    Several networks learn from the rows, each from all but a part that it scores. Ctrl-C ends the
    training: the networks of the best epochs so far are kept.

    Args:
        table: a table, or the file of one.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other methods).
        options: see `AnomalyReading` (``label``) and `AnomalyOptions` (``contamination``, ...).

    Raises:
        DataError, UnknownNameError, ConfigError: for a table, label or option that cannot be used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> frame = pd.DataFrame({"height": range(150, 190), "weight": range(50, 90)})
        >>> trained = train_anomaly(frame, epochs=2, report=False, contamination=0.05)
        >>> len(trained.run.unusual)
        2
    """
    task = AnomalyTask()
    data = task.prepare(table, *task.split(options))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report)
