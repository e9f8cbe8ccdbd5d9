"""Episodes in an environment of Gymnasium's, step by step in Python: it draws itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.core.errors import DataError, MaeumError
from maeum.core.randomness import generator
from maeum.rl.agent import Agent
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.experiment.frames import Film, curves


def played_on_host(agent: Agent, seed: int, greedy: bool = True) -> Film:
    """Play an episode in a new environment of the agent's.

    Args:
        agent: an agent in a `FromGymnasium`.
        seed: what happens by chance follows from it.
        greedy: whether the best known actions are taken.

    Raises:
        DataError: if the environment raises.
    """
    from gymnasium.spaces.utils import flatten

    environment = agent.environment
    assert isinstance(environment, FromGymnasium)
    world = drawn(environment)
    draws = generator(seed, "watch").integers(2**31, size=2)
    limit = environment.max_episode_steps
    images: list[np.ndarray | None] = []
    seen: list[np.ndarray] = []
    rewards: list[float] = []
    ended = over = False
    try:
        observation, _info = world.reset(seed=int(draws[0]))
        while True:
            seen.append(np.asarray(flatten(world.observation_space, observation)))
            images.append(_image(world))
            if over:
                break
            action = agent.act(observation, greedy, seed=int(draws[1] + len(rewards)) % 2**31)
            observation, reward, ended, cut, _info = world.step(_taken(action))
            rewards.append(float(reward))
            over = ended or cut or (limit is not None and len(rewards) >= limit)
    except MaeumError:
        raise
    except Exception as error:
        raise DataError("The environment {name} raised {error!r}.", name=environment.name,
                        error=error) from error  # fmt: skip
    finally:
        world.close()
    drawings: Any = images
    if any(one is None for one in images):
        drawings = curves(environment, np.stack(seen))
    return Film(drawings, np.array(rewards, np.float32), bool(ended))


def drawn(environment: FromGymnasium) -> Any:
    """Return a new environment of Gymnasium's, which draws images if it can."""
    import gymnasium

    host, (name, options) = environment.host, environment.made_by
    modes = host.first.metadata.get("render_modes") or ()
    if name is None or "render_mode" in options or "rgb_array" not in modes:
        return host.make()
    return gymnasium.make(name, render_mode="rgb_array", **options)


def try_out(environment: FromGymnasium, steps: int = 3) -> None:
    """Take a few steps with any actions, so that what fails at once fails at once.

    Raises:
        DataError: if the environment raises, or returns something of the wrong form.
    """
    host, pool, key = environment.host, -1, np.zeros(2, np.uint32)
    seen = host.begin(pool, 1, key)
    for _step in range(steps):
        if host.failure is None:
            action = np.asarray(host.first.action_space.sample(), environment.action_space.dtype)
            seen, _reward, terminated, truncated = host.step([pool], action[None], key, seen)
            seen = host.restart([pool], terminated | truncated, key, seen)
    host.hand_back(pool)
    failure = environment.failure()
    if failure is not None:
        raise failure


def _taken(action: np.ndarray) -> Any:
    return int(action) if action.ndim == 0 else action


def _image(world: Any) -> np.ndarray | None:
    """Return what an environment draws, if it draws images."""
    from gymnasium.error import DependencyNotInstalled

    if getattr(world, "render_mode", None) != "rgb_array":
        return None
    try:
        drawn = world.render()
    except DependencyNotInstalled:  # such as pygame: then observations are shown
        return None
    if not isinstance(drawn, np.ndarray) or drawn.ndim != 3 or drawn.shape[-1] != 3:
        return None
    return drawn.astype(np.uint8)
