"""Episodes that judge an agent, in one program: its best actions, its exploration, any actions."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.compiling import compiled
from maeum.core.randomness import at_step, fold, make_key
from maeum.rl.agent import Agent
from maeum.rl.envs.environment import keys_of, where
from maeum.rl.envs.episodes import ENDLESS, Results
from maeum.rl.envs.from_gymnasium import FromGymnasium

GREEDY, EXPLORING, RANDOM = range(3)
AIMLESS = 1000  # steps after which an episode of actions at random is given up


class Episode(NamedTuple):
    """What happened in an episode of ``n`` steps.

    Attributes:
        states: a pytree of arrays whose first axis has ``n + 1`` states.
        rewards: float32 of shape ``(n,)``.
        actions: of shape ``(n, ...)``.
        terminated: whether its task ended, rather than the time.
    """

    states: Any
    rewards: np.ndarray
    actions: np.ndarray
    terminated: bool


class Played(NamedTuple):
    """What many episodes brought, and some of them step by step."""

    results: Results
    episodes: list[Episode]


def play(
    agent: Agent, modes: dict[int, int], seed: int, traced: int = 0, most_steps: int | None = None
) -> Played:
    """Play whole episodes side by side.

    Args:
        agent: the agent.
        modes: how many episodes of each kind: `GREEDY`, `EXPLORING`, `RANDOM`. They come in this
            order.
        seed: what happens by chance follows from it.
        traced: how many of the first episodes are kept step by step; 0 in an environment of
            Gymnasium's, whose states are its own.
        most_steps: after so many steps an episode is given up; by default the time limit, or
            10,000.
    """
    environment, count = agent.environment, sum(modes.values())
    hosted = isinstance(environment, FromGymnasium)
    limit = most_steps or environment.max_episode_steps or ENDLESS
    kinds = jnp.asarray(np.repeat([*modes], [*modes.values()]))

    def act(seen: Any, key: Any) -> Any:
        found = None
        for mode in modes:
            if mode == RANDOM:
                mine = jax.vmap(environment.action_space.sample)(keys_of(fold(key, "any"), count))
            else:
                mine = agent.choose(seen, fold(key, "act"), mode == GREEDY)
            found = mine if found is None else where(kinds == mode, mine, found)
        return found

    def run() -> Any:
        key = agent.step_key("play")
        state = environment.begin(fold(key, "first"), count)
        none = jnp.zeros(count, bool)
        results = Results(jnp.zeros(count, jnp.float32), jnp.zeros(count, jnp.int32), none, none)
        kept = None
        if traced:
            taken = jax.eval_shape(lambda: act(jax.vmap(environment.observe)(state), key))
            kept = jax.tree.map(
                lambda a: jnp.zeros((limit, traced, *a.shape[1:]), a.dtype),
                (state, results.total, taken),
            )

        def going_on(carry: tuple) -> Any:
            return (carry[0] < limit) & ~jnp.all(carry[2])

        def one(carry: tuple) -> tuple:
            step, state, over, results, kept = carry
            now = at_step(key, step)
            action = act(jax.vmap(environment.observe)(state), fold(now, "act"))
            after, reward, terminated = environment.step_all(state, action, fold(now, "step"))
            truncated = jax.vmap(environment.truncated)(after)
            new = Results(
                results.total + reward.astype(jnp.float32), results.length + 1, terminated, none
            )
            if traced:
                row = jax.tree.map(lambda a: a[:traced], (after, reward, action))
                kept = jax.tree.map(
                    lambda whole, part: jax.lax.dynamic_update_index_in_dim(
                        whole, part.astype(whole.dtype), step, 0
                    ), kept, row,
                )  # fmt: skip
            ended = terminated | truncated
            if environment.max_episode_steps is not None:
                ended = ended | (new.length >= environment.max_episode_steps)
            if RANDOM in modes:
                ended = ended | ((kinds == RANDOM) & (new.length >= AIMLESS))
            results = where(over, results, new)
            # An environment of the host has to begin anew; any other one stays where it is.
            state = (environment.restart(after, ended, fold(now, "reset")) if hosted
                     else where(over, state, after))  # fmt: skip
            return step + 1, state, over | ended, results, kept

        start = jnp.int32(0), state, none, results, kept
        _, _, over, results, kept = jax.lax.while_loop(going_on, one, start)
        begun = jax.tree.map(lambda a: a[:traced], state) if traced else None
        return results._replace(cut=~over), begun, kept

    name = ("experiment play", tuple(modes.items()), traced, most_steps)
    told = compiled(agent, name, run)(key=make_key(seed, "watch"))
    agent._raise_failure()
    results, begun, kept = jax.tree.map(np.asarray, told)
    return Played(results, [_episode(results, begun, kept, i) for i in range(traced)])


def _episode(results: Results, begun: Any, kept: Any, number: int) -> Episode:
    length = int(results.length[number])
    states, rewards, actions = jax.tree.map(lambda a: a[:length, number], kept)
    first = jax.tree.map(lambda a: a[number][None], begun)
    return Episode(
        jax.tree.map(lambda a, b: np.concatenate([a, b]), first, states),
        rewards,
        actions,
        bool(results.terminated[number]),
    )


def part(results: Results, start: int, count: int) -> Results:
    """Return some of the episodes."""
    return Results(*(values[start : start + count] for values in results))
