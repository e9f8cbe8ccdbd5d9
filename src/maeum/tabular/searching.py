"""A search for the hyper-parameters of a table's network, and the network that comes of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from maeum.callbacks import EarlyStopping
from maeum.core.checks import check_choice, check_positive, check_whole
from maeum.core.errors import DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.core.randomness import seeds_from
from maeum.experiment.events import Listener, RefitStopped, ignore
from maeum.experiment.task import Task
from maeum.models import Model
from maeum.tabular.averaging import mean_of
from maeum.tabular.dataset import Dataset
from maeum.tabular.members import passes_of
from maeum.tabular.search_events import RefittingBest, Told
from maeum.tabular.space import Space, builder, few_values, usual_space
from maeum.training.arrays import take_rows
from maeum.training.members import fit_members, groups_of
from maeum.tuner import (
    BayesianOptimizationOracle,
    GridSearchOracle,
    HyperbandOracle,
    HyperParameters,
    Oracle,
    RandomSearchOracle,
    RefinedSearchOracle,
    SearchError,
    SuccessiveHalvingOracle,
    Trial,
    TrialStatus,
    Tuner,
)

SEARCHES = ("random", "refined", "grid", "halving", "hyperband", "bayesian")
_KEPT = 10  # trials whose weights are kept, at least
_FOLDS = 2  # of those of an ensemble, with which trials are validated
_RUNG_EPOCHS, _FIRST_RUNG = 81, 3  # of a search by rungs: the most epochs, those of the first


@dataclass
class TableSearch:
    """What a search for a table came to.

    Attributes:
        tuner: the search, with its trials.
        best: the trials whose networks answer together, the best first.
        network: their mean; the best one's network if it is alone.
        build: ``build(hp)``, which makes the network of a trial.
        refitted: whether the networks were trained again on the validation rows, too.
        interrupted: whether Ctrl-C ended the search or the refitting.
        gained: the objective of the mean on the validation rows, before refitting; None without.
    """

    tuner: Tuner
    best: list[Trial]
    network: Model
    build: Any
    refitted: bool = False
    interrupted: bool = False
    gained: float | None = None

    def options(self, data: Dataset, space: Space, fixed: Collection[str]) -> Dataset:
        """Return the table with the options of the best trial."""
        hp = self.best[0].hyperparameters.copy()
        return replace(data, options=space(hp, data.options, fixed))

    @property
    def values(self) -> str:
        """The values of the best trial, in a line."""
        return ", ".join(f"{name} {_shown(value)}" for name, value in self.best[0].values.items())

    @property
    def over(self) -> int:
        """How many trials are over, failed ones among them."""
        return len(self.tuner.oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED))


def search_table(
    task: Task,
    data: Dataset,
    *,
    trials: int = 100,
    seconds: float | None = None,
    search: str = "random",
    objective: str = "val_loss",
    ensemble: int = 5,
    refit: bool | None = None,
    fixed: Collection[str] = (),
    space: Space = usual_space,
    folder: str | Path | None = None,
    overwrite: bool = False,
    events: Listener = ignore,
) -> TableSearch:
    """Search for the hyper-parameters of a table's network; its test rows are not touched.

    Trials that differ in numbers alone are trained side by side, as one program. The networks of
    the best ones answer together, if that is better on the validation rows than the best alone.
    Ctrl-C ends the search: what is there is returned.

    Where an ensemble is to be trained, the trials are members of it, and no network comes of the
    search: its best values are for all members.

    Args:
        task: that of tables.
        data: the table.
        trials: how many sets of values are tried at most.
        seconds: how long; the trials that run then end with their epoch.
        search: ``"random"``, ``"refined"`` (coarse to fine), ``"grid"``, ``"halving"``,
            ``"hyperband"``, or ``"bayesian"`` (by Optuna).
        objective: ``"val_loss"``, or ``"val_"`` and the name of a metric of the network.
        ensemble: how many of the best trials answer together; 1 for the best alone.
        refit: whether these are trained again on training and validation rows together, for as
            many epochs as were best; by the table's options if None.
        fixed: the names of the options that stay as they are.
        space: returns the options of a trial, see `maeum.tabular.space.usual_space`.
        folder: where the search is kept, so that it goes on from there if it was killed.
        overwrite: begin anew, though there is a search in the folder.
        events: is told how it goes.

    Raises:
        DataError: without validation rows.
        ConfigError, UnknownNameError: for arguments that make no sense.
        SearchError: if every trial failed, or none could begin in time.
        KeyboardInterrupt: if Ctrl-C came before the first trial was over.

    Example:
        >>> import pandas as pd
        >>> from maeum.tabular import TableOptions, TableTask
        >>> frame = pd.DataFrame({"hours": range(100), "passed": [h > 40 for h in range(100)]})
        >>> data = Dataset.prepare(frame, "passed", TableOptions(epochs=2, folds=1))
        >>> found = search_table(TableTask(), data, trials=2, ensemble=1, fixed=["hidden"])
        >>> len(found.tuner.oracle.trials), sorted(found.best[0].values)
        (2, ['dropout', 'learning_rate', 'weight_decay'])
    """
    check_whole(trials, "trials")
    check_whole(ensemble, "ensemble")
    check_choice(search, SEARCHES, "search")
    if seconds is not None:
        check_positive(seconds, "seconds")
    rows, arguments = _for_trials(task, data)
    build = builder(data, rows, space, fixed, objective != "val_loss")
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(folder or temporary)
        oracle = _oracle(search, trials, data, fixed, _objective(objective, data, build))
        tuner = Tuner(
            oracle, build, directory=place.parent, project_name=place.name, overwrite=overwrite,
            max_minutes=None if seconds is None else seconds / 60, keep_models=max(_KEPT, ensemble),
        )  # fmt: skip
        told = tuner.listener = Told(oracle, trials, seconds, events)
        interrupted = _run(tuner, data, arguments)
        told.end()
        best = _distinct(oracle)[:ensemble]
        if not best:
            if interrupted:
                raise KeyboardInterrupt(_("stopped before the first trial was over: there is no "
                                          "network yet"))  # fmt: skip
            raise SearchError(_("No trial was over in {seconds} seconds: give more.",
                                seconds=seconds))  # fmt: skip
        networks = [tuner.load_model(trial) for trial in best]
    found = TableSearch(tuner, best, networks[0], build, False, interrupted)
    if data.options.network == "ensemble":
        return found
    if len(best) > 1:
        mean = mean_of(networks)
        found.gained = _value(mean, arguments, objective)
        if oracle.objective.better_than(best[0].score or np.nan, found.gained):
            found.best, networks, found.gained = best[:1], networks[:1], None
        found.network = mean if found.gained is not None else networks[0]
    wanted = bool(data.options.refit) if refit is None else refit
    if wanted and not interrupted:
        _refit(found, task.fit_arguments(data, True), events)
    return found


def _for_trials(task: Task, data: Dataset) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the rows that a trial learns from, and what ``fit`` takes for it."""
    arguments = task.fit_arguments(data, False)
    folds = arguments.pop("folds", None)
    if folds is None and not len(data.parts.validation):
        raise DataError("A search needs rows to validate with, and there are none: give a "
                        "validation_size above 0, or more rows.")  # fmt: skip
    if folds is None:
        return data.parts.train, arguments
    held_out = np.concatenate([out for _own, out in folds[:_FOLDS]])
    x, y, weights = (arguments.pop(name, None) for name in ("x", "y", "sample_weight"))
    own = np.setdiff1d(np.arange(len(y)), held_out)
    batch = arguments["batch_size"] = min(arguments["batch_size"], len(own))
    own = own[: len(own) - len(own) % batch]
    own = np.tile(own, passes_of(len(own), batch))
    data_of = (x, y) if weights is None else (x, y, weights)
    kept, checked = take_rows(data_of, own), take_rows(data_of, held_out)
    arguments |= dict(zip(("x", "y", "sample_weight"), kept)) | {"validation_data": checked}
    return data.parts.rest[own], arguments


