"""Q-learning and SARSA: tables of action values, learnt from experience."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number
from maeum.core.errors import ConfigError
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.core.variable import Variable
from maeum.ops import random
from maeum.optimizers.schedules import LearningRateSchedule
from maeum.rl.agent import Agent
from maeum.rl.choosing import epsilon_greedy
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.episodes import advance, observe
from maeum.rl.spaces import Discrete, table_index, table_size


class TableAgent(Agent):
    """Base of agents with a table of action values, one row for each observation.

    Args:
        environment: an environment, or its name, whose observations and actions can be numbered.
        learning_rate: how far a value moves towards what was experienced; or a schedule of the step
            of training (`maeum.optimizers.schedules`).
        learning_rate_decay: the exponent ``w`` by which the rate falls with the visits ``n`` of a
            state and action, ``learning_rate / n ** w``. Between 0.5 and 1, values converge even
            where rewards or transitions are drawn (Even-Dar and Mansour, 2003, who advise 0.77 or
            so); 0 keeps the rate.
        epsilon: how often an action is drawn evenly, rather than the best known one; or a schedule.
        discount: the weight of a reward that comes a step later.
        initial_value: the value of everything before it is tried; a high one makes the agent
            explore.
        environments: how many environments run side by side.
        name: the agent's name.
        seed: what everything random follows from.

    Attributes:
        table: the action values, a variable of shape ``(observations, actions)``; for two tables
            that are learnt in turn ``(2, observations, actions)``.
    """

    tables = 1

    def __init__(
        self,
        environment: Environment | str,
        learning_rate: float | LearningRateSchedule = 0.1,
        learning_rate_decay: float = 0.0,
        epsilon: float | LearningRateSchedule = 0.1,
        discount: float = 0.99,
        initial_value: float = 0.0,
        environments: int = 16,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, environments, discount, name=name, seed=seed)
        self.learning_rate, self.epsilon = learning_rate, epsilon
        if not isinstance(learning_rate, LearningRateSchedule):
            check_number(learning_rate, "learning_rate", most=1)
        if not isinstance(epsilon, LearningRateSchedule):
            check_number(epsilon, "epsilon", most=1)
        self.learning_rate_decay = check_number(learning_rate_decay, "learning_rate_decay", most=1)
        self.initial_value = initial_value
        self.shape = table_shape(self.environment)
        values = np.full((self.tables, *self.shape), initial_value, np.float32)
        self.table = Variable.holding(values[0] if self.tables == 1 else values, "table")
        self.visits = Variable.holding(np.zeros(self.table.shape, np.int32), "visits")
        self.next_action = Variable.holding(np.zeros(environments, np.int32), "next_action")
        self.ready()
        self.compile(optimizer=None)

    # ---- what it knows ---------------------------------------------------------------------------

    def action_values(self) -> np.ndarray:
        """Return the action values, float32 of shape ``(observations, actions)``."""
        return np.asarray(self._merged(self.table.value))

    def values(self) -> np.ndarray:
        """Return the value of each observation under the best known actions."""
        return self.action_values().max(-1)

    def policy(self) -> np.ndarray:
        """Return the best known action of each observation, counted from 0."""
        return self.action_values().argmax(-1)

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the best known actions, or those of epsilon-greedy exploration."""
        rows = self._merged(self.table.value)[self._index(observations)]
        epsilon = 0.0 if greedy else self._now(self.epsilon)
        return epsilon_greedy(rows, key, epsilon) + self._first_action

    # ---- learning --------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in every environment, and learn from what happened."""
        raise NotImplementedError

    def _merged(self, table: jax.Array) -> jax.Array:
        return table if self.tables == 1 else table.mean(0)

    def _index(self, observations: Any) -> Any:
        return table_index(self.environment.observation_space, observations)

    @property
    def _first_action(self) -> int:
        space = self.environment.action_space
        assert isinstance(space, Discrete)
        return space.start

    def _now(self, rate: Any) -> Any:
        return rate(self.trainer.counter.value) if callable(rate) else rate

    def _learn(self, place: tuple[Any, ...], target: jax.Array) -> None:
        """Move the values at places of the table towards targets.

        Environments that meet in one place learn in turn there, from targets of the same table:
        ``n`` steps of rate ``r`` to the mean target are one of ``1 - (1 - r)^n``.
        """
        table, visits = self.table.value, self.visits.value
        errors = target - table[place]
        self._track_loss(jnp.mean(errors**2), errors)
        error = jnp.zeros_like(table).at[place].add(errors)
        met = jnp.zeros_like(visits).at[place].add(1)
        visits = visits + met
        rate = jnp.asarray(self._now(self.learning_rate), jnp.float32)
        if self.learning_rate_decay:
            rate = rate * jnp.maximum(visits, 1).astype(jnp.float32) ** -self.learning_rate_decay
        if self.environments > 1:
            rate = (1.0 - (1.0 - rate) ** met) / jnp.maximum(met, 1)
        self.table.assign(table + rate * error)
        self.visits.assign(visits)


