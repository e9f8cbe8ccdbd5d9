"""Catch: a ball falls, a paddle catches it."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_whole
from maeum.core.registry import builtin
from maeum.rl.envs.drawing import Drawing, pixels
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete, random_index


class CatchState(NamedTuple):
    """Row and column of the ball, column of the paddle."""

    row: jax.Array
    column: jax.Array
    paddle: jax.Array


@builtin
class Catch(Environment):
    """Catch (Mnih et al., 2014; as in bsuite): be below the ball when it arrives.

    Observations are images of shape ``(rows, columns, 1)``, float32, in which the ball and the
    paddle are 1; the actions 0, 1, 2 move the paddle to the left, not at all, to the right. At the
    end of the task, after ``rows - 1`` steps, catching is rewarded with 1, missing with -1.

    Args:
        rows, columns: the size of the image.

    Example:
        >>> Catch().observation_space.shape
        (10, 5, 1)
    """

    name = "Catch"
    action_space = Discrete(3)
    reward_threshold = 0.95

    def __init__(self, rows: int = 10, columns: int = 5):
        self.rows, self.columns = check_whole(rows, "rows", 2), check_whole(columns, "columns")
        self.observation_space = Box(0.0, 1.0, (rows, columns, 1))

    def reset(self, key: Any) -> CatchState:
        """Return a ball anywhere in the first row, and the paddle in the middle."""
        column = random_index(key, self.columns)
        return CatchState(jnp.int32(0), column, jnp.int32(self.columns // 2))

    def step(self, state: CatchState, action: Any, key: Any) -> tuple[CatchState, Any, Any]:
        """Move the paddle; the ball falls by a row."""
        paddle = jnp.clip(state.paddle + jnp.asarray(action, jnp.int32) - 1, 0, self.columns - 1)
        after = CatchState(state.row + 1, state.column, paddle)
        arrived = after.row == self.rows - 1
        caught = jnp.where(paddle == state.column, 1.0, -1.0)
        return after, jnp.where(arrived, caught, 0.0), arrived

    def observe(self, state: CatchState) -> jax.Array:
        """Return the image."""
        place = jnp.arange(self.rows * self.columns)
        ball = place == state.row * self.columns + state.column
        paddle = place == (self.rows - 1) * self.columns + state.paddle
        return (ball | paddle).astype(jnp.float32).reshape(self.rows, self.columns, 1)

    def render(self, state: CatchState) -> Drawing:
        """Draw the image."""
        return pixels(self.observe(state), ["c0"])
