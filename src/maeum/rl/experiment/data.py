"""What is known while agents are trained, from the environment to what they did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from maeum.rl.agent import Agent
from maeum.rl.envs.bandits import Bandit
from maeum.rl.experiment.making import Plan
from maeum.rl.experiment.options import AgentOptions
from maeum.rl.experiment.playing import Played


@dataclass(frozen=True)
class AgentData:
    """An environment, how agents learn in it, and what became of them.

    Attributes:
        source: what the environment was asked for by.
        plan: how agents learn.
        notes: sentences.
        seconds: of each step so far.
        agents: those that have learnt.
        histories: of each, the values of each epoch.
        kept: the number of the one that is kept.
        played: of each, the episodes that chose the best, then those of the test: greedy, exploring
            and at random.
        snapshots: the values and policies of the kept one's table while it learnt, or None.
    """

    source: str
    plan: Plan
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    agents: list[Agent] = field(default_factory=list)
    histories: list[dict[str, list[float]]] = field(default_factory=list)
    kept: int = 0
    played: list[Played] = field(default_factory=list)
    snapshots: Any = None

    @property
    def options(self) -> AgentOptions:
        """The options."""
        return self.plan.options

    @property
    def sizes(self) -> dict[str, int]:
        """How many episodes the test has."""
        return {"test": self.plan.episodes}

    @property
    def bandit(self) -> bool:
        """Whether the environment is a bandit, in which learning itself is what is judged."""
        return isinstance(self.plan.environment, Bandit)
