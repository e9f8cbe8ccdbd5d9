"""Tables whose rows stand for themselves, as a task of `maeum.experiment`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten, some
from maeum.experiment.crossing import Tested, pooled_others
from maeum.experiment.events import (
    Event,
    Excluded,
    Found,
    Imbalanced,
    Listener,
    Note,
    classes_line,
    parts_line,
    work,
)
from maeum.experiment.fitting import Course, Fitted
from maeum.experiment.rare import best_threshold, crossed_thresholds, rare_class
from maeum.experiment.run import ROWS
from maeum.experiment.seen import Seen, row_hashes
from maeum.experiment.task import Task
from maeum.experiment.training import fit_arguments
from maeum.experiment.verdict import Verdict
from maeum.models import Ensemble, Model, WeightedEnsemble
from maeum.report.scores import score
from maeum.report.wording import number, percent
from maeum.tables.reading import read_table
from maeum.tabular import verdict
from maeum.tabular.baselines import fit_baselines
from maeum.tabular.blending import blend
from maeum.tabular.calibration import calibrate
from maeum.tabular.dataset import Dataset
from maeum.tabular.importance import permutation_importance
from maeum.tabular.intervals import LEVEL
from maeum.tabular.members import own_rows, passes_of
from maeum.tabular.model import TabularModel
from maeum.tabular.network import MOST_ADAPTED, build_network
from maeum.tabular.options import FEW_RARE, TableOptions, TableReading
from maeum.tabular.result import COLUMNS, TableRun
from maeum.tabular.searching import search_table
from maeum.tabular.space import usual_space
from maeum.tabular.target import Target
from maeum.tabular.tree_learning import learn_trees
from maeum.tabular.trees import blended
from maeum.training.class_weights import balanced_class_weights

MOST_TRIALS = 10_000
OF_TREES = 0.25  # of the time of a search
AT_ONCE = 4096  # rows of a step of validation


class TableTask(Task):
    """A table: one column is learnt from the others."""

    kind = "table"
    title = N_("tables")
    options = TableOptions
    reading = TableReading
    model = TabularModel
    report = "maeum.tabular.report"
    run = TableRun
    commands = ("maeum predict model.maeum new.csv", "maeum evaluate model.maeum labelled.csv")
    usage = 'print(model.predict("new.csv"))'

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take whatever no other task takes."""
        return True

    def prepare(self, source: Any, reading: TableReading, options: TableOptions) -> Dataset:
        """Read a table, recognise its columns, split and scale it."""
        if reading.target is None:
            table = read_table(source, **reading.of_file)
            raise ConfigError("Missing option '--target': the column to learn. The columns of "
                              "{name} are: {columns}.", name=table.name,
                              columns=some(map(repr, table.frame.columns), 20))  # fmt: skip
        return Dataset.prepare(read_table(source, **reading.of_file), reading.target, options)

    def better_as(self, data: Dataset) -> tuple[str, dict[str, Any]] | None:
        """Leave a table with nothing but texts to tell classes by to text classification."""
        used = [column for column in data.columns if column.used]
        if not data.target.classes or [column.kind for column in used] != ["text"]:
            return None
        return "texts", {"text": used[0].name}

    def describe(self, data: Dataset) -> Iterable[Event]:
        """Yield what the table holds, what is excluded, and what was out of the ordinary."""
        goal, rows = data.target, len(data.frame)
        features = len(data.preparation.inputs)
        used = sum(column.used for column in data.columns)
        facts = {"rows": rows, "columns": used, "features": features, "target": goal.name}
        if goal.classes:
            what = classes_line(dict(zip(goal.classes, goal.counts)))
        else:
            values = data.truth(np.arange(rows))
            low, high, mean = map(number, (values.min(), values.max(), values.mean()))
            what = _("a number from {low} to {high}, on average {mean}",
                     low=low, high=high, mean=mean)  # fmt: skip
        lines = (
            _("{source}: {rows}, {columns} used as {features}",
              source=data.source, rows=ROWS.count(rows), columns=COLUMNS.count(used),
              features=ngettext("{n:,} feature", "{n:,} features", features)),
            _("Target {name!r}: {what}", name=goal.name, what=what),
            _rows_line(data),
        )  # fmt: skip
        yield Found(data.source, facts | data.sizes, lines)
        yield from (Excluded(c.name, c.reason) for c in data.left_out)
        yield from map(Note, data.notes)
        if goal.task == "multiclass":  # of two classes, the threshold is chosen for a rare one
            counts = dict(zip(goal.classes, goal.counts))
            yield from Imbalanced.of(counts, bool(data.options.balance))
        rare = rare_class(goal.counts)
        if rare is not None and data.options.layers == () and goal.counts[rare] < FEW_RARE:
            yield Note(_("“{name}” has so few rows ({n:,}) that hidden layers would overfit, so "
                         "by default the network has none, like a logistic regression. "
                         "--hidden 128,64,32 gives it some.", name=shorten(goal.classes[rare], 30),
                         n=goal.counts[rare]))  # fmt: skip
        if data.log_odds:
            yield Note(_("In training, both classes count the same, as if neither were rare; the "
                         "probabilities are those of the table. --no-balance lets every row count "
                         "the same."))  # fmt: skip

    def build(self, data: Dataset) -> Model:
        """Return the network for the table, or an ensemble of such."""
        rest, options = data.parts.rest, data.options
        some = rest[:: -(-len(rest) // MOST_ADAPTED)]
        of_all, members = options.network == "mlp", options.members or 1
        own = own_rows(len(rest), members)
        rows = len(rest) if of_all else own * passes_of(own, options.batch_size or 1)
        network = build_network(data.preparation, data.target, options, rows,
                                data.arrays["numbers"][some], data.goals(some),
                                metrics=of_all)  # fmt: skip
        return network if of_all else Ensemble(network, members, seed=options.seed)

    def fit_arguments(self, data: Dataset, refitting: bool) -> dict[str, Any]:
        """Return the rows to train on and to validate with."""
        parts, options = data.parts, data.options
        rows = parts.rest if refitting else parts.train
        checked = parts.validation[: 0 if refitting else None]
        if options.network == "ensemble":
            rows, checked = parts.rest, parts.rest[:0]
        train, validation = ((data.inputs(which), data.goals(which)) for which in (rows, checked))
        labels = train[1] if data.target.classes else None
        found = fit_arguments(options, train, validation, labels, AT_ONCE)
        if options.network == "ensemble":
            folds = data.member_rows()
            largest = max(len(held_out) for _own, held_out in folds)
            found |= {"folds": folds, "validation_batch_size": min(largest, AT_ONCE)}
        weights, of_checked = data.row_weights(rows), data.row_weights(checked)
        if weights is not None:
            found["sample_weight"] = weights
        if data.log_odds:
            by_class = found["class_weight"] = balanced_class_weights(labels, weights)
            of_class = np.vectorize(by_class.get, "f")(validation[1])
            of_checked = of_class if of_checked is None else of_class * of_checked
        if "validation_data" in found and of_checked is not None:
            found["validation_data"] = (*validation, of_checked)
        return found

    def fit(self, course: Course, data: Dataset) -> Fitted:
        """Train the network that is kept; search for the best one first, if so chosen."""
        options = data.options
        if options.minutes is None:
            return course.fit(data)
        fixed, seconds, began = options.kept_in_search, 60 * options.minutes, time.monotonic()
        trees = learn_trees(data, OF_TREES * seconds)
        left = max(seconds / 2, seconds - (time.monotonic() - began))
        found = search_table(self, data, trials=MOST_TRIALS, seconds=left, fixed=fixed,
                             events=course.tell)  # fmt: skip
        course.tell(Note(_("Of {n:,} trials, the best had: {values}.", n=found.over,
                           values=found.values)))  # fmt: skip
        course.stop.asked = False  # Ctrl-C ended the search, not the training
        return course.fit(replace(found.options(data, usual_space, fixed), trees=trees))

    def folds(self, data: Dataset) -> list[Dataset]:
        """Return the table divided in several ways, where its rows are few."""
        return [data.division(parts) for parts in data.divisions]

    def decide(self, network: Model, data: Dataset, tell: Listener) -> tuple[Model, Dataset]:
        """Find by the rows that it did not learn from how sure it is, and what it is blended with.

        Of a rare class, they choose from which probability on it is answered.
        """
        if _with_folds(network) and data.target.classes and not data.options.balance:
            rest = data.parts.rest
            calibrate(network, data.inputs(rest), data.encoded[rest], AT_ONCE)
        if _with_folds(network) and data.trees:
            network = blend(network, data, AT_ONCE)
            tell(Note(blended(network)))
        if not data.target.classes:
            rows, values = self._judged(network, data)
            return network, data.measured(rows, self._goal(network, data).decode(values))
        rare = rare_class(data.target.counts)
        if rare is None or data.options.threshold is not None or data.divisions:
            return network, data
        threshold = None
        rows, p = self._judged(network, data)
        if len(rows):
            threshold = best_threshold(data.encoded[rows], p, rare)
        return network, self._answering_from(data, threshold, tell)

    def _judged(self, network: Model, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
        """Return rows that networks did not learn from, and what these say of them."""
        rest = data.parts.rest
        if isinstance(network, WeightedEnsemble) and network.held_out is not None:
            rows, outputs = network.held_out
            return rest[rows], outputs[:, 0]
        if _with_folds(network):
            rows, outputs = network.predict_held_out(data.inputs(rest), AT_ONCE)
            return rest[rows], outputs[:, 0].astype(np.float64)
        rows = data.parts.validation
        return rows, self._said(network, data, rows) if len(rows) else np.zeros(0)

    def pool(
        self, data: Dataset, tests: list[Tested], tell: Listener
    ) -> tuple[Dataset, dict[str, Any], list[dict[str, Any]]]:
        """Judge what a cross-validation answered, with thresholds that it chose."""
        founds, goal = [test.found for test in tests], data.target
        truth, p, values, low, high = (
            np.concatenate([found[name] for found in founds])
            for name in ("truth", "probabilities", "values", "low", "high")
        )
        fold = np.repeat(np.arange(len(tests)), [len(found["truth"]) for found in founds])
        rare = rare_class(goal.counts) if data.options.threshold is None else None

        def judge(truth: np.ndarray, said: np.ndarray) -> dict[str, Any]:
            if goal.task != "binary":
                return {"metrics": score(goal.task, truth, said, goal.classes)}
            threshold: Any = goal.threshold
            if rare is not None:
                threshold = crossed_thresholds(truth, said[:, 1], fold, rare)[1]
            metrics = score(goal.task, truth, said[:, 1], goal.classes, threshold)
            return {"metrics": metrics, "threshold": threshold}

        if rare is not None:
            chosen = crossed_thresholds(truth, p[:, 1], fold, rare)[0]
            data = self._answering_from(data, chosen, tell)
        judged = judge(truth, p if goal.classes else values)
        found = {**self._found(data), **judged, "truth": truth, "probabilities": p,
                 "values": values}  # fmt: skip
        if not goal.classes:
            data = data.measured(data.parts.test, values)
            known = len(low) == len(truth)  # in each of the divisions
            found |= {"low": low, "high": high} if known else {}
        return data, found, pooled_others(tests, truth, judge)

    def _answering_from(self, data: Dataset, threshold: float | None, tell: Listener) -> Dataset:
        """Return the table answered from a threshold on; tell it, or why there is none."""
        rare = shorten(data.target.classes[rare_class(data.target.counts) or 0], 30)
        yes = shorten(data.target.classes[1], 30)
        if threshold is None:
            tell(Note(_("“{rare}” is so rare that no rows are left to choose by from which "
                        "probability on it is answered: it is 50%. --threshold sets another.",
                        rare=rare)))  # fmt: skip
            return data
        said = _("“{rare}” is rare: “{yes}” is answered from a probability of {threshold} on, by "
                 "which “{rare}” is found best (F1) among rows not trained on. --threshold sets "
                 "another.", rare=rare, yes=yes, threshold=percent(threshold))  # fmt: skip
        tell(Note(said))
        return data.answering_from(threshold)

    def _said(self, network: Model, data: Dataset, rows: np.ndarray) -> np.ndarray:
        """Return values, or probabilities of the positive class as `wrap` lets these be said."""
        p = network.predict(data.inputs(rows), verbose=0)[:, 0].astype(np.float64)
        return p / (p + (1 - p) * np.exp(data.log_odds)) if data.log_odds else p

    def refits(self, data: Dataset) -> bool:
        """Tell whether that was chosen; it is for classes."""
        return bool(data.options.refit)

    def wrap(self, network: Model, data: Dataset) -> TabularModel:
        """Return the network with what prepares its rows."""
        if data.log_odds:  # what it was trained with, so that what it says stays a probability
            bias: Any = network.layers[-1].bias  # type: ignore[attr-defined]
            bias.assign(np.asarray(bias) - np.float32(data.log_odds))
        rest, test = data.parts.rest, data.parts.test
        hashes = row_hashes(data.arrays, data.encoded)
        seen = Seen.of(hashes[rest], hashes[np.setdiff1d(test, rest)])
        return TabularModel(network, data.preparation, self._goal(network, data), seen=seen,
                            intervals=data.intervals)  # fmt: skip

    def _goal(self, network: Model, data: Dataset) -> Target:
        """Return the target, with the numbers that the network says at least and at most."""
        goal = data.target
        several = _with_folds(network) or isinstance(network, WeightedEnsemble)
        if not several or goal.classes or data.times is not None:
            return goal
        # Pieces of straight lines lead anywhere outside of what was seen. Only time goes on.
        learnt = data.goals(data.parts.rest).astype(np.float64)
        ends = goal.decode(np.array([learnt.min(), learnt.max()]))
        return replace(goal, ends=ends.tolist())

    def name_of(self, network: Model) -> str:
        """Tell networks that trees were blended with from networks alone."""
        if isinstance(network, WeightedEnsemble):
            return N_("Maeum networks and trees")
        return super().name_of(network)

    def chosen(self, data: Dataset) -> dict[str, Any]:
        """Return what the target is taken for, and how the rows were tested."""
        goal, found = data.target, {"task": data.target.task, "folds": len(data.divisions) or 1}
        if goal.task == "binary":
            found |= {"positive": goal.positive, "threshold": goal.threshold}
        return found | ({"balance": True} if data.log_odds else {})

    def _found(self, data: Dataset) -> dict[str, Any]:
        """What is known of the tested rows before they are predicted."""
        goal = data.target
        return {
            "classes": goal.classes,
            "target": goal.name,
            "task": goal.task,
            "columns": data.columns,
            "frame": data.typed,
            "features": data.preparation.inputs,
            "test_rows": data.frame.iloc[data.parts.test],
            "alerts": data.alerts,
        }

    def score(self, model: TabularModel, data: Dataset) -> dict[str, Any]:
        """Test the network on the test rows."""
        goal, rows = data.target, data.parts.test
        arrays, truth = data.rows(rows), data.truth(rows)
        prediction, of_classes = model.predict_arrays(arrays), bool(goal.classes)
        low, high = model.ends(arrays, prediction, LEVEL)
        return self._found(data) | {
            "metrics": score(goal.task, truth, prediction, goal.classes, goal.threshold),
            "truth": truth.astype(int if of_classes else float),
            "probabilities": model.probabilities(prediction),
            "values": np.zeros(0) if of_classes else prediction,
            "low": low,
            "high": high,
            "threshold": goal.threshold,
        }

    def baselines(self, model: TabularModel, data: Dataset) -> list[dict[str, Any]]:
        """Train and test scikit-learn's models on the same rows."""
        rest, tested = data.parts.rest, data.parts.test
        train, test = data.rows(rest), data.rows(tested)
        goal, y, truth = data.target, data.truth(rest), data.truth(tested)
        rare = rare_class(goal.counts) if data.options.threshold is None else None
        checked = len(data.parts.validation) if rare is not None and not data.divisions else 0
        return fit_baselines(goal.task, train, y, test, truth, data.options.seed, goal.classes,
                             checked, rare)  # fmt: skip

    def examine(
        self, model: TabularModel, data: Dataset, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Measure which columns the network goes by."""
        arrays = data.rows(data.parts.test)
        work(_("Measuring which columns matter ..."))
        importance = permutation_importance(model, arrays, found["truth"], data.options.seed)
        left_out = len(data.preparation.columns) - len(importance)
        if importance and data.divisions:
            tell(Note(_("How much each column matters is measured on the rows that the kept model "
                        "was trained on.")))  # fmt: skip
        if importance and left_out:
            tell(Note(_("Too many columns to measure how much each matters: those that go least "
                        "with the target by themselves were not measured ({n:,}).",
                        n=left_out)))  # fmt: skip
        return {"importance": importance}

    def verdict(self, run: TableRun) -> Verdict:
        """Say how good the network is."""
        return verdict.of(run)

    def eyebrow(self, run: TableRun) -> tuple[str, ...]:
        """Return the column that is learnt."""
        return (shorten(run.target, 40),)


def _with_folds(network: Model) -> TypeGuard[Ensemble]:
    """Tell whether a network is an ensemble, each member of which was validated with a fold."""
    return isinstance(network, Ensemble) and network.held_out is not None


def _rows_line(data: Dataset) -> str:
    """Say how many rows are for what."""
    if not data.divisions and data.options.network == "ensemble":
        return _("Rows: {parts}. {members} networks learn, each from a part of its own, and are "
                 "validated with the others.", parts=parts_line(data.sizes),
                 members=data.options.members)  # fmt: skip
    if not data.divisions:
        return _("Rows: {parts}", parts=parts_line(data.sizes))
    return _("Rows: {n:,} to test in turn, by {networks} networks that are trained on the others",
             n=data.sizes["test"], networks=len(data.divisions))  # fmt: skip
