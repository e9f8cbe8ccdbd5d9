"""What the report on an agent shows: an episode, its returns, its table, how the seeds learnt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from maeum.core.messages import _
from maeum.experiment.report import notes, quality
from maeum.experiment.trained import Trained
from maeum.report.charts import Axis, Band, Chart, Line, Mark, Reading, Rule, Steps
from maeum.report.charts.animation import Animation
from maeum.report.learning import learning_curves
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Grid,
    Heading,
    Pairs,
    Section,
    Text,
)
from maeum.report.wording import finite, number
from maeum.rl.experiment.frames import WIDTH
from maeum.rl.experiment.playing import AIMLESS
from maeum.rl.experiment.result import AgentRun

BINS = 30
_OWN = ("return", "length", "steps")
_OF_SEEDS = ("return_",)
CURVES = ("reward", "optimal", "loss", "entropy", "value_loss", "temperature", "action_value")


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters."""
    run = trained.run
    found = [_episode(run), _values(run), _quality(run), _environment(run)]
    return [chapter for chapter in found if chapter is not None]


def learning(run: AgentRun) -> list[Section]:
    """Return how all seeds learnt: their returns, and the losses of the one that is kept."""
    found: list[Section] = [_curve(run)] if np.isfinite(run.curve.median).any() else []
    rest = {name: run.history[name] for name in CURVES if name in run.history}
    if found and rest:
        found.append(Heading(_("The agent that is kept")))
    if rest:
        found.append(Grid(learning_curves(rest, -1, most=6)))
    return found or [Text(_("No epoch was recorded."))]


def _curve(run: AgentRun) -> Section:
    curve, x, many = run.curve, run.steps[: len(run.curve.median)], len(run.curve.seeds) > 1
    marks: list[Mark] = []
    if many:
        there, low = _known(x, curve.low)
        marks.append(Band(there, low, _known(x, curve.high)[1], "c0"))
        marks += [Line(*_known(x, one), "c8", "thin") for one in curve.seeds]
    marks.append(Line(*_known(x, curve.median), "c0", "thick"))
    legend = [(_("median") if many else _("return"), "c0")]
    if many:
        legend += [(_("each seed"), "c8")]
    if run.solved is not None:
        marks.append(Rule(y=run.solved))
    said = _("The mean return of the episodes that ended in each epoch, with the actions of "
             "training.")  # fmt: skip
    if many:
        said += " " + _("The band holds the middle half of the seeds.")
    if run.solved is not None:
        said += " " + _("The dashed line is the bar from which on it counts as solved, {bar}.",
                        bar=number(run.solved))  # fmt: skip
    heads = [_("{n:,} steps", n=int(step)) for step in x]
    lines = [(_("median"), curve.median)] if many else [(_("return"), curve.median)]
    if many:
        lines += [(_("lower quartile"), curve.low), (_("upper quartile"), curve.high)]
    return Chart(
        _("Learning curves"), _("Return over the steps in the environment, for each seed"), marks,
        Axis(_("steps in the environment"), 0.0, kind="whole"), Axis(_("return")),
        Reading.along(x, heads, lines), said, legend, style="wide", height=260,
    )  # fmt: skip