def _run(tuner: Tuner, data: Dataset, arguments: dict[str, Any]) -> bool:
    """Search; tell whether Ctrl-C ended it."""
    options, objective = data.options, tuner.oracle.objective
    callbacks = []
    if options.patience and isinstance(tuner.oracle, RandomSearchOracle | GridSearchOracle):
        stopping = EarlyStopping(objective.name, patience=options.patience,
                                 mode=objective.direction)  # fmt: skip
        callbacks.append(stopping)
    try:
        tuner.search(**arguments, epochs=options.epochs or 1, callbacks=callbacks, verbose=0)
    except KeyboardInterrupt:
        return True
    return tuner.interrupted


def _objective(name: str, data: Dataset, build: Any) -> str:
    """Return the objective's name, once it is known that the logs will have it."""
    try:
        network = build(HyperParameters())
    except Exception:  # the trials tell
        return name
    metrics = network.compile_arguments.get("metrics") or []
    known = ["val_loss", *(f"val_{getattr(each, 'name', each)}" for each in metrics)]
    if name not in known:
        raise UnknownNameError("There is no objective {name!r} here.{hint} There are: {known}.",
                               name=name, hint=nearest(name, known),
                               known=", ".join(known))  # fmt: skip
    return name


def _oracle(
    search: str, trials: int, data: Dataset, fixed: Collection[str], objective: str
) -> Oracle:
    common: dict[str, Any] = {"objective": objective, "seed": data.options.seed}
    epochs = min(data.options.epochs or _RUNG_EPOCHS, _RUNG_EPOCHS)
    if search == "grid":
        return GridSearchOracle(
            max_trials=trials, hyperparameters=few_values(data.options, fixed), **common
        )
    if search == "halving":
        first = min(_FIRST_RUNG, epochs)
        return SuccessiveHalvingOracle(first_trials=trials, min_epochs=first, max_epochs=epochs,
                                       **common)  # fmt: skip
    if search == "hyperband":
        return HyperbandOracle(max_epochs=epochs, max_trials=trials, **common)
    kinds = {
        "random": RandomSearchOracle,
        "refined": RefinedSearchOracle,
        "bayesian": BayesianOptimizationOracle,
    }
    return kinds[search](max_trials=trials, defaults_first=True, **common)


