"""What the report of a training on series shows: errors, forecasts, the backtest, the series."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from maeum.core.errors import DataError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.experiment.report import notes, quality
from maeum.experiment.task import NETWORK
from maeum.experiment.trained import Trained
from maeum.forecasting import figures
from maeum.forecasting.backtesting import error_rows
from maeum.forecasting.baselines import LAST_VALUE
from maeum.forecasting.calendar import part_name
from maeum.forecasting.frequency import STEPS, steps_of
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.times import time_text
from maeum.report import wording
from maeum.report.sections import Chapter, Folded, Grid, Heading, Section, Table, Text
from maeum.report.wording import number, percent

MAX_STEPS = 40
MAX_SERIES = 30


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters; what would be too much to read is cut off and counted."""
    run = trained.run
    measured = _("Everything here is measured on the {test} of the test: the end of the time, "
                 "which was used neither for learning nor for choosing the best epoch.",
                 test=run.things.count(run.rows["test"]))  # fmt: skip
    others = _("A network is worth its trouble only if it beats forecasts that need no learning. "
               "The best value of each column is marked.")  # fmt: skip
    if run.data.options.season:
        others += " " + _("A season is {steps}.", steps=STEPS.count(run.data.options.season))
    answers = [*_by_step(run), *_by_series(run)]
    found = [quality(run, *answers, measured=measured, others=others), _forecasts(run)]
    if run.backtest is not None:
        found.append(Chapter("backtest", _("Backtest"), run.backtest.sections()))
    return [*_ahead(trained), *found, _series(run)]


def _ahead(trained: Trained) -> list[Chapter]:
    """What comes behind the last rows, which is what a forecast is made for."""
    run, series = trained.run, trained.run.data.series
    if trained.model is None:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what was filled is told among the notes
            frame = trained.model.predict(series)
    except DataError as error:  # the future covariates are not known yet, or a series is short
        return [Chapter("ahead", _("What comes next"), [Text(str(error))])]
    horizon = run.data.options.horizon
    said = ngettext("The forecast of the {n:,} step behind the last row.",
                    "The forecast of the {n:,} steps behind the last row.", horizon)  # fmt: skip
    if any(f"{name} from" in frame for name in series.targets):
        said += " " + _("The band should hold {wanted} of the true values.",
                        wanted=percent(run.data.options.interval, 0))  # fmt: skip
    charts = list(figures.ahead(run, frame)) if len(frame) == horizon * len(series) else []
    return [Chapter("ahead", _("What comes next"), [Text(said), *charts, _numbers(frame)])]


_HEADS = {"step": N_("Step"), "from": N_("from"), "to": N_("to")}


def _numbers(frame: pd.DataFrame) -> Section:
    """The forecasts as numbers, folded away where there are many."""
    title = _("The forecast as numbers")
    head = [_(_HEADS[word]) if (word := name.rpartition(" ")[2]) in _HEADS else shorten(name, 30)
            for name in frame.columns]  # fmt: skip
    rows = [
        [number(v) if isinstance(v, float) else _said(v) for v in row]
        for row in frame.head(MAX_STEPS).itertuples(index=False)
    ]
    caption = _("The first {most} of {n} steps.", most=MAX_STEPS, n=len(frame))
    table = Table(title, head, rows, caption=caption if len(frame) > MAX_STEPS else "",
                  style="wide numbers times", titled=False)  # fmt: skip
    return Folded(title, [table])


def _said(value: Any) -> str:
    """A time or a number of a step as text; behind irregular times there is none to tell."""
    if value is pd.NaT:
        return wording.MISSING
    plain = value.to_datetime64() if isinstance(value, pd.Timestamp) else value
    return shorten(time_text(plain), 30)


def _by_step(run: SeriesRun) -> list[Section]:
    """The errors of each step, drawn and as numbers."""
    drawing = figures.by_step(run)
    if drawing is None:
        return []
    errors = list(zip(*run.by_step.values()))
    rows, strong = error_rows(
        ([str(step)], [each["mae"] for each in found])
        for step, found in enumerate(errors[:MAX_STEPS], start=1)
    )
    caption = _("The first {most} of {n} steps.", most=MAX_STEPS, n=len(errors))
    table = Table(drawing.title, [_("Step"), *map(_, run.by_step)], rows, strong,
                  caption if len(errors) > MAX_STEPS else "", "wide numbers",
                  titled=False)  # fmt: skip
    return [Heading(drawing.title), drawing, Folded(_("The same as numbers"), [table])]