@builtin
class QLearning(TableAgent):
    """Q-learning (Watkins, 1989): ``Q(s, a) += rate * (r + discount * max Q(s', .) - Q(s, a))``.

    Where an episode is truncated by its time limit, the value of the last state counts still; where
    the task has ended, none does. The arguments are those of `TableAgent`, and

    Args:
        double: whether two tables are learnt, of which each step changes one, towards the value
            that the other gives the action that it finds best (van Hasselt, 2010). It does not
            overrate actions whose rewards are drawn.

    Example:
        >>> agent = QLearning("CliffWalking-v1", learning_rate=0.5, discount=1.0, seed=0)
        >>> history = agent.fit(steps_per_epoch=500, epochs=2, verbose=0)
        >>> float(agent.evaluate(episodes=1).total[0])
        -13.0
    """

    def __init__(
        self,
        environment: Environment | str,
        learning_rate: float | LearningRateSchedule = 0.1,
        learning_rate_decay: float = 0.0,
        epsilon: float | LearningRateSchedule = 0.1,
        discount: float = 0.99,
        initial_value: float = 0.0,
        environments: int = 16,
        double: bool = False,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        self.double, self.tables = double, 1 + bool(double)
        super().__init__(
            environment, learning_rate, learning_rate_decay, epsilon, discount, initial_value,
            environments, name=name, seed=seed,
        )  # fmt: skip

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in every environment, and learn from what happened."""
        key, episodes, table = self.step_key("environment"), self.episodes(), self.table.value
        state = self._index(observe(self.environment, episodes))
        rows = self._merged(table)[state]
        action = epsilon_greedy(rows, fold(key, "act"), self._now(self.epsilon))
        episodes, seen = advance(self.environment, episodes, action + self._first_action, key)
        after = self._index(seen.next_observation)
        place: tuple[Any, ...] = (state, action)
        if self.double:
            which = random.bits(fold(key, "table"), action.shape) % 2
            best = jnp.argmax(table[which, after], -1)
            value = table[1 - which, after, best]
            place = (which, state, action)
        else:
            value = table[after].max(-1)
        self._learn(place, seen.reward + self.discount * jnp.where(seen.terminated, 0.0, value))
        self.keep(episodes)
        self.count(seen)
        return self.get_metrics_result()


@builtin
class SARSA(TableAgent):
    """SARSA (Rummery and Niranjan, 1994): Q-learning's rule with the action that is taken next.

    So it learns the values of what it does, exploration included. The arguments are those of
    `TableAgent`, and

    Args:
        expected: whether the mean over the actions that might come next is taken (van Seijen et
            al., 2009), which is less noisy.

    Example:
        >>> agent = SARSA("CliffWalking-v1", learning_rate=0.5, discount=1.0, seed=0)
        >>> history = agent.fit(steps_per_epoch=2000, epochs=2, verbose=0)
        >>> int(agent.act(25))  # above the cliff it goes up, away from the edge
        0
    """

    def __init__(
        self,
        environment: Environment | str,
        learning_rate: float | LearningRateSchedule = 0.1,
        learning_rate_decay: float = 0.0,
        epsilon: float | LearningRateSchedule = 0.1,
        discount: float = 0.99,
        initial_value: float = 0.0,
        environments: int = 16,
        expected: bool = False,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        self.expected = expected
        super().__init__(
            environment, learning_rate, learning_rate_decay, epsilon, discount, initial_value,
            environments, name=name, seed=seed,
        )  # fmt: skip

    def train_step(self, data: Any) -> dict[str, Any]:
        """Act in every environment, and learn from what happened."""
        key, episodes, table = self.step_key("environment"), self.episodes(), self.table.value
        epsilon = self._now(self.epsilon)
        state = self._index(observe(self.environment, episodes))
        first = epsilon_greedy(table[state], fold(key, "first"), epsilon)
        action = jnp.where(self.trainer.counter.value == 0, first, self.next_action.value)
        episodes, seen = advance(self.environment, episodes, action + self._first_action, key)
        rows = table[self._index(seen.next_observation)]
        chosen = epsilon_greedy(rows, fold(key, "act"), epsilon)
        if self.expected:
            best = rows == rows.max(-1, keepdims=True)
            greedy = jnp.sum(jnp.where(best, rows, 0.0), -1) / best.sum(-1)
            value = (1 - epsilon) * greedy + epsilon * rows.mean(-1)
        else:
            value = jnp.take_along_axis(rows, chosen[:, None], -1)[:, 0]
        self._learn((state, action), seen.reward + self.discount
                    * jnp.where(seen.terminated, 0.0, value))  # fmt: skip
        # Where an episode began anew, its first action is another one's than the value's.
        rows = self.table.value[self._index(seen.observation)]
        new = epsilon_greedy(rows, fold(key, "new"), epsilon)
        self.next_action.assign(jnp.where(seen.ended, new, chosen).astype(jnp.int32))
        self.keep(episodes)
        self.count(seen)
        return self.get_metrics_result()


def table_shape(environment: Environment) -> tuple[int, int]:
    """Return how many observations and actions there are.

    Raises:
        ConfigError: if they cannot be numbered.
    """
    seen = table_size(environment.observation_space)
    actions = environment.action_space
    if seen is None or not isinstance(actions, Discrete):
        raise ConfigError(
            "{environment} has the observations {observations} and the actions {actions}, which "
            "no table has a place for each of. Take an agent with a network.",
            environment=environment.name,
            observations=environment.observation_space,
            actions=actions,
        )
    if seen * actions.n > 1 << 24:
        raise ConfigError(
            "{environment} has {n} pairs of observations and actions; a table has room for "
            "16,777,216.",
            environment=environment.name,
            n=math.prod((seen, actions.n)),
        )
    return seen, actions.n
