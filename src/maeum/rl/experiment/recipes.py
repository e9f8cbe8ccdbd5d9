"""Which agent learns what best, and with which settings: what is known to be good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """How an agent learns in an environment.

    Attributes:
        steps: the steps of all environments together; of planning, the sweeps.
        arguments: of the agent.
        falls: of the agent's ``learning_rate``, how it falls over the training: ``"even"`` for
            Adam's (``decay_steps``); or the start, end and power of a `PolynomialDecay`.
    """

    steps: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    falls: str | tuple[float, float, float] | None = None


# Of each agent, where nothing better is known.
GENERAL = {
    "ppo": Recipe(300_000, falls="even"),
    "a2c": Recipe(300_000, falls="even"),
    "reinforce": Recipe(300_000, falls="even"),
    "dqn": Recipe(100_000),
    "sac": Recipe(40_000),
    "q_learning": Recipe(400_000, {"learning_rate": 0.2}),
    "sarsa": Recipe(400_000, {"learning_rate": 0.2}),
    "value_iteration": Recipe(1000),
    "policy_iteration": Recipe(50),
    "epsilon_greedy": Recipe(2_000_000),
    "ucb": Recipe(2_000_000),
    "gradient_bandit": Recipe(2_000_000),
}

_NORMALIZED = {"normalize_observations": True, "normalize_rewards": True}
_ICE = {"learning_rate_decay": 0.5, "epsilon": 0.5}

# By environment and agent. The first agent of an environment is the one that it is learnt with.
RECIPES: dict[str, dict[str, Recipe]] = {
    "CartPole-v1": {
        "ppo": Recipe(61_440, {"discount": 0.98, "gae_lambda": 0.9}, "even"),
    },
    "CliffWalking-v1": {
        "q_learning": Recipe(32_000, {"learning_rate": 0.5, "discount": 1.0}),
        "sarsa": Recipe(64_000, {"learning_rate": 0.5, "discount": 1.0}),
    },
    "Taxi-v4": {
        "q_learning": Recipe(
            384_000, {"learning_rate": 1.0, "epsilon": 0.3, "environments": 64}
        ),
    },
    "FrozenLake-v1": {
        "q_learning": Recipe(
            768_000, {**_ICE, "environments": 64, "discount": 0.99}, (1.0, 0.001, 2.0)
        ),
    },
    "FrozenLake8x8-v1": {
        "q_learning": Recipe(
            10_240_000, {**_ICE, "environments": 256, "discount": 0.999}, (1.0, 0.0005, 2.0)
        ),
    },
    "Blackjack-v1": {
        "q_learning": Recipe(
            4_000_000,
            {"discount": 1.0, "environments": 256, "epsilon": 0.5, "learning_rate_decay": 0.6},
            (1.0, 0.01, 1.0),
        ),
    },
    "Acrobot-v1": {
        "ppo": Recipe(
            122_880, {**_NORMALIZED, "n_steps": 128, "gae_lambda": 0.94, "passes": 4}, "even"
        ),
    },
    "MountainCar-v0": {
        "ppo": Recipe(
            409_600,
            {**_NORMALIZED, "gae_lambda": 0.98, "learning_rate": 2e-3, "entropy_coefficient": 0.01},
            "even",
        ),
    },
    "Catch": {
        "dqn": Recipe(16_000, {"exploration_steps": 500, "decay_steps": 1000}),
        "ppo": Recipe(100_000, falls="even"),
    },
    "Pendulum-v1": {
        "sac": Recipe(40_000),
        "ppo": Recipe(153_600, {**_NORMALIZED, "discount": 0.9}, "even"),
    },
}  # fmt: skip

# The mean return from which on an environment counts as solved, where the environment does not say.
# (Of Taxi, Gymnasium says 8, which the best policy does not reach: its mean is 7.93.)
SOLVED: dict[str, float | None] = {"Pendulum-v1": -150.0, "Taxi-v4": None}


def recipe_for(name: str, agent: str) -> Recipe:
    """Return how an agent learns in an environment of this name.

    >>> recipe_for("CartPole-v1", "ppo").steps, recipe_for("Mine", "dqn").steps
    (61440, 100000)
    """
    return RECIPES.get(name, {}).get(agent, GENERAL[agent])


def with_steps(recipe: Recipe, steps: int | None) -> Recipe:
    """Return a recipe for another count of steps."""
    return recipe if steps is None else replace(recipe, steps=steps)


def solved_from(environment: Any) -> float | None:
    """Return the mean return from which on an environment counts as solved; None if none is said.

    >>> from maeum.rl import envs
    >>> solved_from(envs.make("CartPole-v1")), solved_from(envs.make("GridWorld"))
    (475.0, None)
    """
    found = SOLVED.get(environment.name, environment.reward_threshold)
    return None if found is None else float(found)
