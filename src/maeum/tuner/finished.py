"""The finished trials of a search as numbers: where their values lie, and how good they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from maeum.tuner.choices import Boolean, Choice, Fixed
from maeum.tuner.hyperparameter import HyperParameter
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import Trial, TrialStatus

_FENCE = 1.5  # interquartile ranges beyond the upper quartile (J. Tukey, 1977)


@dataclass(frozen=True)
class Finished:
    """The trials that came to a score, ``n`` of them, and what was tuned, ``k`` hyper-parameters.

    Attributes:
        trials: the trials, in their order.
        tuned: the hyper-parameters that have more than one value.
        names: what they are called; one of several of a name is told by its conditions.
        places: ``(n, k)`` where the values lie in their ranges, from 0 to 1, evenly as they are
            sampled: of a range of logarithms, by the logarithm. NaN where one plays no part.
        epochs: ``(n,)`` until which epoch a rung trained each; 0 where no rung says.
        scores: ``(n,)`` the values of the objective.
        costs: ``(n,)`` the same, or its negative, so that less is better.
    """

    trials: list[Trial]
    tuned: list[HyperParameter]
    names: list[str]
    places: np.ndarray
    epochs: np.ndarray
    scores: np.ndarray
    costs: np.ndarray

    @classmethod
    def of(cls, oracle: Oracle) -> Finished:
        """Return those of a search; failed trials have no score, and are not among them."""
        trials = oracle.ended(TrialStatus.COMPLETED)
        tuned = tuned_of(oracle.hyperparameters)
        places = np.array([places_of(trial, tuned) for trial in trials], float)
        epochs = [trial.hyperparameters.values.get("tuner/epochs", 0) for trial in trials]
        scores = [float("nan") if trial.score is None else trial.score for trial in trials]
        costs = [oracle.objective.cost(trial.score) for trial in trials]
        return cls(trials, tuned, labels(tuned), places.reshape(len(trials), len(tuned)),
                   np.array(epochs, float), np.array(scores, float),
                   np.array(costs, float))  # fmt: skip

    def __len__(self) -> int:
        return len(self.trials)

    @property
    def limited(self) -> np.ndarray:
        """``(n,)`` the costs, of which none lies far beyond the rest.

        A learning rate that is much too high may cost a million times what others do: next to it,
        nothing else would count. What is more than 1.5 interquartile ranges above the upper
        quartile is brought there.
        """
        if not len(self):
            return self.costs
        low, high = np.quantile(self.costs, [0.25, 0.75])
        return np.minimum(self.costs, high + _FENCE * (high - low)) if high > low else self.costs


def tuned_of(space: HyperParameters) -> list[HyperParameter]:
    """Return the hyper-parameters of a space of which there is something to choose."""
    return [e for e in space.space if not isinstance(e, Fixed) and len(set(e.values)) > 1]


def has_order(hp: HyperParameter) -> bool:
    """Tell whether a value between two others means anything."""
    return not isinstance(hp, Boolean) and (not isinstance(hp, Choice) or hp.ordered)


def labels(tuned: Sequence[HyperParameter]) -> list[str]:
    """Return what hyper-parameters are called; one of several of a name is told by conditions."""
    names = [each.name for each in tuned]
    return [
        each.name if names.count(each.name) == 1 else f"{each.name} ({_conditions(each)})"
        for each in tuned
    ]


def _conditions(hp: HyperParameter) -> str:
    return ", ".join(f"{c.name}={'|'.join(map(str, c.values))}" for c in hp.conditions)


def places_of(trial: Trial, tuned: Iterable[HyperParameter]) -> list[float]:
    """Return where the values of a trial lie in their ranges; NaN for what plays no part."""
    chosen = HyperParameters()
    chosen.values = trial.values
    return [_place(chosen, each) for each in tuned]


def _place(chosen: HyperParameters, hp: HyperParameter) -> float:
    if hp.name not in chosen.values or not chosen.is_active(hp):
        return float("nan")
    try:
        return float(hp.value_to_prob(chosen.values[hp.name]))
    except ValueError:  # not one of its values
        return float("nan")
