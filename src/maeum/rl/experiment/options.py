"""What can be chosen where an agent is trained, and what is chosen by itself."""

from __future__ import annotations

from dataclasses import dataclass

from maeum.core.messages import N_
from maeum.experiment.checks import any_text, number, one_of, positive, random_seed, several, whole
from maeum.experiment.options import Options, option

AGENTS = {
    "ppo": "PPO",
    "a2c": "A2C",
    "reinforce": "REINFORCE",
    "dqn": "DQN",
    "sac": "SAC",
    "q_learning": "QLearning",
    "sarsa": "SARSA",
    "value_iteration": "ValueIteration",
    "policy_iteration": "PolicyIteration",
    "epsilon_greedy": "EpsilonGreedy",
    "ucb": "UCB",
    "gradient_bandit": "GradientBandit",
}
SEEDS = 5


@dataclass(frozen=True)
class AgentReading(Options):
    """An environment is read in no particular way."""


@dataclass(frozen=True)
class AgentOptions(Options):
    """The choices of a training of agents; None means "as is known to be good here".

    Attributes:
        agent: the algorithm.
        seeds: how many agents learn, each from a seed of its own; the best one is kept.
        steps: the steps of all environments together that each agent learns from; of planning, the
            sweeps.
        environments: how many environments run side by side.
        learning_rate: the learning rate.
        discount: the weight of a reward that comes a step later.
        hidden: the units of the hidden layers of the networks.
        episodes: the episodes that each agent is tested on.
        max_episode_steps: a time limit of an episode in place of the environment's own.
        seed: the first of the seeds.
    """

    agent: str | None = option(
        None,
        N_("The algorithm: ppo, a2c, reinforce, dqn, sac; of tables q_learning, sarsa, "
           "value_iteration, policy_iteration; of bandits epsilon_greedy, ucb, gradient_bandit. "
           "By default what suits observations and actions."),
        one_of(AGENTS, "AGENT"),
    )  # fmt: skip
    seeds: int | None = option(
        None,
        N_("How many agents learn side by side, each from a seed of its own, of which the best "
           "one is kept; 5 by default, 1 in environments that run in Python."),
        whole(),
    )  # fmt: skip
    steps: int | None = option(
        None,
        N_("The steps in the environment that each agent learns from; those of environments side "
           "by side count together."),
        whole(),
    )  # fmt: skip
    environments: int | None = option(
        None, N_("How many environments each agent acts in side by side."), whole()
    )
    learning_rate: float | None = option(None, N_("The learning rate."), positive())
    discount: float | None = option(
        None, N_("The weight of a reward that comes a step later, such as 0.99."),
        number("FRACTION", most=1),
    )  # fmt: skip
    hidden: tuple[int, ...] | None = option(
        None, N_("The units of the hidden layers, such as 64,64."), several(whole(), "UNITS")
    )
    episodes: int = option(
        100, N_("The episodes that each agent is tested on; fewer in environments in Python."),
        whole(2),
    )  # fmt: skip
    max_episode_steps: int | None = option(
        None, N_("A time limit of an episode, in steps, in place of the environment's own."),
        whole(),
    )  # fmt: skip
    seed: int = option(42, N_("What every random choice follows from."), random_seed())


@dataclass(frozen=True)
class WatchOptions(Options):
    """The choices of what is watched.

    Attributes:
        episodes: how many.
        seed: what happens by chance follows from it; another each time by default.
        greedy: whether the best known actions are taken, or such as in training.
        environment: the environment to play in, if the model does not hold it.
    """

    episodes: int = option(3, N_("How many episodes are played."), whole())
    seed: int | None = option(
        None, N_("The same seed gives the same; by default it varies."), random_seed()
    )
    environment: str | None = option(
        None,
        N_("The environment to play in: needed for one of your own, FILE.py:FUNCTION or "
           "MODULE:FUNCTION, which no model file holds."),
        any_text("ENVIRONMENT"),
    )  # fmt: skip
