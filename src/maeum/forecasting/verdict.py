"""How good the forecasts are, in plain sentences and key numbers."""

from __future__ import annotations

from maeum.core.wording import enumeration, plural, shorten
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.times import shown
from maeum.report.pieces import Tile
from maeum.report.wording import finite, metric, metric_name, number, percent

_FEW = 20


def headline(run: SeriesRun) -> str:
    """The result in one plain sentence."""
    what = enumeration([shorten(name, 30) for name in run.data.many.targets])
    return f"{what}, {steps_ahead(run)} ahead: off by {number(run.metrics['mae'], 3)} on average"


def steps_ahead(run: SeriesRun) -> str:
    """How far the forecast reaches, in the words of the series.

    Such as ``7 days``, ``1 step``, ``3 times 15 minutes``.
    """
    ahead, frequency = run.data.options.ahead, run.data.many.frequency
    if frequency is None or frequency.unit == "number":
        return plural(ahead, "step")
    step = str(frequency)
    return f"{ahead} times {step}" if step[0].isdigit() else plural(ahead, step)


def sentences(run: SeriesRun) -> list[str]:
    """How good that is: beside simple forecasts, by step, and how sure it is of itself."""
    own, simple = run.models[0], run.models[1:]
    best = min(simple, key=lambda model: model["metrics"]["mae"])
    error, other = own["metrics"]["mae"], best["metrics"]["mae"]
    rule = f"the best simple rule (“{best['name'].lower()}”, off by {number(other, 3)})"
    if not other:
        said = [f"That is no better than {rule}, which is exact: nothing needs to be learnt."]
    elif error < 0.98 * other:
        said = [f"That is {percent(1 - error / other, 0)} less than {rule}."]
    elif error <= 1.02 * other:
        said = [f"That is level with {rule}, so there is little in the past to learn from."]
    else:
        advice = "use that rule, or give the network more rows or columns that say more"
        if run.data.many.past:
            advice += "; fewer columns may help, too"
        said = [f"That is {percent(error / other - 1, 0)} more than {rule}: {advice}."]
    own_steps = [step["mae"] for step in run.by_step[own["name"]]]
    if len(own_steps) > 1:
        last = len(own_steps)
        said.append(
            f"One step ahead it is off by {number(own_steps[0], 3)}, {last} steps ahead by "
            f"{number(own_steps[-1], 3)}."
        )
    if run.coverage is not None:
        share = run.data.options.interval
        said.append(
            f"Its {percent(share, 0)} intervals hold {percent(run.coverage, 0)} of what came"
            + (": they are too narrow for this part of the series." if run.coverage < share - 0.1
               else ": they are wider than needed." if run.coverage > share + 0.1 else ".")
        )  # fmt: skip
    if run.backtest is not None:
        means = run.backtest.mean()
        name = min((n for n in means if n != own["name"]), key=lambda n: means[n])
        won = sum(
            fold.errors[own["name"]]["mae"] < fold.errors[name]["mae"]  # type: ignore[operator]
            for fold in run.backtest.folds
        )
        count = plural(len(run.backtest.folds), "origin")
        said.append(f"In the backtest it was better than “{name.lower()}” from {won} of {count}.")
    if (zeros := int((run.truth == 0).sum())) and run.metrics["mape"] is None:
        said.append(
            f"{plural(zeros, 'true value is', 'true values are')} 0, so MAPE is not defined; sMAPE "
            "is."
        )
    windows = run.windows["test"]
    if windows < _FEW:
        said.append(
            f"With only {plural(windows, 'forecast')} in the test, this is a rough measure; ask "
            "for a backtest (--folds 5) to see more."
        )
    return said


_MEANING = {
    "mae": "mean absolute error, in the units of the series",
    "rmse": "root mean squared error: large errors count more",
    "mase": "the error in errors of the naive forecast on the training part (below 1 is better)",
    "smape": "error in percent of the mean of truth and forecast",
    "mape": "error in percent of the truth",
}


def tiles(run: SeriesRun) -> list[Tile]:
    """The key numbers: windows, then the errors, then the intervals."""
    parts = enumeration([f"{n:,} {part}" for part, n in run.windows.items()])
    shown_ = [Tile("Windows", f"{sum(run.windows.values()):,}", parts)]
    for key, meaning in _MEANING.items():
        if finite(value := run.metrics.get(key)):
            shown_.append(Tile(metric_name(key).label, metric(key, value), meaning))
    return shown_[:6]


def facts(run: SeriesRun) -> str:
    """What the series are: how many, how long, from when to when."""
    many = run.data.many
    first, last = min(one.times[0] for one in many), max(one.times[-1] for one in many)
    count = f"{len(many):,} series, " if len(many) > 1 else ""
    told = f"{count}{plural(many.steps, 'step')}"
    if many.frequency is not None:
        told += f", one for each {many.frequency}"
    if many.time is not None:
        told += f", from {shown(first)} to {shown(last)}"
    return told + "."
