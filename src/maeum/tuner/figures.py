"""The drawings of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

import numpy as np

from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.charts import Axis, Chart, Line, Mark, Strands, Upright
from maeum.report.sections import Bar, Bars
from maeum.report.wording import number, percent
from maeum.tuner.finished import Finished
from maeum.tuner.hyperparameter import HyperParameter
from maeum.tuner.importances import Importances
from maeum.tuner.objective import Objective
from maeum.tuner.ranges import Numerical
from maeum.tuner.trial import Trial, TrialStatus, shown

COLOURS = tuple(f"s{i}" for i in range(6))  # from the worst sixth of the trials to the best
_POINTS = 60_000  # of all curves together
_NAMED = 8  # values of a choice that are written
_UNUSED = -0.14  # where a line runs that has no value on a scale


def colours(finished: Finished) -> np.ndarray:
    """Return ``(n,)`` the number of the colour of each trial, by its rank."""
    ranks = np.empty(len(finished), int)
    ranks[np.argsort(finished.costs, kind="stable")] = np.arange(len(finished))
    return len(COLOURS) - 1 - len(COLOURS) * ranks // max(len(finished), 1)


def legend() -> list[tuple[str, str]]:
    """The colours of the trials."""
    return [(_("best sixth of the trials"), COLOURS[-1]), (_("middle"), COLOURS[2]),
            (_("worst sixth"), COLOURS[0])]  # fmt: skip


def strands(
    finished: Finished, lines: Sequence[tuple[Sequence[float], Sequence[float]]], chosen: np.ndarray
) -> list[Mark]:
    """Return lines of trials in the colours of their ranks, the best one last and thick.

    Args:
        finished: the trials.
        lines: of each of the ``chosen``.
        chosen: ``(m,)`` the numbers of the trials among the finished ones.
    """
    codes, marks = colours(finished)[chosen], list[Mark]()
    for code, colour in enumerate(COLOURS):
        own = np.flatnonzero(codes == code).tolist()
        keys = [finished.trials[chosen[i]].number for i in own]
        marks.append(Strands([lines[i] for i in own], keys, colour))
    best = int(np.argmin(finished.costs[chosen])) if len(chosen) else None
    if best is not None:
        key = finished.trials[chosen[best]].number
        marks.append(Strands([lines[best]], [key], "ink", "thick large"))
    return marks


def parallel(finished: Finished, objective: Objective) -> Chart:
    """Parallel coordinates: a scale for each hyper-parameter and the score, a line per trial."""
    k, spread = len(finished.tuned), set(finished.epochs.tolist())
    names = list(finished.names)
    columns = [finished.places[:, i] for i in range(k)]
    ticks = [_ticks(each) for each in finished.tuned]
    if len(spread) > 1:  # of rungs
        rungs = sorted(spread)
        names.append(_("epochs"))
        columns.append(np.searchsorted(rungs, finished.epochs) / (len(rungs) - 1))
        ticks.append([(i / (len(rungs) - 1), f"{epochs:.0f}") for i, epochs in enumerate(rungs)])
    unused = any(np.isnan(column).any() for column in columns)
    if unused:
        ticks = [[*each, (_UNUSED, "–")] if np.isnan(column).any() else each
                 for each, column in zip(ticks, columns)]  # fmt: skip
    costs, low, high = finished.limited, finished.costs.min(), finished.limited.max()
    sign = -1 if objective.direction == "max" else 1
    columns.append(1 - (costs - low) / (high - low) if high > low else np.full(len(costs), 0.5))
    steps = np.linspace(0, 1, 5).tolist() if high > low else [0.5]
    scores = [number(sign * (high - at * (high - low))) for at in steps]
    if finished.costs.max() > high:  # what is worse is drawn there, too
        scores[0] = f"{'≥' if sign > 0 else '≤'} {scores[0]}"
    ticks.append(list(zip(steps, scores)))
    names.append(objective.name)
    places = np.column_stack([np.where(np.isnan(c), _UNUSED, c) for c in columns])
    x = list(range(len(names)))
    marks: list[Mark] = [
        Upright(i, shorten(name, 22), each) for i, (name, each) in enumerate(zip(names, ticks))
    ]
    marks = [*strands(finished, [(x, row) for row in places], np.arange(len(finished))), *marks]
    size = "" if len(names) < 5 else "some" if len(names) < 8 else "many"
    said = _("A line is a trial: it runs through its values, and ends with its score, the best at "
             "the top. Point at a line, or tap it, to see its trial in every drawing.")  # fmt: skip
    if unused:
        said += " " + _("A line that runs at the bottom (–) has no such value.")
    return Chart(_("All trials"), _("Parallel coordinates of {n} trials", n=len(finished)), marks,
                 Axis("", -0.06, len(names) - 1 + 0.06, marked=False),
                 Axis("", _UNUSED - 0.04 if unused else -0.03, 1.03, marked=False),
                 caption=said, legend=legend(), style=f"wide parallel {size}",
                 height=380)  # fmt: skip


def _ticks(hp: HyperParameter) -> list[tuple[float, str]]:
    """The values that are written on the scale of a hyper-parameter."""
    values = hp.values
    if _is_range(hp):
        values = tuple(hp.prob_to_value(at) for at in (0.0, 0.25, 0.5, 0.75, 0.999999999))
        return [(at, number(value, 3)) for at, value in zip((0.0, 0.25, 0.5, 0.75, 1.0), values)]
    every = -(-len(values) // _NAMED)
    return [(float(hp.value_to_prob(v)), shorten(shown(v), 14)) for v in values[::every]]


def course(finished: Finished, trials: Sequence[Trial], objective: Objective) -> Chart:
    """The score of each trial in its turn, and the best so far."""
    at = np.array([trial.number for trial in finished.trials])
    sign = -1 if objective.direction == "max" else 1
    limited = sign * finished.limited
    lines = [([x], [y]) for x, y in zip(at.tolist(), limited.tolist())]
    best = sign * np.minimum.accumulate(finished.costs)
    last = trials[-1].number
    falls = np.append(True, np.diff(best) != 0)
    x = np.repeat(np.append(at[falls], last), 2)[1:-1]
    marks: list[Mark] = [Line(x, np.repeat(best[falls], 2), "ink", "thin")]
    marks += strands(finished, lines, np.arange(len(finished)))
    failed = [t.number for t in trials if t.status == TrialStatus.FAILED]
    worst = float(sign * finished.limited.max())
    marks.append(Strands([([x], [worst]) for x in failed], failed, "muted", "small"))
    said = _("Each dot is a trial; the line is the best so far.")
    shown_legend = [*legend(), (_("best so far"), "ink")]
    if failed:
        said += " " + _("Grey dots at the edge are trials that failed.")
        shown_legend.append((_("failed"), "muted"))
    if finished.costs.max() > finished.limited.max():
        said += " " + _("What is worse than {score} is drawn there.", score=number(worst))
    return Chart(_("Trial by trial"), _("Scores of the trials, the best {score}",
                                        score=number(float(best[-1]))),
                 marks, Axis(_("trial"), kind="whole"), Axis(objective.name), caption=said,
                 legend=shown_legend, style="wide", height=260)  # fmt: skip


def curves(finished: Finished, objective: Objective) -> Chart | None:
    """The objective in every epoch of every trial; None without curves."""
    name = objective.names[0]
    chosen = [i for i, trial in enumerate(finished.trials) if (trial.curves or {}).get(name)]
    if not chosen or max(len(_curve(finished.trials[i], name)[0]) for i in chosen) < 2:
        return None
    found = [_curve(finished.trials[i], name) for i in chosen]
    direction = -1 if objective.direction == "max" else 1
    everything = np.concatenate([direction * y[np.isfinite(y)] for _x, y in found])
    low, worst = float(everything.min()), float(np.quantile(everything, 0.95))
    worst = max(worst, float(finished.limited[chosen].max()))
    most = max(12, min(300, _POINTS // len(found)))
    lines = []
    for x, y in found:
        known = np.isfinite(y)
        x, y = x[known], direction * np.clip(direction * y[known], low, worst)
        kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), most)).round().astype(int))
        kept = np.unique(np.append(kept, np.argmin(direction * y)))  # the best epoch is seen
        lines.append((x[kept], y[kept]))
    said = _("{name} after each epoch; the thick line is the best trial.", name=name)
    if everything.max() > worst:
        said += " " + _("What is worse than {score} is drawn at the edge.",
                        score=number(direction * worst))  # fmt: skip
    return Chart(_("Every trial’s curve"), _("Curves of {n} trials", n=len(lines)),
                 strands(finished, lines, np.array(chosen)), Axis(_("epoch"), kind="whole"),
                 Axis(name), caption=said, legend=legend(), style="wide", height=320)  # fmt: skip


def _curve(trial: Trial, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The epochs, counted from 1, and the values of a trial; of a rung, behind those below it."""
    values = np.array((trial.curves or {}).get(name, []), float)
    begun = trial.hyperparameters.values.get("tuner/initial_epoch", 0)
    return np.arange(len(values)) + 1.0 + begun, values


