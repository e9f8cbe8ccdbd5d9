"""From options and recipes to agents that are ready to learn, and for how long they do."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.wording import enumeration
from maeum.optimizers.schedules import LearningRateSchedule, PolynomialDecay
from maeum.rl.agent import Agent
from maeum.rl.envs.bandits import Bandit
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.experiment.options import AGENTS, SEEDS, AgentOptions
from maeum.rl.experiment.recipes import RECIPES, recipe_for, with_steps
from maeum.rl.networks import default_network
from maeum.rl.planning import Planner
from maeum.rl.q_learning import TableAgent
from maeum.rl.spaces import Box, Discrete, table_size

EPOCHS = 60  # points of a learning curve
_TABLE = 100_000  # pairs of observations and actions up to which a table is the default


def suitable(environment: Environment) -> str:
    """Return the agent that learns an environment by default: `AGENTS` has their names.

    >>> from maeum.rl import envs
    >>> [suitable(envs.make(name)) for name in ("Taxi-v4", "CartPole-v1", "Pendulum-v1")]
    ['q_learning', 'ppo', 'sac']
    """
    known = RECIPES.get(environment.name)
    if known:
        return next(iter(known))
    actions, seen = environment.action_space, table_size(environment.observation_space)
    if isinstance(environment, Bandit):
        return "epsilon_greedy"
    if isinstance(actions, Discrete) and seen is not None and seen * actions.n <= _TABLE:
        return "q_learning"
    return "sac" if isinstance(actions, Box) and actions.bounded else "ppo"


def class_of(agent: str) -> type[Agent]:
    """Return the class of an agent by its name."""
    return getattr(importlib.import_module("maeum.rl"), AGENTS[agent])


@dataclass(frozen=True)
class Plan:
    """How agents learn in an environment.

    Attributes:
        environment: the environment.
        agent: the name of the algorithm.
        options: what was chosen.
        arguments: of the agents, beside environment and seed.
        steps_per_epoch, epochs: of a training.
        rows: the steps in the environment that a step of training takes.
    """

    environment: Environment
    agent: str
    options: AgentOptions
    arguments: Mapping[str, Any] = field(default_factory=dict)
    steps_per_epoch: int = 1
    epochs: int = 1
    rows: int = 1

    @classmethod
    def of(cls, environment: Environment, options: AgentOptions) -> Plan:
        """Return the plan for an environment, with what the recipes know.

        Raises:
            ConfigError: for an agent that does not suit the environment, or an option that it does
                not have.
        """
        agent = options.agent or suitable(environment)
        recipe = with_steps(recipe_for(environment.name, agent), options.steps)
        arguments = dict(recipe.arguments) | _chosen(agent, options)
        kind = class_of(agent)
        made = _made(kind, environment, arguments, options)  # says if it does not suit
        rows = 1 if isinstance(made, Planner) else made.environments * getattr(made, "n_steps", 1)
        steps = max(1, round(recipe.steps / rows))
        per = max(1, math.ceil(steps / EPOCHS))
        epochs = max(1, round(steps / per))
        falling = _falling(kind, recipe.falls, per * epochs, options)
        return cls(environment, agent, options, arguments | falling, per, epochs, rows)

    def make(self, seed: int) -> Agent:
        """Return an agent that has learnt nothing yet."""
        return _made(class_of(self.agent), self.environment, self.arguments, self.options, seed)

    @cached_property
    def on_host(self) -> bool:
        """Whether the environment runs in Python, so that agents learn one after the other."""
        return isinstance(self.environment, FromGymnasium)

    @property
    def tells_values(self) -> bool:
        """Whether the agents have a table of values, which is drawn while they learn."""
        return issubclass(class_of(self.agent), (TableAgent, Planner))

    @property
    def seeds(self) -> list[int]:
        """The seeds, as many as were asked for."""
        usual = SEEDS
        if self.on_host or issubclass(class_of(self.agent), Planner):
            usual = 1
        count = self.options.seeds or usual
        return [(self.options.seed + n) % 2**32 for n in range(count)]

    @property
    def episodes(self) -> int:
        """How many episodes an agent is tested on."""
        return min(self.options.episodes, 20) if self.on_host else self.options.episodes

    def settings(self) -> dict[str, Any]:
        """Return all arguments of an agent as plain data, defaults included."""
        made, hidden = self.make(0), ("environment", "name", "seed")
        own: dict[str, Any] = {}
        for name in _arguments_of(type(made)):
            value = getattr(made, name, None)
            if isinstance(value, LearningRateSchedule):
                own[name] = value.get_config()
            elif isinstance(value, (int, float, str)) and name not in hidden:
                own[name] = value
        return own | {
            "agent": self.agent,
            "max_episode_steps": self.environment.max_episode_steps,
            "training_steps": self.steps_per_epoch * self.epochs,
            "steps": self.steps_per_epoch * self.epochs * self.rows,
            "seeds": self.seeds,
        }


def _chosen(agent: str, options: AgentOptions) -> dict[str, Any]:
    """Return the arguments that were chosen by options.

    Raises:
        ConfigError: for one that the agent does not have.
    """
    names = ("environments", "learning_rate", "discount")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    asked = [*given, *(["hidden"] if options.hidden is not None else [])]
    for name in asked:
        if not _takes(agent, name):
            able = [other for other in AGENTS if _takes(other, name)]
            raise ConfigError(
                "--{name} is for {agents}; the agent is {agent}.", name=name.replace("_", "-"),
                agents=enumeration(able), agent=agent,
            )  # fmt: skip
    return given


def _arguments_of(kind: Any) -> list[str]:
    return accepted_arguments(kind)


def _takes(agent: str, name: str) -> bool:
    known = _arguments_of(class_of(agent))
    if name == "hidden":
        return any(part in known for part in ("policy", "network"))
    return name in known


def _made(
    kind: type[Agent], environment: Environment, arguments: Mapping[str, Any],
    options: AgentOptions, seed: int = 0,
) -> Agent:  # fmt: skip
    make: Any = kind
    made = make(environment, seed=seed, **arguments)
    if options.hidden is None:
        return made
    return make(environment, seed=seed, **arguments, **_networks(made, options.hidden))


def _networks(agent: Any, units: tuple[int, ...]) -> dict[str, Any]:
    """Return the networks of an agent with other hidden layers.

    Raises:
        ConfigError: where observations are images, whose networks have convolutions.
    """
    shape = agent.input_shape_of_networks
    if len(shape) == 3:
        raise ConfigError(
            "{environment} shows images, for which there is a convolutional network; --hidden is "
            "for vectors. In Python, an agent takes any network of yours.",
            environment=agent.environment.name,
        )
    if hasattr(agent, "q"):
        outputs = agent.environment.action_space.n
        return {"network": default_network(shape, outputs, "network", 1.0, "relu", units)}
    size = agent.actions.outputs
    if isinstance(getattr(agent, "values", None), list):
        both = (math.prod(shape) + size,)
        values = [default_network(both, 1, f"value_{i}", 1.0, "relu", units) for i in range(2)]
        policy = default_network(shape, 2 * size, "policy", 1.0, "relu", units)
        return {"policy": policy, "values": values}
    return {
        "policy": default_network(shape, size, "policy", 0.01, units=units),
        "value": default_network(shape, 1, "value", 1.0, units=units),
    }


def _falling(
    kind: type[Agent], falls: Any, steps: int, options: AgentOptions
) -> dict[str, Any]:  # fmt: skip
    """Return the arguments by which the learning rate falls over a training of so many steps."""
    if falls == "even":
        return {"decay_steps": steps} if "decay_steps" in _arguments_of(kind) else {}
    if falls is None or options.learning_rate is not None:
        return {}
    start, end, power = falls
    return {"learning_rate": PolynomialDecay(start, steps, end, power=power)}


def said_of(plan: Plan) -> str:
    """Say how the agents learn, as a sentence."""
    count = len(plan.seeds)
    name = AGENTS[plan.agent]
    if issubclass(class_of(plan.agent), Planner):
        return _("{agent}: up to {steps:,} sweeps over all states", agent=name,
                 steps=plan.steps_per_epoch * plan.epochs)  # fmt: skip
    steps = plan.steps_per_epoch * plan.epochs * plan.rows
    return _("{agent}: {steps:,} steps in the environment from each of {n} seeds", agent=name,
             steps=steps, n=count) if count > 1 else _(
             "{agent}: {steps:,} steps in the environment", agent=name, steps=steps)  # fmt: skip
