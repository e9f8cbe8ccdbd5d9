"""Judging agents by playing: which seed is kept, how good it is, and what others do."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from maeum.core.messages import N_
from maeum.rl.envs.episodes import Results
from maeum.rl.envs.from_gymnasium import FromGymnasium
from maeum.rl.envs.grids import CellWorld
from maeum.rl.envs.tables import TableEnvironment
from maeum.rl.experiment.data import AgentData
from maeum.rl.experiment.frames import film_of
from maeum.rl.experiment.hosted import played_on_host
from maeum.rl.experiment.playing import EXPLORING, GREEDY, RANDOM, part, play
from maeum.rl.experiment.recipes import solved_from
from maeum.rl.maps import draw_policy
from maeum.rl.statistics import LearningCurve, interquartile_mean, learning_curve

_SWEEPS = 2000


def played(data: AgentData, snapshots: list[Any]) -> AgentData:
    """Let all agents play new episodes, and choose the best.

    Half of the episodes of the best actions choose; the other half is the test.
    """
    if data.bandit:
        scores = [history["reward"][-1] for history in data.histories]
        kept = int(np.argmax(scores))
        return replace(data, kept=kept, snapshots=snapshots[kept])
    n, began = data.plan.episodes, time.perf_counter()
    modes = {GREEDY: 2 * n, EXPLORING: n, RANDOM: n}
    traced = 0 if data.plan.on_host else 1
    found = [play(agent, modes, data.options.seed, traced) for agent in data.agents]
    scores = [float(part(one.results, n, n).total.mean()) for one in found]
    kept = int(np.argmax(scores))
    seconds = {**data.seconds, N_("playing"): time.perf_counter() - began}
    return replace(data, played=found, kept=kept, snapshots=snapshots[kept], seconds=seconds)


def judged(data: AgentData) -> dict[str, Any]:
    """Return the metrics of the agent that is kept, and what a run knows of all."""
    world, n = data.plan.environment, data.plan.episodes
    limit = world.max_episode_steps
    spaces = {
        N_("Observations"): str(world.observation_space),
        N_("Actions"): str(world.action_space),
        N_("Time limit (steps)"): "–" if limit is None else f"{limit:,}",
    }
    count = max(len(next(iter(h.values()), ())) for h in data.histories)
    per = data.plan.rows * data.plan.steps_per_epoch
    found: dict[str, Any] = {
        "environment": world.name,
        "spaces": spaces,
        "agent": type(data.agents[data.kept]).__name__,
        "solved": solved_from(world),
        "kept": data.agents[data.kept].seed,
        "curve": curve_of(data),
        "steps": per * np.arange(1, count + 1),
        "greedy": None,
        "exploring": None,
        "random": None,
        "overall": None,
    }
    if data.bandit:
        own = data.histories[data.kept]
        metrics = {name: own[name][-1] for name in ("reward", "optimal")}
        rewards = [h["reward"][-1] for h in data.histories]
        seeds = dict(zip([agent.seed for agent in data.agents], rewards))
        return found | {"metrics": metrics, "seeds": seeds}
    groups = [[part(one.results, i * n, n) for i in range(4)] for one in data.played]
    means = [float(group[0].total.mean()) for group in groups]
    greedy, _chosen_by, exploring, random = groups[data.kept]
    return found | {
        "metrics": figures(greedy),
        "greedy": greedy,
        "exploring": exploring,
        "random": random,
        "seeds": {agent.seed: mean for agent, mean in zip(data.agents, means)},
        "overall": interquartile_mean(means),
    }


def curve_of(data: AgentData) -> LearningCurve:
    """Return the returns while all seeds learnt; empty where nothing is played."""
    if all("return" in one for one in data.histories):
        return learning_curve(data.histories)
    none = np.zeros(0)
    return LearningCurve(none, none, none, np.zeros((len(data.histories), 0)))


def figures(results: Results) -> dict[str, float | None]:
    """Return the figures of some episodes."""
    totals = results.total.astype(float)
    return {
        "return": float(totals.mean()),
        "return_deviation": float(totals.std()),
        "lowest_return": float(totals.min()),
        "length": float(results.length.mean()),
    }


def others(data: AgentData) -> list[dict[str, Any]]:
    """Return what the kept agent brings when it explores, what chance does, and the best policy."""
    if data.bandit:
        return []
    found, n = data.played[data.kept].results, data.plan.episodes
    models: list[dict[str, Any]] = [
        {"name": N_("The same, exploring"), "metrics": figures(part(found, 2 * n, n))},
        {"name": N_("Actions drawn evenly"), "metrics": figures(part(found, 3 * n, n)),
         "constant": True},
    ]  # fmt: skip
    bar = solved_from(data.plan.environment)
    if bar is not None:
        models.append({"name": N_("Solved from"), "metrics": {"return": bar}, "constant": True})
    return models


def seen(data: AgentData) -> dict[str, Any]:
    """Return what a report shows of the agent: an episode, its table while it learnt."""
    world, agent = data.plan.environment, data.agents[data.kept]
    found: dict[str, Any] = {}
    if isinstance(world, FromGymnasium):
        found["film"] = played_on_host(agent, data.options.seed)
    elif data.played:
        found["film"] = film_of(world, data.played[data.kept].episodes[0])
    if data.snapshots is not None and isinstance(world, CellWorld):
        table: Any = agent
        last = len(next(iter(data.histories[data.kept].values())))
        epochs, drawings = [*data.snapshots.epochs], data.snapshots.drawings(world)
        if epochs[-1] != last:
            epochs.append(last)
            drawings.append(draw_policy(world, table.values(), table.policy()))
        per = data.plan.rows * data.plan.steps_per_epoch
        found["snapshots"] = [per * epoch for epoch in epochs], drawings
    best = _optimal(data)
    return found if best is None else found | {"optimal": best}


def _optimal(data: AgentData) -> float | None:
    """Return the mean return of the best policy, where the chances are known.

    With so many steps left, ``V(s) = max over a of E[r + V'(s')]``, where ``V'`` has one step less.
    """
    world = data.plan.environment
    if not isinstance(world, TableEnvironment) or getattr(world, "fickle_passenger", False):
        return None
    tables = world.transitions
    reward = (tables.probability * tables.reward).sum(-1)
    goes_on = tables.probability * ~tables.terminated
    values = np.zeros(len(reward))
    for _step in range(min(world.max_episode_steps or _SWEEPS, _SWEEPS)):
        before = values
        values = (reward + (goes_on * before[tables.state]).sum(-1)).max(-1)
        if world.max_episode_steps is None and np.array_equal(before, values):
            break
    return float(np.average(values, weights=world.first))
