"""Charts of series: what comes next, the whole of them, forecasts against the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import shorten
from maeum.experiment.report import PARTS
from maeum.experiment.task import NETWORK
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.series import Series
from maeum.forecasting.times import time_text
from maeum.report.charts import SERIES, Axis, Band, Chart, Line, Mark, Reading, seconds
from maeum.report.wording import number

MAX_SERIES = 4
READINGS = 240  # places of a chart where its values are told


def ahead(run: SeriesRun, frame: pd.DataFrame) -> Iterator[Chart]:
    """The forecasts behind the last rows of the first few series, with what came before.

    Args:
        run: the training.
        frame: what `SeriesModel.predict` returned.
    """
    series, horizon = run.data.series, run.data.options.horizon
    for place, one in enumerate(series.series[:MAX_SERIES]):
        own = frame.iloc[place * horizon : (place + 1) * horizon]
        back = slice(max(0, len(one) - 4 * horizon - 20), len(one))
        times = one.times
        then = own[series.time].to_numpy() if series.time else times[-1] + own["step"].to_numpy()
        if pd.isna(then).any():  # irregular times: each row is a step
            times = np.arange(1, len(one) + 1)
            then = times[-1] + own["step"].to_numpy()
        times = times[back]
        for at, target in enumerate(series.targets[:MAX_SERIES]):
            before, next_ = one.values[back, at], own[target].to_numpy(float)
            ends = [own[f"{target} {end}"].to_numpy(float) for end in ("from", "to")
                    if f"{target} {end}" in own]  # fmt: skip
            x = seconds(np.concatenate([times[-1:], then.astype(times.dtype)]))
            marks: list[Mark] = [Band(x[1:], ends[0], ends[1])] if ends else []
            marks += [
                Line(seconds(times), before, "ink", "thin"),
                Line(x, np.append(before[-1:], next_)),
            ]
            told = [(_("forecast"), next_)]
            told += [(_("from"), ends[0]), (_("to"), ends[1])] if ends else []
            heads = [*_heads(times), *_heads(then.astype(times.dtype))]
            gap = np.full(len(times), np.nan)
            readings = Reading.along(
                np.append(seconds(times), x[1:]), heads,
                [(shorten(target, 30), np.append(before, np.full(horizon, np.nan))),
                 *((name, np.append(gap, values)) for name, values in told)],
            )  # fmt: skip
            names = [one.name] if len(series) > 1 else []
            names += [target] if len(series.targets) > 1 or not names else []
            title = shorten(", ".join(names), 60)
            legend = ((_("before"), "ink"), (_("forecast"), "c0"))
            alt = _("{name}: the last values and the forecast from {first} to {last}", name=title,
                    first=heads[len(times)], last=heads[-1])  # fmt: skip
            yield _strip(title, alt, marks, times, readings, legend)


def whole(run: SeriesRun) -> Iterator[Chart]:
    """The first few series from beginning to end, in the colours of their parts."""
    split = run.data.split
    legend = tuple((_(name), paint) for name, paint in PARTS.values())
    for one in run.data.series.series[:MAX_SERIES]:
        first, last = map(int, np.searchsorted(one.moments, [split.validation, split.test]))
        x, y = seconds(one.times), one.values[:, 0]
        parts = pairwise([0, first, last, len(one)])
        marks = [
            Line(x[a:b], y[a:b], paint, "thin")
            for (begin, end), (_name, paint) in zip(parts, legend)
            for a, b in _stretches(one, begin, end)
        ]
        target = run.data.series.targets[0]
        title = shorten(one.name or target, 40)
        alt = _("{name} from {first} to {last}", name=title, first=time_text(one.times[0]),
                last=time_text(one.times[-1]))  # fmt: skip
        readings = _readings(one.times, {shorten(target, 30): y})
        yield _strip(title, alt, marks, one.times, readings, legend)


def _stretches(one: Series, first: int, end: int) -> list[tuple[int, int]]:
    """Where lines are drawn: joined to the part before, broken where gaps are skipped."""
    joined = first > 0 and first not in one.breaks
    return [(a - (joined and a == first), b) for a, b in pairwise(one.edges(first, end)) if b > a]


def against_truth(run: SeriesRun) -> Iterator[Chart]:
    """The forecasts of the first and the last step, over the test of the first series."""
    windows, times = run.data.parts["test"], run.data.series.times
    mine = np.flatnonzero(windows.owners == windows.owners[0])
    for step in sorted({0, run.truth.shape[1] - 1}):
        at = times[windows.origins[mine] + step]
        truth, forecasts = run.truth[mine, step, 0], run.forecasts[NETWORK][mine, step, 0]
        marks = [
            *_band(seconds(at), run, mine, step),
            Line(seconds(at), truth, "ink", "thin"),
            Line(seconds(at), forecasts),
        ]
        title = ngettext("{n:,} step ahead", "{n:,} steps ahead", step + 1)
        error = number(run.by_step[NETWORK][step]["mae"], 3)
        said = _("forecast, off by {error} on average", error=error)
        legend = ((_("true values"), "ink"), (said, "c0"))
        alt = _("Forecasts and true values in the test, {steps}", steps=title)
        readings = _readings(at, {_("true values"): truth, _("forecast"): forecasts})
        yield _strip(title, alt, marks, at, readings, legend)


_PLACES = [N_("The best"), N_("Better than most"), N_("In the middle"), N_("Worse than most"),
           N_("The worst")]  # fmt: skip


def examples(run: SeriesRun) -> list[Chart]:
    """Single forecasts with what was seen before: the best, the middle and the worst ones."""
    error = np.abs(run.forecasts[NETWORK] - run.truth).mean(axis=(1, 2))
    order, n = np.argsort(error, kind="stable"), len(error)
    places = {min(quarter * n // 4, n - 1): title for quarter, title in enumerate(_PLACES)}
    return [_example(run, int(order[place]), _(title), error) for place, title in places.items()]


def _example(run: SeriesRun, row: int, title: str, error: np.ndarray) -> Chart:
    series, windows = run.data.series, run.data.parts["test"]
    origin, horizon = int(windows.origins[row]), windows.horizon
    back = min(windows.window, 4 * horizon + 20)
    before = run.data.steps.values[origin - back : origin, 0]
    truth, forecasts = run.truth[row, :, 0], run.forecasts[NETWORK][row, :, 0]
    steps = np.arange(1, horizon + 1)
    marks = [
        Line(np.arange(-back + 1, 1), before, "muted", "thin"),
        *_band(steps, run, row, slice(None)),
        Line(np.arange(horizon + 1), np.append(before[-1:], truth), "ink", "thin"),
        Line(steps, forecasts),
    ]
    heads = [ngettext("{n:,} step ahead", "{n:,} steps ahead", step) for step in steps.tolist()]
    readings = Reading.along(steps, heads, [(_("true values"), truth), (_("forecast"), forecasts)])
    name = shorten(series.series[int(windows.owners[row])].name, 30)
    said = N_("{name} from {time}: off by {error} on average.")
    caption = _(said if name else N_("From {time}: off by {error} on average."), name=name,
                time=time_text(series.times[origin]), error=number(error[row], 3))  # fmt: skip
    legend = ((_("before"), "muted"), (_("true values"), "ink"), (_("forecast"), "c0"))
    return Chart(title, f"{title}. {caption}", marks, Axis(_("steps"), kind="whole"),
                 readings=readings, caption=caption, legend=legend)  # fmt: skip


def by_step(run: SeriesRun) -> Chart | None:
    """The mean absolute error of each step, the network beside the simple rules."""
    horizon = run.truth.shape[1]
    if horizon < 2:
        return None
    steps = np.arange(1, horizon + 1)
    errors = {_(name): [step["mae"] for step in found] for name, found in run.by_step.items()}
    marks = [
        Line(steps, np.array(values, float), paint, "" if place else "thick")
        for place, (paint, values) in enumerate(zip(SERIES, errors.values()))
    ]
    heads = [ngettext("{n:,} step ahead", "{n:,} steps ahead", step) for step in steps.tolist()]
    return Chart(_("Mean absolute error by step"),
                 _("Errors by step of the network and of simple rules"), marks,
                 Axis(_("steps ahead"), kind="whole"), Axis(low=0.0),
                 Reading.along(steps, heads, errors.items()),
                 legend=tuple(zip(errors, SERIES)), style="wide", titled=False)  # fmt: skip


def _band(x: np.ndarray, run: SeriesRun, rows: Any, step: Any) -> list[Mark]:
    """The intervals, if there are some."""
    if run.low is None or run.high is None:
        return []
    return [Band(x, run.low[rows, step, 0], run.high[rows, step, 0])]


def _strip(
    title: str,
    alt: str,
    marks: Sequence[Mark],
    times: np.ndarray,
    readings: list[Reading],
    legend: Sequence[tuple[str, str]],
) -> Chart:
    """A chart over times that takes the whole width, and that one can look at more closely."""
    axis = Axis(kind="time" if times.dtype.kind == "M" else "whole")
    return Chart(title, alt, marks, axis, readings=readings, legend=legend, style="wide",
                 zooms=True)  # fmt: skip


def _readings(times: np.ndarray, named: dict[str, np.ndarray]) -> list[Reading]:
    """What is told along times; of very many at some of them."""
    which = np.unique(np.linspace(0, len(times) - 1, min(len(times), READINGS)).astype(int))
    told = [(name, values[which]) for name, values in named.items()]
    return Reading.along(seconds(times[which]), _heads(times[which]), told)


def _heads(times: np.ndarray) -> list[str]:
    return [time_text(time) for time in times]
