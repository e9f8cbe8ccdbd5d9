"""What a training of agents leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.experiment.run import Run
from maeum.rl.envs.episodes import Results
from maeum.rl.statistics import Estimate, LearningCurve


@dataclass(kw_only=True)
class AgentRun(Run):
    """Everything that is known after agents learnt and were tested.

    Attributes:
        environment: the name of the environment.
        spaces: its observations, actions and time limit, by name, as words.
        agent: the class of the agents.
        solved: the mean return from which on the environment counts as solved; None if none is
            said.
        greedy, exploring, random: the episodes of the test of the agent that is kept, and of
            actions that are drawn evenly. None of a bandit, whose learning is what counts.
        seeds: the mean return of each agent's test, by its seed.
        kept: the seed of the one that is kept.
        overall: the interquartile mean over the seeds.
        curve: the returns while they learnt.
        steps: the steps in the environment after each epoch.
        film: an episode as drawings, or None.
        snapshots: the maps of the table while it was learnt: the steps, and a drawing of each.
        optimal: the mean return of the best policy, where the chances are known.
    """

    environment: str
    spaces: dict[str, str]
    agent: str
    solved: float | None
    greedy: Results | None
    exploring: Results | None
    random: Results | None
    seeds: dict[int, float]
    kept: int
    overall: Estimate | None
    curve: LearningCurve
    steps: np.ndarray
    film: Any = None
    snapshots: Any = None
    optimal: float | None = None

    @property
    def bandit(self) -> bool:
        """Whether the environment is a bandit."""
        return self.greedy is None

    @property
    def is_solved(self) -> bool:
        """Whether the agent that is kept reaches the bar."""
        return self.solved is not None and (self.metrics["return"] or -np.inf) >= self.solved

    def to_json(self) -> dict[str, Any]:
        """Return what ``metrics.json`` holds."""
        own: dict[str, Any] = {
            "environment": self.environment,
            "agent": self.agent,
            "solved_from": self.solved,
            "optimal": self.optimal,
            "seeds": {str(seed): score for seed, score in self.seeds.items()},
            "kept_seed": self.kept,
            "interquartile_mean": None if self.overall is None else self.overall._asdict(),
        }
        for name in ("greedy", "exploring", "random"):
            found: Results | None = getattr(self, name)
            if found is not None:
                own[name] = {"returns": found.total.tolist(), "lengths": found.length.tolist()}
        return super().to_json() | own
