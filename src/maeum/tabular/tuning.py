"""A table whose network is searched for, as a task: search, test, report."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment import events as told
from maeum.experiment.checks import any_text, one_of, positive, whole
from maeum.experiment.fitting import Course, Fitted
from maeum.experiment.options import Options, option
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.models import Model
from maeum.report.sections import Chapter, Section, Text
from maeum.tables.reading import Table
from maeum.tabular.averaging import members_of
from maeum.tabular.dataset import Dataset
from maeum.tabular.model import TabularModel
from maeum.tabular.options import TableReading
from maeum.tabular.searching import SEARCHES, TableSearch, search_table
from maeum.tabular.space import Space, usual_space
from maeum.tabular.task import TableTask


@dataclass(frozen=True)
class TuneOptions(Options):
    """The choices of a search.

    Attributes:
        trials: how many sets of values are tried at most.
        minutes: how long the search may take at most.
        search: how values are chosen, see `maeum.tabular.searching.search_table`.
        objective: what is made as large, or as small, as can be, on the validation rows.
        ensemble: how many of the best trials answer together.
    """

    trials: int = option(100, N_("How many sets of values are tried at most."), whole())
    minutes: float = option(5.0, N_("How long the search may take at most."), positive())
    search: str = option(
        "random",
        N_("How values are chosen: random, refined (coarse to fine), grid, halving, hyperband, "
           "bayesian (needs Optuna)."),
        one_of(SEARCHES),
    )  # fmt: skip
    objective: str = option(
        "val_loss",
        N_("What counts, on the validation rows: val_loss, val_auc, val_accuracy, val_mae."),
        any_text("NAME"),
    )
    ensemble: int = option(
        5, N_("How many of the best trials answer together; 1 for the best alone."), whole()
    )


@dataclass
class TunedTable(TableTask):
    """A table as a task, for one search.

    Attributes:
        options_of_search: the choices of the search.
        fixed: the names of the options that stay as they are.
        folder: where the search is kept; None for nowhere.
        overwrite: whether a search that is there begins anew.
        space: what is tried.
        search: what the search came to, once it is over.
        source: the name of the table.
        page: where the page of the search is, seen from the report; empty if there is none.
    """

    options_of_search: TuneOptions = field(default_factory=TuneOptions)
    fixed: Collection[str] = ()
    folder: Path | None = None
    overwrite: bool = False
    space: Space = usual_space
    search: TableSearch | None = None
    source: str = ""
    page: str = ""

    def prepare(self, source: Any, reading: TableReading, options: Any) -> Dataset:
        """Read a table and divide it once: a search keeps one test part, and validates on one."""
        if (options.folds or 1) > 1:
            raise ConfigError("A search keeps one part of the rows for the test, so it takes no "
                              "folds; got folds={folds}.", folds=options.folds)  # fmt: skip
        data = super().prepare(source, reading, replace(options, folds=1))
        self.source = data.source
        return data

    def better_as(self, data: Dataset) -> None:
        """Leave no table to another task, which has no search."""
        return None

    def fit(self, course: Course, data: Dataset) -> Fitted:
        """Search; return the network of the best trials."""
        chosen = self.options_of_search
        found = self.search = search_table(
            self, data, trials=chosen.trials, seconds=60 * chosen.minutes, search=chosen.search,
            objective=chosen.objective, ensemble=chosen.ensemble, fixed=self.fixed,
            space=self.space, folder=self.folder, overwrite=self.overwrite, events=course.tell,
        )  # fmt: skip
        best = found.best[0]
        course.stop.asked = found.interrupted
        if found.interrupted:
            course.tell(told.Note(ngettext("The search was stopped by hand after {n:,} trial.",
                                           "The search was stopped by hand after {n:,} trials.",
                                           found.over)))  # fmt: skip
        if data.options.network == "ensemble":
            found.best = found.best[:1]
            return course.fit(found.options(data, self.space, self.fixed))
        if len(found.best) > 1:
            course.tell(told.Note(_("The {n} best trials answer together: {name} {score} on the "
                                    "validation rows, {alone} of the best alone.",
                                    n=len(found.best), name=chosen.objective,
                                    score=f"{found.gained:.4g}",
                                    alone=f"{best.score:.4g}")))  # fmt: skip
        data = found.options(data, self.space, self.fixed)
        network, data = self.decide(found.network, data, course.tell)
        curves = best.curves or {}
        return Fitted(network, data, curves, best.best_step, found.refitted)

    def _said(self, network: Model, data: Dataset, rows: np.ndarray) -> np.ndarray:
        """Return the mean of what the members say."""
        each = [super(TunedTable, self)._said(one, data, rows)
                for one in members_of(network)]  # fmt: skip
        return np.mean(each, axis=0)

    def wrap(self, network: Model, data: Dataset) -> TabularModel:
        """Return the network with what prepares its rows, each member made ready by itself."""
        if data.options.network == "ensemble":
            return super().wrap(network, data)
        lead, *others = members_of(network)
        model = super().wrap(lead, data)
        for other in others if data.log_odds else ():
            super().wrap(other, data)
        return replace(model, network=network)

    def sections(self, trained: Trained) -> list[Chapter]:
        """Return the chapters of a training on a table, and one on the search."""
        from markupsafe import Markup  # late: with its charts

        from maeum.tuner.report import summary, values_of

        chapters = super().sections(trained)
        if self.search is None:
            return chapters
        best, n = self.search.best, len(self.search.best)
        said = ngettext("The network is that of the best trial: {values}.",
                        "The network is the mean of the {n} best trials. The best: {values}.", n,
                        values=shorten(values_of(best[0]), 300))  # fmt: skip
        found: list[Section] = [Text(said)]
        if self.page:
            link = Markup('<a href="{}">{}</a>').format(self.page, _("The page of the search"))
            found.append(Text(link + Markup(_(": every trial, its curve, and its values."))))
        found += summary(self.search.tuner.oracle)
        return [*chapters, Chapter("search", _("The search"), found)]

    def chosen(self, data: Dataset) -> dict[str, Any]:
        """Return what the data and the search decided."""
        found, own = super().chosen(data), self.options_of_search.to_json()
        if self.search is None:
            return found | own
        values = self.search.best[0].values
        more = {name: value for name, value in values.items() if name not in data.options.to_json()}
        return found | own | more | {"ensemble": len(self.search.best),
                                     "trials": self.search.over}  # fmt: skip


def tune_table(
    table: Table | pd.DataFrame | str | os.PathLike,
    target: str | int,
    *,
    trials: int = 100,
    minutes: float = 5.0,
    search: str = "random",
    objective: str = "val_loss",
    ensemble: int = 5,
    space: Space = usual_space,
    folder: str | os.PathLike | None = None,
    overwrite: bool = False,
    events: told.Listener = told.ignore,
    report: bool = True,
    **options: Any,
) -> Trained:
    """Search for the network of a table, and test it on rows that it has never seen.

    An option that is given (such as ``hidden``) stays as it is; the others are searched.

    Args:
        table: a table, or the file of one.
        target: the column to learn: its name, its position, or ``"last"``.
        trials, search, objective, ensemble, space: see
            `maeum.tabular.searching.search_table`.
        minutes: how long the search may take.
        folder: where the search is kept, so that it goes on if it was killed.
        overwrite: begin anew, though there is a search in the folder.
        events: is told what happens, see `maeum.experiment.events`.
        report: whether to compute what only a report needs (importance, other models).
        options: see `maeum.tabular.TableOptions`.

    Returns:
        As `maeum.tabular.train_table` does; ``task.search`` is the search.

    Raises:
        DataError, UnknownNameError, ConfigError, SearchError: for what cannot be used, or a search
            whose trials all failed.
        KeyboardInterrupt: if Ctrl-C came before the first trial was over.

    Example:
        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> tuned = tune_table(frame, "passed", trials=2, hidden=(8,), epochs=2, report=False)
        >>> len(tuned.task.search.tuner.oracle.trials)
        2
    """
    chosen = TuneOptions(trials=trials, minutes=minutes, search=search, objective=objective,
                         ensemble=ensemble)  # fmt: skip
    task = TunedTable(chosen, given(options), None if folder is None else Path(folder), overwrite,
                      space)  # fmt: skip
    data = task.prepare(table, *task.split({"target": target, **options}))
    return train(task, data, events=events, report=report)


def given(options: dict[str, Any]) -> frozenset[str]:
    """Return the names of the options that were chosen, which a search leaves as they are."""
    return frozenset(name for name, value in options.items() if value is not None)
