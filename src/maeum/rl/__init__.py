"""Networks and tables that act: environments, and agents that learn from reward.

>>> import maeum as mm
>>> agent = mm.rl.QLearning("CliffWalking-v1", learning_rate=0.5, discount=1.0, seed=0)
>>> history = agent.fit(steps_per_epoch=500, epochs=2, verbose=0)
>>> int(agent.act(36))  # at the start it goes up
0
"""

from typing import TYPE_CHECKING

from maeum.core.lazy import lazily

if TYPE_CHECKING:
    from maeum.rl import envs, spaces
    from maeum.rl.a2c import A2C, REINFORCE
    from maeum.rl.agent import Agent, fit_agents, load_agent
    from maeum.rl.bandits import UCB, EpsilonGreedy, GradientBandit
    from maeum.rl.dqn import DQN
    from maeum.rl.envs.environment import Environment
    from maeum.rl.experiment.task import train_agent
    from maeum.rl.maps import Snapshots, draw_policy
    from maeum.rl.planning import PolicyIteration, ValueIteration, policy_values
    from maeum.rl.ppo import PPO
    from maeum.rl.q_learning import SARSA, QLearning
    from maeum.rl.sac import SAC
    from maeum.rl.statistics import interquartile_mean, learning_curve

__all__ = [
    "A2C", "DQN", "PPO", "REINFORCE", "SAC", "SARSA", "UCB", "Agent", "Environment",
    "EpsilonGreedy", "GradientBandit", "PolicyIteration", "QLearning", "Snapshots",
    "ValueIteration", "draw_policy", "envs", "fit_agents", "interquartile_mean", "learning_curve",
    "load_agent", "policy_values", "spaces", "train_agent",
]  # fmt: skip

_NAMES = {
    "maeum.rl.a2c": ("A2C", "REINFORCE"),
    "maeum.rl.agent": ("Agent", "fit_agents", "load_agent"),
    "maeum.rl.bandits": ("UCB", "EpsilonGreedy", "GradientBandit"),
    "maeum.rl.dqn": ("DQN",),
    "maeum.rl.envs.environment": ("Environment",),
    "maeum.rl.experiment.task": ("train_agent",),
    "maeum.rl.maps": ("Snapshots", "draw_policy"),
    "maeum.rl.planning": ("PolicyIteration", "ValueIteration", "policy_values"),
    "maeum.rl.ppo": ("PPO",),
    "maeum.rl.q_learning": ("QLearning", "SARSA"),
    "maeum.rl.sac": ("SAC",),
    "maeum.rl.statistics": ("interquartile_mean", "learning_curve"),
}
__getattr__, __dir__ = lazily(
    __name__, {**{f"{__name__}.{room}": () for room in ("envs", "spaces")}, **_NAMES}
)
