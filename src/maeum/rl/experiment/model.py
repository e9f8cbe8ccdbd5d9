"""A trained agent, with what is known of its training."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maeum.core.errors import ConfigError, ModelFileError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import Things
from maeum.experiment.model import TaskModel
from maeum.models import Model
from maeum.report.wording import number
from maeum.rl.agent import Agent
from maeum.rl.envs.absent import AbsentEnvironment
from maeum.rl.envs.environment import Environment
from maeum.rl.envs.from_gymnasium import FromGymnasium

EPISODES = Things("{n:,} episode", "{n:,} episodes", N_("episodes"))


@dataclass(repr=False)
class AgentModel(TaskModel):
    """A trained agent.

    Attributes:
        network: the agent, a `maeum.rl.Agent`.
        facts: what is known of its training.

    Example:
        >>> from maeum.rl.experiment import train_agent
        >>> model = train_agent("CliffWalking-v1", seeds=1, steps=16_000, report=False).model
        >>> int(model.agent.act(36))
        0
    """

    kind = "agent"
    things = EPISODES
    reads_with = ()

    network: Model
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def agent(self) -> Agent:
        """The agent."""
        assert isinstance(self.network, Agent)
        return self.network

    def predict(self, source: Any, **reading: Any) -> Any:
        """Refuse: an agent acts.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(
            "This is an agent: it acts. See it play with maeum watch MODEL; in Python, "
            'maeum.rl.load_agent("model.maeum").act(observation) gives its action.'
        )

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        """Refuse: it is tested by playing.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(
            "This is an agent: it is tested by playing, not on data. See it play with maeum watch "
            'MODEL; in Python, maeum.rl.load_agent("model.maeum").evaluate(episodes=100).'
        )

    def describe(self) -> list[str]:
        """Return what it is, and what it sees and does, as sentences."""
        agent = self.agent
        world = agent.environment
        said = [
            _("An agent ({kind}) for {environment}", kind=type(agent).__name__,
              environment=world.name),
            _("Observations: {observations}; actions: {actions}",
              observations=world.observation_space, actions=world.action_space),
        ]  # fmt: skip
        if world.max_episode_steps is not None:
            limit = world.max_episode_steps
            said.append(ngettext("An episode has {n:,} step at most",
                                 "An episode has {n:,} steps at most", limit))  # fmt: skip
        if (seeds := self.facts.get("seeds")) and len(seeds) > 1:
            scores = [number(score, 4) for score in seeds.values()]
            said.append(_("The best of {n} seeds, whose mean returns were {scores}",
                          n=len(scores), scores=", ".join(scores)))  # fmt: skip
        return said

    def save(self, path: str | os.PathLike) -> None:
        """Save the agent; `maeum.rl.load_agent` loads it.

        Of an environment of one's own, whose code is in no file, only the spaces are kept.
        """
        agent = self.agent
        world = agent.environment
        if not in_a_file(world):
            agent.environment = AbsentEnvironment.of(world)
        try:
            super().save(path)
        finally:
            agent.environment = world

    def to_json(self) -> dict[str, Any]:
        """Return what a file says beside the agent: nothing."""
        return {}

    @classmethod
    def from_json(cls, network: Model, saved: Mapping[str, Any]) -> AgentModel:
        """Return the model of an agent that was read."""
        if not isinstance(network, Agent):
            raise ModelFileError("The file says that it holds an agent, but holds a {kind}.",
                                 kind=type(network).__name__)  # fmt: skip
        return cls(network)


def in_a_file(environment: Environment) -> bool:
    """Tell whether a model file can name an environment, so that loading finds it again.

    >>> from maeum.rl import envs
    >>> in_a_file(envs.make("Catch"))
    True
    """
    if isinstance(environment, FromGymnasium):
        return environment.made_by[0] is not None
    return type(environment).__module__.startswith("maeum.")
