"""Environments as pure functions, equal to Gymnasium's where it has them.

>>> from maeum.rl import envs
>>> envs.make("CartPole-v1").action_space
Discrete(2)
"""

from maeum.rl.envs.cartpole import CartPole
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.names import make

__all__ = ["CartPole", "Environment", "make"]
