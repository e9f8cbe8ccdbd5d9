"""What a search says: a line for each trial, the space, the results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from maeum.core.messages import _, ngettext
from maeum.core.settings import say
from maeum.core.wording import as_written, shorten
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import Trial, TrialStatus, shown

_WIDTH = 60


class Listener:
    """Hears how a search goes; a subclass does something with it, see ``Tuner.listener``."""

    def on_trial_end(self, trial: Trial) -> None:
        """Called when a trial is over, completed or failed."""

    def on_epoch_end(self, trials: Sequence[Trial], epoch: int, epochs: int) -> None:
        """Called after an epoch of trials that are trained side by side.

        Args:
            trials: the trials.
            epoch: which it was, counted from 0.
            epochs: how many there are at most.
        """


class Telling:
    """The lines of a search.

    Args:
        oracle: what is searched.
        verbose: 0 for silence.
    """

    def __init__(self, oracle: Oracle, verbose: int):
        self.oracle, self.verbose = oracle, verbose
        self.begun = time.monotonic()

    def trial(self, trial: Trial) -> None:
        """Say how a trial ended."""
        if not self.verbose:
            return
        values = shorten(told(trial), _WIDTH)
        if trial.status != TrialStatus.COMPLETED:
            reason = shorten(trial.message or "", _WIDTH)
            say(_("Trial {number}: failed ({reason}); {values}", number=trial.trial_id,
                  reason=reason, values=values))  # fmt: skip
            return
        assert trial.score is not None
        best = self.oracle.get_best_trials()[0]
        say(_("Trial {number}: {name} {score} (best {best}); {values}", number=trial.trial_id,
              name=self.oracle.objective.name, score=as_written(trial.score, 4),
              best=as_written(best.score or 0.0, 4), values=values))  # fmt: skip

    def interrupted(self) -> None:
        """Say that Ctrl-C ended the search."""
        if self.verbose:
            say(_("Stopped by Ctrl-C; the same search goes on from here."))

    def end(self) -> None:
        """Say how it ended."""
        best = self.oracle.get_best_trials()
        if self.verbose and best:
            n = len(self.oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED))
            said = ngettext("{n:,} trial in {seconds:.1f} s; the best is {best}: {values}",
                            "{n:,} trials in {seconds:.1f} s; the best is {best}: {values}", n,
                            seconds=time.monotonic() - self.begun, best=best[0].trial_id,
                            values=told(best[0]))  # fmt: skip
            say(said)


def told(trial: Trial) -> str:
    """Return the values of a trial in a line."""
    values = trial.values.items()
    return ", ".join(f"{name}={shown(v)}" for name, v in values) or _("nothing to choose")


def print_space(space: HyperParameters, extended: bool) -> None:
    """Print the hyper-parameters of a space."""
    say(ngettext("{n} hyper-parameter", "{n} hyper-parameters", len(space.space)))
    for each in space.space:
        config: dict[str, Any] = each.get_config()
        conditions = config.pop("conditions")
        name = config.pop("name")
        facts = ", ".join(f"{key}={value!r}" for key, value in config.items() if value is not None)
        say(f"  {name} ({type(each).__name__}): {facts}")
        for condition in conditions if extended else ():
            inner = condition["config"]
            say(_("    where {name} is one of {values}", name=inner["name"],
                  values=inner["values"]))  # fmt: skip


def print_results(oracle: Oracle, folder: Path, num_trials: int) -> None:
    """Print the best trials of a search, and how many failed."""
    failed = len(oracle.ended(TrialStatus.FAILED))
    say(_("Results of {n} trials ({failed} failed) in {folder}", n=len(oracle.trials),
          failed=failed, folder=folder))  # fmt: skip
    say(_("Objective: {name}, {direction}", name=oracle.objective.name,
          direction=oracle.objective.direction))  # fmt: skip
    for trial in oracle.get_best_trials(num_trials):
        say("")
        trial.summary()


def results_of(oracle: Oracle) -> list[dict[str, Any]]:
    """Return a line for each trial that is over, with the same names in each."""
    names = dict.fromkeys(each.name for each in oracle.hyperparameters.space)
    return [
        {
            "trial": trial.number,
            "status": trial.status.lower(),
            oracle.objective.name: trial.score,
            "best_epoch": trial.best_step + 1 if trial.score is not None else None,
            "epochs": trial.epochs,
            **{name: trial.values.get(name) for name in names},
            "seed": trial.seed,
            "message": trial.message,
        }
        for trial in oracle.ended(TrialStatus.COMPLETED, TrialStatus.FAILED)
    ]
