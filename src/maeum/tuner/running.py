"""A trial's training: its best epoch is kept, and a later rung goes on from where it ended."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.errors import MaeumError, ModelFileError
from maeum.core.messages import _
from maeum.core.randomness import generator
from maeum.core.variable import Variable
from maeum.saving.archive import weights_of
from maeum.training.identity import describe_arrays
from maeum.tuner.objective import Objective
from maeum.tuner.trial import Trial


@dataclass(eq=False)
class BestEpoch(Callback):
    """Keep the weights of the best epoch, of one training or of several.

    Args:
        objective: says which epoch is best; where the logs do not have it, the last one is.

    Attributes:
        weights: the weights by path; None before the first epoch.
        first_call: for what inputs the model was built, if that has to be known.
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
        if self.objective.has_value(logs or {}):
            self.offer(self.model, self.objective.cost(self.objective.get_value(logs or {})))
        elif math.isinf(self._cost):
            self.keep(self.model)

    def offer(self, model: Any, cost: float, weights: dict[str, np.ndarray] | None = None) -> None:
        """Keep weights of a model, its own by default, if ``cost`` is less than any before."""
        if cost < self._cost:
            self.keep(model, weights)
            self._cost = cost

    def keep(self, model: Any, weights: dict[str, np.ndarray] | None = None) -> None:
        """Keep weights of a model, its own by default."""
        self.weights = weights_of(model) if weights is None else weights
        self.first_call = model.first_call()


@dataclass
class Attempt:
    """A trial that is running.

    Attributes:
        trial: the trial.
        best: its best epoch.
        models: one for each execution, if they are built already.
        returned: what came of each.
    """

    trial: Trial
    best: BestEpoch
    models: list[Any] = field(default_factory=list)
    returned: list[Any] = field(default_factory=list)

    @property
    def stretch(self) -> tuple[int, int]:
        """The epochs of a rung: until which, and after which; (0, 0) where no rung says."""
        told = epochs_of(self.trial)
        return told.get("epochs", 0), told.get("initial_epoch", 0)


def epochs_of(trial: Trial) -> dict[str, int]:
    """Return the epochs of a trial that a rung limits, as arguments of ``fit``."""
    values = trial.hyperparameters.values
    names = ("epochs", "initial_epoch")
    return {name: values[f"tuner/{name}"] for name in names if f"tuner/{name}" in values}


def planned_epochs(trial: Trial, kwargs: Mapping[str, Any]) -> int:
    """Return how many epochs a trial is to be trained."""
    told = {**kwargs, **epochs_of(trial)}
    return int(told.get("epochs", 1)) - int(told.get("initial_epoch", 0))


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


def reason_of(error: Exception) -> str:
    """Return in a line why a trial failed."""
    text = str(error).strip()
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in text:
        return _("There was not enough memory: {error}", error=text.partition("\n")[0])
    return text if isinstance(error, MaeumError) else f"{type(error).__name__}: {text}"


def described(value: Any) -> Any:
    """Return what tells an argument of ``search`` from another one, as plain data."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__array__") or isinstance(value, (list, tuple, dict)):
        try:
            return describe_arrays(value)
        except (TypeError, ValueError):
            return type(value).__name__
    return type(value).__name__


def _kept(model: Any) -> dict[str, Variable]:
    named = model.named_state() | model.named_generators()
    return {name: variable for name, variable in named.items() if not name.startswith("metrics/")}
