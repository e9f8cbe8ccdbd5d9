"""The network and other models on the same folds of a table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.options import ComparisonOptions
from maeum.classics.comparing.pictures import pictures_of
from maeum.classics.comparing.trials import NETWORK, Fold, Trial, Untrained
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _, ngettext
from maeum.core.wording import enumeration
from maeum.experiment.events import Event, Listener, Note, ignore, work
from maeum.report.wording import metric, metric_name
from maeum.tables.reading import Table
from maeum.tabular.dataset import Dataset
from maeum.tabular.options import TableOptions
from maeum.tabular.splitting import Split
from maeum.tabular.task import TableTask
from maeum.tabular.usual_models import USUAL_MODELS


class ComparisonTask(TableTask):
    """A table whose rows are divided for a comparison."""

    options: ClassVar[type[TableOptions]] = ComparisonOptions


@dataclass(frozen=True)
class ModelTested(Event):
    """A model was tested in a fold: from now on Ctrl-C finds something that is finished.

    Attributes:
        model: its title.
        number, of: the fold, from 1, and how many there are.
        metric, value: how good it was; None where the metric is undefined.
    """

    model: str
    number: int
    of: int
    metric: str
    value: float | None

    def __str__(self) -> str:
        return _("{model} in fold {n} of {all}: {metric} {value}", model=self.model, n=self.number,
                 all=self.of, metric=metric_name(self.metric).label,
                 value=metric(self.metric, self.value))  # fmt: skip


@dataclass(frozen=True)
class FoldCompared(Event):
    """All models were tested in a fold.

    Attributes:
        number, of: which, from 1, and how many there are.
        metric: by which the models are ranked.
        scores: its value of each model, by its title.
    """

    number: int
    of: int
    metric: str
    scores: dict[str, float | None]

    def __str__(self) -> str:
        told = [f"{title} {metric(self.metric, value)}" for title, value in self.scores.items()]
        return _("Fold {n} of {all}, {metric}: {scores}", n=self.number, all=self.of,
                 metric=metric_name(self.metric).label, scores=", ".join(told))  # fmt: skip


def compare_table(
    table: Table | pd.DataFrame | str | os.PathLike,
    target: str | int | None = None,
    *,
    events: Listener = ignore,
    pictures: bool = True,
    **options: Any,
) -> Comparison:
    """Compare the network with scikit-learn's usual models on the same folds of a table.

    In each fold all models are trained on the same rows, prepared by what these rows hold, and
    tested on the same others. Ctrl-C ends it: the folds that were finished are returned.

    Args:
        table: a table, a DataFrame, or the file of one.
        target: the column to learn: its name, its position, or ``"last"``.
        events: is told what happens, see `maeum.experiment.events`.
        pictures: whether the models are trained on the most telling columns, too, to be drawn.
        options: see `ComparisonOptions`; of a file also how it is read, see
            `maeum.experiment.options.Reading`.

    Raises:
        DataError, UnknownNameError, ConfigError: for a table, target or option that cannot be
            used.
        KeyboardInterrupt: if Ctrl-C came before the first network was tested.

    Example:
        >>> hours = np.arange(60) % 10
        >>> frame = pd.DataFrame({"hours": hours, "passed": hours > 4})
        >>> how = {"folds": 3, "models": ("linear", "knn"), "epochs": 3, "pictures": False}
        >>> found = compare_table(frame, "passed", **how)
        >>> found.metric, found.values("linear").tolist()
        ('roc_auc', [1.0, 1.0, 1.0])
        >>> sorted(found.ranking)
        ['knn', 'linear', 'network']
    """
    task = ComparisonTask()
    reading, chosen = task.split({"target": target, **options})
    # The network takes the rows that it stops by from those for training, like any other model.
    # What the network shall be is left to each fold, too: here it only must not be decided.
    undecided = {"validation_size": 0.0, "network": "mlp", "members": None}
    data = task.prepare(table, reading, replace(chosen, **undecided))
    wanted = chosen.ranks_by(data.target.task)
    for event in task.describe(data):
        events(event)
    notes = list(data.notes)
    divisions = list(_usable(data, chosen, notes))
    fewest = min(len(parts.rest) for parts in divisions)
    _check_neighbors(chosen, fewest)
    if why := chosen.of_network.why_one_network(fewest):
        notes.append(why)
    trials, excluded, interrupted = _tried(data, chosen, divisions, wanted, events)
    by = _defined(wanted, data.target.task, trials, notes)
    notes += _told_of_drawn(trials)
    told = notes[len(data.notes) :]
    found = Comparison(data, chosen, by, trials, excluded, notes, None, interrupted)
    told += [_("{model} is excluded: {reason}.", model=found.title(key), reason=reason)
             for key, reason in excluded.items()]  # fmt: skip
    if interrupted:
        told.append(_("It was stopped by hand: what was finished is shown."))
    elif pictures:
        found = _drawn(found, told)
    for note in told:
        events(Note(note))
    return replace(found, notes=[*told, *data.notes])


def _usable(data: Dataset, options: ComparisonOptions, notes: list[str]) -> Iterator[Split]:
    """Yield the divisions whose training rows have two classes at least."""
    divisions = data.divisions
    if len(divisions) < options.folds:
        notes.append(ngettext(
            "The rows (their classes, or their groups) are too few for {n} fold: there are {made}.",
            "The rows (their classes, or their groups) are too few for {n} folds: there are "
            "{made}.", options.folds, made=len(divisions)))  # fmt: skip
    skipped = []
    for number, parts in enumerate(divisions, start=1):
        if data.target.classes and len(np.unique(data.encoded[parts.rest])) < 2:
            skipped.append(str(number))
        else:
            yield parts
    if len(skipped) == len(divisions):
        raise DataError("In every fold, the rows to train on are all of one class, so there is "
                        "nothing to learn. Fewer folds, or other groups, may help.")  # fmt: skip
    if skipped:
        notes.append(_("Folds whose rows to train on are all of one class, which are not counted: "
                       "{folds}.", folds=enumeration(skipped)))  # fmt: skip


def _check_neighbors(options: ComparisonOptions, fewest: int) -> None:
    fewest = min(fewest, USUAL_MODELS["knn"].most_rows or fewest)
    if options.neighbors is not None and options.neighbors > fewest:
        raise ConfigError("k-NN cannot ask {k:,} neighbours: in the smallest fold it is trained on "
                          "{rows:,} rows. Give neighbors fewer, or leave it out for about the root "
                          "of the rows.", k=options.neighbors, rows=fewest)  # fmt: skip


def _tried(
    data: Dataset, options: ComparisonOptions, divisions: list[Split], by: str, events: Listener
) -> tuple[list[Trial], dict[str, str], bool]:
    """Return what became of the models, why some are excluded, and whether Ctrl-C ended it."""
    finished: list[Trial] = []
    current: list[Trial] = []
    excluded: dict[str, str] = {}

    def keep(made: Trial, of: int) -> None:
        current.append(made)
        title = _titles(data.target.task)[made.model]
        events(ModelTested(title, made.fold, of, by, made.metrics[by]))

    try:
        for number, parts in enumerate(divisions, start=1):
            current = []
            models = [USUAL_MODELS[key] for key in options.models if key not in excluded]
            fold = Fold(data, number, parts.rest, parts.test, options)
            work(_("Fold {n} of {all}: training the network ...", n=number, all=len(divisions)))
            keep(fold.network(), len(divisions))
            for made in fold.others(models):
                if isinstance(made, Untrained):
                    excluded[made.model] = made.reason
                else:
                    keep(made, len(divisions))
            finished, current = finished + current, []
            events(_compared(data.target.task, finished, number, len(divisions), by))
    except KeyboardInterrupt:
        if not (finished or current):
            raise
        return _without(finished or current, excluded), excluded, True
    return _without(finished, excluded), excluded, False


def _without(trials: list[Trial], excluded: dict[str, str]) -> list[Trial]:
    """Leave out what a model did in earlier folds: its mean would be of other rows."""
    return [trial for trial in trials if trial.model not in excluded]


def _compared(task: str, trials: list[Trial], number: int, of: int, by: str) -> FoldCompared:
    titles = _titles(task)
    scores = {titles[t.model]: t.metrics[by] for t in trials if t.fold == number}
    return FoldCompared(number, of, by, scores)


def _titles(task: str) -> dict[str, str]:
    """Return what each model is called, in the reader's language."""
    titles = {key: _(model.title_for(task)) for key, model in USUAL_MODELS.items()}
    return {NETWORK: _("Network"), **titles}


