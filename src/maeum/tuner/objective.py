"""What a search makes as large, or as small, as it can."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.callbacks import History
from maeum.callbacks.monitor import more_is_better
from maeum.core.checks import check_choice, is_number
from maeum.core.errors import ArgumentError, ConfigError, UnknownNameError, nearest
from maeum.core.messages import _

Metrics = dict[str, float]


@dataclass(frozen=True)
class Objective:
    """A number of the logs, and which way is better.

    Args:
        name: its name in the logs, such as ``"val_accuracy"``.
        direction: ``"max"`` or ``"min"``.
    """

    name: str
    direction: str

    def __post_init__(self) -> None:
        check_choice(self.direction, ("min", "max"), "direction")

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the logs that it needs."""
        return (self.name,)

    def has_value(self, logs: Mapping[str, Any]) -> bool:
        """Tell whether the logs have what it needs."""
        return all(name in logs for name in self.names)

    def get_value(self, logs: Mapping[str, Any]) -> float:
        """Return its value in the logs."""
        return float(logs[self.name])

    def better_than(self, a: float, b: float) -> bool:
        """Tell whether ``a`` is better than ``b``; a value that is not finite is worse than all."""
        return self.cost(a) < self.cost(b)

    def cost(self, value: float | None) -> float:
        """Return a number that is smaller for a better value; infinity for none at all."""
        if value is None or not math.isfinite(value):
            return math.inf
        return -value if self.direction == "max" else value


class DefaultObjective(Objective):
    """The number that the user's ``fit`` or ``run_trial`` returns, as small as can be."""

    def __init__(self) -> None:
        super().__init__("default_objective", "min")


class MultiObjective(Objective):
    """The sum of several: those to minimize, less those to maximize.

    Args:
        objectives: the objectives.
    """

    def __init__(self, objectives: Sequence[Objective]):
        super().__init__("multi_objective", "min")
        object.__setattr__(self, "objectives", list(objectives))
        directions = {each.name: each.direction for each in objectives}
        object.__setattr__(self, "name_to_direction", directions)

    objectives: list[Objective]
    name_to_direction: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the logs that it needs."""
        return tuple(self.name_to_direction)

    def get_value(self, logs: Mapping[str, Any]) -> float:
        """Return the sum."""
        signs = {"min": 1, "max": -1}
        return sum(signs[way] * float(logs[name]) for name, way in self.name_to_direction.items())


def create_objective(objective: Any) -> Objective:
    """Return an objective: of a name, of several, or of None.

    Raises:
        ConfigError: if it is not known which way is better.
    """
    if objective is None:
        return DefaultObjective()
    if isinstance(objective, Objective):
        return objective
    if isinstance(objective, (list, tuple)) and objective:
        return MultiObjective([create_objective(each) for each in objective])
    if not isinstance(objective, str):
        raise ArgumentError("objective is the name of a loss or a metric, an Objective, or a list "
                            "of these; got {objective!r}.", objective=objective)  # fmt: skip
    better = more_is_better(objective)
    if better is None:
        raise ConfigError('Whether more or less of {name!r} is better is not known: give '
                          'objective=Objective({name!r}, direction="max") or "min".',
                          name=objective)  # fmt: skip
    return Objective(objective, "max" if better else "min")


@dataclass
class Result:
    """What a trial came to.

    Attributes:
        metrics: the metrics at the best epoch, by name; the means of several executions.
        score: the value of the objective there.
        best_step: the epoch, counted from 0.
        curves: the values of every epoch, by name, of the first execution.
    """

    metrics: Metrics
    score: float
    best_step: int = 0
    curves: dict[str, list[float]] | None = None


def result_of(returned: Any, objective: Objective, where: str) -> Result:
    """Return what a training returned, as a result.

    Args:
        returned: a `History`, a number, a dict of metrics, or a list of these from several
            executions.
        objective: what is looked for.
        where: the function that returned it, for messages.

    Raises:
        ConfigError: if it is something else, or has no value of the objective.
    """
    if isinstance(returned, list) and returned:
        parts = [result_of(each, objective, where) for each in returned]
        names = dict.fromkeys(name for part in parts for name in part.metrics)
        means = {n: float(np.mean([p.metrics[n] for p in parts if n in p.metrics])) for n in names}
        score = float(np.mean([part.score for part in parts]))
        best = int(np.mean([part.best_step for part in parts]))
        return Result(means, score, best, parts[0].curves)
    if isinstance(returned, History):
        return _best_epoch(returned.history, objective, where)
    if isinstance(returned, Mapping):
        metrics = {str(name): float(value) for name, value in returned.items()}
        _check_names(metrics, objective, where)
        return Result(metrics, objective.get_value(metrics))
    if is_number(returned) or isinstance(returned, np.generic):
        return Result({objective.name: float(returned)}, float(returned))
    forgotten = _(" Did you forget to return it?") if returned is None else ""
    raise ArgumentError("{where} returns a History, a number, a dict of metrics or a list of "
                        "these; got {returned!r}.{forgotten}", where=where, returned=returned,
                        forgotten=forgotten)  # fmt: skip


def _best_epoch(history: Mapping[str, Sequence[Any]], objective: Objective, where: str) -> Result:
    curves = {n: [float(v) for v in vs] for n, vs in history.items() if np.ndim(vs) == 1}
    _check_names(curves, objective, where)
    # A validation that comes every few epochs has fewer values: they are the last of each stretch.
    epochs = min((len(curves[name]) for name in objective.names), default=0)
    costs = [objective.cost(objective.get_value(_at(curves, i, objective))) for i in range(epochs)]
    best = int(np.argmin(costs)) if costs else 0
    metrics = {name: values[best] for name, values in curves.items() if len(values) > best}
    score = objective.get_value(_at(curves, best, objective)) if costs else math.nan
    return Result({**metrics, objective.name: score}, score, best, curves)


def _at(curves: Mapping[str, list[float]], epoch: int, objective: Objective) -> Metrics:
    return {name: curves[name][epoch] for name in objective.names}


def _check_names(metrics: Mapping[str, Any], objective: Objective, where: str) -> None:
    missing = [name for name in objective.names if name not in metrics]
    if isinstance(objective, DefaultObjective) and missing:
        raise ConfigError("No objective was given, so {where} returns the number to minimize; it "
                          "returned: {known}. Give objective=..., such as one of these.",
                          where=where, known=", ".join(metrics))  # fmt: skip
    if missing:
        raise UnknownNameError("The objective {name!r} is not among what {where} returned: "
                               "{known}.{hint}", name=missing[0], where=where,
                               known=", ".join(metrics),
                               hint=nearest(missing[0], metrics))  # fmt: skip
