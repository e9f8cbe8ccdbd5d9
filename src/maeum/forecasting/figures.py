"""Drawings of series: the whole of them, forecasts against the truth, errors by step ahead."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from maeum.core.wording import plural, shorten
from maeum.forecasting.backtesting import NETWORK
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.series import Series
from maeum.forecasting.times import shown
from maeum.report.figures import SERIES, Drawing, Sheet, colour
from maeum.report.wording import number

MAX_SERIES = 4
MAX_POINTS = 1500
_WIDE = (680, 220)


def whole(run: SeriesRun) -> list[Drawing]:
    """The first few series from beginning to end, in the colours of their parts."""
    cuts, made = run.data.cuts, []
    for one in run.data.many.series[:MAX_SERIES]:
        when = one.times.astype(np.int64)
        edges = np.searchsorted(when, [cuts.validation, cuts.test])
        parts = [(0, edges[0], "c0"), (edges[0], edges[1], "c2"), (edges[1], len(one), "c1")]
        with Sheet(*_WIDE) as sheet:
            axes = sheet.panel(left=52, bottom=24)
            for first, end, name in parts:
                for a, b in _stretches(one, first, end):
                    which = _thinned(a, b)
                    axes.plot(one.times[which], one.values[which, 0], color=colour(name),
                              linewidth=1.4)  # fmt: skip
            _time_axis(axes, one.times)
        title = shorten(one.name or run.data.many.targets[0], 40)
        alt = f"{title} from {shown(one.times[0])} to {shown(one.times[-1])}"
        legend = (("training", "c0"), ("validation", "c2"), ("test", "c1"))
        made.append(Drawing(title, sheet.svg, alt, legend=legend))
    return made


def _stretches(one: Series, first: int, end: int) -> list[tuple[int, int]]:
    """Where lines are drawn: joined to the part before, broken where steps are left out."""
    edges = [first, *(b for b in one.breaks if first < b < end), end]
    joined = first > 0 and first not in one.breaks
    return [(a - (joined and a == first), b) for a, b in pairwise(edges) if b > a]


def _thinned(first: int, end: int) -> np.ndarray:
    return np.unique(np.linspace(first, end - 1, min(end - first, MAX_POINTS)).astype(int))


def against_truth(run: SeriesRun) -> list[Drawing]:
    """What was forecast one step ahead and all steps ahead, over the test of the first series."""
    windows, made = run.data.parts["test"], []
    owner = windows.owners[0]
    mine = np.flatnonzero(windows.owners == owner)[:MAX_POINTS]
    times = np.concatenate([one.times for one in run.data.many])
    for step in sorted({0, run.truth.shape[1] - 1}):
        at = times[windows.origins[mine] + step]
        with Sheet(*_WIDE) as sheet:
            axes = sheet.panel(left=52, bottom=24)
            if run.low is not None and run.high is not None:
                axes.fill_between(at, run.low[mine, step, 0], run.high[mine, step, 0],
                                  color=colour("c0"), alpha=0.18, linewidth=0)  # fmt: skip
            axes.plot(at, run.truth[mine, step, 0], color=colour("ink"), linewidth=1.3)
            forecasts = run.forecasts[NETWORK][mine, step, 0]
            axes.plot(at, forecasts, color=colour("c0"), linewidth=1.6)
            _time_axis(axes, at)
        title = f"{plural(step + 1, 'step')} ahead"
        error = number(run.by_step[NETWORK][step]["mae"], 3)
        legend = [("what came", "ink"), (f"forecast, off by {error} on average", "c0")]
        alt = f"Forecasts {title} and what came, in the test"
        made.append(Drawing(title, sheet.svg, alt, legend=tuple(legend)))
    return made


def examples(run: SeriesRun) -> list[Drawing]:
    """Single forecasts with what was seen before: the best, the middle and the worst ones."""
    error = np.abs(run.forecasts[NETWORK] - run.truth).mean(axis=(1, 2))
    order = np.argsort(error, kind="stable")
    n = len(order)
    places = {0: "The best", n // 4: "Better than most", n // 2: "In the middle",
              3 * n // 4: "Worse than most", n - 1: "The worst"}  # fmt: skip
    windows = run.data.parts["test"]
    times = np.concatenate([one.times for one in run.data.many])
    made = []
    for place, title in places.items():
        row = int(order[place])
        origin = int(windows.origins[row])
        back = min(windows.window, 4 * windows.ahead + 20)
        steps = np.arange(-back, windows.ahead)
        with Sheet() as sheet:
            axes = sheet.panel()
            before = run.data.flat.values[origin - back : origin, 0]
            axes.plot(steps[:back], before, color=colour("muted"), linewidth=1.4)
            joined = np.append(before[-1:], run.truth[row, :, 0])
            ahead = np.arange(-1, windows.ahead)
            if run.low is not None and run.high is not None:
                axes.fill_between(ahead[1:], run.low[row, :, 0], run.high[row, :, 0],
                                  color=colour("c0"), alpha=0.18, linewidth=0)  # fmt: skip
            axes.plot(ahead, joined, color=colour("ink"), linewidth=1.6)
            mark = "o" if windows.ahead == 1 else ""
            axes.plot(ahead[1:], run.forecasts[NETWORK][row, :, 0], color=colour("c0"),
                      marker=mark, markersize=5)  # fmt: skip
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.set_xlabel("steps")
        legend = (("before", "muted"), ("what came", "ink"), ("forecast", "c0"))
        name = run.data.many.series[int(windows.owners[row])].name
        caption = f"From {shown(times[origin])}{f', {shorten(name, 30)}' if name else ''}: off by "
        caption += f"{number(error[row], 3)} on average."
        made.append(Drawing(title, sheet.svg, f"{title} forecast", caption, legend))
    return made


def by_step(run: SeriesRun) -> Drawing | None:
    """The mean absolute error of each step ahead, the network beside the simple rules."""
    ahead = run.truth.shape[1]
    if ahead < 2:
        return None
    legend = []
    with Sheet(*_WIDE) as sheet:
        axes = sheet.panel(left=52)
        for name, paint in zip(run.by_step, SERIES):
            errors: list[Any] = [step["mae"] for step in run.by_step[name]]
            width = 2.6 if name == NETWORK else 1.4
            axes.plot(np.arange(1, ahead + 1), errors, color=colour(paint), linewidth=width)
            legend.append((name, paint))
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.set_xlabel("steps ahead")
        axes.set_ylim(bottom=0)
    return Drawing("Mean absolute error by step ahead", sheet.svg,
                   "Errors by step ahead of the network and of simple rules",
                   legend=tuple(legend))  # fmt: skip


def _time_axis(axes: Axes, times: np.ndarray) -> None:
    if times.dtype.kind == "M":
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
