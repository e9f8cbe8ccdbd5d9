"""The state of a training: one value, by name, that can be held, stacked, compared and saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, nearest
from maeum.core.variable import put_values, take_values

Arrays = dict[str, jax.Array]
_STEP = "train_steps"
_GROUPS = ("parameters", "variables", "optimizer", "metrics")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """Everything that a step of training reads or changes, by name: a pytree.

    `State.of` takes it from a model, `State.put` makes it a model's own; in between it is a value
    like any other. Stacked (``jax.tree.map(lambda *a: jnp.stack(a), *states)``) it is many
    trainings at once, which ``jax.vmap`` runs.

    Attributes:
        parameters: what the optimizer changes, by path.
        variables: the model's other variables, such as moving averages, and the states that
            stateful layers keep.
        optimizer: the learning rate, and the slots of each parameter.
        metrics: the sums of the metrics.
        step: how many steps were trained.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> sorted(State.of(model).parameters)
        ['dense/bias', 'dense/kernel']
    """

    parameters: Arrays = field(default_factory=dict)
    variables: Arrays = field(default_factory=dict)
    optimizer: Arrays = field(default_factory=dict)
    metrics: Arrays = field(default_factory=dict)
    step: Any = 0

    @classmethod
    def of(cls, model: Any) -> State:
        """Return the state of a model, in copies of its arrays."""
        named = model.named_state()
        values = dict(zip(named, copies(take_values(named.values()))))
        trained = {id(variable) for variable in model.trainable_variables}
        groups: dict[str, Arrays] = {group: {} for group in _GROUPS}
        for name, variable in named.items():
            group = name.partition("/")[0]
            if group not in ("optimizer", "metrics"):
                group = "parameters" if id(variable) in trained else "variables"
            groups[group][name] = values[name]
        return cls(step=groups["variables"].pop(_STEP), **groups)

    def put(self, model: Any) -> None:
        """Make this the state of a model, whose variables have the same names and shapes.

        Raises:
            ConfigError: if a name or a shape differs; nothing is changed then.
        """
        values, named = self.by_name(), model.named_state()
        check_fit({name: value.shape for name, value in values.items()}, named)
        put_values([named[name] for name in values], copies(list(values.values())))

    def by_name(self) -> Arrays:
        """Return all arrays in one dict, by the names that they have in files."""
        found = {name: v for group in _GROUPS for name, v in getattr(self, group).items()}
        return found | {_STEP: jnp.asarray(self.step, jnp.int32)}

    def with_values(self, values: Mapping[str, jax.Array]) -> State:
        """Return a state in which some arrays, by name, are others."""
        groups = {
            name: {key: values.get(key, value) for key, value in getattr(self, name).items()}
            for name in _GROUPS
        }
        return replace(self, step=values.get(_STEP, self.step), **groups)


def check_fit(shapes: Mapping[str, tuple], named: Mapping[str, Any]) -> None:
    """Raise `ConfigError` unless every name is a variable's, and with its shape."""
    for name, shape in shapes.items():
        if name not in named:
            raise ConfigError(
                "The state holds {name!r}, which this model does not have.{hint} Compile it "
                "as it was, and give it the same layers.",
                name=name,
                hint=nearest(name, named),
            )
        if tuple(shape) != named[name].shape:
            raise ConfigError(
                "The state holds {name!r} with the shape {shape}; this model has {own} there.",
                name=name,
                shape=tuple(shape),
                own=named[name].shape,
            )


@jax.jit
def copies(values: list) -> list:
    """Return copies of arrays, made by one program."""
    return [jnp.copy(value) for value in values]
