"""Trials side by side: a window of them is built, divided into groups, and trained."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.training.options import check_callbacks
from maeum.tuner.errors import FailedTrialError, FatalError
from maeum.tuner.objective import result_of
from maeum.tuner.running import Attempt, BestEpoch, planned_epochs, reason_of
from maeum.tuner.together import SharedFit
from maeum.tuner.trial import Trial, TrialStatus

_WINDOW = 64  # so many trials are built at once, and trained together as far as they are alike
_BYTES = 1 << 30  # of what they hold: large models are fewer at once
_HELD = 16  # bytes for each parameter: it, what an optimizer keeps of it, its best value


class Windows:
    """The trials of a search, window by window.

    Where a model's own ``fit`` trains it, a window has many trials, of which those that are alike
    up to numbers are trained as one program. Otherwise it has one.

    Args:
        tuner: whose trials they are.
        args, kwargs: what ``search`` was given for ``fit``.
    """

    def __init__(self, tuner: Any, args: tuple, kwargs: dict[str, Any]):
        self.tuner, self.oracle, self.args, self.kwargs = tuner, tuner.oracle, args, kwargs
        self.shared: SharedFit | None = None
        if not tuner.runs_itself and tuner.hypermodel.trains_as_usual:
            self.shared = SharedFit.of(args, kwargs, self.oracle.objective)

    def begin(self, over: int) -> list[Attempt]:
        """Return the next trials, built if there may be many; none if the search is over.

        Windows begin at multiples of a number, so that which trials are trained together does not
        depend on whether the search was interrupted.

        Args:
            over: how many trials are over since the search began.
        """
        window: list[Attempt] = []
        size = _WINDOW
        most = self.tuner.budget.at_once(size if self.shared else 1, over)
        while len(window) < most and self._may_begin():
            if window and not len(self.oracle.trials) % size and not self.oracle.waiting:
                break
            trial = self.oracle.create_trial()
            if trial.status != TrialStatus.RUNNING:
                break
            trial.epochs = planned_epochs(trial, self.kwargs) * self.tuner.executions_per_trial
            attempt = Attempt(trial, BestEpoch(self.oracle.objective))
            if self.shared is not None:
                self._trying(attempt, self._build)
                if trial.status == TrialStatus.INVALID:
                    attempt.models.clear()
                    self.oracle.end_trial(trial)
                    if trial.status == TrialStatus.INVALID:  # it comes again at once
                        continue
                size = min(size, self._fitting(attempt))
            window.append(attempt)
        return window

    def _may_begin(self) -> bool:
        spent = sum(trial.epochs for trial in self.oracle.trials.values())
        return self.tuner.budget.allows(spent)

    def _build(self, attempt: Attempt) -> None:
        for execution in range(self.tuner.executions_per_trial):
            attempt.models.append(self.tuner.build(attempt.trial, execution))

    def _fitting(self, attempt: Attempt) -> int:
        """Return how many such trials fit into memory at once: a power of two."""
        held = _HELD * sum(model.count_params() for model in attempt.models if model.built)
        return 1 << min(_WINDOW, max(1, _BYTES // max(held, 1))).bit_length() - 1

    def groups(self, window: list[Attempt]) -> list[list[Attempt]]:
        """Divide trials into those that one program can train."""
        if self.shared is None:
            return [window]
        failed = [[attempt] for attempt in window if not attempt.models]
        left = [attempt for attempt in window if attempt.models]
        found = []
        for stretch in dict.fromkeys(attempt.stretch for attempt in left):
            here = [attempt for attempt in left if attempt.stretch == stretch]
            try:
                numbers = self.shared.groups([attempt.models[0] for attempt in here])
            except Exception:  # each tells for itself what is wrong
                numbers = [[i] for i in range(len(here))]
            found += [[here[i] for i in group] for group in numbers]
        return [*failed, *found]

    def train(self, group: list[Attempt]) -> bool:
        """Train a group, whatever comes of it; return False if Ctrl-C ended that."""
        if self.shared is not None and all(attempt.models for attempt in group):
            try:
                return self._train_together(self.shared, group)
            except FatalError as error:
                raise error.reason from None
            except Exception:  # then each is trained alone, and tells for itself
                pass
        for attempt in group:
            attempt.models.clear()
            if attempt.trial.status == TrialStatus.RUNNING:
                self._trying(attempt, self._run)
                if attempt.trial.status == TrialStatus.RUNNING:
                    return False
        return True

    def _train_together(self, shared: SharedFit, group: list[Attempt]) -> bool:
        objective = self.oracle.objective
        models = [model for attempt in group for model in attempt.models]
        epochs, before = group[0].stretch
        left = None if epochs else self.tuner.budget.left  # the epochs of a rung are fixed
        if not epochs:
            told = self.kwargs.get("epochs", 1), self.kwargs.get("initial_epoch", 0)
            epochs, before = told
        trials, hear = [attempt.trial for attempt in group], self.tuner.listener.on_epoch_end
        made = shared.train(models, epochs, before, lambda e: hear(trials, e, epochs), left)
        histories = iter(made)
        if models[0].history.interrupted:
            return False
        for attempt in group:
            own = [next(histories) for _model in attempt.models]
            trial = attempt.trial
            if any(history.failed for history in own):
                last = max(len(history.epoch) for history in own if history.failed)
                trial.status = TrialStatus.INVALID
                trial.message = _("The loss became NaN or infinite in epoch {epoch}.", epoch=last)
                continue
            for number, (model, history) in enumerate(zip(attempt.models, own)):
                cost = objective.cost(result_of(history, objective, "fit").score)
                attempt.best.offer(model, cost, history.best_weights)
                self.tuner.keep_state(trial, number, model)
            self._take(trial, own, "fit")
            attempt.models.clear()
        return True

    def _run(self, attempt: Attempt) -> None:
        callbacks = [*check_callbacks(self.kwargs.get("callbacks")), attempt.best]
        told = {**self.kwargs, "callbacks": callbacks}
        returned = self.tuner.run_trial(attempt.trial, *self.args, **told)
        if not attempt.best.interrupted:
            where = "run_trial" if self.tuner.runs_itself else "fit"
            self._take(attempt.trial, returned, where)

    def _trying(self, attempt: Attempt, what: Callable[[Attempt], None]) -> None:
        """Do something for a trial; what goes wrong becomes its result."""
        trial = attempt.trial
        try:
            what(attempt)
        except FatalError as error:
            raise error.reason from None
        except FailedTrialError as error:
            trial.status, trial.message = TrialStatus.INVALID, str(error)
            trial.failures = self.oracle.max_retries_per_trial
        except Exception as error:
            trial.status, trial.message = TrialStatus.INVALID, reason_of(error)

    def _take(self, trial: Trial, returned: Any, where: str) -> None:
        try:
            trial.take(result_of(returned, self.oracle.objective, where))
        except ConfigError as error:
            raise FatalError(error) from None
        if math.isinf(self.oracle.objective.cost(trial.score)):
            trial.status = TrialStatus.INVALID
            trial.message = _("{name} is {value}.", name=self.oracle.objective.name,
                              value=trial.score)  # fmt: skip
            trial.score = None
        else:
            trial.status, trial.message = TrialStatus.COMPLETED, None
