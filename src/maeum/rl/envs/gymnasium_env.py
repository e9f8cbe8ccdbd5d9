"""Environments of Maeum as those of Gymnasium, for agents of others."""

from __future__ import annotations

from typing import Any

import gymnasium
import jax
import numpy as np

from maeum.core.errors import ConfigError
from maeum.rl.spaces import Discrete, Space, map_parts


class GymnasiumEnvironment(gymnasium.Env):
    """An environment with Gymnasium's interface, time limit included.

    Args:
        environment: a `maeum.rl.envs.Environment`.
        render_mode: ``"rgb_array"`` for one that is drawn.

    Attributes:
        state: the state of the environment; None before ``reset``.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 30}

    def __init__(self, environment: Any, render_mode: str | None = None):
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ConfigError(
                "render_mode is None or {known!r}; got {value!r}.",
                known=self.metadata["render_modes"][0],
                value=render_mode,
            )
        self.environment, self.render_mode = environment, render_mode
        self.observation_space = environment.observation_space.to_gymnasium()
        self.action_space = environment.action_space.to_gymnasium()
        self.state: Any = None
        self.length = 0

        def begun(key: Any) -> tuple:
            state = environment.reset(key)
            return state, environment.observe(state)

        def stepped(state: Any, action: Any, key: Any) -> tuple:
            state, reward, terminated = environment.step(state, action, key)
            return state, environment.observe(state), reward, terminated

        self._begun, self._stepped = jax.jit(begun), jax.jit(stepped)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple:
        """Begin an episode; return what is seen of it, and an empty dict."""
        super().reset(seed=seed)
        self.length = 0
        self.state, seen = self._begun(self._key())
        return self._as_seen(seen), {}

    def step(self, action: Any) -> tuple:
        """Act; return what is seen, the reward, terminated, truncated, and an empty dict.

        Raises:
            ConfigError: before ``reset``, or for what is no action.
        """
        if self.state is None:
            raise ConfigError("Call reset() before the first step().")
        space = self.environment.action_space
        if not space.contains(action):
            raise ConfigError(
                "An action of {name} is an element of {space}; got {action!r}.",
                name=self.environment.name,
                space=space,
                action=action,
            )
        action = map_parts(lambda part, one: np.asarray(one, part.dtype), space, action)
        self.state, seen, reward, terminated = self._stepped(self.state, action, self._key())
        self.length += 1
        limit = self.environment.max_episode_steps
        truncated = limit is not None and self.length >= limit
        return self._as_seen(seen), float(reward), bool(terminated), truncated, {}

    def render(self) -> np.ndarray | None:
        """Return what is drawn of the state: uint8 of shape ``(height, width, 3)``.

        None without a ``render_mode``, or before ``reset``. It needs Pillow
        (``pip install 'maeum[images]'``).
        """
        if self.render_mode is None or self.state is None:
            return None
        from maeum.rl.envs.painting import paint  # with Pillow

        return paint(self.environment.render(self.state))

    def _key(self) -> np.ndarray:
        return self.np_random.integers(2**32, size=2, dtype=np.uint32)

    def _as_seen(self, seen: Any) -> Any:
        return map_parts(_as_gymnasium_has, self.environment.observation_space, seen)


def _as_gymnasium_has(space: Space, value: Any) -> Any:
    return int(value) if isinstance(space, Discrete) else np.asarray(value, space.dtype)