def _distinct(oracle: Oracle) -> list[Trial]:
    """Return the best trials, the best first; of one that climbed, its best rung."""
    found: dict[str, Trial] = {}
    for trial in oracle.get_best_trials(len(oracle.trials)):
        found.setdefault(json.dumps(trial.values, sort_keys=True), trial)
    return list(found.values())


def _value(network: Model, arguments: dict[str, Any], objective: str) -> float:
    """Return the objective of a network on the validation rows."""
    x, y, *weights = arguments["validation_data"]
    logs: Any = network.evaluate(
        x, y, batch_size=arguments.get("validation_batch_size"), verbose=0, return_dict=True,
        sample_weight=weights[0] if weights else None,
    )  # fmt: skip
    return float(logs[objective.removeprefix("val_")])


def _refit(found: TableSearch, arguments: dict[str, Any], events: Listener) -> None:
    """Train the networks again, on all rows but those of the test."""
    epochs = [epochs_of(trial) for trial in found.best]
    events(RefittingBest(len(found.best), min(epochs), max(epochs)))
    networks = []
    for trial in found.best:
        with seeds_from(trial.seed):
            networks.append(found.build(trial.hyperparameters.copy()))
    for name in ("validation_data", "validation_batch_size"):
        arguments.pop(name, None)
    try:
        for group in groups_of(networks, arguments["x"], arguments["y"], every_number=True):
            own = [networks[i] for i in group]
            until = [epochs[i] for i in group]
            histories = fit_members(own, **arguments, epochs=max(until), every_number=True,
                                    on_epoch_end=_Until(until))  # fmt: skip
            if any(history.failed for history in histories):
                return
            found.interrupted = any(history.interrupted for history in histories)
            if found.interrupted:
                events(RefitStopped())
                return
    except KeyboardInterrupt:
        found.interrupted = True
        events(RefitStopped())
        return
    found.network, found.refitted = mean_of(networks), True


@dataclass(frozen=True)
class _Until:
    """Says which of some trainings are over after an epoch; each has so many."""

    epochs: Sequence[int]

    def __call__(self, epoch: int, logs: Any) -> list[int]:
        return [number for number, last in enumerate(self.epochs) if epoch + 1 >= last]


def epochs_of(trial: Trial) -> int:
    """Return after how many epochs a trial was best, those of the rungs below included."""
    before = trial.hyperparameters.values.get("tuner/initial_epoch", 0)
    return int(before) + trial.best_step + 1


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