def _by_series(run: SeriesRun) -> list[Section]:
    """The errors of each series, or of each target; the worst first."""
    series, windows = run.data.series, run.data.parts["test"]
    own, last = (abs(run.forecasts[name] - run.truth) for name in (NETWORK, LAST_VALUE))
    if max(len(series), len(series.targets)) < 2:
        return []
    if len(series) > 1:
        title, first = _("Series by series"), _("Series")
        wheres = [(one.name, windows.owners == place) for place, one in enumerate(series)]
    else:
        title, first = _("Target by target"), _("Target")
        wheres = [(name, np.s_[:, :, place]) for place, name in enumerate(series.targets)]
    found = [(name, len(own[where]), own[where].mean(), last[where].mean())
             for name, where in wheres if own[where].size]  # fmt: skip
    found.sort(key=lambda row: -row[2] / max(row[3], 1e-300))
    rows = [
        [shorten(name, 40), f"{n:,}", number(error, 3), number(naive, 3), _gain(error, naive)]
        for name, n, error, naive in found[:MAX_SERIES]
    ]
    head = [first, _("Forecasts"), _("Network"), _(LAST_VALUE), _("Gain")]
    more = len(found) - MAX_SERIES
    caption = _("The {most} with the least gain; {n:,} more.", most=MAX_SERIES, n=more)
    return [Heading(title), Table(title, head, rows, caption=caption if more > 0 else "",
                                  style="wide numbers", titled=False)]  # fmt: skip


def _gain(error: float, naive: float) -> str:
    if not naive:
        return wording.MISSING
    return percent(1 - error / naive, 0) if error <= naive else f"−{percent(error / naive - 1, 0)}"


def _forecasts(run: SeriesRun) -> Chapter:
    options, series = run.data.options, run.data.series
    said = _("All forecasts of the test, each at the time that it is for.")
    if len(series) > 1:
        said = _("All forecasts of the test of the first series, each at the time that it is for.")
    if run.coverage is not None:
        said += " " + _("The band should hold {wanted} of the true values; it is as wide as the "
                        "errors of the validation part were, and here it held {held}.",
                        wanted=percent(options.interval, 0),
                        held=percent(run.coverage, 0))  # fmt: skip
    sections: list[Section] = [
        Heading(_("Against the truth")),
        Text(said),
        *figures.against_truth(run),
        Heading(_("One at a time")),
        Text(_("What the network saw (its end), what it forecast, and the true values.")),
        Grid(figures.examples(run)),
    ]
    if series.future_covariates:
        said = ngettext("To forecast, give {n:,} further row with the future covariates ({names}) "
                        "and the target left empty.",
                        "To forecast, give {n:,} further rows with the future covariates ({names}) "
                        "and the target left empty.", options.horizon,
                        names=shorten(", ".join(series.future_covariates), 80))  # fmt: skip
        sections.append(Text(said, small=True))
    return Chapter("forecasts", _("Forecasts"), sections)


def _series(run: SeriesRun) -> Chapter:
    more = max(len(run.data.series) - figures.MAX_SERIES, 0)
    rest = ngettext("and {n:,} more series", "and {n:,} more series", more)
    drawn = [*figures.whole(run), *([Text(rest, small=True)] if more else [])]
    said = [Text(_facts(run)), Text(_seen(run)), *notes(run)]
    return Chapter("series", _("The series"), [*said, *drawn])


def _facts(run: SeriesRun) -> str:
    """What the series are: how many, how long, from when to when."""
    series = run.data.series
    said = steps_of(series.steps, series.frequency)
    if len(series) > 1:
        said = ngettext("{n:,} series", "{n:,} series", len(series)) + ", " + said
    if series.time is not None:
        first = min(one.times[0] for one in series)
        last = max(one.times[-1] for one in series)
        said += _(", from {first} to {last}", first=time_text(first), last=time_text(last))
    return f"{said}."


def _seen(run: SeriesRun) -> str:
    """What the network sees."""
    window, parts = STEPS.count(run.data.options.window or 1), run.data.preparation.parts
    if not parts:
        return _("The network looks back on {window}.", window=window)
    return _("The network looks back on {window}, and is told the {parts}.", window=window,
             parts=enumeration([part_name(part) for part in parts]))  # fmt: skip
