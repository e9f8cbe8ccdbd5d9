"""Learning rates that follow the number of the step, and the count of steps itself."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from maeum.compat.graph.graph import Graph, GraphKeys, get_default_graph
from maeum.compat.ops.recording import op
from maeum.compat.ops.variables import GraphVariable, assign

__all__ = [
    "ExponentialMovingAverage", "cosine_decay", "create_global_step", "exponential_decay",
    "get_global_step", "get_or_create_global_step", "global_step", "inverse_time_decay",
    "natural_exp_decay", "piecewise_constant", "polynomial_decay",
]  # fmt: skip


def _epoch(step: Any, length: Any, staircase: bool) -> Any:
    found = jnp.asarray(step, jnp.float32) / length
    return jnp.floor(found) if staircase else found


@op("exponential_decay", arrays=4)
def exponential_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
    staircase: bool = False, name: Any = None,
) -> Any:  # fmt: skip
    """``rate * decay_rate ** (step / decay_steps)``; in stairs, if these are wanted."""
    return learning_rate * decay_rate ** _epoch(global_step, decay_steps, staircase)


@op("natural_exp_decay", arrays=4)
def natural_exp_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
    staircase: bool = False, name: Any = None,
) -> Any:  # fmt: skip
    """``rate * exp(-decay_rate * step / decay_steps)``."""
    return learning_rate * jnp.exp(-decay_rate * _epoch(global_step, decay_steps, staircase))


@op("inverse_time_decay", arrays=4)
def inverse_time_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
    staircase: bool = False, name: Any = None,
) -> Any:  # fmt: skip
    """``rate / (1 + decay_rate * step / decay_steps)``."""
    return learning_rate / (1 + decay_rate * _epoch(global_step, decay_steps, staircase))


@op("polynomial_decay", arrays=3)
def polynomial_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: float = 0.0001,
    power: float = 1.0, cycle: bool = False, name: Any = None,
) -> Any:  # fmt: skip
    """From the rate to an end, by a power of the steps that are left."""
    step, length = jnp.asarray(global_step, jnp.float32), decay_steps
    if cycle:
        length = length * jnp.maximum(jnp.ceil(step / length), 1)
    left = 1 - jnp.minimum(step, length) / length
    return (learning_rate - end_learning_rate) * left**power + end_learning_rate


@op("cosine_decay", arrays=3)
def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, alpha: float = 0.0, name: Any = None
) -> Any:
    """Half a cosine from the rate down to a fraction of it (Loshchilov and Hutter, 2016)."""
    gone = jnp.minimum(jnp.asarray(global_step, jnp.float32) / decay_steps, 1)
    return learning_rate * ((1 - alpha) * 0.5 * (1 + jnp.cos(math.pi * gone)) + alpha)


@op("piecewise_constant")
def piecewise_constant(x: Any, boundaries: Any, values: Any, name: Any = None) -> Any:
    """One rate until each boundary, the last one behind them."""
    place = jnp.sum(jnp.asarray(x) > jnp.asarray(boundaries))
    return jnp.asarray(values, jnp.float32)[place]


def create_global_step(graph: Graph | None = None) -> GraphVariable:
    """Return a new count of steps, in its collection."""
    graph = graph or get_default_graph()
    kept = [GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP]
    with graph.as_default(), graph.name_scope(None):
        return GraphVariable(0, trainable=False, collections=kept, name="global_step")


def get_global_step(graph: Graph | None = None) -> Any:
    """Return the count of steps of the graph, or None."""
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    named = [v for v in graph.get_collection("variables") if v.name == "global_step:0"]
    return (found or named or [None])[0]


def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """Return the count of steps of the graph, a new one if there is none."""
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """Return the number of steps so far."""
    return int(sess.run(global_step_tensor))


class ExponentialMovingAverage:
    """Averages of variables, in which what was long ago counts less and less.

    Args:
        decay: how much of an average stays.
        num_updates: a number of steps; with few, less stays.
        name: the name of the averages.
    """

    def __init__(self, decay: float, num_updates: Any = None, zero_debias: bool = False,
                 name: str = "ExponentialMovingAverage"):  # fmt: skip
        self.decay, self.num_updates, self.name = decay, num_updates, name
        self._averages: dict[Any, GraphVariable] = {}

    def apply(self, var_list: Any = None) -> Any:
        """Return an operation that brings the averages up to date."""
        from maeum.compat.ops.groups import group, trainable_variables

        updates = []
        decay = self.decay
        if self.num_updates is not None:
            decay = _least(self.decay, self.num_updates)
        for variable in trainable_variables() if var_list is None else var_list:
            if variable not in self._averages:
                first = getattr(variable, "initial_value", None)
                with get_default_graph().name_scope(None):
                    self._averages[variable] = GraphVariable(
                        first if first is not None else jnp.zeros(tuple(variable.shape)),
                        trainable=False, name=f"{variable.op.name}/{self.name}",
                    )  # fmt: skip
            average = self._averages[variable]
            updates.append(assign(average, _mixed(average, variable, decay)))
        return group(*updates)

    def average(self, var: Any) -> Any:
        """Return the average of a variable."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """Return the name of the average of a variable."""
        return f"{var.op.name}/{self.name}"

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """Return the variables by the names of their averages."""
        return {self.average_name(v): v for v in self._averages}


@op("moving_average", arrays=3)
def _mixed(average: Any, value: Any, decay: Any, name: Any = None) -> Any:
    return average * decay + value * (1 - decay)


@op("moving_average_decay", arrays=2)
def _least(decay: Any, updates: Any, name: Any = None) -> Any:
    n = jnp.asarray(updates, jnp.float32)
    return jnp.minimum(decay, (1 + n) / (10 + n))
