"""What a search for a table tells while it runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.events import Event, Listener
from maeum.report.wording import duration, epochs, loss
from maeum.tuner import Listener as OfTuner
from maeum.tuner import Oracle, Trial, TrialStatus
from maeum.tuner.telling import told as values_of


@dataclass(frozen=True)
class SearchBegan(Event):
    """A search of so many trials, or so many seconds.

    Attributes:
        trials: how many there are at most; of rungs, how many begin.
        seconds: how long it may take; None for as long as the trials need.
        done: how many an earlier search left.
    """

    trials: int
    seconds: float | None
    done: int = 0

    def __str__(self) -> str:
        said = _("Searching: {n:,} trials at most", n=self.trials)
        if self.seconds is not None:
            said = _("Searching: {n:,} trials at most, for {time} at most", n=self.trials,
                     time=duration(self.seconds))  # fmt: skip
        if self.done:
            said += "; " + ngettext("{n:,} was there before", "{n:,} were there before", self.done)
        return said


@dataclass(frozen=True)
class SearchProgress(Event):
    """How far a search is.

    Attributes:
        over: how many trials are over.
        trials: how many there are at most.
        together: how many are trained side by side now; 0 between two groups.
        epoch: the epochs of these that are over.
        best: the best score; None before there is one.
        number: of the trial with it.
        left: about how many seconds are left; None where that is not known.
    """

    over: int
    trials: int
    together: int = 0
    epoch: int = 0
    best: float | None = None
    number: int = 0
    left: float | None = None

    def __str__(self) -> str:
        said = []
        if self.best is not None:
            said.append(_("best {score} (trial {number})", score=loss(self.best),
                          number=self.number))  # fmt: skip
        if self.together:
            said.append(_("{n} side by side, epoch {epoch}", n=self.together, epoch=self.epoch))
        if self.left is not None:
            said.append(_("{time} left", time=duration(max(1, round(self.left)))))
        return ", ".join(said)


@dataclass(frozen=True)
class TrialEnded(Event):
    """A trial is over.

    Attributes:
        number: which, from 0.
        score: its score; None if it failed.
        reason: why it failed.
        values: its hyper-parameters, in a line.
        better: whether none before was as good.
    """

    number: int
    score: float | None
    reason: str
    values: str
    better: bool

    def __str__(self) -> str:
        if self.score is None:
            return _("trial {n}: failed ({reason})", n=self.number, reason=shorten(self.reason, 80))
        said = _("trial {n}: {score}", n=self.number, score=loss(self.score))
        return f"{said}  {shorten(self.values, 80)}"


@dataclass(frozen=True)
class SearchEnded(Event):
    """A search is over, by itself or by Ctrl-C.

    Attributes:
        trials: how many trials are over.
        failed: how many of them failed.
        seconds: how long it took.
        objective: what was looked for.
        best: the best score; None if there is none.
        number: of the trial with it.
        values: its hyper-parameters, in a line.
    """

    trials: int
    failed: int
    seconds: float
    objective: str
    best: float | None
    number: int
    values: str

    def __str__(self) -> str:
        said = ngettext("Searched {n:,} trial in {time}", "Searched {n:,} trials in {time}",
                        self.trials, time=duration(self.seconds))  # fmt: skip
        if self.failed:
            said += " " + _("({n:,} failed)", n=self.failed)
        if self.best is not None:
            said += "; " + _("best {name} {score} in trial {number}: {values}", name=self.objective,
                             score=loss(self.best), number=self.number,
                             values=shorten(self.values, 160))  # fmt: skip
        return said


@dataclass(frozen=True)
class RefittingBest(Event):
    """The best networks are trained again, with the validation part too.

    Attributes:
        networks: how many.
        least, most: the epochs of those that are trained shortest and longest.
    """

    networks: int
    least: int
    most: int

    def __str__(self) -> str:
        n = epochs(self.most) if self.least == self.most else f"{self.least}–{epochs(self.most)}"
        return ngettext("Refitting the best network for {epochs}, with the validation part added "
                        "to the training part",
                        "Refitting the best {n} networks for {epochs}, with the validation part "
                        "added to the training part", self.networks, epochs=n)  # fmt: skip


class Told(OfTuner):
    """Tells a listener of events how a search goes.

    Args:
        oracle: what is searched.
        trials: how many trials there are at most.
        seconds: how long it may take.
        events: the listener.
    """

    def __init__(self, oracle: Oracle, trials: int, seconds: float | None, events: Listener):
        self.oracle, self.trials, self.seconds, self.events = oracle, trials, seconds, events
        self.before = len(oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED))
        self.begun = time.monotonic()
        before = oracle.get_best_trials()
        self._best = before[0].score if before else None
        events(SearchBegan(trials, seconds, self.before))

    def on_trial_end(self, trial: Trial) -> None:
        """Tell of a trial."""
        cost, objective = self.oracle.objective.cost, self.oracle.objective
        better = trial.score is not None and (
            self._best is None or objective.better_than(trial.score, self._best)
        )
        if better:
            self._best = trial.score
        self.events(TrialEnded(trial.number, trial.score if cost(trial.score) < 1e300 else None,
                               trial.message or "", values_of(trial), better))  # fmt: skip
        self.events(self._progress())

    def on_epoch_end(self, trials: Sequence[Trial], epoch: int, epochs: int) -> None:
        """Tell of an epoch."""
        self.events(self._progress(len(trials), epoch + 1))

    def end(self) -> None:
        """Tell that the search is over."""
        best = self.oracle.get_best_trials()
        over = len(self._over())
        failed = len(self.oracle.ended(TrialStatus.FAILED))
        self.events(SearchEnded(over, failed, time.monotonic() - self.begun,
                                self.oracle.objective.name, best[0].score if best else None,
                                best[0].number if best else 0,
                                values_of(best[0]) if best else ""))  # fmt: skip

    def _over(self) -> list[Trial]:
        return self.oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED)

    def _progress(self, together: int = 0, epoch: int = 0) -> SearchProgress:
        over, passed = len(self._over()), time.monotonic() - self.begun
        best = self.oracle.get_best_trials()
        own = over - self.before
        left = passed * (self.trials - over) / own if own else None
        if self.seconds is not None:
            rest = max(0.0, self.seconds - passed)
            left = rest if left is None else min(left, rest)
        found = (best[0].score, best[0].number) if best else (None, 0)
        return SearchProgress(over, max(self.trials, over), together, epoch, *found, left)
