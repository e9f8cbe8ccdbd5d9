"""Acrobot: two links, of which only the joint between them has a motor."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Circle, Drawing, Path
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete

_GRAVITY = 9.8
_CENTRE = 0.5  # of the mass of a link, whose length, mass and moment of inertia are 1
_SECONDS = 0.2
_FASTEST = 4 * math.pi, 9 * math.pi


class AcrobotState(NamedTuple):
    """The angle of the first link (0 hangs down), of the second to it, and their velocities."""

    first: jax.Array
    second: jax.Array
    first_velocity: jax.Array
    second_velocity: jax.Array


@builtin
class Acrobot(Environment):
    """Acrobot-v1: swing the free end of two links above a line (Sutton, 1996; the book's version).

    Observations are cosine and sine of both angles and the two velocities, float32 of shape
    ``(6,)``; actions 0, 1, 2 turn the joint between the links with -1, 0, 1 Nm. Each step costs 1,
    but the one that ends the task.

    Args:
        max_episode_steps: the time limit.
    """

    name = "Acrobot-v1"
    action_space = Discrete(3)
    reward_threshold = -100.0

    def __init__(self, max_episode_steps: int | None = 500):
        self.max_episode_steps = max_episode_steps
        high = np.array([1, 1, 1, 1, *_FASTEST], np.float32)
        self.observation_space = Box(-high, high)

    def reset(self, key: Any) -> AcrobotState:
        """Return links that hang almost at rest: each number drawn from -0.1 .. 0.1."""
        return AcrobotState(*random.uniform(key, (4,), low=-0.1, high=0.1))

    def step(self, state: AcrobotState, action: Any, key: Any) -> tuple[AcrobotState, Any, Any]:
        """Turn for 0.2 s: one step of the classical Runge-Kutta method."""
        torque = jnp.asarray(action - 1, jnp.float32)

        def after(slope: AcrobotState, seconds: float) -> AcrobotState:
            return AcrobotState(*(value + seconds * rate for value, rate in zip(state, slope)))

        k1 = _slope(state, torque)
        k2 = _slope(after(k1, _SECONDS / 2), torque)
        k3 = _slope(after(k2, _SECONDS / 2), torque)
        k4 = _slope(after(k3, _SECONDS), torque)
        mean = AcrobotState(*((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4)))
        new = after(mean, _SECONDS)
        new = AcrobotState(
            _wrapped(new.first),
            _wrapped(new.second),
            jnp.clip(new.first_velocity, -_FASTEST[0], _FASTEST[0]),
            jnp.clip(new.second_velocity, -_FASTEST[1], _FASTEST[1]),
        )
        terminated = -jnp.cos(new.first) - jnp.cos(new.second + new.first) > 1.0
        return new, jnp.where(terminated, 0.0, -1.0), terminated

    def observe(self, state: AcrobotState) -> jax.Array:
        """Return cosine and sine of the angles, and their velocities."""
        first, second = state.first, state.second
        angles = jnp.cos(first), jnp.sin(first), jnp.cos(second), jnp.sin(second)
        return jnp.stack([*angles, state.first_velocity, state.second_velocity])

    def render(self, state: AcrobotState) -> Drawing:
        """Draw the links, and the line to be reached."""
        one = float(state.first)
        both = one + float(state.second)
        elbow = math.sin(one), -math.cos(one)
        end = elbow[0] + math.sin(both), elbow[1] - math.cos(both)
        return Drawing(
            (-2.2, -2.2),
            (2.2, 2.2),
            [
                Path([(-2.2, 1.0), (2.2, 1.0)], "line", 0.03),
                Path([(0.0, 0.0), elbow], "c0", 0.15),
                Path([elbow, end], "c1", 0.15),
                Circle((0.0, 0.0), 0.1, "ink"),
                Circle(elbow, 0.1, "ink"),
            ],
        )


def _slope(state: AcrobotState, torque: Any) -> AcrobotState:
    """Return the derivative of a state by time (Sutton and Barto, 2018, section 11.3)."""
    first, second, v1, v2 = state
    cosine, sine = jnp.cos(second), jnp.sin(second)
    d1 = 2 * _CENTRE**2 + 1 + 2 * _CENTRE * cosine + 2
    d2 = _CENTRE**2 + _CENTRE * cosine + 1
    phi2 = _CENTRE * _GRAVITY * jnp.sin(first + second)
    phi1 = -_CENTRE * sine * (v2**2 + 2 * v2 * v1) + (_CENTRE + 1) * _GRAVITY * jnp.sin(first)
    phi1 = phi1 + phi2
    a2 = torque + d2 / d1 * phi1 - _CENTRE * v1**2 * sine - phi2
    a2 = a2 / (_CENTRE**2 + 1 - d2**2 / d1)
    return AcrobotState(v1, v2, -(d2 * a2 + phi1) / d1, a2)


def _wrapped(angle: jax.Array) -> jax.Array:
    """Return the same angle between -pi and pi."""
    return angle - 2 * math.pi * jnp.floor((angle + math.pi) / (2 * math.pi))
