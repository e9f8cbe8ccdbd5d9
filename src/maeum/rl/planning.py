"""Planning: the best policy of an environment whose chances are known, by dynamic programming."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_positive
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.registry import builtin
from maeum.core.variable import Variable
from maeum.rl.agent import Agent
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.tables import TableEnvironment, Transitions

_FEW = 1e-9  # what of a probability of going on counts as nothing


class Planner(Agent):
    """Base of agents that know the chances, and do not need to act to learn.

    Attributes:
        state_values: the value of each state, a variable of shape ``(states,)``.
    """

    def __init__(
        self,
        environment: TableEnvironment | str,
        discount: float,
        name: str | None,
        seed: int | None,
    ):
        super().__init__(environment, 1, discount, name=name, seed=seed)
        if not isinstance(self.environment, TableEnvironment):
            raise ConfigError(
                "Planning needs an environment whose chances are known, such as FrozenLake-v1; "
                "those of {environment} are not. Learn them by acting, with QLearning.",
                environment=self.environment.name,
            )
        states = self.environment.observation_space.n  # type: ignore[attr-defined]
        self.state_values = Variable.holding(np.zeros(states, np.float32), "state_values")

    def action_values(self) -> np.ndarray:
        """Return the action values, float32 of shape ``(states, actions)``."""
        return np.asarray(self._action_values(self.state_values.value))

    def values(self) -> np.ndarray:
        """Return the value of each state."""
        return np.asarray(self.state_values.value)

    def policy(self) -> np.ndarray:
        """Return the best action of each state."""
        return self.action_values().argmax(-1)

    def choose(self, observations: Any, key: Any, greedy: bool) -> Any:
        """Return the best actions."""
        return jnp.argmax(self._action_values(self.state_values.value)[observations], -1)

    def _action_values(self, values: jax.Array) -> jax.Array:
        assert isinstance(self.environment, TableEnvironment)
        tables = self.environment.transitions
        reward = jnp.asarray((tables.probability * tables.reward).sum(-1), jnp.float32)
        goes_on = jnp.asarray(tables.probability * ~tables.terminated, jnp.float32)
        return reward + self.discount * jnp.sum(goes_on * values[jnp.asarray(tables.state)], -1)


@builtin
class ValueIteration(Planner):
    """Value iteration (Bellman, 1957): ``V(s) = max over a of E[r + discount * V(s')]``.

    A step of training is one sweep over all states; its ``loss`` is the largest change of a value.
    Values that changed by no more than ``d`` are within ``d * discount / (1 - discount)`` of the
    true ones.

    Args:
        environment: an environment with tables of transitions, or its name.
        discount: the weight of a reward that comes a step later.
        name: the agent's name.
        seed: what evaluations follow from.

    Example:
        >>> agent = ValueIteration("CliffWalking-v1", discount=1.0)
        >>> history = agent.fit(steps_per_epoch=50, verbose=0)
        >>> float(agent.values()[36]), int(agent.policy()[36])
        (-13.0, 0)
    """

    def __init__(
        self,
        environment: TableEnvironment | str,
        discount: float = 0.99,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, discount, name, seed)
        self.ready()
        self.compile(optimizer=None)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Sweep over all states."""
        before = self.state_values.value
        after = self._action_values(before).max(-1)
        self.state_values.assign(after)
        return {"loss": jnp.max(abs(after - before))}


@builtin
class PolicyIteration(Planner):
    """Policy iteration (Howard, 1960): evaluate a policy exactly, improve it, and so on.

    A step of training is one of both; its ``loss`` is the number of states whose action changed. At
    0, the policy is the best one.

    Args:
        environment: an environment with tables of transitions, or its name.
        discount: the weight of a reward that comes a step later; below 1, as the first policies may
            never end.
        name: the agent's name.
        seed: what evaluations follow from.

    Example:
        >>> agent = PolicyIteration("FrozenLake-v1")
        >>> agent.fit(steps_per_epoch=10, verbose=0).history["loss"]
        [0.0]
    """

    def __init__(
        self,
        environment: TableEnvironment | str,
        discount: float = 0.99,
        *,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(environment, discount, name, seed)
        if discount == 1:
            raise ConfigError(
                "PolicyIteration needs a discount below 1: a policy that never ends has no values "
                "else. ValueIteration has no such need."
            )
        self.ready()
        self.compile(optimizer=None)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Evaluate the policy that is best by the values so far."""
        values = self.state_values.value
        before = jnp.argmax(self._action_values(values), -1)
        after = self._evaluated(before)
        self.state_values.assign(after)
        # What differs by rounding only is as good as before.
        rows = self._action_values(after)
        gain = rows.max(-1) - jnp.take_along_axis(rows, before[:, None], -1)[:, 0]
        return {"loss": jnp.sum(gain > 1e-5 * (1 + abs(after)), dtype=jnp.float32)}

    def _evaluated(self, policy: jax.Array) -> jax.Array:
        """Return the values of a policy: the solution of as many equations as there are states."""
        assert isinstance(self.environment, TableEnvironment)
        tables = self.environment.transitions
        states = jnp.arange(len(policy))
        goes_on = jnp.asarray(tables.probability * ~tables.terminated, jnp.float32)
        leads = jnp.asarray(tables.state)[states, policy]
        moves = jnp.zeros((len(policy), len(policy)))
        moves = moves.at[states[:, None], leads].add(goes_on[states, policy])
        reward = jnp.asarray((tables.probability * tables.reward).sum(-1), jnp.float32)
        system = jnp.eye(len(policy)) - self.discount * moves
        return jnp.linalg.solve(system, reward[states, policy])


def policy_values(
    environment: Environment | Transitions, policy: Any, discount: float = 0.99
) -> np.ndarray:
    """Return the value of each state under a policy, in closed form: float64.

    Args:
        environment: one with tables of transitions, or these.
        policy: an action for each state, or a probability for each state and action.
        discount: the weight of a reward that comes a step later.

    Raises:
        ShapeError: if the policy does not fit the states.
        ConfigError: if the policy may go on for ever from some state, and the discount is 1.

    Example:
        Always up, from the start of the cliff, for ever at a cost of 1 a step:

        >>> from maeum.rl import envs
        >>> float(policy_values(envs.make("CliffWalking-v1"), [0] * 48, 0.9)[36].round(6))
        -10.0
    """
    tables = environment if isinstance(environment, Transitions) else _tables_of(environment)
    check_positive(discount, "discount")
    states, actions, _ = tables.probability.shape
    chosen = np.asarray(policy)
    if chosen.shape == (states,):
        chosen = np.eye(actions)[chosen]
    if chosen.shape != (states, actions):
        raise ShapeError(
            "A policy is an action for each of the {states} states, or a probability for each of "
            "them and {actions} actions; got shape {shape}.",
            states=states,
            actions=actions,
            shape=np.shape(policy),
        )
    weight = chosen[:, :, None] * tables.probability
    moves = np.zeros((states, states))
    np.add.at(moves, (np.arange(states)[:, None, None], tables.state), weight * ~tables.terminated)
    system = np.eye(states) - discount * moves
    if discount == 1 and not _ends(moves):
        raise ConfigError(
            "With this policy an episode may go on for ever, so that there are no values without a "
            "discount below 1."
        )
    return np.linalg.solve(system, (weight * tables.reward).sum((1, 2)))


def _tables_of(environment: Any) -> Transitions:
    if isinstance(environment, TableEnvironment):
        return environment.transitions
    raise ConfigError(
        "The values of a policy need an environment with tables of transitions; got {value!r}.",
        value=environment,
    )


def _ends(moves: np.ndarray) -> bool:
    """Tell whether every state leads to an end: whether the largest eigenvalue is below 1."""
    return bool(abs(np.linalg.eigvals(moves)).max() < 1 - _FEW)
