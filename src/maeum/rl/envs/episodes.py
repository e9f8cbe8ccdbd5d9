"""Episodes: time limits, beginning anew, returns and lengths, for many environments side by side.

All functions are pure and are given the environment; the first axis of every array is that of the
environments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_whole
from maeum.core.randomness import at_step, fold
from maeum.rl.envs.environment import Environment, where

ENDLESS = 10_000  # steps after which an evaluation gives up an episode that has no time limit


class Episodes(NamedTuple):
    """Where ``n`` environments are.

    Attributes:
        state: their states.
        length: the steps of the running episodes, int32 of shape ``(n,)``.
        total: the sums of their rewards, float32 of shape ``(n,)``.
    """

    state: Any
    length: jax.Array
    total: jax.Array


class Transition(NamedTuple):
    """What one step of ``n`` environments brought.

    Where an episode has ended, the environment has begun anew already: ``observation`` is then
    the first of the new episode, and ``next_observation`` the last of the old one, whose value a
    truncated episode is bootstrapped from.

    Attributes:
        observation: what the agent sees next.
        next_observation: what the step led to.
        reward: float32 of shape ``(n,)``.
        terminated: whether the task ended, so that nothing can be earned any more.
        truncated: whether the time limit was reached (which may happen in the same step).
        length, total: the steps and the sum of rewards of the episode up to this step; those of a
            whole episode where ``ended``.
    """

    observation: Any
    next_observation: Any
    reward: jax.Array
    terminated: jax.Array
    truncated: jax.Array
    length: jax.Array
    total: jax.Array

    @property
    def ended(self) -> jax.Array:
        """Whether the episodes ended with this step."""
        return self.terminated | self.truncated


def begin(environment: Environment, key: Any, count: int) -> Episodes:
    """Return ``count`` environments at the beginning of an episode."""
    state = environment.begin(fold(key, "reset"), count)
    return Episodes(state, jnp.zeros(count, jnp.int32), jnp.zeros(count, jnp.float32))


def observe(environment: Environment, episodes: Episodes) -> Any:
    """Return what is seen of each environment."""
    return jax.vmap(environment.observe)(episodes.state)


def advance(
    environment: Environment, episodes: Episodes, action: Any, key: Any
) -> tuple[Episodes, Transition]:
    """Take one step in each environment; whose episode ends begins anew.

    Args:
        environment: the environment.
        episodes: where the environments are.
        action: an action for each of them.
        key: what happens by chance follows from it.
    """
    state, reward, terminated = environment.step_all(episodes.state, action, fold(key, "step"))
    reward = reward.astype(jnp.float32)
    length, total = episodes.length + 1, episodes.total + reward
    limit = environment.max_episode_steps
    truncated = jax.vmap(environment.truncated)(state)
    if limit is not None:
        truncated = truncated | (length >= limit)
    ended = terminated | truncated
    new = Episodes(
        environment.restart(state, ended, fold(key, "reset")),
        jnp.where(ended, 0, length),
        jnp.where(ended, 0.0, total),
    )
    seen = jax.vmap(environment.observe)(state)
    next_seen = observe(environment, new)
    return new, Transition(next_seen, seen, reward, terminated, truncated, length, total)


class Results(NamedTuple):
    """What ``n`` whole episodes brought.

    Attributes:
        total: the sums of rewards, float32 of shape ``(n,)``.
        length: the steps, int32 of shape ``(n,)``.
        terminated: whether the task ended, rather than the time.
        cut: whether an episode without a time limit was given up.
    """

    total: jax.Array
    length: jax.Array
    terminated: jax.Array
    cut: jax.Array


def play(
    environment: Environment,
    act: Callable[[Any, Any], Any],
    key: Any,
    count: int,
    most_steps: int | None = None,
) -> Results:
    """Play ``count`` whole episodes side by side.

    Args:
        environment: the environment.
        act: ``act(observations, key) -> actions``, for all of them at once.
        key: what happens by chance follows from it.
        count: how many episodes.
        most_steps: after so many steps an episode is given up; by default the time limit, or
            10,000 where there is none.
    """
    check_whole(count, "count")
    limit = most_steps or environment.max_episode_steps or ENDLESS
    none = jnp.zeros(count, bool)
    start = begin(environment, fold(key, "first"), count)
    results = Results(start.total, start.length, none, none)

    def going_on(carry: tuple) -> Any:
        step, _, over, _ = carry
        return (step < limit) & ~jnp.all(over)

    def one(carry: tuple) -> tuple:
        step, episodes, over, found = carry
        now = at_step(key, step)
        action = act(observe(environment, episodes), fold(now, "act"))
        episodes, seen = advance(environment, episodes, action, now)
        latest = Results(seen.total, seen.length, seen.terminated, none)
        return step + 1, episodes, over | seen.ended, where(over, found, latest)

    first = (jnp.int32(0), start, none, results)
    _, _, over, results = jax.lax.while_loop(going_on, one, first)
    return results._replace(cut=~over)
