"""Freeway on 10 x 10 pixels, in the manner of MinAtar (Young and Tian, 2019)."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_fraction
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Drawing, pixels
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete

SIZE = 10
_LANES = SIZE - 2
_COLUMN = 4  # in which the chicken walks
_PAUSE = 3  # steps from one walk of the chicken to the next


class FreewayState(NamedTuple):
    """A moment of the game.

    Attributes:
        row: where the chicken is; ``pause``: the steps until it may walk.
        cars: the columns of the cars in rows 1 to 8, int32 of shape ``(8,)``.
        speeds: the steps that each car takes to move by one, negative to the left.
        timers: the steps until it moves.
        action: the last action.
    """

    row: jax.Array
    pause: jax.Array
    cars: jax.Array
    speeds: jax.Array
    timers: jax.Array
    action: jax.Array


@builtin
class MiniFreeway(Environment):
    """Freeway on 10 x 10 pixels, in the manner of MinAtar (Young and Tian, 2019).

    A chicken crosses eight lanes; each crossing is rewarded with 1, and a car that hits it sends it
    back. Observations are float32 of shape ``(10, 10, 7)``, with channels for the chicken, the
    cars, and behind each car, by its speed, five more. The actions 0, 1, 2 are: stay, up, down.
    The task never ends but for the time limit.

    Args:
        sticky: how often the last action is done in place of the one chosen.
        max_episode_steps: the time limit.
    """

    name = "MiniFreeway"
    observation_space = Box(0.0, 1.0, (SIZE, SIZE, 7))
    action_space = Discrete(3)

    def __init__(self, sticky: float = 0.1, max_episode_steps: int | None = 2500):
        self.sticky = check_fraction(sticky, "sticky")
        self.max_episode_steps = max_episode_steps

    def reset(self, key: Any) -> FreewayState:
        """Return the chicken below, and all cars at the left with drawn speeds."""
        zero = jnp.int32(0)
        speeds = _speeds(key)
        cars = jnp.zeros(_LANES, jnp.int32)
        return FreewayState(jnp.int32(SIZE - 1), zero, cars, speeds, abs(speeds), zero)

    def step(self, state: FreewayState, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Walk, then let the cars drive."""
        sticks = random.uniform(fold(key, "sticky"), ()) < self.sticky
        action = jnp.where(sticks, state.action, action).astype(jnp.int32)
        step = jnp.where(action == 1, -1, jnp.where(action == 2, 1, 0))
        walks = (state.pause == 0) & (step != 0)
        row = jnp.where(walks, jnp.clip(state.row + step, 0, SIZE - 1), state.row)
        pause = jnp.where(walks, _PAUSE, state.pause)
        crossed = row == 0
        row = jnp.where(crossed, SIZE - 1, row)
        speeds = jnp.where(crossed, _speeds(fold(key, "cars")), state.speeds)
        timers = jnp.where(crossed, abs(speeds), state.timers)
        lanes = jnp.arange(1, _LANES + 1)
        hit = ((lanes == row) & (state.cars == _COLUMN)).any()
        row = jnp.where(hit, SIZE - 1, row)
        moves = timers == 0
        cars = (state.cars + jnp.sign(speeds) * moves) % SIZE
        timers = jnp.where(moves, abs(speeds), timers - 1)
        hit = ((lanes == row) & (cars == _COLUMN) & moves).any()
        row = jnp.where(hit, SIZE - 1, row).astype(jnp.int32)
        after = FreewayState(row, jnp.maximum(pause - 1, 0), cars, speeds, timers, action)
        return after, crossed.astype(jnp.float32), jnp.zeros_like(crossed)

    def observe(self, state: FreewayState) -> jax.Array:
        """Return the image."""
        rows, columns = jnp.arange(SIZE)[:, None], jnp.arange(SIZE)[None]
        chicken = (rows == state.row) & (columns == _COLUMN)
        car = columns == state.cars[:, None]
        behind = columns == ((state.cars - jnp.sign(state.speeds)) % SIZE)[:, None]
        speed = jnp.arange(1, 6) == abs(state.speeds)[:, None]
        trails = behind[:, :, None] & speed[:, None, :]
        lanes = jnp.pad(jnp.concatenate([car[:, :, None], trails], -1), ((1, 1), (0, 0), (0, 0)))
        return jnp.concatenate([chicken[:, :, None], lanes], -1).astype(jnp.float32)

    def render(self, state: FreewayState) -> Drawing:
        """Draw the image."""
        return pixels(self.observe(state), ["c1", "c0", *["line"] * 5])


def _speeds(key: Any) -> jax.Array:
    """Return the speeds of the cars: 1 to 5 steps for each place, to either side."""
    words = random.bits(key, (2, _LANES))
    size = (words[0] % 5 + 1).astype(jnp.int32)
    return jnp.where(words[1] % 2 == 0, size, -size)
