"""How good the forecasts are, in plain sentences and key numbers."""

from __future__ import annotations

from collections.abc import Iterator

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.experiment.verdict import Verdict, tiles
from maeum.forecasting.intervals import reason
from maeum.forecasting.result import SeriesRun
from maeum.forecasting.weighing import told
from maeum.report.wording import number, percent

_FEW = 20
_MEANING = {
    "mae": N_("mean absolute error, in the units of the series"),
    "rmse": N_("root mean squared error: large errors count more"),
    "mase": N_("in errors of the naive forecast on the training part (below 1 is better)"),
    "smape": N_("error in percent of the mean of truth and forecast"),
    "mape": N_("error in percent of the truth"),
}


def of(run: SeriesRun) -> Verdict:
    """Return the verdict on forecasts."""
    headline = _("{names}, {steps} ahead: off by {error} on average",
                 names=enumeration([shorten(name, 30) for name in run.data.series.targets]),
                 steps=run.data.horizon, error=number(run.metrics["mae"], 3))  # fmt: skip
    parts = (_against_rules, _rule, _by_step, _intervals, _backtest, _cautions)
    sizes = run.data.sizes["validation"], run.data.options.horizon
    closing = [*_against_rules(run), *_rule(run), *filter(None, [reason(*sizes)])]
    told = [said for part in parts for said in part(run)]
    return Verdict(headline, told, tiles(run, _MEANING), closing)


def _against_rules(run: SeriesRun) -> Iterator[str]:
    """How the forecasts stand beside those that need no learning."""
    if len(run.models) < 2:
        return
    best = min(run.models[1:], key=lambda model: model["metrics"]["mae"])
    error, other = float(run.metrics["mae"] or 0.0), best["metrics"]["mae"]
    given = {"rule": _(best["name"]), "other": number(other, 3)}
    if not other:
        yield _("That is no better than the best simple rule (“{rule}”, off by {other}), which is "
                "exact: nothing needs to be learnt.", **given)  # fmt: skip
    elif error < 0.98 * other:
        yield _("That is {fraction} less than the best simple rule (“{rule}”, off by {other}).",
                fraction=percent(1 - error / other, 0), **given)  # fmt: skip
    elif error <= 1.02 * other:
        yield _("That is level with the best simple rule (“{rule}”, off by {other}), so there is "
                "little in the past to learn from.", **given)  # fmt: skip
    else:
        yield _("That is {fraction} more than the best simple rule (“{rule}”, off by {other}): use "
                "that rule, or give the network more rows or columns that say more.",
                fraction=percent(error / other - 1, 0), **given)  # fmt: skip
        if run.data.series.past_covariates:
            yield _("Fewer past covariates may help, too.")


def _rule(run: SeriesRun) -> Iterator[str]:
    yield from filter(None, [told(run.rule, run.weight)])


def _by_step(run: SeriesRun) -> Iterator[str]:
    errors = [step["mae"] for step in next(iter(run.by_step.values()))]
    if len(errors) > 1:
        yield _("One step ahead it is off by {first}, {n} steps ahead by {last}.", n=len(errors),
                first=number(errors[0], 3), last=number(errors[-1], 3))  # fmt: skip


def _intervals(run: SeriesRun) -> Iterator[str]:
    if said := reason(run.data.sizes["validation"], run.data.options.horizon):
        yield said
    if run.coverage is None:
        return
    wanted = run.data.options.interval
    if run.coverage < wanted - 0.1:
        said = N_("Its {wanted} intervals hold {held} of the true values: they are too narrow for "
                  "this part of the series.")  # fmt: skip
    elif run.coverage > wanted + 0.1:
        said = N_("Its {wanted} intervals hold {held} of the true values: they are wider than "
                  "needed.")  # fmt: skip
    else:
        said = N_("Its {wanted} intervals hold {held} of the true values.")
    yield _(said, wanted=percent(wanted, 0), held=percent(run.coverage, 0))


def _backtest(run: SeriesRun) -> Iterator[str]:
    if run.backtest is None:
        return
    (own, _mine), *rules = run.backtest.mean().items()
    rule = min(rules, key=lambda pair: pair[1])[0]
    errors = [(fold.errors[own]["mae"], fold.errors[rule]["mae"]) for fold in run.backtest.folds]
    yield ngettext(
        "In the backtest it was better than “{rule}” from {won} of {n:,} origin.",
        "In the backtest it was better than “{rule}” from {won} of {n:,} origins.",
        len(errors),
        rule=_(rule),
        won=sum(mine < other for mine, other in errors if mine is not None and other is not None),
    )


def _cautions(run: SeriesRun) -> Iterator[str]:
    zeros = int((run.truth == 0).sum())
    if zeros and run.metrics["mape"] is None:
        yield ngettext("{n:,} true value is 0, so MAPE is not defined; sMAPE is.",
                       "{n:,} true values are 0, so MAPE is not defined; sMAPE is.",
                       zeros)  # fmt: skip
    if run.rows["test"] < _FEW:
        yield _("With only {forecasts} in the test, this is a rough measure; a backtest (--folds "
                "5) would show more.", forecasts=run.things.count(run.rows["test"]))  # fmt: skip