def _known(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of a curve where an episode ended."""
    there = np.isfinite(y)
    return x[there], y[there]


def _episode(run: AgentRun) -> Chapter | None:
    if run.film is None:
        return None
    said = _("One of the episodes of the test, with the best actions: {said}.",
             said=run.film.headline())  # fmt: skip
    return Chapter("episode", _("What it does"), [run.film.animation(_("An episode"), said)])


def _values(run: AgentRun) -> Chapter | None:
    """The values and the policy of a table on the map of the world, while it learnt."""
    if run.snapshots is None:
        return None
    steps, drawings = run.snapshots
    told = [_("after {n:,} steps", n=n) for n in steps]
    said = _("Each cell has the value of its best action, and an arrow for it; the better, the "
             "stronger the colour.")  # fmt: skip
    shown = Animation.of(
        _("Values and policy while it learnt"), _("The map of the world with values and arrows"),
        [drawing.pieces(WIDTH) for drawing in drawings], told, rate=2.0, shown=len(drawings) - 1,
        caption=said, style="wide",
    )  # fmt: skip
    return Chapter("table", _("What it knows"), [shown])


def _quality(run: AgentRun) -> Chapter | None:
    if run.greedy is None or run.exploring is None:
        return None
    measured = _("Everything here is measured on {n} new episodes, which were used neither for "
                 "learning nor for choosing the best seed.", n=len(run.greedy.total))  # fmt: skip
    others = _(
        "On as many episodes each. Exploring, actions are drawn as in training; an episode "
        "of actions drawn evenly is given up after {most:,} steps.",
        most=AIMLESS,
    )
    kinds = [(_("best actions"), "c0", run.greedy), (_("exploring"), "c1", run.exploring)]
    totals = [(name, colour, np.asarray(one.total)) for name, colour, one in kinds]
    returns = _histogram(_("Returns"), _("return"), totals, run.solved)
    counts = [(name, colour, np.asarray(one.length)) for name, colour, one in kinds]
    lengths = _histogram(_("Lengths of the episodes"), _("Episode length"), counts, None)
    more: list[Section] = [Grid([returns, lengths])]
    if len(run.seeds) > 1:
        more.append(_of_seeds(run))
    return quality(run, *more, measured=measured, others=others)


def _histogram(
    title: str, axis: str, groups: Sequence[tuple[str, str, np.ndarray]], bar: float | None
) -> Chart:
    values = np.concatenate([np.asarray(group[2], float) for group in groups])
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.round(values)).all()) and high - low < BINS
    if low == high:
        low, high = low - 2, high + 2
    edges = np.arange(low - 0.5, high + 1) if whole else np.linspace(low, high, BINS + 1)
    counts = [np.histogram(group[2], edges)[0] for group in groups]
    marks: list[Mark] = [
        Steps(edges, heights, colour, filled=not place)
        for place, (heights, (_name, colour, _v)) in enumerate(zip(counts, groups))
    ]
    if bar is not None and edges[0] <= bar <= edges[-1]:
        marks.append(Rule(x=bar))
    readings = [
        Reading(float(a), float(b), "\n".join([
            number((a + b) / 2) if whole else f"{number(a, 3)} – {number(b, 3)}",
            *(f"{group[0]}: {heights[i]:,}" for heights, group in zip(counts, groups)),
        ]))
        for i, (a, b) in enumerate(pairwise(edges.tolist()))
    ]  # fmt: skip
    return Chart(title, _("Histogram: {what}", what=title), marks, Axis(axis),
                 Axis(_("episodes"), 0.0, kind="whole"), readings,
                 legend=[group[:2] for group in groups])  # fmt: skip


def _of_seeds(run: AgentRun) -> Bars:
    """The mean return of each seed, and the interquartile mean of all."""
    scores = run.seeds
    low, high = min([0.0, *scores.values()]), max([0.0, *scores.values()])
    spread = (high - low) or 1.0
    bars = []
    for seed, score in scores.items():
        note = _("kept") if seed == run.kept else ""
        fraction = (score - low) / spread if low >= 0 else (high - score) / spread
        bars.append(Bar.of(_("Seed {seed}", seed=seed), number(score), fraction,
                           "c0" if seed == run.kept else "c8", note))  # fmt: skip
    caption = ""
    if run.overall is not None:
        found = run.overall
        caption = _("Mean returns of the same test. The interquartile mean over the seeds is "
                    "{mean}, its 95% bootstrap interval {low} to {high} (Agarwal et al., 2021).",
                    mean=number(found.value), low=number(found.low),
                    high=number(found.high))  # fmt: skip
    if low < 0:
        caption += " " + _("Shorter bars are better: they show how far a return is below {best}.",
                           best=number(high))  # fmt: skip
    return Bars(_("The seeds"), bars, caption, style="wide")


def _environment(run: AgentRun) -> Chapter:
    facts = [(_("Environment"), run.environment)]
    facts += [(_(name), value) for name, value in run.spaces.items()]
    if run.solved is not None:
        facts.append((_("Solved from"), number(run.solved)))
    if finite(run.optimal):
        facts.append((_("Best possible"), number(run.optimal)))
    return Chapter("environment", _("The environment"),
                   [Pairs(_("What it is"), facts), *notes(run)])  # fmt: skip
