"""The search: trials are built, trained, scored and kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ArgumentError, ConfigError, ModelFileError
from maeum.core.messages import _, ngettext
from maeum.core.randomness import seeds_from
from maeum.models import Model
from maeum.saving.archive import assign_weights
from maeum.training.identity import differences
from maeum.training.interrupts import unbroken
from maeum.training.options import check_callbacks
from maeum.tuner.budget import Budget
from maeum.tuner.errors import FatalError, SearchError
from maeum.tuner.hypermodel import explore, get_hypermodel
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.importances import Importances, importances
from maeum.tuner.oracle import Oracle
from maeum.tuner.project import Project
from maeum.tuner.running import (
    Attempt,
    BestEpoch,
    described,
    epochs_of,
    execution_seed,
    go_on_from,
    training_state,
)
from maeum.tuner.telling import Listener, Telling, print_results, print_space, results_of
from maeum.tuner.trial import Trial, TrialStatus
from maeum.tuner.windows import Windows

_UNTOLD = ("verbose", "callbacks")  # what of a search's arguments changes nothing in its results


class Tuner:
    """Base of the searches: it asks an `Oracle` what to try, builds, trains and scores it.

    What comes out is a function of the seed, the space and the data: it is the same however many
    trials run at once, and whether the search was killed and started again. All that a search
    knows is in ``directory/project_name``: ``search.json``, and weights under ``trials``. The same
    search goes on from there.

    Args:
        oracle: what to try.
        hypermodel: a function ``build(hp)`` that returns a compiled model, or a `HyperModel`; None
            where a subclass writes `run_trial`.
        directory: where the search's folder is; the current folder if not given.
        project_name: the name of that folder.
        overwrite: begin anew, and delete what is there.
        executions_per_trial: how often each trial is trained, with other seeds; its score is the
            mean.
        max_minutes: no trial begins after so long, and those that are trained side by side then
            end with their epoch (but not those of rungs, which others go on from).
        max_total_epochs: no trial begins once all trials together have so many epochs.
        keep_models: of how many of the best trials the weights are kept; None for all.

    Attributes:
        listener: a `maeum.tuner.Listener`, which hears of each trial and epoch that is over.
        interrupted: whether Ctrl-C ended the last ``search``.

    Raises:
        ConfigError: for arguments that make no sense, or if the folder holds another search.
    """

    def __init__(
        self,
        oracle: Oracle,
        hypermodel: Any = None,
        *,
        directory: Any = None,
        project_name: str | None = None,
        overwrite: bool = False,
        executions_per_trial: int = 1,
        max_minutes: float | None = None,
        max_total_epochs: int | None = None,
        keep_models: int | None = 10,
    ):
        if not isinstance(oracle, Oracle):
            raise ArgumentError("oracle is an Oracle, such as RandomSearchOracle(...); got "
                                "{got!r}.", got=oracle)  # fmt: skip
        if hypermodel is None and not self.runs_itself:
            raise ArgumentError("hypermodel is missing: a function build(hp) that returns a "
                                "compiled model.")  # fmt: skip
        self.oracle = oracle
        self.hypermodel: Any = None if hypermodel is None else get_hypermodel(hypermodel)
        self.executions_per_trial = check_whole(executions_per_trial, "executions_per_trial")
        self.budget = Budget(max_minutes, max_total_epochs)
        self.keep_models = None if keep_models is None else check_whole(keep_models, "keep_models")
        self.project_dir = Path(directory or ".") / (project_name or "untitled_project")
        self._project = Project(self.project_dir)
        self._data: Any = None
        self.listener, self.interrupted = Listener(), False
        if overwrite:
            self._project.clear()
        if self.hypermodel is not None:
            with seeds_from(oracle.seed):
                oracle.update_space(explore(self.hypermodel, oracle.hyperparameters))
        self._begun_with = oracle.hyperparameters.get_config()["space"]
        found = self._project.load()
        if found is not None:
            self._resume(found)

    # ---- the search ------------------------------------------------------------------------------

    def search(self, *args: Any, verbose: int = 1, **kwargs: Any) -> None:
        """Try hyper-parameters, until there is nothing more to try or a limit is reached.

        Args:
            args, kwargs: what ``fit`` takes, such as ``x``, ``y``, ``epochs``, ``validation_data``
                and ``callbacks``, of which each training gets copies.
            verbose: 0 for silence, 1 for a line for each trial, 2 for those of its epochs, too.

        Raises:
            SearchError: if every trial failed.
            ConfigError: if this search was begun with other data, or another process goes on with
                it.
        """
        self._check_data(args, kwargs)
        with self._project.locked():
            telling = Telling(self.oracle, verbose)
            self.budget.begin()
            self._project.save(self._state, now=True)
            try:
                self._search(args, {**kwargs, "verbose": int(verbose > 1)}, telling)
            finally:
                self._project.save(self._state, now=True)
            telling.end()
        self._check_any()

    def _search(self, args: tuple, kwargs: dict[str, Any], telling: Telling) -> None:
        windows, over, self.interrupted = Windows(self, args, kwargs), 0, False
        while window := windows.begin(over):
            for group in windows.groups(window):
                if over and (self.budget.left or 1) <= 0:
                    return  # the rest of the window is tried when the search goes on
                if not windows.train(group):
                    self.interrupted = True
                    telling.interrupted()
                    return
                with unbroken():  # a trial that is over has its weights written
                    for attempt in group:
                        self._end(attempt)
                        telling.trial(attempt.trial)
                        self.listener.on_trial_end(attempt.trial)
                over += len(group)
                self._remove_files()
                self._project.save(self._state)

    def _end(self, attempt: Attempt) -> None:
        """Note how a trial ended, and keep its weights if it is one of the best."""
        trial = attempt.trial
        if trial.status != TrialStatus.FAILED:  # at once, if it could not be built
            self.oracle.end_trial(trial)
        if trial.status == TrialStatus.COMPLETED and attempt.best.weights is not None:
            trial.first_call = attempt.best.first_call
            if trial in self._best_trials():
                self._project.write(trial.trial_id, attempt.best.weights)

    def _best_trials(self) -> list[Trial]:
        return self.oracle.get_best_trials(self.keep_models or len(self.oracle.trials))

    def _remove_files(self) -> None:
        """Delete the weights and states that are not needed any more."""
        kept = {trial.trial_id for trial in self._best_trials()}
        for name in self._project.names():
            number, _dash, state = name.partition("-")
            trial = self.oracle.trials.get(number)
            climbs = trial is not None and self.oracle.keeps_state(trial)
            if not (climbs if state else number in kept):
                self._project.remove(name)

    # ---- one trial -------------------------------------------------------------------------------

    def run_trial(self, trial: Trial, *args: Any, **kwargs: Any) -> Any:
        """Build and train the models of a trial; a subclass may do something else.

        Args:
            trial: the trial, with its ``hyperparameters``.
            args, kwargs: what ``search`` was given.

        Returns:
            A `History`, a dict of metrics, the number to minimize, or a list of these.
        """
        callbacks = check_callbacks(kwargs.pop("callbacks", None))
        best = next((c for c in callbacks if isinstance(c, BestEpoch)), None)
        best, returned = best or BestEpoch(self.oracle.objective), []
        for execution in range(self.executions_per_trial):
            with seeds_from(execution_seed(trial.seed, execution)):
                model = self.build(trial, execution)
                own = [*copy.deepcopy([c for c in callbacks if c is not best]), best]
                told = {**kwargs, **epochs_of(trial), "callbacks": own}
                returned.append(self.hypermodel.fit(trial.hyperparameters, model, *args, **told))
            if best.weights is None:
                best.keep(model)
            if best.interrupted:
                break
            self.keep_state(trial, execution, model)
        return returned

    def keep_state(self, trial: Trial, execution: int, model: Any) -> None:
        """Write down where a training ended, if another rung may go on from there."""
        if self.oracle.keeps_state(trial):
            trial.first_call = model.first_call()
            self._project.write(f"{trial.trial_id}-{execution}", training_state(model))

    def build(self, trial: Trial, execution: int = 0) -> Any:
        """Return the model of a trial before it is trained, or as it left the rung below.

        Args:
            trial: the trial.
            execution: which of its executions.

        Raises:
            ArgumentError: if ``build`` returns something else than a model.
        """
        hp = trial.hyperparameters
        with seeds_from(execution_seed(trial.seed, execution)):
            model = self.hypermodel.build(hp if self.hypermodel.tunable else hp.copy())
        if not isinstance(model, Model):
            raise FatalError(ArgumentError("build(hp) returns a compiled model of Maeum; got "
                                           "{got!r}.", got=model))  # fmt: skip
        self.oracle.note_values(trial)
        before = hp.values.get("tuner/trial_id")
        if before is not None:
            state = self._project.read(f"{before}-{execution}")
            if state is None:
                raise ModelFileError("The state of trial {before} is missing in {folder!r}, which "
                                     "trial {now} goes on from.", before=before, now=trial.trial_id,
                                     folder=str(self.project_dir))  # fmt: skip
            go_on_from(model, state, self.oracle.trials[before].first_call)
        return model

    # ---- what came of it -------------------------------------------------------------------------

    def get_best_models(self, num_models: int = 1) -> list[Any]:
        """Return the models of the best trials, the best first, as they were at their best epoch.

        Raises:
            ConfigError: if the weights of so many are not kept.
        """
        return [self.load_model(trial) for trial in self.oracle.get_best_trials(num_models)]

    def load_model(self, trial: Trial) -> Any:
        """Return the model of a completed trial as it was at its best epoch.

        Raises:
            ConfigError: if its weights are not kept.
        """
        weights = self._project.read(trial.trial_id)
        if weights is None:
            raise ConfigError("The weights of trial {trial} are not kept: they are of the "
                              "{n} best trials. Give a larger keep_models, or None for all.",
                              trial=trial.trial_id, n=self.keep_models)  # fmt: skip
        with seeds_from(trial.seed):
            model = self.hypermodel.build(trial.hyperparameters.copy())
        if not model.built and trial.first_call is not None:
            model.build_for(trial.first_call)
        assign_weights(model, weights, trial.trial_id)
        return model

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[HyperParameters]:
        """Return the hyper-parameters of the best trials, the best first."""
        return [t.hyperparameters.copy() for t in self.oracle.get_best_trials(num_trials)]

    def get_trial(self, trial_id: str) -> Trial:
        """Return a trial by its number."""
        return self.oracle.get_trial(trial_id)

    @property
    def remaining_trials(self) -> int | None:
        """How many trials may follow; None if nothing limits them."""
        return self.oracle.remaining_trials()

    def importances(self, method: str | None = None, seed: int = 0) -> Importances:
        """Return how much each hyper-parameter mattered, by the finished trials.

        Args:
            method: ``"fanova"`` or ``"permutation"``; see `maeum.tuner.importances.importances`.
            seed: what is random in it follows from this.

        Raises:
            DataError: if there are too few finished trials, or nothing was tuned.

        Example:
            >>> tuner = RandomSearch(build, "val_loss", max_trials=30)  # doctest: +SKIP
            >>> tuner.search(x, y, validation_split=0.3)  # doctest: +SKIP
            >>> print(tuner.importances())  # doctest: +SKIP
            learning_rate 71%, dropout 22%, units 7%
        """
        return importances(self.oracle, method, seed)

    def search_space_summary(self, extended: bool = False) -> None:
        """Print the hyper-parameters; ``extended``: with their conditions."""
        print_space(self.oracle.hyperparameters, extended)

    def results_summary(self, num_trials: int = 10) -> None:
        """Print the best trials."""
        print_results(self.oracle, self.project_dir, num_trials)

    def results(self) -> list[dict[str, Any]]:
        """Return a line for each trial that is over, by name: its score, its values, why it failed.

        They make a table: ``pandas.DataFrame(tuner.results())``.
        """
        return results_of(self.oracle)

    def report(self, path: Any = None, source: str = "") -> Path:
        """Write the page of the search: one file that needs nothing but a browser.

        Args:
            path: where; ``search.html`` in the folder of the search if not given.
            source: the name of the data, which the page shows.

        Returns:
            The path that was written.

        Raises:
            SearchError: if no trial is over.
            SaveError: if it cannot be written.
            ModuleNotFoundError: if Jinja (``maeum[report]``) is not installed.
        """
        from maeum.report.html import write_page
        from maeum.tuner.report import page_of

        if not results_of(self.oracle):
            raise SearchError(_("There is nothing to report: no trial is over."))
        settings = {"max_trials": self.oracle.max_trials, **self.budget.settings,
                    "executions_per_trial": self.executions_per_trial}  # fmt: skip
        place = self.project_dir / "search.html" if path is None else Path(path)
        return write_page(page_of(self.oracle, settings, source), place)

    # ---- within ----------------------------------------------------------------------------------

    @property
    def runs_itself(self) -> bool:
        """Whether a subclass says what a trial is, in a `run_trial` of its own."""
        return type(self).run_trial is not Tuner.run_trial

    def _check_any(self) -> None:
        """Raise `SearchError` if there were trials, and all of them failed."""
        failed = self.oracle.ended(TrialStatus.FAILED)
        if failed and len(failed) == len(self.oracle.trials):
            reasons = dict.fromkeys(str(trial.message) for trial in failed)
            told = "; ".join(list(reasons)[:3])
            said = ngettext("The only trial failed: {reasons}", "All {n} trials failed: {reasons}",
                            len(failed), reasons=told)  # fmt: skip
            raise SearchError(said)

    def _check_data(self, args: tuple, kwargs: Mapping[str, Any]) -> None:
        given = {str(i): arg for i, arg in enumerate(args)} | dict(kwargs)
        now = {name: described(v) for name, v in given.items() if name not in _UNTOLD}
        if self._data is not None and self._data != now:
            found = "; ".join(differences(self._data, now))
            raise ConfigError("The search in {folder!r} was begun with other data: {found}. Give "
                              "overwrite=True to begin anew, or another project_name.",
                              folder=str(self.project_dir), found=found)  # fmt: skip
        self._data = now

    def _identity(self) -> dict[str, Any]:
        oracle, objective = self.oracle, self.oracle.objective
        return {
            "oracle": type(oracle).__name__,
            "objective": [[name, objective.direction] for name in objective.names],
            "executions_per_trial": self.executions_per_trial,
            "settings": oracle.settings(),
            "space": self._begun_with,
            **({"seed": oracle.seed} if oracle.seed_given else {}),
        }

    def _state(self) -> dict[str, Any]:
        identity = {**self._identity(), "seed": self.oracle.seed}
        return {"identity": identity, "data": self._data, **self.oracle.get_state()}

    def _resume(self, found: Mapping[str, Any]) -> None:
        before, now = dict(found["identity"]), self._identity()
        if "seed" not in now:
            before.pop("seed")
        told = differences(before, now)
        if told:
            raise ConfigError("{folder!r} holds another search: {found}. Give overwrite=True to "
                              "delete it and begin anew, or another project_name.",
                              folder=str(self.project_dir), found="; ".join(told))  # fmt: skip
        self.oracle.set_state(found)
        self._data = found["data"]
