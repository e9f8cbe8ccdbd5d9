"""Breakout on 10 x 10 pixels, in the manner of MinAtar (Young and Tian, 2019)."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_fraction
from maeum.core.randomness import fold
from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Drawing, pixels
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete, random_index

SIZE = 10
_WALL = np.zeros((SIZE, SIZE), bool)
_WALL[1:4] = True


class BreakoutState(NamedTuple):
    """A moment of the game.

    Attributes:
        row, column: where the ball is, and ``last_row``, ``last_column``: where it was.
        down, right: the direction of the ball, 1 or -1 each.
        paddle: the column of the paddle, which is in the last row.
        bricks: bool of shape ``(10, 10)``.
        struck: whether the last step struck a brick; the next one then does not.
        action: the last action.
    """

    row: jax.Array
    column: jax.Array
    last_row: jax.Array
    last_column: jax.Array
    down: jax.Array
    right: jax.Array
    paddle: jax.Array
    bricks: jax.Array
    struck: jax.Array
    action: jax.Array


@builtin
class MiniBreakout(Environment):
    """Breakout on 10 x 10 pixels, in the manner of MinAtar (Young and Tian, 2019).

    A ball bounces off the walls, the paddle and the bricks of three rows, of which each that it
    strikes is rewarded with 1 and gone; when none is left, there are new ones. The task ends when
    the paddle misses the ball. Observations are float32 of shape ``(10, 10, 4)``, with channels for
    paddle, ball, where the ball was, and bricks. The actions 0, 1, 2 are: stay, left, right.

    Args:
        sticky: how often the last action is done in place of the one chosen.
        max_episode_steps: the time limit.
    """

    name = "MiniBreakout"
    observation_space = Box(0.0, 1.0, (SIZE, SIZE, 4))
    action_space = Discrete(3)

    def __init__(self, sticky: float = 0.1, max_episode_steps: int | None = 5000):
        self.sticky = check_fraction(sticky, "sticky")
        self.max_episode_steps = max_episode_steps

    def reset(self, key: Any) -> BreakoutState:
        """Return the wall of bricks, and the ball at the left or the right, on its way down."""
        left = random_index(key, 2) == 0
        column = jnp.where(left, 0, SIZE - 1).astype(jnp.int32)
        three, one = jnp.int32(3), jnp.int32(1)
        return BreakoutState(
            three, column, three, column, one, jnp.where(left, one, -one), jnp.int32(4),
            jnp.asarray(_WALL), jnp.asarray(False), jnp.int32(0),
        )  # fmt: skip

    def step(self, state: BreakoutState, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Move the paddle, then the ball."""
        sticks = random.uniform(fold(key, "sticky"), ()) < self.sticky
        action = jnp.where(sticks, state.action, action).astype(jnp.int32)
        paddle = jnp.clip(state.paddle + (action == 2) - (action == 1), 0, SIZE - 1)
        row, column = state.row + state.down, state.column + state.right
        beside = (column < 0) | (column >= SIZE)
        column = jnp.clip(column, 0, SIZE - 1)
        right = jnp.where(beside, -state.right, state.right)
        above = row < 0
        row = jnp.maximum(row, 0)
        brick = ~above & state.bricks[row, column]
        strikes = brick & ~state.struck
        here = jnp.arange(SIZE * SIZE).reshape(SIZE, SIZE) == row * SIZE + column
        bricks = state.bricks & ~(here & strikes)
        low = ~above & ~brick & (row == SIZE - 1)
        bricks = bricks | (low & ~bricks.any() & jnp.asarray(_WALL))
        straight, corner = state.column == paddle, column == paddle
        missed = low & ~straight & ~corner
        # Off the end of the paddle, the ball goes back to where it came from.
        right = jnp.where(low & ~straight & corner, -right, right)
        bounces = above | strikes | (low & ~missed)
        row = jnp.where(strikes | (low & ~missed), state.row, row)
        after = BreakoutState(
            row, column, state.row, state.column, jnp.where(bounces, -state.down, state.down),
            right, paddle, bricks, brick, action,
        )  # fmt: skip
        return after, strikes.astype(jnp.float32), missed

    def observe(self, state: BreakoutState) -> jax.Array:
        """Return the image."""
        place = jnp.arange(SIZE * SIZE).reshape(SIZE, SIZE)

        def dot(row: Any, column: Any) -> jax.Array:
            return place == row * SIZE + column

        paddle, ball = dot(SIZE - 1, state.paddle), dot(state.row, state.column)
        trail = dot(state.last_row, state.last_column)
        return jnp.stack([paddle, ball, trail, state.bricks], -1).astype(jnp.float32)

    def render(self, state: BreakoutState) -> Drawing:
        """Draw the image."""
        return pixels(self.observe(state), ["ink", "c1", "line", "c0"])
