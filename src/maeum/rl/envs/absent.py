"""The place of an environment that a file does not hold: what it gives and takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.registry import builtin
from maeum.rl.envs.environment import Environment
from maeum.rl.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Space, Tuple


@builtin
class AbsentEnvironment(Environment):
    """What an agent's file knows of an environment that it does not hold: its spaces.

    Nothing is imported because a file names it, so the code of an environment of one's own is in no
    file. An agent that learnt in one is saved with this in its place: it acts, and where it is to
    play or to learn, it has to be given the environment (`maeum.rl.load_agent`).

    Args:
        name: of the environment.
        observation_space, action_space: what `described` returned of its spaces.
        state: shape and dtype of each array of a state.
        max_episode_steps, reward_threshold: as of an `Environment`.

    Example:
        >>> from maeum.rl import envs
        >>> absent = AbsentEnvironment.of(envs.make("CartPole-v1"))
        >>> absent.action_space, absent.observation_space == envs.CartPole().observation_space
        (Discrete(2), True)
    """

    def __init__(
        self,
        name: str,
        observation_space: dict[str, Any],
        action_space: dict[str, Any],
        state: Sequence[Sequence[Any]] = (),
        max_episode_steps: int | None = None,
        reward_threshold: float | None = None,
    ):
        self.name, self.state = name, state
        self.max_episode_steps, self.reward_threshold = max_episode_steps, reward_threshold
        self.observation_space, self.action_space = map(undescribed, (observation_space,
                                                                      action_space))  # fmt: skip

    @classmethod
    def of(cls, environment: Environment) -> AbsentEnvironment:
        """Return what stands for an environment."""
        key = jax.ShapeDtypeStruct((2,), np.uint32)
        begun = jax.eval_shape(lambda key: environment.begin(key, 1), key)
        state = [[list(leaf.shape[1:]), str(leaf.dtype)] for leaf in jax.tree.leaves(begun)]
        spaces = described(environment.observation_space), described(environment.action_space)
        return cls(environment.name, *spaces, state, environment.max_episode_steps,
                   environment.reward_threshold)  # fmt: skip

    def reset(self, key: Any) -> tuple:
        """Return a state of the right form, in which nothing is."""
        return tuple(jnp.zeros(tuple(shape), dtype) for shape, dtype in self.state)

    def step(self, state: Any, action: Any, key: Any) -> tuple[Any, Any, Any]:
        """Refuse."""
        raise self._missing()

    def observe(self, state: Any) -> Any:
        """Refuse."""
        raise self._missing()

    def _missing(self) -> ConfigError:
        return ConfigError(
            "The agent learnt in {name}, an environment that its file does not hold: it acts, but "
            "to play or to learn it has to be given the environment: load_agent(path, "
            "environment=...), or maeum watch MODEL --environment FILE.py:FUNCTION.",
            name=self.name,
        )


def described(space: Space) -> dict[str, Any]:
    """Return a space as plain data.

    >>> described(Discrete(3)), described(Box(0.0, np.inf, (2,)))["high"]
    ({'n': 3, 'start': 0}, None)
    """
    if isinstance(space, Discrete):
        return {"n": space.n, "start": space.start}
    if isinstance(space, Dict):
        return {"named": {n: described(part) for n, part in zip(space.names, space.spaces)}}
    if isinstance(space, Tuple):
        return {"spaces": [described(part) for part in space.spaces]}
    if isinstance(space, MultiBinary):
        return {"binary": list(space.shape)}
    if isinstance(space, MultiDiscrete):
        return {"nvec": space.nvec.tolist(), "start": space.start.tolist()}
    assert isinstance(space, Box)
    low, high = _limits(space.low), _limits(space.high)
    return {"low": low, "high": high, "shape": list(space.shape), "dtype": str(space.dtype)}


def undescribed(said: dict[str, Any]) -> Space:
    """Return the space that `described` described."""
    if "n" in said:
        return Discrete(said["n"], said["start"])
    if "named" in said:
        return Dict({name: undescribed(part) for name, part in said["named"].items()})
    if "binary" in said:
        return MultiBinary(said["binary"])
    if "nvec" in said:
        return MultiDiscrete(said["nvec"], said["start"])
    if "spaces" in said:
        return Tuple(*map(undescribed, said["spaces"]))
    shape = tuple(said["shape"])
    low, high = _unlimited(said["low"], -np.inf, shape), _unlimited(said["high"], np.inf, shape)
    return Box(low, high, shape, np.dtype(said["dtype"]))


def _limits(limits: np.ndarray) -> Any:
    """Return limits as numbers, None for an infinite one; a single one if all are alike."""
    flat: list[float | None] = [v if math.isfinite(v) else None for v in limits.ravel().tolist()]
    return flat[0] if flat and len(set(flat)) == 1 else flat


def _unlimited(limits: Any, infinite: float, shape: tuple[int, ...]) -> Any:
    if isinstance(limits, list):
        return np.array([infinite if v is None else v for v in limits]).reshape(shape)
    return infinite if limits is None else limits
