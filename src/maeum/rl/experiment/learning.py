"""Agents learn: all seeds side by side in one program, or one after the other."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from maeum.callbacks import Callback
from maeum.core.errors import DataError, MaeumError, NonFiniteLossError
from maeum.core.messages import _
from maeum.experiment import events as told
from maeum.experiment.fitting import Course
from maeum.report.wording import finite, loss, number
from maeum.rl.agent import Agent, fit_agents
from maeum.rl.experiment.making import Plan
from maeum.rl.maps import Snapshots

SNAPSHOTS = 12


@dataclass(frozen=True)
class AgentsLearnt(told.EpochEnded):
    """An epoch of agents is over."""

    def __str__(self) -> str:
        if not finite(self.logs.get("return")):
            said = _("no episode ended yet")
            return said if "loss" not in self.logs else f"loss {loss(self.logs['loss'])}"
        return _("return {total}, episode length {length}", total=number(self.logs["return"]),
                 length=number(self.logs.get("length")))  # fmt: skip


@dataclass(frozen=True)
class Learnt:
    """What became of the agents.

    Attributes:
        agents: those that learnt, at least for an epoch.
        histories: of each, the values of each epoch.
        snapshots: of each, values and policies of its table while it learnt, or None.
        notes: sentences.
        interrupted: whether Ctrl-C ended it.
    """

    agents: list[Agent]
    histories: list[dict[str, list[float]]]
    snapshots: list[Any]
    notes: list[str]
    interrupted: bool


def learn(plan: Plan, course: Course) -> Learnt:
    """Train an agent from each seed.

    Raises:
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
        NonFiniteLossError: if the loss of every agent became NaN or infinite.
        DataError: if the environment raised.
    """
    agents = [plan.make(seed) for seed in plan.seeds]
    began = time.perf_counter()
    in_turn = plan.on_host or plan.tells_values
    total = plan.epochs * (len(agents) if in_turn else 1)
    course.tell(told.TrainingBegan(total))
    found = (_in_turn if in_turn else _side_by_side)(plan, course, agents)
    if not found.agents:
        raise KeyboardInterrupt(
            _("stopped before the first epoch was over: there is no agent yet")
        )  # fmt: skip
    lengths = [max(map(len, history.values())) for history in found.histories]
    over = sum(lengths) if in_turn else max(lengths)
    course.tell(told.TrainingEnded(over, time.perf_counter() - began))
    if found.interrupted:
        course.stop.asked = True
        course.tell(told.Stopped(over))
    return found


def _side_by_side(plan: Plan, course: Course, agents: list[Agent]) -> Learnt:
    def ended(epoch: int, logs: Sequence[Any]) -> None:
        known = [one for one in logs if one is not None]
        names = known[0] if known else {}
        middle = {name: _median([one[name] for one in known]) for name in names}
        course.tell(AgentsLearnt(epoch, plan.epochs, middle, None))

    options = {} if course.backup is None else {"backup": _within(course, "training")}
    histories = fit_agents(agents, plan.steps_per_epoch, plan.epochs, on_epoch_end=ended, **options)
    failed = [agent.seed for agent, one in zip(agents, histories) if one.failed]
    if len(failed) == len(agents):
        raise _not_finite()
    notes = []
    if failed:
        notes.append(_("The loss became NaN or infinite with the seeds {seeds}; these agents are "
                       "left out.", seeds=", ".join(map(str, failed))))  # fmt: skip
    pairs = [(agent, one) for agent, one in zip(agents, histories) if one.epoch and not one.failed]
    return Learnt([agent for agent, _one in pairs], [one.history for _agent, one in pairs],
                  [None] * len(pairs), notes, histories[0].interrupted)  # fmt: skip


def _in_turn(plan: Plan, course: Course, agents: list[Agent]) -> Learnt:
    found = Learnt([], [], [], [], False)
    interrupted = False
    for place, agent in enumerate(agents):
        taken = Snapshots(max(1, plan.epochs // SNAPSHOTS)) if plan.tells_values else None
        teller = _Teller(course, place * plan.epochs, plan.epochs * len(agents))
        callbacks = [teller, *course.callbacks, *([taken] if taken is not None else [])]
        options: dict[str, Any] = {"verbose": course.verbose, "callbacks": callbacks}
        if course.backup is not None:
            options["backup"] = _within(course, f"training-{agent.seed}")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            try:
                history = agent.fit(plan.steps_per_epoch, plan.epochs, **options)
            except DataError as error:
                if not teller.over or course.backup is None:
                    raise
                broken = DataError(
                    "{error} What was learnt in the {n} epochs before is kept: --resume goes on "
                    "from there.",
                    error=error,
                    n=teller.over,
                )
                broken.may_pass = True
                raise broken from error
        found.notes.extend(dict.fromkeys(str(one.message) for one in caught))
        interrupted = history.interrupted
        if history.epoch:
            found.agents.append(agent)
            found.histories.append(history.history)
            found.snapshots.append(taken)
        if interrupted:
            break
    return replace(found, interrupted=interrupted, notes=[*dict.fromkeys(found.notes)])


def _not_finite() -> MaeumError:
    return NonFiniteLossError(
        "The loss of every agent became NaN or infinite. A smaller --learning-rate may help; see "
        "that no reward of the environment is NaN."
    )


def _within(course: Course, step: str) -> Any:
    assert course.backup is not None
    return replace(course.backup, folder=Path(course.backup.folder) / step)


def _median(values: list[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else math.nan


class _Teller(Callback):
    """Tells a listener how one of several agents gets on."""

    watches = True

    def __init__(self, course: Course, first: int, epochs: int):
        super().__init__()
        self._course, self._first, self._epochs = course, first, epochs
        self.over = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell of the epoch."""
        self.over = epoch + 1
        event = AgentsLearnt(self._first + epoch, self._epochs, dict(logs or {}), None)
        self._course.tell(event)
