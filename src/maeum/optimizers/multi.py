"""Several optimizers for one model, each for some of its weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from maeum.core.config import Configurable
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.variable import Variable
from maeum.optimizers.loss_scale import LossScaleOptimizer
from maeum.optimizers.optimizer import Optimizer
from maeum.optimizers.rule import State


class OptimizerMap(Configurable):
    """Which optimizer a weight has, by the path of the weight.

    Args:
        default_optimizer: the one for every weight that no pattern fits.
        optimizer_map: optimizers by path, or by a regular expression that fits the whole path.

    Raises:
        ConfigError: for what is not an optimizer, and for a path that two patterns fit.

    >>> from maeum.optimizers import SGD, Adam
    >>> chosen = OptimizerMap(SGD(), {"encoder/.*": Adam()})
    >>> chosen["encoder/dense/kernel"].name, chosen["head/kernel"].name
    ('adam', 'sgd')
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: Mapping[str, Optimizer] | None = None
    ):
        self.default_optimizer = _optimizer(default_optimizer)
        self.optimizer_map: dict[str, Optimizer] = {}
        for pattern, optimizer in (optimizer_map or {}).items():
            self[pattern] = optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self.optimizer_map:
            return self.optimizer_map[key]
        fitting = [pattern for pattern in self.optimizer_map if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ConfigError(
                "Several patterns fit the weight {path!r}: {patterns}.",
                path=key,
                patterns=", ".join(map(repr, fitting)),
            )
        return self.optimizer_map[fitting[0]] if fitting else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str) or key in self.optimizer_map:
            raise ConfigError(
                "A pattern is a string that the map does not have already; got {key!r}.", key=key
            )
        self.optimizer_map[key] = _optimizer(optimizer)

    def __delitem__(self, key: str) -> None:
        del self.optimizer_map[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.optimizer_map)

    def __len__(self) -> int:
        return len(self.optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """Return the optimizer of a weight."""
        return self[variable.path]


def _optimizer(value: Any) -> Optimizer:
    """Return an optimizer that has no others inside, or raise `ConfigError`."""
    if isinstance(value, Optimizer) and not isinstance(value, (LossScaleOptimizer, MultiOptimizer)):
        return value
    raise ConfigError(
        "A weight has an optimizer such as Adam(), with no other one inside; got {value!r}.",
        value=value,
    )


class MultiOptimizer(Optimizer):
    """Several optimizers, each for some of the weights.

    Each has a learning rate of its own, which is read and set there: ``optimizers[0]``.

    Args:
        optimizer_map: an `OptimizerMap`, or a function that returns the optimizer of a variable.
        loss_scale_factor: see `Optimizer`; it takes the place of theirs.
        name: its name.
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ):
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self.optimizer_map = optimizer_map
        self.optimizers: list[Optimizer] = []
        self._groups: list[list[int]] = []
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in optimizer_map.optimizer_map.values():
                self._place_of(optimizer)
            self._place_of(optimizer_map.default_optimizer)

    def _place_of(self, optimizer: Any) -> int:
        if not any(optimizer is known for known in self.optimizers):
            self.optimizers.append(_optimizer(optimizer))
        return next(i for i, known in enumerate(self.optimizers) if known is optimizer)

    def prepare(self, variables: Sequence[Variable]) -> None:
        """Find the optimizer of each variable."""
        super().prepare(variables)
        places = [self._place_of(self.optimizer_map(variable)) for variable in variables]
        self._groups = [
            [i for i, place in enumerate(places) if place == group]
            for group in range(len(self.optimizers))
        ]
        for optimizer, group in zip(self.optimizers, self._groups):
            optimizer.loss_scale_factor = self.loss_scale_factor
            optimizer.prepare([variables[i] for i in group])

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state of all, unless it is there already."""
        super().build(variables)
        for optimizer, state in zip(self.optimizers, self._state["inner"]):
            optimizer._state, optimizer._step = state, state["step"]  # it knows its iterations

    def init(self, weights: Sequence[Any]) -> State:
        """Return the state of all; raise `ConfigError` before `build`."""
        if sum(map(len, self._groups)) != len(weights):
            raise ConfigError("Call build(variables) first: it tells which weights there are.")
        inner = [
            optimizer.init([weights[i] for i in group])
            for optimizer, group in zip(self.optimizers, self._groups)
        ]
        return {"step": np.zeros((), np.int32), "inner": inner}

    def advance(
        self,
        weights: Sequence[Any],
        gradients: Sequence[Any],
        state: State,
        learning_rate: Any = None,
        decayed: Sequence[bool] | None = None,
    ) -> tuple[list[Any], State]:
        """Return the weights and the state after one step of every optimizer."""
        after, inner = list(weights), []
        decayed = decayed or [True] * len(weights)
        for optimizer, group, own in zip(self.optimizers, self._groups, state["inner"]):
            chosen = [
                decayed[i] and optimizer.decays_variable(v)
                for i, v in zip(group, optimizer.optimized)
            ]
            mine, their = ([values[i] for i in group] for values in (weights, gradients))
            if group:
                mine, own = optimizer.advance(mine, their, own, learning_rate, chosen)
            for i, weight in zip(group, mine):
                after[i] = weight
            inner.append(own)
        return after, {"step": state["step"] + 1, "inner": inner}

    def averages(self) -> list[tuple[Variable, Variable]]:
        """Return the weights with their moving averages, where those are kept."""
        return [pair for optimizer in self.optimizers for pair in optimizer.averages()]

    @property
    def variables(self) -> list[Variable]:
        """The variables that the optimizers keep."""
        slots = [held for held in jax.tree.leaves(self._state) if held is not self._step]
        return [self._step, *(one._rate for one in self.optimizers), *slots]

    def named_variables(self, paths: Mapping[Variable, str] | None = None) -> dict[str, Variable]:
        """Return what the optimizers keep by name."""
        named = super().named_variables(paths)
        del named["learning_rate"]
        return {**{f"learning_rate_{i}": o._rate for i, o in enumerate(self.optimizers)}, **named}

    def _slot_name(self, path: tuple, paths: Mapping[Variable, str]) -> str:
        if path[0].key != "inner":
            return super()._slot_name(path, paths)
        place = path[1].idx
        name = self.optimizers[place]._slot_name(path[2:], paths)
        return f"step_{place}" if name == "step" else name

    def _rate_at(self, step: Any) -> Any:
        return [optimizer._rate_at(step) for optimizer in self.optimizers]

    @property
    def learning_rate(self) -> Any:
        """There is none: each of `optimizers` has its own."""
        raise AttributeError(_("A MultiOptimizer has no learning rate: each of its optimizers has "
                               "its own, such as optimizers[0].learning_rate."))  # fmt: skip

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(_("A MultiOptimizer has no learning rate: set that of one of its "
                               "optimizers, such as optimizers[0].learning_rate."))  # fmt: skip
