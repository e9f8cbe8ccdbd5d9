"""Pendulum: swing it up and keep it there, with a weak motor."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Circle, Drawing, Mark, Path
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box

_FASTEST, _STRONGEST = 8.0, 2.0
_SECONDS = 0.05


class PendulumState(NamedTuple):
    """The angle (radians, 0 is upright; it may be many turns) and its velocity."""

    angle: jax.Array
    velocity: jax.Array


@builtin
class Pendulum(Environment):
    """Pendulum-v1: swing a pendulum of 1 m and 1 kg up, and keep it upright.

    Observations are ``(cosine, sine, velocity)``, float32; actions are torques from -2 to 2 Nm,
    float32 of shape ``(1,)``. Each step costs the squared angle, a tenth of the squared velocity
    and a thousandth of the squared torque. The task never ends but for the time limit.

    Args:
        g: the acceleration of gravity, m/s^2.
        max_episode_steps: the time limit.
    """

    name = "Pendulum-v1"
    action_space = Box(-_STRONGEST, _STRONGEST, (1,))

    def __init__(self, g: float = 10.0, max_episode_steps: int | None = 200):
        self.g = g
        self.max_episode_steps = max_episode_steps
        high = np.array([1, 1, _FASTEST], np.float32)
        self.observation_space = Box(-high, high)

    def reset(self, key: Any) -> PendulumState:
        """Return any angle, and a velocity drawn from -1 .. 1."""
        angle, velocity = random.uniform(key, (2,), low=-1.0, high=1.0)
        return PendulumState(math.pi * angle, velocity)

    def step(self, state: PendulumState, action: Any, key: Any) -> tuple[PendulumState, Any, Any]:
        """Turn for 0.05 s."""
        angle, velocity = state
        torque = jnp.clip(action[0], -_STRONGEST, _STRONGEST)
        turn = (angle + math.pi) % (2 * math.pi) - math.pi
        cost = turn**2 + 0.1 * velocity**2 + 0.001 * torque**2
        velocity = velocity + (1.5 * self.g * jnp.sin(angle) + 3.0 * torque) * _SECONDS
        velocity = jnp.clip(velocity, -_FASTEST, _FASTEST)
        after = PendulumState(angle + velocity * _SECONDS, velocity)
        return after, -cost, jnp.zeros_like(cost, bool)

    def observe(self, state: PendulumState) -> jax.Array:
        """Return cosine and sine of the angle, and the velocity."""
        return jnp.stack([jnp.cos(state.angle), jnp.sin(state.angle), state.velocity])

    def render(self, state: PendulumState) -> Drawing:
        """Draw the pendulum."""
        angle = float(state.angle)
        end = -math.sin(angle), math.cos(angle)
        marks: list[Mark] = [Path([(0.0, 0.0), end], "c1", 0.2), Circle((0.0, 0.0), 0.06, "ink")]
        return Drawing((-1.3, -1.3), (1.3, 1.3), marks)
