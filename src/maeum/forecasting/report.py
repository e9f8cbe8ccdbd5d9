"""The report of a training on series: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from maeum.core.wording import shorten
from maeum.forecasting import figures, verdict
from maeum.forecasting.backtesting import NETWORK, Backtest
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.times import shown
from maeum.forecasting.training import TrainedSeries
from maeum.report import answers, wording
from maeum.report.learning import learning, learning_curves
from maeum.report.page import environment, head, setting
from maeum.report.pieces import Bar, BarChart, Segment, Table
from maeum.report.wording import number, percent

MAX_SUMMARY_LINES = 120
MAX_STEPS = 40
MAX_SERIES = 30


def render(trained: TrainedSeries) -> str:
    """Return the report as one HTML page, with its style and drawings inside.

    Every name is escaped, the page holds no script and loads nothing.
    """
    run = trained.run
    page = environment("maeum.forecasting").get_template("series.html")
    return page.render(
        run=run,
        many=run.data.many,
        headline=verdict.headline(run),
        sentences=verdict.sentences(run),
        tiles=verdict.tiles(run),
        facts=verdict.facts(run),
        ahead=verdict.steps_ahead(run),
        comparison=answers.comparison(run.models),
        against_truth=figures.against_truth(run),
        by_step=figures.by_step(run),
        step_table=step_table(run),
        by_series=by_series(run),
        examples=figures.examples(run),
        whole=figures.whole(run),
        more_series=max(len(run.data.many) - figures.MAX_SERIES, 0),
        backtest=None if run.backtest is None else backtest_table(run.backtest),
        backtest_bars=None if run.backtest is None else backtest_bars(run.backtest),
        learning=learning(run.history, run.best_epoch, things="windows"),
        curves=learning_curves(run.history, run.best_epoch),
        network=head(run.network, MAX_SUMMARY_LINES),
        settings=[(shorten(k, 40), setting(v)) for k, v in run.settings.items()],
        seconds=[(shorten(k, 40), wording.duration(v)) for k, v in run.seconds.items()],
    )


def render_backtest(done: Backtest) -> str:
    """Return a backtest alone as one HTML page."""
    page = environment("maeum.forecasting").get_template("backtest.html")
    return page.render(table_=backtest_table(done), bars=backtest_bars(done), done=done)


def step_table(run: SeriesRun) -> Table | None:
    """The errors of each step ahead as numbers; the smallest of each step marked."""
    names = list(run.by_step)
    steps = len(run.by_step[names[0]])
    if steps < 2:
        return None
    rows, strong = [], set()
    for step in range(min(steps, MAX_STEPS)):
        errors = [run.by_step[name][step]["mae"] for name in names]
        row = [number(value, 3) for value in errors]
        least = row[min(range(len(names)), key=lambda i: (errors[i] is None, errors[i]))]
        strong |= {(step, 1 + i) for i, text in enumerate(row) if text == least}
        rows.append([str(step + 1), *row])
    caption = f"The first {MAX_STEPS} of {steps} steps." if steps > MAX_STEPS else ""
    return Table("Mean absolute error by step ahead", ["Step", *names], rows, frozenset(strong),
                 caption)  # fmt: skip


def by_series(run: SeriesRun) -> Table | None:
    """The errors of each series, or of each target; the worst first."""
    many, windows = run.data.many, run.data.parts["test"]
    own, last = (abs(run.forecasts[name] - run.truth) for name in (NETWORK, "Last value"))
    found = []
    if len(many) > 1:
        for place, one in enumerate(many):
            which = windows.owners == place
            if which.any():
                found.append((one.name, int(which.sum()), own[which].mean(), last[which].mean()))
    elif len(many.targets) > 1:
        for place, name in enumerate(many.targets):
            found.append((name, len(own), own[:, :, place].mean(), last[:, :, place].mean()))
    if not found:
        return None
    found.sort(key=lambda row: -row[2] / max(row[3], 1e-300))
    rows = [
        [shorten(name, 40), f"{n:,}", number(error, 3), number(naive, 3),
         percent(1 - error / naive, 0) if naive and error <= naive else
         f"−{percent(error / naive - 1, 0)}" if naive else wording.MISSING]
        for name, n, error, naive in found[:MAX_SERIES]
    ]  # fmt: skip
    title = "Series by series" if len(many) > 1 else "Target by target"
    head_ = ["Series" if len(many) > 1 else "Target", "Forecasts", "Network", "Last value", "Gain"]
    more = len(found) - MAX_SERIES
    caption = f"The {MAX_SERIES} with the least gain; {more:,} more." if more > 0 else ""
    return Table(title, head_, rows, caption=caption)


def backtest_table(done: Backtest) -> Table:
    """The mean absolute error from each origin, the smallest marked, and the mean of all."""
    names = list(done.folds[0].errors)
    rows, strong = [], set()
    for i, fold in enumerate(done.folds):
        errors = [fold.errors.get(name, {}).get("mae") for name in names]
        row = [number(value, 3) for value in errors]
        least = row[min(range(len(names)), key=lambda j: (errors[j] is None, errors[j] or 0))]
        strong |= {(i, 3 + j) for j, text in enumerate(row) if text == least}
        rows.append([shown(fold.begins), f"{fold.trained:,}", f"{fold.tested:,}", *row])
    means = done.mean()
    rows.append(["Mean", "", "", *(number(means.get(name), 3) for name in names)])
    head_ = ["From", "Trained on", "Forecasts", *names]
    return Table("Mean absolute error from each origin", head_, rows, frozenset(strong))


def backtest_bars(done: Backtest) -> BarChart:
    """The mean error over all origins, as bars."""
    means = done.mean()
    most = max(means.values()) or 1.0
    bars = [
        Bar(name, number(value, 3), [Segment(0, 100 * value / most, "c0" if i == 0 else "c8")])
        for i, (name, value) in enumerate(means.items())
    ]
    return BarChart("Mean absolute error over all origins", bars)