def against(finished: Finished, place: int, objective: Objective) -> Chart | None:
    """The score against one hyper-parameter; None if no trial has a value of it."""
    hp, name = finished.tuned[place], finished.names[place]
    chosen = np.flatnonzero(~np.isnan(finished.places[:, place]))
    if not len(chosen):
        return None
    values = [finished.trials[i].values[hp.name] for i in chosen]
    scores = (-1 if objective.direction == "max" else 1) * finished.limited[chosen]
    axis = Axis(shorten(name, 30))
    if not _is_range(hp):
        known = list(hp.values)
        # Beside each other, so that equal values do not hide one another.
        apart = [0.5 * ((0.618034 * i) % 1 - 0.5) for i in range(len(values))]
        x = [known.index(value) + move for value, move in zip(values, apart)]
        names = [shorten(shown(value), 14) for value in known]
        axis = Axis(shorten(name, 30), -0.5, len(known) - 0.5, names=names)
    else:
        x = [float(value) for value in values]
        kind = "log" if getattr(hp, "sampling", "") == "log" else "number"
        axis = Axis(shorten(name, 30), float(hp.min_value), float(hp.max_value), kind)
    lines = [([a], [b]) for a, b in zip(x, scores.tolist())]
    return Chart(shorten(name, 40), _("{score} against {name}", score=objective.name, name=name),
                 strands(finished, lines, chosen), axis, Axis(objective.name))  # fmt: skip


def _is_range(hp: HyperParameter) -> TypeGuard[Numerical]:
    """Whether it is drawn on a scale of numbers, rather than value by value."""
    return isinstance(hp, Numerical) and (hp.step is None or len(set(hp.values)) > _NAMED)


def mattered(found: Importances) -> Bars:
    """How much each hyper-parameter mattered."""
    most = max([*found.fractions.values(), 1e-12])
    bars = [
        Bar.of(shorten(name, 40), percent(value, 0), value / most)
        for name, value in found.fractions.items()
    ]
    how = {
        "fanova": _("functional analysis of variance (fANOVA) over a random forest"),
        "permutation": _("how much worse a random forest predicts the scores of trials that it has "
                         "not seen when the values of one are shuffled"),
    }  # fmt: skip
    said = ngettext("Of what they explain of the differences between {n:,} finished trial, the "
                    "part of each: {how}.",
                    "Of what they explain of the differences between {n:,} finished trials, the "
                    "part of each: {how}.", found.trials, how=how[found.method])  # fmt: skip
    return Bars(_("Parts of the differences"), bars, said, style="wide", titled=False)
