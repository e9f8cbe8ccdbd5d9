"""Environments by name."""

from __future__ import annotations

from typing import Any

from maeum.core.errors import UnknownNameError, nearest
from maeum.rl.envs.cartpole import CartPole
from maeum.rl.envs.environment import Environment

CLASSES: tuple[type[Environment], ...] = (CartPole,)
BY_NAME = {environment.name: environment for environment in CLASSES}


def make(name: str, **options: Any) -> Environment:
    """Return an environment by its name, with its options.

    Args:
        name: Gymnasium's id where Gymnasium has the environment, such as ``"CartPole-v1"``.
        options: the arguments of the environment's class.

    Raises:
        UnknownNameError: for a name that nothing has; the nearest one is named.
        ArgumentError: for an option that the environment does not have.

    Example:
        >>> make("CartPole-v1", max_episode_steps=200)
        CartPole(max_episode_steps=200)
    """
    if name in BY_NAME:
        return BY_NAME[name](**options)
    known = sorted(BY_NAME)
    raise UnknownNameError(
        "There is no environment called {name!r}.{hint} Known: {known}.",
        name=name,
        hint=nearest(name, known),
        known=", ".join(known),
    )
