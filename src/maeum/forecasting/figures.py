"""Drawings of series: the whole of them, forecasts against the truth, errors by step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.report import PARTS
from maeum.experiment.training import NETWORK
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.series import Series
from maeum.forecasting.times import time_text
from maeum.report.figures import SERIES, Drawing, Sheet, colour
from maeum.report.wording import number

MAX_SERIES = 4
MAX_POINTS = 1500
_WIDE = (680, 220)
_STRIP = "wide strip"
# The labels of a time axis, the same in every language: years, months, days, hours, ...
_LABELS = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S.%f"]


def whole(run: SeriesRun) -> Iterator[Drawing]:
    """The first few series from beginning to end, in the colours of their parts."""
    split = run.data.split
    legend = tuple((_(name), paint) for name, paint in PARTS.values())
    for one in run.data.series.series[:MAX_SERIES]:
        first, last = map(int, np.searchsorted(one.moments, [split.validation, split.test]))
        with Sheet(*_WIDE) as sheet:
            axes = _time_panel(sheet, one.times)
            parts = pairwise([0, first, last, len(one)])
            for (begin, end), (_name, paint) in zip(parts, legend):
                for a, b in _stretches(one, begin, end):
                    which = np.unique(np.linspace(a, b - 1, min(b - a, MAX_POINTS)).astype(int))
                    axes.plot(one.times[which], one.values[which, 0], color=colour(paint),
                              linewidth=1.4)  # fmt: skip
        title = shorten(one.name or run.data.series.targets[0], 40)
        alt = _("{name} from {first} to {last}", name=title, first=time_text(one.times[0]),
                last=time_text(one.times[-1]))  # fmt: skip
        yield Drawing(title, sheet.svg, alt, legend=legend, style=_STRIP)


def _stretches(one: Series, first: int, end: int) -> list[tuple[int, int]]:
    """Where lines are drawn: joined to the part before, broken where gaps are skipped."""
    joined = first > 0 and first not in one.breaks
    return [(a - (joined and a == first), b) for a, b in pairwise(one.edges(first, end)) if b > a]


def against_truth(run: SeriesRun) -> Iterator[Drawing]:
    """The forecasts of the first and the last step, over the test of the first series."""
    windows, times = run.data.parts["test"], run.data.series.times
    mine = np.flatnonzero(windows.owners == windows.owners[0])[:MAX_POINTS]
    for step in sorted({0, run.truth.shape[1] - 1}):
        at = times[windows.origins[mine] + step]
        with Sheet(*_WIDE) as sheet:
            axes = _time_panel(sheet, at)
            _band(axes, at, run, mine, step)
            axes.plot(at, run.truth[mine, step, 0], color=colour("ink"), linewidth=1.3)
            forecasts = run.forecasts[NETWORK][mine, step, 0]
            axes.plot(at, forecasts, color=colour("c0"), linewidth=1.6)
        title = ngettext("{n:,} step ahead", "{n:,} steps ahead", step + 1)
        error = number(run.by_step[NETWORK][step]["mae"], 3)
        said = _("forecast, off by {error} on average", error=error)
        legend = ((_("true values"), "ink"), (said, "c0"))
        alt = _("Forecasts and true values in the test, {steps}", steps=title)
        yield Drawing(title, sheet.svg, alt, legend=legend, style=_STRIP)


_PLACES = [N_("The best"), N_("Better than most"), N_("In the middle"), N_("Worse than most"),
           N_("The worst")]  # fmt: skip


def examples(run: SeriesRun) -> list[Drawing]:
    """Single forecasts with what was seen before: the best, the middle and the worst ones."""
    error = np.abs(run.forecasts[NETWORK] - run.truth).mean(axis=(1, 2))
    order, n = np.argsort(error, kind="stable"), len(error)
    places = {min(quarter * n // 4, n - 1): title for quarter, title in enumerate(_PLACES)}
    return [_example(run, int(order[place]), _(title), error) for place, title in places.items()]


def _example(run: SeriesRun, row: int, title: str, error: np.ndarray) -> Drawing:
    series, windows = run.data.series, run.data.parts["test"]
    origin, horizon = int(windows.origins[row]), windows.horizon
    back = min(windows.window, 4 * horizon + 20)
    ahead = np.arange(horizon)
    with Sheet() as sheet:
        axes = sheet.panel()
        before = run.data.steps.values[origin - back : origin, 0]
        axes.plot(np.arange(-back, 0), before, color=colour("muted"), linewidth=1.4)
        _band(axes, ahead, run, row, slice(None))
        joined = np.append(before[-1:], run.truth[row, :, 0])
        axes.plot(np.arange(-1, horizon), joined, color=colour("ink"), linewidth=1.6)
        axes.plot(ahead, run.forecasts[NETWORK][row, :, 0], color=colour("c0"),
                  marker="o" if horizon == 1 else "", markersize=5)  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel(_("steps"))
    name = shorten(series.series[int(windows.owners[row])].name, 30)
    said = N_("{name} from {time}: off by {error} on average.")
    caption = _(said if name else N_("From {time}: off by {error} on average."), name=name,
                time=time_text(series.times[origin]), error=number(error[row], 3))  # fmt: skip
    legend = ((_("before"), "muted"), (_("true values"), "ink"), (_("forecast"), "c0"))
    return Drawing(title, sheet.svg, f"{title}. {caption}", caption, legend)


def by_step(run: SeriesRun) -> Drawing | None:
    """The mean absolute error of each step, the network beside the simple rules."""
    horizon = run.truth.shape[1]
    if horizon < 2:
        return None
    with Sheet(*_WIDE) as sheet:
        axes = sheet.panel(left=52)
        for name, paint in zip(run.by_step, SERIES):
            errors: list[Any] = [step["mae"] for step in run.by_step[name]]
            width = 2.6 if name == NETWORK else 1.4
            axes.plot(np.arange(1, horizon + 1), errors, color=colour(paint), linewidth=width)
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.set_xlabel(_("steps ahead"))
        axes.set_ylim(bottom=0)
    legend = tuple((_(name), paint) for name, paint in zip(run.by_step, SERIES))
    alt = _("Errors by step of the network and of simple rules")
    return Drawing(_("Mean absolute error by step"), sheet.svg, alt, legend=legend, style=_STRIP,
                   titled=False)  # fmt: skip


def _band(axes: Axes, at: np.ndarray, run: SeriesRun, rows: Any, step: Any) -> None:
    """Draw the intervals, if there are some."""
    if run.low is not None and run.high is not None:
        axes.fill_between(at, run.low[rows, step, 0], run.high[rows, step, 0], color=colour("c0"),
                          alpha=0.18, linewidth=0)  # fmt: skip


def _time_panel(sheet: Sheet, times: np.ndarray) -> Axes:
    """Return axes over times."""
    axes = sheet.panel(left=52, bottom=24)
    if times.dtype.kind == "M":
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(
            locator, formats=_LABELS, zero_formats=["", *_LABELS[:-1]], show_offset=False
        ))  # fmt: skip
    return axes
