"""MountainCar: a car too weak for the hill, with a motor of three gears or a continuous one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Circle, Drawing, Path, Polygon
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete

_LOW, _HIGH = -1.2, 0.6
_FASTEST = 0.07
_GRAVITY = 0.0025


class CarState(NamedTuple):
    """Where the car is, and how fast."""

    position: jax.Array
    velocity: jax.Array


class _Hill(Environment):
    """What both cars share: the hill, the start, what is seen."""

    _goal: float

    observation_space = Box(
        np.array([_LOW, -_FASTEST], np.float32), np.array([_HIGH, _FASTEST], np.float32)
    )

    def reset(self, key: Any) -> CarState:
        """Return a car at rest in the valley: its place is drawn from -0.6 .. -0.4."""
        position = random.uniform(key, (), low=-0.6, high=-0.4)
        return CarState(position, jnp.zeros_like(position))

    def observe(self, state: CarState) -> jax.Array:
        """Return place and velocity."""
        return jnp.stack(state)

    def _drive(self, state: CarState, push: Any, goal_velocity: float) -> tuple[CarState, Any]:
        """Return the next state, and whether the car is at the goal, fast enough."""
        velocity = state.velocity + push - _GRAVITY * jnp.cos(3 * state.position)
        velocity = jnp.clip(velocity, -_FASTEST, _FASTEST)
        position = jnp.clip(state.position + velocity, _LOW, _HIGH)
        velocity = jnp.where((position == _LOW) & (velocity < 0), 0.0, velocity)
        arrived = (position >= self._goal) & (velocity >= goal_velocity)
        return CarState(position, velocity), arrived

    def render(self, state: CarState) -> Drawing:
        """Draw the hill, the flag at the goal, and the car."""
        x = float(state.position)

        def height(place: float) -> float:
            return math.sin(3 * place) * 0.45 + 0.55

        hill = [(place, height(place)) for place in np.linspace(_LOW, _HIGH, 60).tolist()]
        flag = (self._goal, height(self._goal))
        top = (flag[0], flag[1] + 0.25)
        return Drawing(
            (_LOW, 0.0),
            (_HIGH, 1.35),
            [
                Polygon([(_LOW, 0.0), *hill, (_HIGH, 0.0)], "tint"),
                Path(hill, "muted", 0.01),
                Path([flag, top], "ink", 0.01),
                Polygon([top, (top[0] + 0.1, top[1] - 0.04), (top[0], top[1] - 0.08)], "right"),
                Circle((x, height(x) + 0.05), 0.05, "c1"),
            ],
        )


@builtin
class MountainCar(_Hill):
    """MountainCar-v0: swing a car up a hill that is too steep for its motor (Moore, 1990).

    Observations are ``(position, velocity)``, float32; actions 0, 1, 2 push to the left, not at
    all, to the right. Each step costs 1; the task ends at position 0.5.

    Args:
        goal_velocity: how fast the car has to be at the goal.
        max_episode_steps: the time limit.
    """

    name = "MountainCar-v0"
    action_space = Discrete(3)
    reward_threshold = -110.0
    _goal = 0.5

    def __init__(self, goal_velocity: float = 0.0, max_episode_steps: int | None = 200):
        self.goal_velocity = goal_velocity
        self.max_episode_steps = max_episode_steps

    def step(self, state: CarState, action: Any, key: Any) -> tuple[CarState, Any, Any]:
        """Push for one step."""
        state, arrived = self._drive(state, (action - 1) * 0.001, self.goal_velocity)
        return state, -jnp.ones_like(state.position), arrived


@builtin
class MountainCarContinuous(_Hill):
    """MountainCarContinuous-v0: the same hill, with a push from -1 to 1.

    Actions are float32 of shape ``(1,)``. Arriving at position 0.45 is rewarded with 100; each step
    costs a tenth of the squared action.

    Args:
        goal_velocity: how fast the car has to be at the goal.
        max_episode_steps: the time limit.
    """

    name = "MountainCarContinuous-v0"
    action_space = Box(-1.0, 1.0, (1,))
    reward_threshold = 90.0
    _goal = 0.45

    def __init__(self, goal_velocity: float = 0.0, max_episode_steps: int | None = 999):
        self.goal_velocity = goal_velocity
        self.max_episode_steps = max_episode_steps

    def step(self, state: CarState, action: Any, key: Any) -> tuple[CarState, Any, Any]:
        """Push for one step; beyond -1 and 1 the motor pushes no harder, but costs more."""
        push = jnp.clip(action[0], -1.0, 1.0) * 0.0015
        state, arrived = self._drive(state, push, self.goal_velocity)
        return state, jnp.where(arrived, 100.0, 0.0) - 0.1 * action[0] ** 2, arrived
