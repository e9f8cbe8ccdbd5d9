"""Charts of what a column does to the answers, in general and for single rows."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import SERIES, Axis, Chart, Line, Reading
from maeum.report.sections import Bar, Bars, Section, from_middle, stacked
from maeum.report.wording import cell, number, percent
from maeum.tabular.explaining import Contributions, Dependence
from maeum.tabular.relations import Sample
from maeum.tabular.result import TableRun

MAX_LINES = 5
MAX_CONTRIBUTIONS = 6
_DAY = 86_400.0


def dependence(run: TableRun, sample: Sample, found: Dependence) -> Section:
    """What the network answers on average along a column."""
    return _by_level(run, found) if found.names else _along(run, sample, found)


def _classes(run: TableRun, answers: np.ndarray) -> list[int]:
    """The classes that are shown: of two the second, of many those that change most."""
    if run.task == "binary":
        return [1]
    return sorted(np.argsort(-np.ptp(answers, axis=0), kind="stable")[:MAX_LINES].tolist())


def _along(run: TableRun, sample: Sample, found: Dependence) -> Chart:
    is_date, title = found.column in sample.dates, shorten(found.column, 48)
    x = found.at * _DAY if is_date else found.at
    heads = [str(np.datetime64(int(v), "D")) if is_date else number(v) for v in found.at.tolist()]
    axis = Axis(kind="time" if is_date else "number")
    if run.task == "regression":
        values, name = found.answers[:, 0], shorten(run.target, 30)
        readings = Reading.along(x, heads, [(name, values)])
        alt = _("Mean prediction along {name}", name=title)
        return Chart(title, alt, [Line(x, values)], axis, Axis(name), readings)
    labels = _classes(run, found.answers)
    names = [shorten(run.classes[k], 24) for k in labels]
    paints = [SERIES[1 if run.task == "binary" else k % len(SERIES)] for k in labels]
    lines = [found.answers[:, k] for k in labels]
    told = [(name, [percent(v, 0) for v in line]) for name, line in zip(names, lines)]
    alt = _("Mean probability of {names} along {name}", names=", ".join(names), name=title)
    return Chart(title, alt, [Line(x, line, paint) for line, paint in zip(lines, paints)], axis,
                 Axis(kind="percent", low=0.0), Reading.along(x, heads, told),
                 legend=tuple(zip(names, paints)))  # fmt: skip


def _by_level(run: TableRun, found: Dependence) -> Bars:
    title, labels = shorten(found.column, 48), [shorten(name, 40) for name in found.names]
    if run.task == "regression":
        values = found.answers[:, 0]
        away = values - values.mean()
        longest = max(float(np.abs(away).max()), 1e-12)
        bars = [Bar(label, number(v), [from_middle(d / longest)])
                for label, v, d in zip(labels, values.tolist(), away)]  # fmt: skip
        return Bars(title, bars, signed=True)
    if run.task == "binary":
        bars = [Bar.of(label, percent(p, 0), p, "c1")
                for label, p in zip(labels, found.answers[:, 1].tolist())]  # fmt: skip
        return Bars(title, bars, legend=((shorten(run.classes[1], 24), "c1"),))
    kept = _classes(run, found.answers)
    paints = [SERIES[k % len(SERIES)] for k in kept]
    bars = [Bar(label, "", stacked((100 * float(p[k]), paint) for k, paint in zip(kept, paints)))
            for label, p in zip(labels, found.answers)]  # fmt: skip
    return Bars(title, bars, legend=tuple((shorten(run.classes[k], 24), paint)
                                          for k, paint in zip(kept, paints)))  # fmt: skip


def why(run: TableRun, row: int, place: int, found: Contributions) -> Bars:
    """What the columns of a row add to its answer, beginning with the mean of all rows."""
    shown = found.columns[:MAX_CONTRIBUTIONS]
    longest = max((abs(value) for _name, value in shown), default=0.0) or 1.0
    bars = []
    for name, value in shown:
        label = shorten(name, 30)
        if name in run.test_rows:
            label = f"{label} = {shorten(cell(run.test_rows[name].iloc[row]), 24)}"
        bars.append(Bar(label, _amount(run, value), [from_middle(value / longest)]))
    rest = sum(value for _name, value in found.columns[MAX_CONTRIBUTIONS:])
    if run.classes:
        answer = shorten(run.classes[int(run.answers[row])], 24)
        said = _("From {base} for “{answer}” on average to {end}", base=percent(found.base, 0),
                 answer=answer, end=percent(found.answer))  # fmt: skip
    else:
        said = _("From {base} on average to {end}", base=number(found.base),
                 end=number(found.answer))  # fmt: skip
    if len(found.columns) > MAX_CONTRIBUTIONS:
        said += _("; all others: {amount}", amount=_amount(run, rest))
    return Bars(_("Row {n}", n=place), bars, f"{said}.", signed=True)


def _amount(run: TableRun, value: float) -> str:
    if run.classes:
        return f"{100 * value:+.1f}".replace("-", "−")
    return "+" * (value > 0) + number(value)
