"""Successive halving and Hyperband: many trials for a few epochs, the best ones for more."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError
from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import Trial, TrialStatus

Rungs = list[tuple[int, int]]  # of each rung, how many trials and until which epoch


class HalvingOracle(Oracle):
    """Base of both: brackets, each with its rungs, of which only the best trials climb on.

    A rung begins when the one below is over, so which trials climb does not depend on which was
    quickest. A trial that climbs goes on from where it was, and is a trial of its own, whose values
    ``tuner/trial_id``, ``tuner/initial_epoch`` and ``tuner/epochs`` say so.
    """

    def brackets(self) -> Iterator[tuple[dict[str, int], Rungs]]:
        """Yield the brackets, in order: what they are called, and their rungs."""
        raise NotImplementedError

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next trial of the bracket that is not over."""
        for name, rungs in self.brackets():
            found = self._next(trial_id, name, rungs)
            if found is not None:
                return found
        return {"status": TrialStatus.STOPPED}

    def keeps_state(self, trial: Trial) -> bool:
        """Tell whether the trial is of the newest bracket."""
        newest = list(self.trials.values())[-1]
        return _bracket(trial) == _bracket(newest)

    def _next(self, trial_id: str, name: dict[str, int], rungs: Rungs) -> dict[str, Any] | None:
        below: list[Trial] = []
        for number, (size, epochs) in enumerate(rungs):
            own: dict[str, Any] = {**name, "tuner/round": number}
            here = [
                t for t in self.trials.values() if own.items() <= t.hyperparameters.values.items()
            ]
            if number == 0:
                values = self.random_values(trial_id) if len(here) < size else None
                if values is not None:
                    own |= {"tuner/initial_epoch": 0, "tuner/epochs": epochs}
                    return {"status": TrialStatus.RUNNING, "values": values | own}
            else:
                if any(t in self.ongoing_trials for t in below):
                    return {"status": TrialStatus.IDLE}
                done = [t for t in below if t.status == TrialStatus.COMPLETED]
                best = sorted(done, key=lambda t: self.objective.cost(t.score))[:size]
                if len(here) < len(best):
                    climbs = best[len(here)]
                    own |= {"tuner/trial_id": climbs.trial_id, "tuner/epochs": epochs,
                            "tuner/initial_epoch": rungs[number - 1][1]}  # fmt: skip
                    return {"status": TrialStatus.RUNNING, "values": climbs.values | own}
            below = here
        return (
            {"status": TrialStatus.IDLE} if any(t in self.ongoing_trials for t in below) else None
        )


class HyperbandOracle(HalvingOracle):
    """Brackets of successive halving, from the most daring to plain random search.

    L. Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization",
    JMLR 18, 2018; the sizes of the brackets are KerasTuner's.

    Args:
        max_epochs: the most epochs of a trial.
        factor: of the trials of a rung, one in so many climbs, to be trained so many times longer.
        hyperband_iterations: how often all brackets are run.
        options: see `Oracle`.
    """

    def __init__(
        self, *, max_epochs: int = 100, factor: int = 3, hyperband_iterations: int = 1,
        **options: Any,
    ):  # fmt: skip
        super().__init__(**options)
        self.max_epochs = check_whole(max_epochs, "max_epochs")
        self.factor = check_whole(factor, "factor", 2)
        self.hyperband_iterations = check_whole(hyperband_iterations, "hyperband_iterations")

    def settings(self) -> dict[str, Any]:
        """Return what the trials follow from."""
        return {"max_epochs": self.max_epochs, "factor": self.factor}

    def brackets(self) -> Iterator[tuple[dict[str, int], Rungs]]:
        """Yield the brackets, in order."""
        for iteration in range(self.hyperband_iterations):
            for bracket in reversed(range(self._count())):
                yield {"tuner/iteration": iteration, "tuner/bracket": bracket}, self.rungs(bracket)

    def rungs(self, bracket: int) -> Rungs:
        """Return the sizes of the rungs of a bracket, and the epochs that they end with.

        >>> HyperbandOracle(objective="val_loss", max_epochs=9).rungs(2)
        [(9, 1), (3, 3), (1, 9)]
        """
        most, factor = self.max_epochs, self.factor
        last = math.ceil(1 + math.log(most, factor)) / (bracket + 1)
        return [
            (math.ceil(last * factor ** (bracket - r)), math.ceil(most / factor ** (bracket - r)))
            for r in range(bracket + 1)
        ]

    def _count(self) -> int:
        return sum(1 for _ in itertools.takewhile(
            lambda power: self.max_epochs / power >= 1,
            (self.factor**i for i in itertools.count()),
        ))  # fmt: skip


class SuccessiveHalvingOracle(HalvingOracle):
    """One bracket: all trials for a few epochs, the best of them for more, and so on.

    K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
    optimization", AISTATS 2016.

    Args:
        first_trials: how many trials are begun.
        min_epochs: the epochs of the first rung.
        max_epochs: the most epochs of a trial.
        factor: of the trials of a rung, one in so many climbs, to be trained so many times longer.
        options: see `Oracle`.
    """

    def __init__(
        self, *, first_trials: int = 27, min_epochs: int = 1, max_epochs: int = 27,
        factor: int = 3, **options: Any,
    ):  # fmt: skip
        super().__init__(**options)
        self.first_trials = check_whole(first_trials, "first_trials")
        self.min_epochs = check_whole(min_epochs, "min_epochs")
        self.max_epochs = check_whole(max_epochs, "max_epochs")
        self.factor = check_whole(factor, "factor", 2)
        if min_epochs > max_epochs:
            raise ConfigError("min_epochs={least} is more than max_epochs={most}.",
                              least=min_epochs, most=max_epochs)  # fmt: skip

    def settings(self) -> dict[str, Any]:
        """Return what the trials follow from."""
        names = ("first_trials", "min_epochs", "max_epochs", "factor")
        return {name: getattr(self, name) for name in names}

    def brackets(self) -> Iterator[tuple[dict[str, int], Rungs]]:
        """Yield the one bracket."""
        yield {"tuner/bracket": 0}, self.rungs()

    def rungs(self) -> Rungs:
        """Return the sizes of the rungs, and the epochs that they end with.

        >>> SuccessiveHalvingOracle(first_trials=8, max_epochs=8, factor=2).rungs()
        [(8, 1), (4, 2), (2, 4), (1, 8)]
        """
        size, epochs = self.first_trials, self.min_epochs
        found = [(size, epochs)]
        while size > 1 and epochs < self.max_epochs:
            size, epochs = max(1, size // self.factor), min(epochs * self.factor, self.max_epochs)
            found.append((size, epochs))
        return found


def _bracket(trial: Trial) -> tuple[Any, Any]:
    values = trial.hyperparameters.values
    return values.get("tuner/iteration"), values.get("tuner/bracket")
