"""Environments whose states can be numbered, and whose chances are known: tables of transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import DataError
from maeum.ops import random
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Discrete, random_index

Outcome = tuple[float, int, float, bool]  # probability, next state, reward, terminated


class Transitions(NamedTuple):
    """What may happen: of ``n`` states and ``m`` actions, up to ``k`` outcomes each.

    Attributes:
        probability: float64 of shape ``(n, m, k)``; 0 where there are fewer outcomes.
        state: the next states, int32 of the same shape.
        reward: float64 of the same shape.
        terminated: whether the task ends with it, bool of the same shape.
    """

    probability: np.ndarray
    state: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray

    @classmethod
    def of(cls, outcomes: Mapping[int, Mapping[int, Sequence[Outcome]]]) -> Transitions:
        """Return the tables of ``P[state][action] = [(probability, next, reward, terminated)]``.

        It is the form of Gymnasium's environments: ``Transitions.of(env.unwrapped.P)``.

        Raises:
            DataError: if states or actions are not numbered from 0, an outcome leads nowhere, or
                probabilities do not sum to 1.

        Example:
            >>> Transitions.of({0: {0: [(0.5, 0, 1.0, False), (0.5, 0, 0.0, True)]}}).reward
            array([[[1., 0.]]])
        """
        n, m = len(outcomes), max((len(actions) for actions in outcomes.values()), default=0)
        numbered = set(outcomes) == set(range(n))
        if not n or not numbered or any(set(row) != set(range(m)) for row in outcomes.values()):
            raise DataError(
                "The transitions are P[state][action], with states from 0 to n - 1 and the same "
                "actions from 0 on in each; got {states} states.",
                states=n,
            )
        most = max(len(outcomes[s][a]) for s in range(n) for a in range(m))
        shape = (n, m, most)
        table = cls(np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape),
                    np.zeros(shape, bool))  # fmt: skip
        for s in range(n):
            for a in range(m):
                for i, outcome in enumerate(outcomes[s][a]):
                    if not 0 <= outcome[1] < n:
                        raise DataError(
                            "Action {action} in state {state} leads to state {next}, but there are "
                            "only states 0 to {last}.",
                            action=a,
                            state=s,
                            next=outcome[1],
                            last=n - 1,
                        )
                    for part, value in zip(table, outcome):
                        part[s, a, i] = value
        wrong = np.argwhere(abs(table.probability.sum(-1) - 1) > 1e-6)
        if len(wrong):
            s, a = wrong[0].tolist()
            raise DataError(
                "The probabilities of the outcomes of action {action} in state {state} sum to "
                "{total:g} instead of 1.",
                action=a,
                state=s,
                total=table.probability[s, a].sum(),
            )
        return table


class TableEnvironment(Environment):
    """Base of environments with tables of transitions; a state is its number, and what is seen.

    A class calls `tabulate` in its ``__init__``.

    Attributes:
        transitions: the `Transitions`.
        first: the probability of beginning in each state, float64 of shape ``(n,)``.
    """

    transitions: Transitions
    first: np.ndarray

    def tabulate(
        self,
        states: int,
        actions: int,
        outcomes: Callable[[int, int], Iterable[Outcome]],
        first: Any,
    ) -> None:
        """Make the tables of what ``outcomes(state, action)`` lists.

        Args:
            states, actions: how many there are.
            outcomes: lists ``(probability, next state, reward, terminated)``.
            first: how often an episode begins in each state, in any unit.
        """
        rows = {s: {a: list(outcomes(s, a)) for a in range(actions)} for s in range(states)}
        self.transitions = Transitions.of(rows)
        self.first = np.asarray(first, np.float64) / np.sum(first)
        self.observation_space, self.action_space = Discrete(states), Discrete(actions)

    def reset(self, key: Any) -> jax.Array:
        """Return a state, drawn from ``first``: int32 of shape ``()``."""
        starts = np.flatnonzero(self.first).astype(np.int32)
        if len(starts) == 1:
            return jnp.asarray(starts[0])
        if np.ptp(self.first[starts]) == 0:  # as everywhere here; no table of 500 to search
            return jnp.asarray(starts)[random_index(key, len(starts))]
        limits = jnp.asarray(np.cumsum(self.first[starts])[:-1], jnp.float32)
        return jnp.asarray(starts)[jnp.sum(random.uniform(key, ()) >= limits, dtype=jnp.int32)]

    def step(self, state: Any, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Return one of the outcomes, drawn by their probabilities."""
        tables = self.transitions
        outcome: Any = 0
        if tables.probability.shape[-1] > 1:
            limits = jnp.asarray(np.cumsum(tables.probability, -1)[..., :-1], jnp.float32)
            below = random.uniform(key, ()) >= limits[state, action]
            outcome = jnp.sum(below, dtype=jnp.int32)
        where = (state, action, outcome)
        reward = jnp.asarray(tables.reward, jnp.float32)[where]
        return jnp.asarray(tables.state)[where], reward, jnp.asarray(tables.terminated)[where]

    def observe(self, state: Any) -> Any:
        """Return the number of the state."""
        return state
