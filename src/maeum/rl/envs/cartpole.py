"""CartPole: a pole on a cart, to be kept upright by pushing the cart left or right."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.registry import builtin
from maeum.ops import random
from maeum.rl.envs.drawing import Circle, Drawing, Path, rectangle
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Discrete

_GRAVITY = 9.8
_POLE_MASS, _TOTAL_MASS = 0.1, 1.1
_HALF_LENGTH = 0.5  # of the pole
_FORCE = 10.0
_SECONDS = 0.02  # between two steps
_FARTHEST = 2.4
_STEEPEST = 12 * 2 * math.pi / 360


class CartPoleState(NamedTuple):
    """Place and velocity of the cart; angle (radians, 0 is upright) and its velocity."""

    x: jax.Array
    velocity: jax.Array
    angle: jax.Array
    angular_velocity: jax.Array


@builtin
class CartPole(Environment):
    """CartPole-v1: push a cart so that the pole on it stays upright.

    Barto, Sutton and Anderson (1983), as Gymnasium has it.

    Observations are ``(x, velocity, angle, angular velocity)``, float32; action 1 pushes to the
    right, 0 to the left, with 10 N for 0.02 s. The task ends when the cart has left -2.4 .. 2.4 or
    the pole leans more than 12 degrees; each step until then, and that one, is rewarded with 1.

    Args:
        sutton_barto_reward: reward 0 for each step, and -1 for the one that ends the task.
        max_episode_steps: the time limit.

    Example:
        >>> from maeum.core.randomness import make_key
        >>> env = CartPole()
        >>> state = env.reset(make_key(0))
        >>> state, reward, terminated = env.step(state, 1, make_key(1))
        >>> env.observe(state).shape, float(reward), bool(terminated)
        ((4,), 1.0, False)
    """

    name = "CartPole-v1"
    action_space = Discrete(2)
    reward_threshold = 475.0

    def __init__(self, sutton_barto_reward: bool = False, max_episode_steps: int | None = 500):
        self.sutton_barto_reward = sutton_barto_reward
        self.max_episode_steps = max_episode_steps
        high = np.array([2 * _FARTHEST, np.inf, 2 * _STEEPEST, np.inf], np.float32)
        self.observation_space = Box(-high, high)

    def reset(self, key: Any) -> CartPoleState:
        """Return a state near rest: each number drawn evenly from -0.05 .. 0.05."""
        return CartPoleState(*random.uniform(key, (4,), low=-0.05, high=0.05))

    def step(self, state: CartPoleState, action: Any, key: Any) -> tuple[CartPoleState, Any, Any]:
        """Push to the right (1) or to the left (0): one step of Euler's method."""
        x, velocity, angle, spin = state
        force = jnp.where(action == 1, _FORCE, -_FORCE)
        cosine, sine = jnp.cos(angle), jnp.sin(angle)
        moment = _POLE_MASS * _HALF_LENGTH
        pushed = (force + moment * spin**2 * sine) / _TOTAL_MASS
        inertia = _HALF_LENGTH * (4 / 3 - _POLE_MASS * cosine**2 / _TOTAL_MASS)
        turning = (_GRAVITY * sine - cosine * pushed) / inertia
        acceleration = pushed - moment * turning * cosine / _TOTAL_MASS
        after = CartPoleState(
            x + _SECONDS * velocity,
            velocity + _SECONDS * acceleration,
            angle + _SECONDS * spin,
            spin + _SECONDS * turning,
        )
        terminated = (jnp.abs(after.x) > _FARTHEST) | (jnp.abs(after.angle) > _STEEPEST)
        if self.sutton_barto_reward:
            return after, jnp.where(terminated, -1.0, 0.0), terminated
        return after, jnp.ones_like(after.x), terminated

    def observe(self, state: CartPoleState) -> jax.Array:
        """Return the four numbers of the state."""
        return jnp.stack(state)

    def render(self, state: CartPoleState) -> Drawing:
        """Draw the cart on its track, and the pole."""
        x, angle = float(state.x), float(state.angle)
        axle, length = (x, 0.12), 2 * _HALF_LENGTH
        top = x + length * math.sin(angle), axle[1] + length * math.cos(angle)
        return Drawing(
            (-_FARTHEST, -0.4),
            (_FARTHEST, 1.4),
            [
                Path([(-_FARTHEST, 0.0), (_FARTHEST, 0.0)], "line", 0.02),
                rectangle(x - 0.25, -0.12, x + 0.25, 0.12, "c0"),
                Path([axle, top], "c1", 0.09),
                Circle(axle, 0.05, "ink"),
            ],
        )