def _defined(wanted: str, task: str, trials: list[Trial], notes: list[str]) -> str:
    """Return the metric to rank by: the one that is wanted, if it is defined in some fold."""
    folds = {trial.fold: trial.metrics for trial in trials if trial.model == NETWORK}
    undefined = [number for number, metrics in folds.items() if metrics[wanted] is None]
    label = metric_name(wanted).label
    if len(undefined) == len(folds):
        known = {"binary": "log_loss", "multiclass": "log_loss", "regression": "rmse"}[task]
        notes.append(_("{metric} is undefined in every fold, so the models are ranked by {other}.",
                       metric=label, other=metric_name(known).label))  # fmt: skip
        return known
    if undefined:
        notes.append(_("{metric} is undefined in some folds (all tested rows are of one class), "
                       "which do not count for it: {folds}.", metric=label,
                       folds=enumeration([str(number) for number in undefined])))  # fmt: skip
    return wanted


def _told_of_drawn(trials: list[Trial]) -> list[str]:
    """Say which models were trained on some rows only."""
    whole = {trial.fold: trial.trained for trial in trials if trial.model == NETWORK}
    drawn = {trial.model: trial for trial in trials if trial.drawn}
    return [
        _("{model} was trained on {rows:,} of {all:,} rows of each fold, drawn at random: all of "
          "them would take too long, or too much memory.", model=_(USUAL_MODELS[key].title),
          rows=trial.trained, all=whole[trial.fold])
        for key, trial in drawn.items()
    ]  # fmt: skip


def _drawn(found: Comparison, told: list[str]) -> Comparison:
    """Return the comparison with what can be drawn."""
    try:
        keys = [key for key in found.options.models if key not in found.excluded]
        return replace(found, pictures=pictures_of(found.data, found.options, keys))
    except KeyboardInterrupt:
        told.append(_("The pictures were stopped by hand."))
        return found
