"""Environments as pure functions, equal to Gymnasium's where it has them.

>>> from maeum.rl import envs
>>> envs.make("CartPole-v1").action_space
Discrete(2)
"""

from maeum.rl.envs.acrobot import Acrobot
from maeum.rl.envs.bandits import Bandit, BernoulliBandit, GaussianBandit
from maeum.rl.envs.blackjack import Blackjack
from maeum.rl.envs.breakout import MiniBreakout
from maeum.rl.envs.cartpole import CartPole
from maeum.rl.envs.catch import Catch
from maeum.rl.envs.drawing import Drawing
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.freeway import MiniFreeway
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.envs.grids import (
    CliffWalking,
    CliffWalkingSlippery,
    FrozenLake,
    FrozenLake8x8,
    GridWorld,
)
from maeum.rl.envs.mountain_car import MountainCar, MountainCarContinuous
from maeum.rl.envs.names import make, names, to_gymnasium
from maeum.rl.envs.pendulum import Pendulum
from maeum.rl.envs.tables import TableEnvironment, Transitions
from maeum.rl.envs.taxi import Taxi

__all__ = [
    "Acrobot", "Bandit", "BernoulliBandit", "Blackjack", "CartPole", "Catch", "CliffWalking",
    "CliffWalkingSlippery", "Drawing", "Environment", "FromGymnasium", "FrozenLake",
    "FrozenLake8x8", "GaussianBandit", "GridWorld", "MiniBreakout", "MiniFreeway", "MountainCar",
    "MountainCarContinuous", "Pendulum", "TableEnvironment", "Taxi", "Transitions", "make", "names",
    "to_gymnasium",
]  # fmt: skip
