"""Environments by name."""

from __future__ import annotations

from typing import Any

from maeum.core.errors import UnknownNameError, nearest
from maeum.rl.envs.acrobot import Acrobot
from maeum.rl.envs.bandits import BernoulliBandit, GaussianBandit
from maeum.rl.envs.blackjack import Blackjack
from maeum.rl.envs.breakout import MiniBreakout
from maeum.rl.envs.cartpole import CartPole
from maeum.rl.envs.catch import Catch
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.freeway import MiniFreeway
from maeum.rl.envs.grids import (
    CliffWalking,
    CliffWalkingSlippery,
    FrozenLake,
    FrozenLake8x8,
    GridWorld,
)
from maeum.rl.envs.mountain_car import MountainCar, MountainCarContinuous
from maeum.rl.envs.pendulum import Pendulum
from maeum.rl.envs.taxi import Taxi

CLASSES: tuple[type[Environment], ...] = (
    Acrobot, BernoulliBandit, Blackjack, CartPole, Catch, CliffWalking, CliffWalkingSlippery,
    FrozenLake, FrozenLake8x8, GaussianBandit, GridWorld, MiniBreakout, MiniFreeway, MountainCar,
    MountainCarContinuous, Pendulum, Taxi,
)  # fmt: skip
BY_NAME = {environment.name: environment for environment in CLASSES}


def names() -> list[str]:
    """Return the names that `make` knows.

    >>> names()[:4]
    ['Acrobot-v1', 'BernoulliBandit', 'Blackjack-v1', 'CartPole-v1']
    """
    return sorted(BY_NAME)


def make(name: str, **options: Any) -> Environment:
    """Return an environment by its name, with its options.

    Args:
        name: Gymnasium's id where Gymnasium has the environment, such as ``"CartPole-v1"``.
        options: the arguments of the environment's class.

    Raises:
        UnknownNameError: for a name that nothing has; the nearest one is named.
        ArgumentError: for an option that the environment does not have.

    Example:
        >>> make("FrozenLake-v1", map_name="8x8", is_slippery=False).observation_space
        Discrete(64)
    """
    if name in BY_NAME:
        return BY_NAME[name](**options)
    raise UnknownNameError(
        "There is no environment called {name!r}.{hint} Known: {known}.",
        name=name,
        hint=nearest(name, names()),
        known=", ".join(names()),
    )


def to_gymnasium(
    environment: Environment | str, render_mode: str | None = None, **options: Any
) -> Any:
    """Return an environment as a ``gymnasium.Env``, time limit included.

    Args:
        environment: an environment, or its name.
        render_mode: ``"rgb_array"`` for one whose ``render()`` returns an image.
        options: the arguments of its class, beside a name.

    Example:
        >>> env = to_gymnasium("CartPole-v1")
        >>> observation, info = env.reset(seed=0)
        >>> observation, reward, terminated, truncated, info = env.step(1)
        >>> observation.shape, reward
        ((4,), 1.0)
    """
    made = make(environment, **options) if isinstance(environment, str) else environment
    return made.to_gymnasium(render_mode)
