"""Agents that learn from reward, as a task of `maeum.experiment`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maeum.core.messages import N_, _
from maeum.experiment.events import Event, Found, Listener, Note, ignore, work
from maeum.experiment.task import Task
from maeum.experiment.trained import Trained
from maeum.experiment.verdict import Verdict
from maeum.rl.experiment.model import AgentModel
from maeum.rl.experiment.options import AgentOptions, AgentReading
from maeum.rl.experiment.places import may_be_environment
from maeum.rl.experiment.result import AgentRun

if TYPE_CHECKING:
    from maeum.models import Model
    from maeum.report.sections import Section
    from maeum.rl.experiment.data import AgentData


class AgentTask(Task):
    """An environment: an agent learns what to do in it."""

    kind = "agent"
    title = N_("agents in environments")
    options = AgentOptions
    reading = AgentReading
    model = AgentModel
    run = AgentRun
    report = "maeum.rl.experiment.report"
    holds = N_("The model file beside this report holds the agent. To see it play:")
    inside = ""
    commands = ("maeum watch model.maeum", "maeum show model.maeum")

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take the name of an environment, perhaps misspelt, or the place of a function."""
        return may_be_environment(path)

    def prepare(self, source: Any, reading: AgentReading, options: AgentOptions) -> AgentData:
        """Make the environment, see that it works, and plan how agents learn in it."""
        from maeum.rl.experiment.checking import check_works
        from maeum.rl.experiment.data import AgentData
        from maeum.rl.experiment.making import Plan
        from maeum.rl.experiment.places import open_environment

        began = time.perf_counter()
        environment = open_environment(source, options.max_episode_steps)
        check_works(environment)
        plan = Plan.of(environment, options)
        name = source.as_posix() if isinstance(source, Path) else environment.name
        seconds = {N_("preparing"): time.perf_counter() - began}
        return AgentData(str(name), plan, seconds=seconds)

    def describe(self, data: AgentData) -> Iterable[Event]:
        """Yield what the environment is, and how agents will learn in it."""
        from maeum.rl.experiment.making import said_of

        world = data.plan.environment
        first = _("{source}: observations {observations}, actions {actions}", source=data.source,
                  observations=world.observation_space, actions=world.action_space)  # fmt: skip
        facts = {"observations": str(world.observation_space), "actions": str(world.action_space)}
        yield Found(data.source, facts, (first, said_of(data.plan)))
        yield from map(Note, data.notes)

    def build(self, data: AgentData) -> Model:
        """Return an agent that has learnt nothing."""
        return data.plan.make(data.options.seed)

    def fit(self, course: Any, data: AgentData) -> Any:
        """Train an agent from each seed, let all play, and keep the best one."""
        from maeum.experiment.fitting import Fitted
        from maeum.rl.experiment.judging import played
        from maeum.rl.experiment.learning import learn

        found = learn(data.plan, course)
        for note in found.notes:
            course.tell(Note(note))
        data = replace(data, agents=found.agents, histories=found.histories)
        with course.stop.listening():  # which Ctrl-C does not throw away
            work(_("Playing ..."))
            data = played(data, found.snapshots)
        history = data.histories[data.kept]
        best = max(map(len, history.values()), default=1) - 1
        return Fitted(data.agents[data.kept], data, _history(data), best, False)

    def wrap(self, network: Model, data: AgentData) -> AgentModel:
        """Return the agent that is kept."""
        return AgentModel(network)

    def score(self, model: AgentModel, data: AgentData) -> dict[str, Any]:
        """Return what the episodes of the test brought."""
        from maeum.rl.experiment.judging import judged

        return judged(data)

    def baselines(self, model: AgentModel, data: AgentData) -> list[dict[str, Any]]:
        """Return what exploring, drawing and planning bring."""
        from maeum.rl.experiment.judging import others

        return others(data)

    def examine(
        self, model: AgentModel, data: AgentData, found: dict, tell: Listener
    ) -> dict[str, Any]:
        """Return an episode as drawings, and the maps of a table."""
        from maeum.rl.experiment.judging import seen

        return seen(data)

    def name_of(self, network: Model) -> str:
        """Return the algorithm."""
        return type(network).__name__

    def summary(self, network: Model) -> str:
        """Return the layers of the network that acts; nothing of a table."""
        acting: Any = getattr(network, "policy", None) or getattr(network, "q", None)
        return super().summary(acting) if hasattr(acting, "summary") else ""

    def chosen(self, data: AgentData) -> dict[str, Any]:
        """Return all hyper-parameters of the agents."""
        return data.plan.settings()

    def facts(self, run: AgentRun) -> dict[str, Any]:
        """Return how each seed did."""
        return {"seeds": {str(seed): score for seed, score in run.seeds.items()},
                "environment": run.environment}  # fmt: skip

    def verdict(self, run: AgentRun) -> Verdict:
        """Say how good the agent is."""
        from maeum.rl.experiment import verdict

        return verdict.of(run)

    def eyebrow(self, run: AgentRun) -> tuple[str, ...]:
        """Return the algorithm."""
        return (_("an agent: {agent}", agent=run.agent),)

    def learning(self, trained: Trained) -> list[Section]:
        """Return the curves of all seeds."""
        from maeum.rl.experiment.report import learning

        return learning(trained.run)

    @property
    def snippet(self) -> str:
        """What the report says about using the agent in Python."""
        return (
            "from maeum.rl import load_agent\n\n"
            'agent = load_agent("model.maeum")\n'
            "action = agent.act(observation)\n"
            "print(agent.evaluate(episodes=100).total.mean())"
        )


def _history(data: AgentData) -> dict[str, list[float]]:
    """Return the values of each epoch: over the seeds, then what else the kept agent told."""
    from maeum.rl.experiment.judging import curve_of

    per = data.plan.rows * data.plan.steps_per_epoch
    own = data.histories[data.kept]
    count = max(map(len, own.values()), default=0)
    found: dict[str, list[float]] = {"steps": [float(per * (i + 1)) for i in range(count)]}
    curve = curve_of(data)
    if len(curve.median):
        found |= {"return": curve.median.tolist(), "return_lower_quartile": curve.low.tolist(),
                  "return_upper_quartile": curve.high.tolist()}  # fmt: skip
        if len(data.agents) > 1:
            for agent, values in zip(data.agents, curve.seeds.tolist()):
                found[f"return_seed_{agent.seed}"] = values
    return found | {name: values for name, values in own.items() if name not in found}


def train_agent(
    environment: Any,
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: Any = None,
    **options: Any,
) -> Trained[AgentModel, AgentRun]:
    """Train agents in an environment from several seeds, test them, and keep the best one.

    Ctrl-C ends the training: what was learnt so far is tested and kept.

    Args:
        environment: an environment, the name of one of `maeum.rl.envs` or of Gymnasium, or where a
            function stands that makes one, such as ``"my_env.py:make"``.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of a training of one agent.
        verbose: 1 for a progress display of such a training.
        report: whether to compute what only a report needs.
        backup: a folder that the training goes on from when it was broken off.
        options: see `maeum.rl.experiment.options.AgentOptions` (``agent``, ``seeds``, ``steps``).

    Raises:
        UnknownNameError, ConfigError, DataError: for an environment or an option that cannot be
            used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> trained = train_agent("CliffWalking-v1", seeds=2, steps=16_000)
        >>> trained.run.metrics["return"], trained.run.optimal
        (-13.0, -13.0)
    """
    from maeum.experiment.training import train

    task = AgentTask()
    data = task.prepare(environment, *task.split(options))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                 backup=backup)  # fmt: skip
