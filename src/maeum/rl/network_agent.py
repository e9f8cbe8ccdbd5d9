"""What agents with networks share: their networks, their optimizer, what they tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_positive, check_whole
from maeum.core.functional import value_and_grad
from maeum.metrics import Metric
from maeum.models import Model
from maeum.optimizers import Adam
from maeum.optimizers.schedules import PolynomialDecay
from maeum.rl.agent import Agent
from maeum.rl.networks import as_input, check_network, default_network, input_shape


class NetworkAgent(Agent):
    """Base of agents with networks.

    A subclass makes its networks with `network`, and calls `ready` at the end of its ``__init__``;
    its ``train_step`` takes steps down a loss with `descend`, and ends with `tell`.

    Attributes:
        told: the names of what is told of the losses, beside the loss itself.
    """

    # Small products of one agent after the other are faster than those of many beside each other.
    at_once = 1
    told: tuple[str, ...] = ()

    @property
    def updates(self) -> int:
        """How many steps the optimizer takes in one step of training."""
        return 1

    @property
    def input_shape_of_networks(self) -> tuple[int, ...]:
        """The shape in which networks are given an observation."""
        return input_shape(self.environment.observation_space)

    def network(
        self, given: Any, what: str, outputs: int, gain: float = 1.0, **options: Any
    ) -> Model:
        """Return a network of the user's, checked, or the default one.

        Args:
            given: what the user gave, or None.
            what: what it is called.
            outputs: how many numbers it has to give.
            gain, options: see `maeum.rl.networks.default_network`.
        """
        shape = self.input_shape_of_networks
        if given is None:
            return default_network(shape, outputs, what, gain, **options)
        return check_network(given, what, self.environment, shape, outputs)

    def ready_to_learn(
        self, optimizer: Any, learning_rate: Any, decay_steps: int | None, max_grad_norm: Any
    ) -> None:
        """Be built and compiled: called at the end of ``__init__``.

        Args:
            optimizer: the user's, or None for Adam.
            learning_rate: Adam's, a number or a schedule.
            decay_steps: the steps of training within which it falls evenly to 0; None for never.
            max_grad_norm: the largest norm of all gradients together; None for any.
        """
        self._told = Means(len(self.told))
        self.ready()
        if optimizer is None:
            rate = learning_rate
            if decay_steps is not None:
                steps = check_whole(decay_steps, "decay_steps") * self.updates
                rate = PolynomialDecay(check_positive(rate, "learning_rate"), steps, 0.0)
            optimizer = Adam(rate, epsilon=1e-5, global_clipnorm=max_grad_norm)
        self.compile(optimizer=optimizer)

    def seen(self, observations: Any) -> jax.Array:
        """Return what networks are given of observations."""
        return as_input(self.environment.observation_space, observations)

    def descend(self, objective: Callable[[], tuple[jax.Array, Any]]) -> tuple[jax.Array, Any]:
        """Take a step of the optimizer down a loss; return what the objective returned.

        Args:
            objective: returns the loss, and a vector of `told`.
        """
        variables = self.trainable_variables
        told, gradients = value_and_grad(objective, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return told

    def tell(self, loss: jax.Array, told: jax.Array) -> dict[str, Any]:
        """Add what was told of the losses to the logs, and return these.

        Args:
            loss: the loss of each step of the optimizer.
            told: the vectors of `told` of these.
        """
        self._track_loss(jnp.mean(loss), loss[None])
        self._told.update_state(jnp.mean(told, 0))
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name."""
        results = super().get_metrics_result()
        return results | dict(zip(self.told, results.pop(self._told.name)))


class Means(Metric):
    """The mean of vectors: one metric instead of many is sooner compiled.

    Args:
        size: the length of a vector.
        name: of the metric.
    """

    def __init__(self, size: int, name: str = "told"):
        super().__init__(name=name)
        self.total = self.add_variable((size,), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: Any) -> None:  # type: ignore[override]
        """Add a vector."""
        self.total.assign_add(values)
        self.count.assign_add(1.0)

    def result(self) -> jax.Array:
        """Return the mean vector."""
        return self.total.value / jnp.maximum(self.count.value, 1.0)
