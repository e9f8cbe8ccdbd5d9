"""A trial's training: built, trained, its best epoch kept, and gone on with in a later rung."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.errors import ModelFileError
from maeum.core.randomness import generator
from maeum.core.variable import Variable
from maeum.saving.archive import weights_of
from maeum.tuner.objective import Objective


@dataclass(eq=False)
class BestEpoch(Callback):
    """Keep the weights of the best epoch, of one training or of several.

    Args:
        objective: says which epoch is best; where the logs do not have it, the last one is.

    Attributes:
        weights: the weights by path; None before the first epoch.
        interrupted: whether Ctrl-C ended a training.
    """

    objective: Objective

    def __post_init__(self) -> None:
        self.weights: dict[str, np.ndarray] | None = None
        self.first_call: Any = None
        self._cost = math.inf

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training."""
        return bool(getattr(getattr(self.model, "history", None), "interrupted", False))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep the weights if the epoch is the best so far."""
        if not self.objective.has_value(logs or {}):
            if math.isinf(self._cost):
                self.keep(self.model)
            return
        cost = self.objective.cost(self.objective.get_value(logs or {}))
        if cost < self._cost:
            self.keep(self.model)
            self._cost = cost

    def keep(self, model: Any) -> None:
        """Keep the weights that a model has."""
        self.weights, self.first_call = weights_of(model), model.first_call()

    def offer(self, model: Any, cost: float) -> None:
        """Keep the weights that a model has, if ``cost`` is less than any before."""
        if cost < self._cost or self.weights is None:
            self.keep(model)
            self._cost = min(cost, self._cost)


def execution_seed(seed: int, execution: int) -> int:
    """Return the seed of one of the executions of a trial; the first has the trial's own."""
    if execution == 0:
        return seed
    return int(generator(seed, "execution", execution).integers(2**32))


def training_state(model: Any) -> dict[str, np.ndarray]:
    """Return what a training goes on from: weights, optimizer, generators, the number of steps."""
    return {name: variable.numpy() for name, variable in _kept(model).items()}


def go_on_from(model: Any, state: Mapping[str, np.ndarray], first_call: Any) -> None:
    """Give a newly built model the state of a training.

    Raises:
        ModelFileError: if it is that of another model.
    """
    if not model.built and first_call is not None:
        model.build_for(first_call)
    if model.optimizer is not None and model.trainable_variables:
        model.optimizer.build(model.trainable_variables)
    kept = _kept(model)
    if {n: v.shape for n, v in kept.items()} != {n: a.shape for n, a in state.items()}:
        raise ModelFileError("The state of an earlier rung is not one of {name!r}: build has to "
                             "build the same model for the same values.",
                             name=model.name)  # fmt: skip
    for name, variable in kept.items():
        variable.assign(state[name])


def _kept(model: Any) -> dict[str, Variable]:
    named = model.named_state() | model.named_generators()
    return {name: variable for name, variable in named.items() if not name.startswith("metrics/")}
