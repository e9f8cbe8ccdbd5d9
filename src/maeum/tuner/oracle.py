"""What to try next: the part of a search that knows no models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, UnknownNameError, not_implemented
from maeum.core.messages import _
from maeum.core.randomness import check_seed, generator, next_seed
from maeum.core.wording import shorten
from maeum.tuner.errors import SearchError
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.objective import create_objective
from maeum.tuner.trial import OWN, Trial, TrialStatus

_COLLISIONS = 1000  # after so many draws that were all tried before, the space counts as exhausted


class Oracle:
    """Base of the ways to search; a subclass says in `populate_space` what to try next.

    Which values a trial has follows from the seed, the space, and the results of such earlier
    trials as are surely over by then; never from how many run at once.

    Args:
        objective: what is looked for: a name such as ``"val_accuracy"``, an `Objective`, or a list
            of these, which are summed up; None if the user's ``fit`` returns a number to minimize.
        max_trials: the most trials; None for as many as there are.
        hyperparameters: a space known beforehand, whose entries take precedence over those of the
            same names that a ``build`` asks for.
        allow_new_entries: whether ``build`` may ask for what is not in it.
        tune_new_entries: whether that is tuned, rather than left at its default.
        seed: what everything random follows from; drawn by the system if not given.
        max_retries_per_trial: how often a failed trial is tried once more, with another seed.
        max_consecutive_failed_trials: after so many failed trials in a row the search ends with an
            error; None to go on.

    Raises:
        ConfigError: for arguments that make no sense.
    """

    def __init__(
        self,
        objective: Any = None,
        max_trials: int | None = None,
        hyperparameters: HyperParameters | None = None,
        allow_new_entries: bool = True,
        tune_new_entries: bool = True,
        seed: int | None = None,
        max_retries_per_trial: int = 0,
        max_consecutive_failed_trials: int | None = None,
    ):
        self.objective = create_objective(objective)
        self.max_trials = None if max_trials is None else check_whole(max_trials, "max_trials")
        if hyperparameters is None and not (allow_new_entries and tune_new_entries):
            raise ConfigError("allow_new_entries=False and tune_new_entries=False need a space: "
                              "give hyperparameters=...")  # fmt: skip
        self.hyperparameters = (hyperparameters or HyperParameters()).copy()
        self.allow_new_entries, self.tune_new_entries = allow_new_entries, tune_new_entries
        self.seed_given = seed is not None
        self.seed = next_seed() if seed is None else check_seed(seed)
        retries = check_whole(max_retries_per_trial, "max_retries_per_trial", 0)
        self.max_retries_per_trial = retries
        if max_consecutive_failed_trials is not None:
            check_whole(max_consecutive_failed_trials, "max_consecutive_failed_trials")
        self.max_consecutive_failed_trials = max_consecutive_failed_trials
        self.trials: dict[str, Trial] = {}
        # The values of each trial, and how many have them: those that climbed share them.
        self._keys: dict[str, str] = {}
        self._tried: Counter[str | None] = Counter()

    # ---- to be written by a subclass -------------------------------------------------------------

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return what the next trial is.

        Args:
            trial_id: the number of the trial.

        Returns:
            ``{"status": ..., "values": ...}``: "RUNNING" with the values by name, "IDLE" if that
            depends on trials that are running, "STOPPED" if there is nothing more to try.
        """
        raise not_implemented(self, "populate_space")

    def settings(self) -> dict[str, Any]:
        """Return what, beside the seed and the space, the trials follow from: plain data."""
        return {}

    def keeps_state(self, trial: Trial) -> bool:
        """Tell whether a later trial may go on from where this one ended."""
        return False

    # ---- trials ----------------------------------------------------------------------------------

    def create_trial(self, tuner_id: str = "tuner0") -> Trial:
        """Return the next trial, whose status says whether there is one.

        Args:
            tuner_id: who asks; without a meaning here.
        """
        if self.waiting:
            again = self.waiting[0]
            again.status = TrialStatus.RUNNING
            if again.failures:
                again.seed = self._seed(again.number, again.failures)
            return again
        number = len(self.trials)
        trial_id = f"{number:04d}"
        found: dict[str, Any] = {"status": TrialStatus.STOPPED}
        if self.max_trials is None or number < self.max_trials:
            found = self.populate_space(trial_id)
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = dict(found.get("values") or {})
        trial = Trial(hyperparameters, trial_id, found["status"])
        if trial.status == TrialStatus.RUNNING:
            before = hyperparameters.values.get("tuner/trial_id")
            trial.seed = self.trials[before].seed if before else self._seed(number, 0)
            self.trials[trial_id] = trial
            self._record(trial)
        return trial

    def update_space(self, hyperparameters: HyperParameters) -> None:
        """Take over what a ``build`` asked for and is new.

        Raises:
            ConfigError: if nothing new is allowed.
        """
        new = [each for each in hyperparameters.space if not self.hyperparameters.has(each)]
        if new and not self.allow_new_entries:
            raise ConfigError("build asks for the hyper-parameter {name!r}, which is not in "
                              "hyperparameters, and allow_new_entries=False.",
                              name=new[0].name)  # fmt: skip
        if self.tune_new_entries:
            self.hyperparameters.merge(new, overwrite=False)

    def note_values(self, trial: Trial) -> None:
        """Take over what the ``build`` of a running trial asked for."""
        self.update_space(trial.hyperparameters)
        self._record(trial)

    def end_trial(self, trial: Trial) -> None:
        """Take over how a trial ended: its status is "COMPLETED", "INVALID" or "FAILED".

        Raises:
            SearchError: if too many failed in a row.
        """
        self.note_values(trial)
        if trial.status == TrialStatus.COMPLETED:
            return
        trial.failures += 1
        if trial.failures > self.max_retries_per_trial:
            trial.status = TrialStatus.FAILED
        most, row = self.max_consecutive_failed_trials, 0
        for each in self.trials.values() if most is not None else ():
            row = row + 1 if each.status == TrialStatus.FAILED else 0
            if row == most:
                raise SearchError(_("{n} trials failed one after the other; the last one: "
                                    "{reason}", n=most, reason=each.message))  # fmt: skip

    def get_trial(self, trial_id: str) -> Trial:
        """Return a trial by its number.

        Raises:
            UnknownNameError: if there is none.
        """
        if trial_id not in self.trials:
            known = shorten(", ".join(self.trials))
            raise UnknownNameError("There is no trial {trial_id!r}; there are: {known}.",
                                   trial_id=trial_id, known=known)  # fmt: skip
        return self.trials[trial_id]

    def get_best_trials(self, num_trials: int = 1) -> list[Trial]:
        """Return the best trials, the best first; of equal ones, the first to be tried."""
        done = self.ended(TrialStatus.COMPLETED)
        return sorted(done, key=lambda t: self.objective.cost(t.score))[:num_trials]

    def ended(self, *statuses: str) -> list[Trial]:
        """Return the trials of these statuses, in their order."""
        return [trial for trial in self.trials.values() if trial.status in statuses]

    @property
    def ongoing_trials(self) -> list[Trial]:
        """The trials that are not over."""
        return self.ended(TrialStatus.RUNNING, TrialStatus.INVALID)

    @property
    def waiting(self) -> list[Trial]:
        """The trials that are to be tried once more."""
        return self.ended(TrialStatus.INVALID)

    def remaining_trials(self) -> int | None:
        """Return how many trials may follow; None if nothing limits them."""
        return None if self.max_trials is None else self.max_trials - len(self.trials)

    def get_space(self) -> HyperParameters:
        """Return a copy of the space."""
        return self.hyperparameters.copy()

    # ---- for subclasses --------------------------------------------------------------------------

    def draws(self, trial_id: str) -> Iterator[Any]:
        """Yield generators of random numbers for a trial, one for each attempt to draw its values.

        They are functions of the seed and the two numbers alone.
        """
        for attempt in range(_COLLISIONS):
            yield generator(self.seed, "values", int(trial_id), attempt)

    def random_values(self, trial_id: str) -> dict[str, Any] | None:
        """Return values that were not tried before; None if there seem to be none left."""
        for random in self.draws(trial_id):
            values = self.values_of(lambda hp, random=random: hp.prob_to_value(random.random()))
            if not self.was_tried(values):
                return values
        return None

    def values_of(self, choose: Any) -> dict[str, Any]:
        """Return values for all that play a part, each chosen by ``choose(hyperparameter)``."""
        chosen = HyperParameters()
        for each in self.hyperparameters.space:
            if chosen.is_active(each):
                chosen.values[each.name] = choose(each)
        return chosen.values

    def was_tried(self, values: Mapping[str, Any]) -> bool:
        """Tell whether a trial has had these values."""
        return self._tried[_key(values)] > 0

    def _record(self, trial: Trial) -> None:
        """Note the values of a trial, which ``build`` may have added to."""
        trial.hyperparameters.ensure_active_values()
        before, now = self._keys.get(trial.trial_id), _key(trial.hyperparameters.values)
        if before != now:
            self._tried[now] += 1
            self._tried[before] -= before is not None
            self._keys[trial.trial_id] = now

    def _seed(self, number: int, failures: int) -> int:
        return int(generator(self.seed, "trial", number, failures).integers(2**32))

    # ---- as plain data ---------------------------------------------------------------------------

    def get_state(self) -> dict[str, Any]:
        """Return all that the next trial follows from, as plain data."""
        return {
            "seed": self.seed,
            "hyperparameters": self.hyperparameters.get_config(),
            "trials": [trial.get_state() for trial in self.trials.values()],
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `get_state` returned; trials that were running are tried again."""
        self.seed = state["seed"]
        self.hyperparameters = HyperParameters.from_config(state["hyperparameters"])
        self.trials, self._keys, self._tried = {}, {}, Counter()
        for each in state["trials"]:
            trial = Trial.from_state(each, self.hyperparameters)
            self.trials[trial.trial_id] = trial
            self._record(trial)
            if trial.status == TrialStatus.RUNNING:
                trial.status = TrialStatus.INVALID


def _key(values: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in values.items() if not name.startswith(OWN)}
    return json.dumps(kept, sort_keys=True)
